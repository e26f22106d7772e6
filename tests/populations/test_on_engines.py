"""Populations asked where they lie, on every engine: the same numbers as of their profiles one by one."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import narwhals as nw
import pytest
from attrs import frozen

from retention import Profile, Segment, SegmentSet, days, months, won
from retention.errors import ConfigurationError, UnsupportedRule
from retention.populations import changed, cohorts, count, learn_scale, lifetime_values
from retention.rules import cart, customer, orders, purchases
from retention.rules.backends.sets.population import Measurable
from retention.segments import Scale
from retention.segments.catalogue import standard_segments
from retention.segments.counts import Counts
from tests.populations.people import WON, random_people
from tests.populations.plain import PlainPopulation
from tests.sets.adapter import Opened
from tests.sets.array_engine import InArrays
from tests.sets.engines import ARRAYS, DATABASES, FRAMES, SPARK, SQLITE, Server, SetEngine
from tests.sets.frame_engine import InFrames
from tests.sets.sql_engine import InDatabase

pytestmark = pytest.mark.no_cover

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SEEDS = (2, 5, 7, 9)
DORMANT = Segment("dormant", orders.at.last().older_than(days(20)), schema=WON)
SEGMENTS = SegmentSet(
    [
        Segment("new", customer.joined_at.within(days(60))),
        DORMANT,
        Segment("repeat", orders.count() >= 2),
        Segment("big", orders.total.sum() >= won(3_000)),
        Segment("left", cart.at.last().between(days(1), days(90)) & orders.within(months(1)).none()),
        Segment("bought", purchases.any()),
        Segment("mostly dear", orders.total.mean() > won(1_000)),
        Segment("nobody", orders.count() >= 1_000),
    ],
    schema=WON,
)


Changes: TypeAlias = dict[str, tuple[bool, bool]]
"""Whether each who changed has entered, and has left."""


@frozen
class Asked:
    """The tables of some people on an engine, and the people."""

    engine: SetEngine
    opened: Opened
    people: Sequence[Profile]
    as_of: datetime

    @property
    def population(self) -> Measurable:
        match self.opened:
            case InDatabase(connection, tables):
                return tables.on(connection)
            case InFrames(frames):
                return frames
            case InArrays(snapshot):
                return snapshot
            case _:
                raise AssertionError("no such engine")

    @property
    def plain(self) -> PlainPopulation:
        return PlainPopulation(self.people, WON)

    def changes(
        self, segment: Segment, before: datetime, edited: Segment | None = None
    ) -> dict[str, tuple[bool, bool]]:
        match self.opened:
            case InDatabase(connection, tables):
                statement = changed(segment, tables, before, self.as_of, edited=edited)
                return {row.id: (row.entered, row.left) for row in connection.execute(statement)}
            case InFrames(frames):
                found = _rows(changed(segment, frames, before, self.as_of, edited=edited))
                return {row["its_id"]: (row["entered"], row["left"]) for row in found}
            case InArrays(snapshot):
                arrays = changed(segment, snapshot, before, self.as_of, edited=edited)
                columns = (arrays[name].tolist() for name in ("id", "entered", "left"))
                return {id: (entered, left) for id, entered, left in zip(*columns, strict=True)}
            case _:
                raise AssertionError("no such engine")

    def members(self, segment: Segment) -> set[str]:
        """The ids of a segment's customers."""
        match self.opened:
            case InDatabase(connection, tables):
                return set(connection.execute(segment.select(tables, self.as_of)).scalars())
            case InFrames(frames):
                return {row["its_id"] for row in _rows(segment.filter(frames, self.as_of))}
            case InArrays(snapshot):
                return set(segment.ids(snapshot, self.as_of))
            case _:
                raise AssertionError("no such engine")

    def labels(self) -> dict[str, set[str]]:
        """The keys of the segments that each customer is in."""
        match self.opened:
            case InDatabase(connection, tables):
                found = [dict(row) for row in connection.execute(SEGMENTS.select(tables, self.as_of)).mappings()]
            case InFrames(frames):
                found = [{"id": row["its_id"], **row} for row in _rows(SEGMENTS.label(frames, self.as_of))]
            case InArrays(snapshot):
                masks = {"id": snapshot.ids, **SEGMENTS.masks(snapshot, self.as_of)}
                found = [dict(zip(masks, row, strict=True)) for row in zip(*masks.values(), strict=True)]
            case _:
                raise AssertionError("no such engine")
        return {row["id"]: {key for key in SEGMENTS.keys if row[key]} for row in found}


def _rows(frame: Any) -> list[dict[str, Any]]:
    found = nw.from_native(frame)
    return (found.collect() if isinstance(found, nw.LazyFrame) else found).rows(named=True)


def open_on(engine: SetEngine, server: Server, people: Sequence[Profile]) -> Opened:
    adapter = engine.adapter(server)
    return adapter.open(adapter.host(people, WON))


def nobody_or_some(seed: int) -> tuple[Sequence[Profile], datetime]:
    """Two dozen people, or nobody if the seed is 0."""
    people, as_of = random_people(seed, count=24)
    return (people if seed else ()), as_of


