"""The parts of a report, each printed from what was found."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import islice
from typing import Final, assert_never

from retention.cli.findings import Due, Findings, Life, Overlap, orders_of
from retention.cli.screen import Column, Screen, bar, cells_wide, clip, pad
from retention.money import Money
from retention.profile import Profile
from retention.segments import ByDefinition, ByEvent, ByTime, Change, Counts, Segment, SegmentSet
from retention.spans import local

_BAR: Final = 14
_SPARKS: Final = " ▁▂▃▄▅▆▇█"
_SHADES: Final = "·░▒▓█"


def when(instant: datetime, zone: tzinfo | None) -> str:
    """``Fri 01 Dec 2017 09:14`` on the clock of the zone."""
    return f"{local(instant, zone or UTC):%a %d %b %Y %H:%M}"


def day(instant: datetime, zone: tzinfo | None) -> str:
    """``01 Dec 2017`` in the zone."""
    return f"{local(instant, zone or UTC):%d %b %Y}"


def percent(part: int, whole: int) -> str:
    """``12.3 %``; of nothing, ``0.0 %``."""
    return f"{100 * part / (whole or 1):.1f} %"


def several(count: int, noun: str) -> str:
    """``1 order``, ``2 orders``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def segments_page(
    screen: Screen, segments: SegmentSet, counts: Counts, lacking: Mapping[str, frozenset[str]], people: str
) -> None:
    """Every segment that has somebody, then the names of those that have nobody, and why."""
    screen.heading("Segments", f"{len(segments)} asked of {several(counts.total, people.removesuffix('s'))}")
    most = max(counts.sizes.values(), default=0) or 1
    rows = [
        (each.words, f"{size:,}", percent(size, counts.total), bar(size / most, _BAR), each.description)
        for each in segments
        if (size := counts.size(each.key))
    ]
    columns = (
        Column("segment", style="bold"),
        Column(people, "right"),
        Column("share", "right"),
        Column("", style="cyan"),
        Column("", style="dim", gives=True),
    )
    screen.table(columns, rows)
    _empty(screen, [each for each in segments if not counts.size(each.key)], lacking)


def _empty(screen: Screen, empty: Sequence[Segment], lacking: Mapping[str, frozenset[str]]) -> None:
    unknown = [each for each in empty if each.key in lacking]
    nobody = [each.words for each in empty if each.key not in lacking]
    if nobody:
        screen.note(f"Nobody at present: {'; '.join(nobody)}.")
    if unknown:
        kinds = sorted(set().union(*(lacking[each.key] for each in unknown)))
        screen.note(f"{len(unknown)} more ask for facts that are not here ({', '.join(kinds)}), so nobody is in them.")


def rfm_page(screen: Screen, found: Findings, people: str) -> None:
    """The eleven groups as bars, the five in a line, and the thresholds behind both."""
    scale, best, eleven = found.scale, found.best, found.eleven
    total = sum(eleven.values())
    screen.heading("RFM groups", "recency, frequency, monetary value in fifths")
    most = max(eleven.values(), default=0) or 1
    rows = [(name, f"{size:,}", percent(size, total), bar(size / most, 40)) for name, size in eleven.items()]
    titles = (Column("group", style="bold"), Column(people, "right"), Column("share", "right"))
    screen.table((*titles, Column("", style="cyan")), rows)
    screen.line()
    screen.note("In five groups: " + ", ".join(f"{name} {size:,}" for name, size in found.five.items()) + ".")
    screen.line()
    screen.note("Scores 2 to 5 are for this much and more:")
    marks = (
        ("last order within", *_reached(best.r, [several(days, "day") for days in reversed(scale.recency)])),
        ("orders", *_reached(best.f, [f"{count:,}" for count in scale.frequency])),
        ("spent", *_reached(best.m, map(str, scale.monetary))),
    )
    screen.table((Column(""), *(Column(str(score), "right") for score in range(2, 6))), marks)


def _reached(best: int, marks: Iterable[str]) -> list[str]:
    """The thresholds of scores 2 to 5; of a score that nobody has, a threshold would only puzzle."""
    return [mark if score <= best else "nobody" for score, mark in enumerate(marks, 2)]


def overlaps_page(screen: Screen, found: Sequence[Overlap], people: str) -> None:
    """The pair that is most alike, drawn to scale, and the next few in a table."""
    if not found:
        return
    first, *others = found
    screen.heading("Segments that overlap", f"{first.one.words} and {first.other.words}")
    _venn(screen, first, people)
    if others:
        screen.line()
        rows = [
            (each.one.words, each.other.words, f"{each.both:,}", percent(each.both, each.both + each.only_one),
             percent(each.both, each.both + each.only_other))
            for each in others[:4]
        ]  # fmt: skip
        titles = (Column("one"), Column("other"), Column("both", "right"))
        screen.table((*titles, Column("of the one", "right"), Column("of the other", "right")), rows)


