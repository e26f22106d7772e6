"""How quick compiled rules are, against functions written by hand and against other engines, in one run.

Every figure begins ``profile/``. The answers of all contenders are compared before anything is timed.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

from bench.figures import Figure, at_least, at_most, shown
from bench.other_engines import SHARED, as_dictionary, with_json_logic, with_rule_engine
from bench.population import NOW, NOW_UTC, customers, profiles
from bench.rules_by_hand import CALENDAR_RULES, IDIOMATIC, RULES, TUNED, Record, record
from bench.timing import ratio, seconds, typical
from retention.customer import Customer
from retention.profile import Fact, Profile
from retention.rules.backends.evaluate import _code, compile_rule, compile_rules
from retention.rules.backends.timeline import prepare
from retention.rules.nodes import Rule

SIZE = 20_000


def figures() -> Iterator[Figure]:
    """All figures on single profiles; takes about two minutes."""
    population = profiles(SIZE)
    records = [record(profile) for profile in population]
    _check_answers(population, records)
    yield from _building()
    yield from _alone(population)
    yield from _together(population, records)
    yield from _against_engines(population, records)
    yield from _compiling()
    yield from _next_changes(population)


def _check_answers(population: list[Profile], records: list[Record]) -> None:
    """All contenders give the same answers; a benchmark of different questions would say nothing."""
    together = compile_rules([rule.node for rule in RULES.values()]).at(NOW)
    ours = [together(profile) for profile in population]
    assert ours == [tuple(by_hand(each, NOW_UTC) for by_hand in IDIOMATIC) for each in records]
    assert ours == [tuple(by_hand(profile) for by_hand in TUNED) for profile in population]
    for name, by_hand in zip(RULES, zip(*ours, strict=True), strict=True):
        assert 0 < sum(by_hand) < len(by_hand), f"{name} splits nothing"
    sample = [as_dictionary(each) for each in records[:500]]
    for engine in (with_rule_engine(), with_json_logic()):
        for name in SHARED:
            expected = [answers[list(RULES).index(name)] for answers in ours[:500]]
            assert [engine[name](facts) for facts in sample] == expected, name


def _building() -> Iterator[Figure]:
    given = list(customers(2_000))

    def build() -> None:
        for customer, facts in given:
            Profile.build(customer, facts)

    events = sum(len(facts) for _, facts in given) / len(given)
    yield shown(f"profile/build ({events:.0f} facts)", typical(build) / len(given) * 1e6, "µs")


def _over(check: Callable[[Any], object], items: Iterable[Any]) -> Callable[[], None]:
    def work() -> None:
        for item in items:
            check(item)

    return work


def _alone(population: list[Profile]) -> Iterator[Figure]:
    for (name, rule), tuned in zip(RULES.items(), TUNED, strict=True):
        check = compile_rule(rule.node).at(NOW)
        found = ratio(_over(check, population), _over(tuned, population), rounds=15)
        yield at_most(1.15, f"profile/alone/{name}", found, "x tuned")
    check = compile_rule(RULES["dormant"].node).at(NOW)
    yield shown("profile/alone/dormant", typical(_over(check, population)) / SIZE * 1e6, "µs")


def _together(population: list[Profile], records: list[Record]) -> Iterator[Figure]:
    check = compile_rules([rule.node for rule in RULES.values()]).at(NOW)
    seen, by_hand = _over(check, population), _over(_by_hand, records)
    yield shown("profile/by hand/all eight", typical(by_hand, 5) / SIZE * 1e6, "µs")
    yield at_most(0.35, "profile/together/seen before", ratio(seen, by_hand), "x idiomatic")
    given = list(customers(SIZE))
    yield at_most(0.6, "profile/together/fresh", median(_fresh(check, given) for _ in range(5)), "x idiomatic")


def _by_hand(record: Record) -> list[bool]:
    return [function(record, NOW_UTC) for function in IDIOMATIC]


def _fresh(check: Callable[[Profile], object], given: list[tuple[Customer, list[Fact]]]) -> float:
    """The ratio over profiles just built and never asked before, as a shop meets them: load, build, ask."""
    mine = other = 0.0
    for start in range(0, len(given), 20):
        built = [Profile.build(customer, facts) for customer, facts in given[start : start + 20]]
        mine += seconds(_over(check, built[::2]))
        other += seconds(_over(_by_hand, [record(profile) for profile in built[1::2]]))
    return mine / other


def _against_engines(population: list[Profile], records: list[Record]) -> Iterator[Figure]:
    sample, facts = population[:2_000], [as_dictionary(each) for each in records[:2_000]]
    checks = [compile_rule(RULES[name].node).at(NOW) for name in SHARED]

    def ours() -> None:
        for check in checks:
            for profile in sample:
                check(profile)

    for title, engine in (("rule-engine", with_rule_engine()), ("json-logic", with_json_logic())):

        def theirs(engine: dict[str, Callable[[Any], bool]] = engine) -> None:
            for name in SHARED:
                for each in facts:
                    engine[name](each)

        yield at_least(20, f"profile/others/{title} (3 of the 8 rules)", 1 / ratio(ours, theirs, rounds=3), "x ours")


def _compiling() -> Iterator[Figure]:
    def anew(compile: Callable[[], object]) -> float:
        def work() -> None:
            _code.cache_clear()
            compile()

        return typical(work, 21) * 1e3

    each = sorted(anew(partial(compile_rule, rule.node)) for rule in RULES.values())
    yield at_most(0.5, "profile/compile one rule/median", median(each), "ms")
    yield at_most(0.5, "profile/compile one rule/slowest", each[-1], "ms")
    again = max(typical(partial(compile_rule, rule.node), 21) for rule in RULES.values())
    yield at_most(0.5, "profile/compile one rule/slowest, shape known", again * 1e3, "ms")
    yield shown("profile/compile all eight", anew(partial(compile_rules, [rule.node for rule in RULES.values()])), "ms")


def _next_changes(population: list[Profile]) -> Iterator[Figure]:
    sample = population[:4_000]
    for name, rule in RULES.items():
        yield at_most(50, f"profile/next_change/{name}", _next_change(rule.node, sample), "x evaluation")
    for name, rule in CALENDAR_RULES.items():
        yield at_most(50, f"profile/next_change/{name}", _next_change(rule.node, sample[:500]), "x evaluation")


def _next_change(rule: Rule, sample: list[Profile]) -> float:
    check, prepared = compile_rule(rule).at(NOW), prepare(rule)
    return ratio(_over(lambda profile: prepared.next_change(profile, NOW), sample), _over(check, sample), rounds=5)


if __name__ == "__main__":
    start = perf_counter()
    for figure in figures():
        print(f"{figure.name:<44} {figure.value:10.3f} {figure.unit:<14} {figure.goal} {figure.holds}")
    print(f"{perf_counter() - start:.0f} s")