@pytest.fixture(scope="module", params=(ARRAYS, *DATABASES, *FRAMES), ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> SetEngine:
    found: SetEngine = request.param
    return found


@pytest.fixture(scope="module")
def server(engine: SetEngine, request: pytest.FixtureRequest) -> Server:
    return request.getfixturevalue(engine.fixture) if engine.fixture else None


@pytest.fixture(scope="module", params=(0, *SEEDS), ids=lambda seed: f"people {seed}" if seed else "nobody")
def asked(engine: SetEngine, server: Server, request: pytest.FixtureRequest) -> Iterator[Asked]:
    people, as_of = nobody_or_some(request.param)
    opened = open_on(engine, server, people)
    yield Asked(engine, opened, people, as_of)
    opened.close()


def test_members(asked: Asked) -> None:
    for segment in SEGMENTS:
        expected = {each.customer.id for each in asked.people if segment.contains(each, asked.as_of)}
        assert asked.members(segment) == expected


def test_labels(asked: Asked) -> None:
    assert asked.labels() == {each.customer.id: SEGMENTS.labels(each, asked.as_of) for each in asked.people}


def test_sizes_and_overlaps(asked: Asked) -> None:
    assert count(SEGMENTS, asked.population, asked.as_of) == SEGMENTS.count(asked.people, asked.as_of)


def test_a_whole_catalogue(asked: Asked) -> None:
    """More segments than fit into a byte, or two. Some engines refuse instants that are kept in different ways."""
    catalogue = SegmentSet(standard_segments(), schema=WON)
    found = _counted(catalogue, asked)
    if isinstance(found, UnsupportedRule):
        assert asked.engine.lists(found)
    else:
        assert found == catalogue.count(asked.people, asked.as_of)


def _counted(segments: SegmentSet, asked: Asked) -> Counts | UnsupportedRule:
    try:
        return count(segments, asked.population, asked.as_of)
    except UnsupportedRule as refusal:
        return refusal


@pytest.mark.parametrize("window", [None, months(6)], ids=["all orders", "half a year"])
def test_learnt_scales(asked: Asked, window: Any) -> None:
    def learnt(learn: Callable[..., Scale], people: object) -> Scale | str:
        try:
            return learn(people, asked.as_of, window=window, ignoring=("cancelled",))
        except ConfigurationError as nobody_bought:
            return nobody_bought.problem

    def one_by_one(people: Sequence[Profile], *given: Any, **options: Any) -> Scale:
        return Scale.learn(people, *given, schema=WON, **options)

    assert learnt(learn_scale, asked.population) == learnt(one_by_one, asked.people)


@pytest.mark.parametrize("by", ["week", "month", "year"])
def test_cohorts(asked: Asked, by: Any) -> None:
    assert cohorts(asked.population, asked.as_of, by=by, count=9) == cohorts(asked.plain, asked.as_of, by=by, count=9)


@pytest.mark.parametrize("amount", ["total", "subtotal"])
def test_lifetime_values(asked: Asked, amount: str) -> None:
    found = lifetime_values(asked.population, asked.as_of, count=9, amount=amount)
    assert found == lifetime_values(asked.plain, asked.as_of, count=9, amount=amount)


def test_who_changed(asked: Asked) -> None:
    before = asked.as_of - timedelta(days=20)
    expected = _changes(asked.people, lambda each: DORMANT.contains(each, before), _in(DORMANT, asked.as_of))
    assert asked.changes(DORMANT, before) == expected


def test_who_changed_by_an_edit(asked: Asked) -> None:
    edited = Segment("dormant", orders.at.last().older_than(days(2)) & customer.joined_at.is_missing(), schema=WON)
    expected = _changes(asked.people, _in(DORMANT, asked.as_of), _in(edited, asked.as_of))
    assert asked.changes(DORMANT, asked.as_of, edited) == expected


def _in(segment: Segment, as_of: datetime) -> Callable[[Profile], bool]:
    return lambda profile: segment.contains(profile, as_of)


def _changes(people: Sequence[Profile], before: Callable[[Profile], bool], after: Callable[[Profile], bool]) -> Changes:
    answers = {each.customer.id: (before(each), after(each)) for each in people}
    return {id: (now, was) for id, (was, now) in answers.items() if now is not was}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_people_are_of_many_kinds(seed: int) -> None:
    """Otherwise the tests above would say little."""
    people, as_of = nobody_or_some(seed)
    plain = PlainPopulation(people, WON)
    assert sum(0 < size < len(people) for size in SEGMENTS.count(people, as_of).sizes.values()) >= 6
    assert sum(each.size > 0 for each in cohorts(plain, as_of, count=9)) >= 4
    assert sum(sum(each.active[1:]) for each in cohorts(plain, as_of, count=9)) >= 5
    assert sum(each.spent[-1] for each in lifetime_values(plain, as_of, count=9, amount="subtotal")) > 1_000


def test_on_a_cluster(spark: "SparkSession") -> None:
    people, as_of = nobody_or_some(SEEDS[0])
    asked = Asked(SPARK, open_on(SPARK, spark, people), people, as_of)
    test_sizes_and_overlaps(asked)
    test_cohorts(asked, "month")
    test_who_changed(asked)
    learnt = learn_scale(asked.population, as_of)
    assert learnt == Scale.learn(people, as_of, schema=WON)


def test_what_a_database_cannot_do_is_refused_before_it_is_asked() -> None:
    people, as_of = nobody_or_some(SEEDS[0])
    opened = open_on(SQLITE, None, people)
    asked = Asked(SQLITE, opened, people, as_of)
    lucky = SegmentSet([Segment("lucky", customer.bucket("spring") < 0.5, schema=WON)])
    with pytest.raises(UnsupportedRule, match="bucket") as caught:
        count(lucky, asked.population, as_of)
    assert caught.value.ever == "never"
    opened.close()
