"""How quick the library is: against queries by hand, with ten times the rules, and with more and more customers."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from bench.bulk.library import EIGHT
from bench.bulk.sides import ENGINES, Sides
from bench.bulk.turns import Side, Spread, duel, timed
from bench.bulk.variants import eighty
from bench.figures import Figure, at_most, shown
from bench.progress import now_doing

SIZE = 1_000_000
GROWTH = (100_000, 1_000_000, 3_000_000)
GROWN = ("frames on polars", "sql on duckdb", "arrays")
GOALS = {
    "frames on polars": 1.1,
    "frames on duckdb": 1.2,
    "sql on duckdb": 1.2,
    "sql on postgresql": 1.15,
    "arrays": 0.2,
}
EIGHTY_GOAL = 1.5
GROWTH_GOAL = 1


def against_by_hand(size: int = SIZE) -> Iterator[Figure]:
    """Each engine against the best query by hand, then eighty rules against eight."""
    for engine, opened in ENGINES.items():
        now_doing(f"{engine}: the tables of {size:,} customers")
        with opened(size) as sides:
            now_doing(f"{engine}: the eight rules")
            yield from _duel(engine, sides)
            now_doing(f"{engine}: eighty rules")
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
    yield at_most(EIGHTY_GOAL, f"bulk/eighty rules/{engine}", found.middle, "x eight", found.ends)


def growth(sizes: Sequence[int] = GROWTH) -> Iterator[Figure]:
    """Seconds for a customer among many, divided by those among the fewest: 1 is linear growth.

    The shops are held at once and take turns, so that a busy moment falls on all; as arrays they take 13 GB. DuckDB
    stands for the databases.
    """
    for engine in GROWN:
        now_doing(f"{engine}: the tables of {', '.join(f'{size:,}' for size in sizes)} customers")
        with ExitStack() as opened:
            shops = [opened.enter_context(ENGINES[engine](size)) for size in sizes]
            now_doing(f"{engine}: growth")
            yield from _grown(f"bulk/growth/{engine}", [shop.ours(EIGHT) for shop in shops], sizes, GROWTH_GOAL)
            if engine == "frames on polars":
                yield from _grown(f"bulk/growth/{engine}, by hand", [shop.by_hand for shop in shops], sizes, None)


def _grown(name: str, work: Sequence[Side], sizes: Sequence[int], goal: float | None) -> Iterator[Figure]:
    """The goal is that of the largest shop."""
    for each in work:
        each()
    rounds = [[timed(each)[0] / size for each, size in zip(work, sizes, strict=True)] for _ in range(5)]
    for place in range(1, len(sizes)):
        found = Spread([seconds[place] / seconds[0] for seconds in rounds])
        held_to = goal if place == len(sizes) - 1 else None
        more = f"{sizes[place] // sizes[0]} x"
        yield Figure(f"{name}, {more}", found.middle, "x linear", held_to, spread=found.ends)
