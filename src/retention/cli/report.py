"""The command's work, from a file to a report."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import TextIOWrapper
from itertools import chain, islice
from os import environ
from shutil import get_terminal_size
from typing import Final, TextIO

from retention.adapters.order_csv import OrderReading, read_orders
from retention.cli import pages
from retention.cli.findings import Findings, find, life, told
from retention.cli.options import Options
from retention.cli.own import own_segments
from retention.cli.phases import Phases
from retention.cli.screen import Screen
from retention.customer import Customer
from retention.errors import ConfigurationError, UnknownName
from retention.money import Money, won
from retention.profile import Profile
from retention.schema import STANDARD, Schema
from retention.segments import Segment, SegmentSet
from retention.segments.catalogue import standard_segments
from retention.spans import local

_WIDEST: Final = 100
_OTHER_DATES: Final = ("is not a date", "is not written as")  # not a day that does not exist, nor an empty cell


def report(options: Options, out: TextIO, err: TextIO) -> int:
    """Reads, asks and prints. Returns the exit code; raises RetentionError and OSError for what stops it."""
    talk = screen_on(err)
    schema = STANDARD.extend(currency=options.form.currency)
    own = own_segments(options.rules, schema) if options.rules else []
    with talk.progress("reading orders", "rows") as advance, _lines(options) as lines:
        reading = read_orders(lines, options.columns, options.form, delimiter=options.delimiter, progress=advance)
    _tell_problems(talk, reading, options)
    if not reading.orders:
        talk.line("retention: no row could be used", "red")
        return 1
    as_of = options.as_of or max(order.at for several in reading.orders.values() for order in several)
    as_of = local(as_of, options.form.zone)
    profiles = _profiles(reading, schema, as_of)
    if not profiles:
        raise ConfigurationError("--as-of: is before the first order", hint="Leave it out to ask about the last one")
    standard = standard_segments(_high_value(profiles, options.form.currency), schema=schema)
    segments = SegmentSet([*own, *standard], schema=schema)
    found = find(segments, profiles, as_of, talk, Phases())
    person = _person(profiles, found, options.explain)
    if options.as_json:
        _print_json(out, reading, found, options.form.currency, person, own)
    else:
        _print(screen_on(out), options, reading, found, profiles, person, own)
    return 0


def screen_on(stream: TextIO) -> Screen:
    """The screen of a stream: moving and coloured on a terminal, still and plain anywhere else."""
    terminal = stream.isatty()
    width = min(_WIDEST, get_terminal_size((_WIDEST, 24)).columns) if terminal else _WIDEST
    return Screen(stream, width=width, colour=terminal and not environ.get("NO_COLOR"), live=terminal)


@contextmanager
def _lines(options: Options) -> Iterator[Iterable[str]]:
    """The file's lines. Bytes of another encoding come through as lone surrogates, so that they cost only their row."""
    if str(options.file) == "-":
        yield _legible(TextIOWrapper(sys.stdin.buffer, options.encoding, errors="surrogateescape", newline=""))
        return
    with options.file.open(encoding=options.encoding, errors="surrogateescape", newline="") as lines:
        yield _legible(lines)


def _legible(lines: Iterator[str]) -> Iterator[str]:
    """The lines, unless the first is UTF-16 read as something else: raises ConfigurationError that says so."""
    first = next(lines, "")
    marked = first.startswith(("\udcff\udcfe", "\udcfe\udcff", "ÿþ", "þÿ"))
    if marked or "\0" in first:
        encoding = "utf-16" if marked else "utf-16-be" if first.startswith("\0") else "utf-16-le"
        raise ConfigurationError("the file looks like UTF-16", hint=f"Say --encoding {encoding}")
    return chain([first], lines)


def _profiles(reading: OrderReading, schema: Schema, as_of: datetime) -> list[Profile]:
    """Those who have ordered by ``as_of``, as they were then."""
    built = (Profile.build(Customer(id), several, schema=schema) for id, several in reading.orders.items())
    known = (profile.until(as_of) for profile in built)
    return [profile for profile in known if profile.rows("orders")]


