"""What may be written after ``retention`` on the command line, and what it means."""

from argparse import Action, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import final

from attrs import evolve, frozen

from retention.adapters.cells import CellForm, Unreadable
from retention.adapters.order_csv import OrderColumns
from retention.errors import ConfigurationError, UnknownChoice, nearest
from retention.spans import local

FIRST_SCREEN = """\
retention tells an online shop who its customers are. Give it a CSV file of orders:

  retention orders.csv --customer customer_id --order order_id --at placed_at --total total

It reads the orders and prints the standard segments with their sizes, RFM groups, who changes segment in the coming
week, and why one customer is where they are. Nothing is stored or sent.

  --currency USD --zone America/New_York    amounts and clock times of your shop
  --segment 'big: orders.total.sum() >= 500 USD'    a segment of your own
  --explain 1042                            the segments of customer 1042, and why
  --json                                    the same, for programs

retention --help lists everything.
"""

_EPILOG = """\
exit codes: 0 the report was made; 1 no row could be used; 2 the command was written wrongly, or the file could not be
opened. Bad rows are left out and reported on standard error; the report is made of the rest.
"""


@final
@frozen
class Written:
    """A segment of the shop's own as it was written, ``name: rule``, and where that was."""

    text: str
    place: str


@final
@frozen
class Options:
    """The command line, understood."""

    file: Path
    columns: OrderColumns
    form: CellForm
    delimiter: str
    encoding: str
    as_of: datetime | None
    rules: tuple[Written, ...]
    explain: str | None
    problems: Path | None
    as_json: bool


def parser() -> ArgumentParser:
    """The parser of the command line; it exits with 2 by itself when the line cannot be read."""
    made = ArgumentParser(
        prog="retention",
        description="Segments, RFM groups and coming changes of a shop's customers, from a CSV file of orders.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--version", action=_Version, nargs=0, help="print the version and end")
    made.add_argument("file", type=Path, metavar="ORDERS.csv", help="the file; - reads standard input")
    _add_columns(made)
    _add_form(made)
    _add_questions(made)
    return made


@final
class _Version(Action):
    """Looks the version up when it is asked for, because that reads files."""

    def __call__(self, parser: ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"{parser.prog} {version('shop-retention')}")
        except PackageNotFoundError:
            print(f"{parser.prog}, not installed: run from a checkout")
        parser.exit()


def _add_columns(made: ArgumentParser) -> None:
    group = made.add_argument_group("columns of the file", "Several rows with one order id are the lines of one order.")
    for option, default, about in (
        ("--customer", "customer_id", "who ordered"),
        ("--order", "order_id", "the order's id"),
        ("--at", "placed_at", "when it was placed"),
        ("--total", None, "what was paid for the order; without it, the sum of its lines"),
        ("--status", None, "placed, paid, cancelled, …"),
        ("--channel", None, "where it was placed"),
        ("--coupon", None, "the coupon's code"),
        ("--product", None, "the product of this line"),
        ("--category", None, "its category"),
        ("--brand", None, "its brand"),
        ("--quantity", None, "how many pieces; 1 without it"),
        ("--line-amount", None, "the price of the whole line"),
        ("--unit-price", None, "the price of one piece, instead of --line-amount"),
    ):
        shown = f"{about} ({default})" if default else about
        group.add_argument(option, metavar="COLUMN", default=default, help=shown)


def _add_form(made: ArgumentParser) -> None:
    group = made.add_argument_group("how it is written")
    group.add_argument("--currency", default="KRW", help="ISO 4217 code of all amounts (KRW)")
    group.add_argument("--zone", default="Asia/Seoul", help="zone of clock times and of calendar words (Asia/Seoul)")
    about = "such as %%d/%%m/%%Y; may be repeated (ISO 8601)"
    group.add_argument("--date-format", action="append", default=[], metavar="FORMAT", help=about)
    group.add_argument("--delimiter", default=",", help="what stands between cells; 'tab' for tabs (,)")
    group.add_argument("--encoding", default="utf-8-sig", help="such as cp949 or latin-1 (utf-8)")


