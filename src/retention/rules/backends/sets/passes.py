"""Many tests to as few passes over the rows as can be: the same tally once, one pass over a collection and stage."""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

from retention.rules.backends.sets.certain import without_certain
from retention.rules.backends.sets.narrowing import common_rows, without
from retention.rules.backends.sets.plan import FollowPass, Pass, Plan, Step
from retention.rules.backends.sets.reading import OfCustomer, Part, conjuncts, of_customer, parts
from retention.rules.backends.sets.recent import narrow_lasts
from retention.rules.backends.sets.sharing import share_windows
from retention.rules.backends.sets.terms import Followed, Tally, Test, Trait


def arrange(tests: Sequence[Test]) -> Plan:
    """The plan that answers all the tests together, of as few rows and tallies as they allow."""
    return in_steps(tuple(map(without_certain, narrow_lasts(share_windows(tests)))))


def in_steps(tests: Sequence[Test]) -> Plan:
    """The plan that answers the tests as they are said: sooner made, and as good where there are few rows."""
    stages: dict[OfCustomer, int] = {}
    for test in tests:
        _find_stages(test, stages)
    ranked = sorted(stages, key=lambda each: stages[each])  # stable: in order of appearance within a stage
    return Plan(tuple(_steps(ranked, stages)), tuple(tests))


def _find_stages(part: Part, stages: dict[OfCustomer, int]) -> int:
    """The stage after which everything is known that a part uses; notes the stage of each tally and sequence in it."""
    latest = 0
    for each in of_customer(part):
        if isinstance(each, Trait):
            continue
        if each not in stages:
            stages[each] = 1 + max(_find_stages(inner, stages) for inner in parts(each))
        latest = max(latest, stages[each])
    return latest


def _steps(ranked: Iterable[OfCustomer], stages: dict[OfCustomer, int]) -> Iterator[Step]:
    together: dict[tuple[int, str], list[Tally]] = {}
    sequences: dict[int, list[Followed]] = {}
    for each in ranked:
        match each:
            case Tally():
                together.setdefault((stages[each], each.collection), []).append(each)
            case Followed():
                sequences.setdefault(stages[each], []).append(each)
            case Trait():
                raise AssertionError("an attribute needs no pass")
    for stage in sorted({*sequences, *(stage for stage, _ in together)}):
        passes = (_pass(collection, tallies) for (when, collection), tallies in together.items() if when == stage)
        yield from sorted(passes, key=_rows_asked)
        for followed in sequences.get(stage, ()):
            yield FollowPass(followed, _needs((followed.first.where, followed.then.where)))


def _pass(collection: str, tallies: list[Tally]) -> Pass:
    where = common_rows([each.where for each in tallies])
    remaining = tuple((each, without(where, each.where)) for each in tallies)
    used: list[Part] = [part for tally, test in remaining for part in (test, tally.value) if part is not None]
    return Pass(collection, where, remaining, _needs(used))


def _rows_asked(step: Pass) -> int:
    """Small for passes that leave out many rows: small results are joined first. Each condition leaves some out."""
    return -len(conjuncts(step.where))


def _needs(used: Iterable[Part]) -> tuple[OfCustomer, ...]:
    found: list[OfCustomer] = reduce(lambda known, part: [*known, *of_customer(part)], used, [])
    return tuple(dict.fromkeys(found))
