"""The command line, understood or refused."""

from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from retention.cli.options import Options, Written, parser, understand
from retention.errors import ConfigurationError, RetentionError
from retention.spans import utc


def options(*words: str) -> Options:
    return understand(parser().parse_args(["orders.csv", *words]))


def test_what_is_meant_when_little_is_said() -> None:
    plain = options()
    assert (plain.columns.customer, plain.columns.order, plain.columns.at) == ("customer_id", "order_id", "placed_at")
    assert plain.columns.total == "total"
    assert (plain.form.currency, plain.form.zone) == ("KRW", ZoneInfo("Asia/Seoul"))
    assert (plain.delimiter, plain.encoding, plain.as_of, plain.explain, plain.as_json) == (
        ",",
        "utf-8-sig",
        None,
        None,
        False,
    )


def test_lines_stand_for_the_total() -> None:
    assert options("--line-amount", "amount").columns.total is None
    assert options("--unit-price", "price", "--total", "paid").columns.total == "paid"


def test_every_column_has_its_option() -> None:
    names = ["status", "channel", "coupon", "product", "category", "brand", "quantity"]
    columns = options(*(word for name in names for word in (f"--{name}", f"the {name}"))).columns
    assert [getattr(columns, name) for name in names] == [f"the {name}" for name in names]


def test_an_instant_is_read_in_the_zone() -> None:
    as_of = options("--as-of", "2024-03-01", "--zone", "America/New_York").as_of
    assert as_of is not None
    assert (utc(as_of), as_of.tzinfo) == (datetime(2024, 3, 1, 5, tzinfo=UTC), ZoneInfo("America/New_York"))


@pytest.mark.parametrize(("given", "meant"), [("tab", "\t"), ("\\t", "\t"), (";", ";")])
def test_delimiters(given: str, meant: str) -> None:
    assert options("--delimiter", given).delimiter == meant


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--zone", "Asia/Soul"), r"--zone: no zone is called 'Asia/Soul'. Did you mean 'Asia/Seoul'\?"),
        (("--zone", "zzzzzzzzzzzzzz"), "Write Asia/Seoul, Europe/Paris or UTC"),
        (("--zone", "../secrets"), "no zone is called"),
        (("--zone", ""), "no zone is called ''"),
        (("--delimiter", ";;"), "--delimiter: is not one sign"),
        (("--delimiter", '"'), "--delimiter: is not one sign"),
        (("--encoding", "utf-99"), "no text encoding is called 'utf-99'"),
        (("--encoding", "base64"), "no text encoding is called 'base64'"),
        (("--as-of", "tomorrow"), "--as-of: is not a date such as"),
        (("--date-format", "%H"), "'%H' is not a date format"),
        (("--currency", "KWR"), r"--currency: no currency is called 'KWR'. Did you mean 'KRW'\?"),
        (("--line-amount", "a", "--unit-price", "b"), "both a line amount and a unit price"),
    ],
)
def test_what_cannot_be_meant(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(RetentionError, match=message):
        options(*words)


def test_a_file_of_rules_may_have_comments_and_long_rules(tmp_path: Path) -> None:
    rules = tmp_path / "rules.txt"
    rules.write_text(
        "\ufeff# ours\n\nbig: orders.total.sum() >= 5\nlong: orders.count() >= 3\n  and orders.count() <= 9\n", "utf-8"
    )
    assert options("--segments", str(rules), "--segment", "mine: orders.any()").rules == (
        Written("mine: orders.any()", "--segment 'mine'"),
        Written("big: orders.total.sum() >= 5", f"{rules} line 3, segment 'big'"),
        Written("long: orders.count() >= 3\n  and orders.count() <= 9", f"{rules} line 4, segment 'long'"),
    )


@pytest.mark.parametrize("words", [("--custmer", "x"), ("--cust", "x"), ("a", "b")])
def test_a_misspelt_line_ends_with_two(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parser().parse_args(["orders.csv", *words])
    assert caught.value.code == 2
    assert "usage: retention" in capsys.readouterr().err


@pytest.mark.parametrize("installed", [True, False])
def test_the_version_needs_no_file(
    installed: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def version(name: str) -> str:
        if installed:
            return f"1.2.3 of {name}"
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", version)
    with pytest.raises(SystemExit) as caught:
        parser().parse_args(["--version"])
    assert caught.value.code == 0
    printed = "retention 1.2.3 of shop-retention\n" if installed else "retention, not installed: run from a checkout\n"
    assert capsys.readouterr().out == printed


def test_help_names_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])
    shown = capsys.readouterr().out
    assert "exit codes: 0" in shown
    assert "--date-format FORMAT" in shown
    assert "%d/%m/%Y" in shown


def test_the_error_of_a_wrong_word_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError):
        options("--zone", "nowhere")