def _add_questions(made: ArgumentParser) -> None:
    group = made.add_argument_group("what to tell")
    group.add_argument("--as-of", metavar="INSTANT", help="the instant asked about (that of the last order)")
    group.add_argument(
        "--segment", action="append", default=[], metavar="'NAME: RULE'", help="a segment of your own; may be repeated"
    )
    group.add_argument("--segments", type=Path, metavar="FILE", help="a file of them, one a line; # begins a comment")
    group.add_argument("--explain", metavar="CUSTOMER", help="the customer to explain (the next one to change)")
    group.add_argument("--problems", type=Path, metavar="FILE", help="write every bad row's line and reason here")
    group.add_argument("--json", action="store_true", dest="as_json", help="print one JSON document instead")


def understand(given: Namespace) -> Options:
    """The options of a parsed command line. Raises RetentionError for what cannot be meant, OSError for a lost file."""
    form = _form(given)
    columns = OrderColumns(
        customer=given.customer,
        order=given.order,
        at=given.at,
        total=given.total or (None if given.line_amount or given.unit_price else "total"),
        status=given.status,
        channel=given.channel,
        coupon=given.coupon,
        product=given.product,
        category=given.category,
        brand=given.brand,
        quantity=given.quantity,
        line_amount=given.line_amount,
        unit_price=given.unit_price,
    )
    return Options(
        file=given.file,
        columns=columns,
        form=form,
        delimiter=_delimiter(given.delimiter),
        encoding=_encoding(given.encoding),
        as_of=_as_of(given.as_of, form),
        rules=_rules(given.segment, given.segments),
        explain=given.explain,
        problems=given.problems,
        as_json=given.as_json,
    )


def _form(given: Namespace) -> CellForm:
    try:
        return CellForm(given.currency, _zone(given.zone), tuple(given.date_format))
    except UnknownChoice as error:
        raise ConfigurationError(f"--currency: no currency is called {given.currency!r}", hint=error.hint) from None


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo, available_timezones

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        like = nearest(name, available_timezones())
        hint = f"Did you mean {like!r}?" if like else "Write Asia/Seoul, Europe/Paris or UTC"
        raise ConfigurationError(f"--zone: no zone is called {name!r}", hint=hint) from None


def _delimiter(text: str) -> str:
    sign = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if len(sign) != 1 or sign in '"\r\n':
        raise ConfigurationError("--delimiter: is not one sign", hint="Write ';' or tab")
    return sign


def _encoding(name: str) -> str:
    try:
        " ".encode(name)
    except (LookupError, UnicodeError, ValueError):
        hint = "Write utf-8, cp949, shift_jis, latin-1 or utf-16"
        raise ConfigurationError(f"--encoding: no text encoding is called {name!r}", hint=hint) from None
    return name


def _as_of(text: str | None, form: CellForm) -> datetime | None:
    if text is None:
        return None
    try:
        return local(CellForm(form.currency, form.zone).instant(text), form.zone)
    except Unreadable as error:
        raise ConfigurationError(f"--as-of: {error.reason}") from None


def _rules(given: Iterable[str], path: Path | None) -> tuple[Written, ...]:
    of_line = [Written(text, f"--segment {text.partition(':')[0].strip()!r}") for text in given]
    return (*of_line, *(_of_file(path) if path else ()))


def _of_file(path: Path) -> list[Written]:
    """``name: rule`` by ``name: rule``; a line that begins with a space goes on with the rule above it."""
    found: list[Written] = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace() and found:
            found[-1] = evolve(found[-1], text=f"{found[-1].text}\n{line}")
        else:
            found.append(Written(line, f"{path} line {number}, segment {line.partition(':')[0].strip()!r}"))
    return found
