"""The answers to tests, for every customer of some frames, as a frame of the same library."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import narwhals as nw

from retention.rules.backends.frames.added import add_tests, keep, prepare
from retention.rules.backends.frames.conditions import may_be_null, true_or_false, true_or_null
from retention.rules.backends.frames.engines import Engine
from retention.rules.backends.frames.filled import fill
from retention.rules.backends.frames.opening import open_customers
from retention.rules.backends.frames.scope import Names, Scope
from retention.rules.backends.frames.steps import take
from retention.rules.backends.frames.supports import refuse
from retention.rules.backends.sets.columns import require_columns
from retention.rules.backends.sets.passes import arrange, in_steps
from retention.rules.backends.sets.plan import Plan
from retention.rules.backends.sets.reading import Part, parts
from retention.rules.backends.sets.repeated import repeated
from retention.rules.backends.sets.settled import settle
from retention.rules.backends.sets.terms import ALWAYS, Test, Trait

if TYPE_CHECKING:
    from retention.rules.backends.frames.mapping import Frames


def answers(frames: "Frames[Any]", tests: Mapping[str, Test], where: Test = ALWAYS) -> Any:
    """A frame of the customers' ids, named as in their own frame, and a boolean column for each key, never null; of the
    customers for whom ``where`` is true.

    Eager frames are answered at once, lazy ones when they are collected; the rows of pandas and PyArrow keep their
    order. Raises UnsupportedRule before anything is calculated, ConfigurationError for keys that are one column.
    """
    key = frames.layout.customers.customer
    require_columns(key, tests)
    plan = _planned(frames, (*tests.values(), where))
    if frames.engine is Engine.ARROW:
        *flags, among = (_series(frames, *each) for each in zip((*tests, ""), _in_order(frames, plan), strict=True))
        return frames.customers.select(key).with_columns(*flags).filter(among).to_native()
    customers = find(frames, plan)
    *asked, kept = plan.tests
    columns = [true_or_null(test, customers).alias(name) for name, test in zip(tests, asked, strict=True)]
    keep(kept, customers)
    found = customers.frame.select(nw.col(key), *columns)
    gaps = [name for name, test in zip(tests, asked, strict=True) if may_be_null(test, customers)]
    return _given_back(frames, found.with_columns(nw.col(*gaps).fill_null(False)) if gaps else found)


def chosen(frames: "Frames[Any]", test: Test) -> Any:
    """The customers' own frame, only the rows for which the test is true. As ``answers`` otherwise."""
    plan = _planned(frames, (test,))
    if frames.engine is Engine.ARROW:
        (flag,) = _in_order(frames, plan)
        return frames.customers.filter(_series(frames, "", flag)).to_native()
    columns = frames.customers.collect_schema().names()
    customers = find(frames, plan, *columns)
    kept = customers.frame.filter(true_or_null(plan.tests[0], customers))
    return _given_back(frames, kept.select(*columns))


def _planned(frames: "Frames[Any]", tests: Sequence[Test]) -> Plan:
    # Of few rows, planning takes longer than it saves.
    plan = in_steps(tests) if frames.engine is Engine.POLARS and frames.is_small else settle(arrange(tests))
    refuse(plan.tests, frames.layout, frames.engine)
    return plan


def find(frames: "Frames[Any]", plan: Plan, *more: str) -> Scope:
    """The customers with all that the tests of a plan need, and ``more`` columns of their own."""
    layout = frames.layout
    columns = (layout.place(None, each.name).column for test in plan.tests for each in _traits(test))
    sources = (layout.customers, *layout.collections.values())
    names = Names(name for source in sources for name in source.table.dtypes)
    customers = open_customers((*columns, *more), layout, frames.engine, names)
    add_tests(plan.settled, customers)
    for step in plan.steps:
        take(step, customers)
    if frames.engine is Engine.DUCKDB:
        fill(plan.tests, customers)
        add_tests(repeated(plan.tests, customers.knows), customers)
    for test in plan.tests:
        prepare(test, customers)
    return customers


def _traits(part: Part) -> Iterator[Trait]:
    """Every attribute that a term uses anywhere."""
    if isinstance(part, Trait):
        yield part
    for inner in parts(part):
        yield from _traits(inner)


def _given_back(frames: "Frames[Any]", found: Any) -> Any:
    """What Polars frames came as; of few rows, its streaming engine takes twice the time of the other."""
    if frames.is_eager:
        found = found.collect(engine="in-memory") if frames.is_small else found.collect()
    return found.to_native()


# Through PyArrow, whose joins keep no order. --------------------------------------------------------------------------


def _in_order(frames: "Frames[Any]", plan: Plan) -> list[Any]:
    """Flags in the order of the customers, for each test."""
    customers = find(frames, plan)
    names = [customers.names.new() for _ in plan.tests]
    flags = (true_or_false(test, customers).alias(name) for name, test in zip(names, plan.tests, strict=True))
    place = customers.names.place
    found = customers.frame.select(nw.col(place), *flags).sort(place)
    return [found[name].to_numpy() for name in names]


def _series(frames: "Frames[Any]", name: str, flags: Any) -> "nw.Series[Any]":
    return nw.new_series(name, flags, nw.Boolean, backend=frames.customers.implementation)