def _venn(screen: Screen, pair: Overlap, people: str) -> None:
    parts = (pair.only_one, pair.both, pair.only_other)
    width = screen.width - 4
    cells = [max(1, round(width * part / sum(parts))) for part in parts]
    left, middle, right = (sign * count for sign, count in zip("░█▒", cells, strict=True))
    screen.line("  " + screen.styled(left, "cyan") + screen.styled(middle, "green") + screen.styled(right, "yellow"))
    screen.line(
        f"  {screen.styled('░', 'cyan')} only {pair.one.words} {pair.only_one:,}   "
        f"{screen.styled('█', 'green')} both {pair.both:,}   "
        f"{screen.styled('▒', 'yellow')} only {pair.other.words} {pair.only_other:,}"
    )
    screen.note(
        f"  {percent(pair.both, pair.both + pair.only_one)} of the {people} in {pair.one.words} are in "
        f"{pair.other.words} too; {percent(pair.both, pair.both + pair.only_other)} the other way round."
    )


def due_page(screen: Screen, found: Sequence[Due], as_of: datetime, until: datetime, people: str) -> None:
    """How many will enter and leave each segment by time alone, and the first of them by name and minute."""
    zone = as_of.tzinfo
    screen.heading("Due this week", f"{when(as_of, zone)} to {when(until, zone)}, if nothing new happens")
    if not found:
        screen.note("No membership changes by time alone.")
        return
    tally = Counter((each.segment.words, each.enters) for each in found)
    names = dict.fromkeys(each.segment.words for each in found)
    rows = [(name, str(tally[name, True] or "·"), str(tally[name, False] or "·")) for name in names]
    screen.table((Column("segment", style="bold"), Column("enter", "right"), Column("leave", "right")), rows)
    screen.line()
    screen.table((Column("the first of them", style="dim"), Column(""), Column("", gives=True)), _first(found, zone))
    concerned = several(len({each.customer for each in found}), people.removesuffix("s"))
    screen.line()
    screen.note(f"{several(len(found), 'change')}, {concerned}: only they need to be looked at again, and only then.")


def _first(found: Sequence[Due], zone: tzinfo | None) -> list[tuple[str, str, str]]:
    """What changes first: a row for each customer and instant, eight at most."""
    together: defaultdict[tuple[datetime, str], list[Due]] = defaultdict(list)
    for each in found:
        together[each.at, each.customer].append(each)
    return [(when(at, zone), customer, _turns(those)) for (at, customer), those in islice(together.items(), 8)]


def _turns(those: Sequence[Due]) -> str:
    """``enters Dormant; leaves New``"""
    enters = [each.segment.words for each in those if each.enters]
    leaves = [each.segment.words for each in those if not each.enters]
    parts = [f"{verb} {' + '.join(names)}" for verb, names in (("enters", enters), ("leaves", leaves)) if names]
    return "; ".join(parts)


def life_page(screen: Screen, segments: SegmentSet, life: Life, zone: tzinfo | None, person: str) -> None:
    """One customer's orders and memberships over time, and the latest changes with their causes."""
    profile = life.profile
    screen.heading(f"{person.capitalize()} {profile.customer.id}", _summary(profile, zone))
    width = max([cells_wide("orders"), *(cells_wide(lane.segment.words) for lane in life.lanes)])
    width = min(width, screen.width - len(life.orders) - 4)
    ends = pad(day(life.start, zone), len(life.orders) - 11) + day(life.end, zone)
    screen.line(f"{'':{width}}  {ends}", "dim")
    most = max(life.orders, default=0) or 1
    sparks = "".join(_SPARKS[-(-8 * count // most)] for count in life.orders).rstrip()
    screen.line(f"{pad('orders', width)}  {screen.styled(sparks, 'yellow')}".rstrip())
    for lane in life.lanes:
        shades = "".join(_SHADES[round(share * 4) or (1 if share > 0 else 0)] for share in lane.shares)
        screen.line(f"{pad(clip(lane.segment.words, width), width)}  {screen.styled(shades, 'cyan')}")
    if not life.lanes:
        screen.note("In no segment so far.")
    screen.line()
    rows = [_change(segments, change, zone) for change in life.changes[-8:]]
    titles = (Column("latest changes", style="dim"), Column(""), Column("", style="bold"), Column("", gives=True))
    if rows:
        screen.table(titles, rows)


def _summary(profile: Profile, zone: tzinfo | None) -> str:
    totals = [order.total for order in orders_of(profile)]
    known = [f"{several(len(totals), 'order')}, {sum(totals, Money.zero(totals[0].currency))}"] if totals else []
    own = [f"{name.replace('_', ' ')} {value}" for name, value in sorted(profile.customer.attributes.items())]
    return "; ".join((*known, *own))


def _change(segments: SegmentSet, change: Change, zone: tzinfo | None) -> tuple[str, str, str, str]:
    return when(change.at, zone), change.direction, segments[change.segment].words, _cause(change)


def _cause(change: Change) -> str:
    match change.cause:
        case ByTime():
            return "because time passed"
        case ByEvent(facts):
            return "because of " + _facts(f"{fact.collection} {fact.id}" for fact in facts)
        case ByDefinition():
            return "because its definition changed"
        case _:
            assert_never(change.cause)


def _facts(names: Iterable[str]) -> str:
    first, *more = names
    return f"{first} +{len(more)}" if more else first


def why_page(screen: Screen, segment: Segment, profile: Profile, as_of: datetime) -> None:
    """The explanation of one answer, as a tree."""
    screen.line()
    screen.line(segment.explain(profile, as_of).render(screen.width, colour=screen.colour))
