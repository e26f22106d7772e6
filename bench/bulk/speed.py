"""How quick the library is: against queries by hand, with ten times the rules, and with more and more customers."""

from collections.abc import Iterator

from bench.bulk.library import EIGHT
from bench.bulk.sides import ENGINES, Sides, polars
from bench.bulk.turns import duel, repeated
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
    rounds = 2 if engine == "sql on postgresql" else 5
    times = repeated(many, rounds).middle / repeated(few, rounds).middle
    name = f"bulk/eighty rules/{engine}"
    yield at_most(1.5, name, times, "x eight") if engine == "frames on polars" else shown(name, times, "x eight")


def growth() -> Iterator[Figure]:
    """Seconds for a customer among many, divided by those among a hundred thousand: 1 is linear growth."""
    each = {"ours": dict[int, float](), "by hand": dict[int, float]()}
    for size in GROWTH:
        with polars(size) as sides:
            found = duel(sides.ours(EIGHT), sides.by_hand, 5)
        each["ours"][size] = found.our_seconds.middle / size
        each["by hand"][size] = found.their_seconds.middle / size
    first, *rest = GROWTH
    for size in rest:
        name = f"bulk/growth/{size // first} x the customers"
        ours, by_hand = (seconds[size] / seconds[first] for seconds in each.values())
        yield at_most(1, name, ours, "x linear") if size == rest[-1] else shown(name, ours, "x linear")
        yield shown(f"{name}, by hand", by_hand, "x linear")
