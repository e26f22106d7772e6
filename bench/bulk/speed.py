"""How quick the library is: against queries by hand, with ten times the rules, and with more and more customers."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from bench.bulk.library import EIGHT
from bench.bulk.sides import ENGINES, Sides, polars
from bench.bulk.turns import Side, Spread, duel, timed
from bench.bulk.variants import eighty
from bench.figures import Figure, at_most, shown

SIZE = 1_000_000
GROWTH = (100_000, 1_000_000, 3_000_000)
GOALS = {
    "frames on polars": 1.1,
    "frames on duckdb": 1.2,
    "sql on duckdb": 1.2,
    "sql on postgresql": 1.15,
    "arrays": 0.2,
}


def against_by_hand(size: int = SIZE) -> Iterator[Figure]:
    """Each engine against the best query by hand, then eighty rules against eight."""
    for engine, opened in ENGINES.items():
        with opened(size) as sides:
            yield from _duel(engine, sides)
            yield from _eighty(engine, sides)


def _rounds(engine: str) -> int:
    return 3 if engine == "sql on postgresql" else 9


def _duel(engine: str, sides: Sides) -> Iterator[Figure]:
    found = duel(sides.ours(EIGHT), sides.by_hand, _rounds(engine))
    unit = "x polars" if engine == "arrays" else "x by hand"
    yield at_most(GOALS[engine], f"bulk/time/{engine}", found.ratio.middle, unit, found.ratio.ends)
    if engine != "sql on postgresql":  # its processor time is the server's
        yield shown(f"bulk/processor time/{engine}", found.processor_ratio.middle, unit, found.processor_ratio.ends)
    yield shown(f"bulk/seconds/{engine}", found.our_seconds.middle, "s", found.our_seconds.ends)
    if engine != "arrays":
        yield shown(f"bulk/seconds/{engine}, by hand", found.their_seconds.middle, "s", found.their_seconds.ends)


def _eighty(engine: str, sides: Sides) -> Iterator[Figure]:
    """Ten of each rule with other constants, in one plan, against one of each."""
    many, few = sides.ours(eighty()), sides.ours(EIGHT)
    assert many()[: len(EIGHT)] == few(), "the first eight of the eighty are the eight"
    rounds = 3 if engine == "sql on postgresql" else 7
    found = Spread([timed(many)[0] / timed(few)[0] for _ in range(rounds)])
    goal = 1.5 if engine == "frames on polars" else None
    yield Figure(f"bulk/eighty rules/{engine}", found.middle, "x eight", goal, spread=found.ends)


def growth() -> Iterator[Figure]:
    """Seconds for a customer among many, divided by those among a hundred thousand: 1 is linear growth.

    The three shops are held at once and take turns, so that a busy moment falls on all.
    """
    with ExitStack() as opened:
        shops = [opened.enter_context(polars(size)) for size in GROWTH]
        ours = [shop.ours(EIGHT) for shop in shops]
        yield from _grown("", ours, 1)
        yield from _grown(", by hand", [shop.by_hand for shop in shops], None)


def _grown(whose: str, work: Sequence[Side], goal: float | None) -> Iterator[Figure]:
    for each in work:
        each()
    rounds = [[timed(each)[0] / size for each, size in zip(work, GROWTH, strict=True)] for _ in range(7)]
    for place in range(1, len(GROWTH)):
        found = Spread([seconds[place] / seconds[0] for seconds in rounds])
        name = f"bulk/growth/{GROWTH[place] // GROWTH[0]} x the customers{whose}"
        held_to = goal if place == len(GROWTH) - 1 else None
        yield Figure(name, found.middle, "x linear", held_to, spread=found.ends)