def _high_value(profiles: Sequence[Profile], currency: str) -> Money:
    """500,000 won as everywhere; in another currency what the best fifth have spent, in two digits."""
    if currency == "KRW":
        return won(500_000)
    spent = sorted(sum(total or 0 for total in profile.columns["orders.total"]) for profile in profiles)
    fifth = spent[4 * len(spent) // 5]
    unit = 10 ** max(0, len(str(fifth)) - 2)
    return Money(max(1, fifth // unit * unit), currency)


def _person(profiles: Sequence[Profile], found: Findings, asked: str | None) -> Profile:
    """The customer who was asked about, else of those who are about to change the one who has ordered most often."""
    by_id = {profile.customer.id: profile for profile in profiles}
    if asked is None:
        changing = [by_id[each.customer] for each in found.due] or profiles
        return max(changing, key=lambda profile: len(profile.rows("orders")))
    if asked not in by_id:
        raise UnknownName("customer who has ordered", asked, islice(by_id, 10_000))
    return by_id[asked]


def _tell_problems(talk: Screen, reading: OrderReading, options: Options) -> None:
    """A line for each reason, with the first places; all of them in a file when one is named."""
    problems = reading.problems
    if options.problems is not None:
        options.problems.write_text("".join(f"{problem}\n" for problem in problems), encoding="utf-8")
    if not problems:
        return
    rows = pages.several(reading.rows, "row")
    talk.line(f"{len(problems):,} of {rows} could not be used:", "yellow")
    places: defaultdict[str, list[int]] = defaultdict(list)
    for problem in problems:
        places[f"{problem.column} {problem.reason}".strip()].append(problem.line)
    for reason, lines in sorted(places.items(), key=lambda each: -len(each[1]))[:10]:
        shown = ", ".join(map(str, lines[:5])) + (", …" if len(lines) > 5 else "")
        talk.line(f"  {len(lines):>7,} × {reason} (line{'s' if len(lines) > 1 else ''} {shown})")
    if len(places) > 10:
        talk.line(f"  and {len(places) - 10} more reasons; --problems FILE lists every row")
    if any(each.column == options.columns.at and each.reason.startswith(_OTHER_DATES) for each in problems):
        talk.line("  dates in another form are read with --date-format, such as --date-format '%d/%m/%Y'")


def _print_json(
    out: TextIO, reading: OrderReading, found: Findings, currency: str, person: Profile, own: Sequence[Segment]
) -> None:
    from json import dump

    from retention.cli.as_json import document

    dump(
        document(reading, found, currency, person, told(found, person, [each.key for each in own])),
        out,
        ensure_ascii=False,
        indent=2,
    )
    out.write("\n")


def _print(
    screen: Screen,
    options: Options,
    reading: OrderReading,
    found: Findings,
    profiles: Sequence[Profile],
    person: Profile,
    own: Sequence[Segment],
) -> None:
    zone = options.form.zone
    customers = pages.several(len(reading.orders), "customer")
    screen.heading(f"{pages.several(reading.order_count, 'order')} of {customers}", str(options.file))
    screen.note(
        f"Amounts are in {options.form.currency}, clock times in {zone}. Everything below is as of "
        f"{pages.when(found.as_of, zone)}" + ("." if options.as_of else ", the instant of the last order.")
    )
    pages.segments_page(screen, found.segments, found.counts, found.lacking, "customers")
    pages.rfm_page(screen, found, "customers")
    pages.overlaps_page(screen, found.overlaps, "customers")
    pages.due_page(screen, found.due, found.as_of, found.until, "customers")
    pages.life_page(screen, found.segments, life(found.segments, person, found.as_of, 52), zone, "customer")
    for key in told(found, person, [each.key for each in own]):
        pages.why_page(screen, found.segments[key], person, found.as_of)
