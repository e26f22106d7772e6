"""Instants beside constants and beside one another, in every form in which a table keeps them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from itertools import product
from operator import eq, ge, gt, le, lt
from typing import Any, assert_never, cast
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from retention.errors import UnsupportedRule
from retention.rules.backends.sets.kept_instants import cut
from retention.rules.backends.sets.storage import Aware, Epoch, InstantForm, Naive
from retention.rules.backends.sets.terms import Cell, Constant, Is, Later, Test
from retention.rules.backends.sql.conditions import Conditions
from retention.rules.backends.sql.instants import Instant, day, later, zone_name
from retention.rules.backends.sql.readings import Leaf, Readings
from retention.rules.backends.sql.values import Constants, Found
from retention.schema import Kind
from retention.spans import TICK, local, resolve

NEW_YORK, SEOUL, INDIA = ZoneInfo("America/New_York"), ZoneInfo("Asia/Seoul"), timezone(timedelta(hours=5, minutes=30))
FORMS: tuple[InstantForm, ...] = (Aware(), Naive(UTC), Naive(INDIA), Naive(NEW_YORK), Epoch("us"), Epoch("ms"), Epoch())
COMPARED = {"==": eq, "<": lt, "<=": le, ">": gt, ">=": ge}

# The clocks of New York: one hour twice on 1 November 2026, none of it on 8 March.
TWICE, GAP = datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 3, 8, 7, 0, tzinfo=UTC)
INSTANTS = (
    *(TWICE + timedelta(minutes=30 * step) for step in range(-3, 5)),
    *(GAP + by for by in (-TICK, timedelta(0), TICK)),
    datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC),
    datetime(2026, 3, 1, 0, 0, 0, 1, tzinfo=UTC),
)


START = datetime(1970, 1, 1, tzinfo=UTC)
UNITS = {"s": timedelta(seconds=1), "ms": timedelta(milliseconds=1), "us": TICK}


# Constants. -----------------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from((NEW_YORK, SEOUL, ZoneInfo("America/Havana"), ZoneInfo("Australia/Lord_Howe"), INDIA)),
    st.sampled_from((TWICE, GAP, datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(1987, 5, 9, 15, tzinfo=UTC))),
    st.integers(-5, 5).map(lambda half: timedelta(minutes=30 * half)),
    st.integers(-5, 5).map(lambda half: timedelta(minutes=30 * half)),
    st.integers(-1, 1).map(lambda ticks: ticks * TICK),
)
def test_a_wall_time_compares_with_the_cut_as_its_instant_does(
    zone: tzinfo, near: datetime, one: timedelta, other: timedelta, tick: timedelta
) -> None:
    instant = near + one
    wall = local(near, zone).replace(tzinfo=None) + other + tick
    bounds, meant = cut(instant, Naive(zone)), resolve(wall, zone)
    most, least = cast(datetime, bounds.most), cast(datetime, bounds.least)
    assert (wall > most, wall <= most) == (meant > instant, meant <= instant)
    assert (wall < least, wall >= least) == (meant < instant, meant >= instant)


@pytest.mark.parametrize("end", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
@pytest.mark.parametrize("form", FORMS, ids=repr)
def test_the_ends_of_the_calendar_are_in_every_form(end: datetime, form: InstantForm) -> None:
    bounds: Any = cut(end, form)
    assert bounds.least >= bounds.most


# Columns. -------------------------------------------------------------------------------------------------------------


def kept(instant: datetime, form: InstantForm) -> Any:
    match form:
        case Aware():
            return instant
        case Naive(zone):
            return local(instant, zone).replace(tzinfo=None, fold=0)
        case Epoch(unit):
            return (instant - START) // UNITS[unit]
        case _:
            assert_never(form)


def meant(stored: Any, form: InstantForm) -> datetime:
    match form:
        case Aware():
            return cast(datetime, stored)
        case Naive(zone):
            return resolve(cast(datetime, stored), zone)
        case Epoch(unit):
            return START + int(stored) * UNITS[unit]
        case _:
            assert_never(form)


def type_of(form: InstantForm) -> Any:
    return sa.BigInteger if isinstance(form, Epoch) else sa.DateTime(timezone=isinstance(form, Aware))


def pairs(connection: sa.Connection, left: InstantForm, right: InstantForm) -> tuple[sa.Table, list[tuple[Any, Any]]]:
    """Every two of the instants, in two columns."""
    written = [(kept(one, left), kept(other, right)) for one, other in product(INSTANTS, INSTANTS)]
    columns = (sa.Column("one", type_of(left)), sa.Column("other", type_of(right)))
    table = sa.Table("given", sa.MetaData(), sa.Column("place", sa.Integer), *columns)
    table.create(connection)
    rows = [{"place": place, "one": one, "other": other} for place, (one, other) in enumerate(written)]
    connection.execute(table.insert(), rows)
    return table, written


def said(table: sa.Table, left: InstantForm, right: InstantForm) -> Conditions:
    def find(leaf: Leaf) -> Found:
        assert isinstance(leaf, Cell)
        return Found(table.c[leaf.column], Kind.INSTANT, left if leaf.column == "one" else right)

    return Conditions(Readings(find, Constants(), 0), {})


ONE, OTHER = Cell("one", Kind.INSTANT), Cell("other", Kind.INSTANT)
BY = 90 * 60 * 1_000_000 + 250_000  # an hour and a half and a quarter of a second


def found(connection: sa.Connection, table: sa.Table, conditions: Conditions, test: Test) -> list[bool]:
    asked = sa.select(conditions.answer(test).label("it")).order_by(table.c.place)
    return list(connection.execute(asked).scalars())


def forms(connection: sa.Connection) -> Iterator[InstantForm]:
    return (form for form in FORMS if connection.dialect.name != "sqlite" or form not in (Aware(), Naive(NEW_YORK)))


def test_columns_beside_constants(database: sa.Connection) -> None:
    for form in (*forms(database), Naive(NEW_YORK)):
        table, written = pairs(database, form, form)
        conditions = said(table, form, form)
        for operator, instant in product(COMPARED, INSTANTS):
            answers = found(database, table, conditions, Is(operator, ONE, Constant(instant)))
            assert answers == [COMPARED[operator](meant(one, form), instant) for one, _ in written]
        table.drop(database)


def test_columns_of_any_form_beside_one_another(database: sa.Connection) -> None:
    for left, right in product(forms(database), repeat=2):
        table, written = pairs(database, left, right)
        conditions = said(table, left, right)
        for operator, compare in COMPARED.items():
            plain = found(database, table, conditions, Is(operator, ONE, OTHER))  # type: ignore[arg-type]
            moved = found(database, table, conditions, Is(operator, Later(ONE, -BY), OTHER))  # type: ignore[arg-type]
            meanings = [(meant(one, left), meant(other, right)) for one, other in written]
            assert plain == [compare(one, other) for one, other in meanings], (left, right)
            assert moved == [compare(one - BY * TICK, other) for one, other in meanings], (left, right)
        table.drop(database)


@pytest.mark.parametrize("zone", [NEW_YORK, SEOUL, INDIA, UTC], ids=str)
def test_the_local_date_of_a_column(database: sa.Connection, zone: tzinfo) -> None:
    for form in forms(database):
        table, written = pairs(database, form, form)
        asked = sa.select(sa.cast(day(Instant(table.c.one, form), zone), sa.String)).order_by(table.c.place)
        if database.dialect.name == "sqlite" and not _are_steady(form, zone):
            with pytest.raises(UnsupportedRule) as refusal:
                database.execute(asked)
            assert refusal.value.ever == "never"
        else:
            days = database.execute(asked).scalars().all()
            assert days == [str(local(meant(one, form), zone).date()) for one, _ in written]
        table.drop(database)


def _are_steady(form: InstantForm, zone: tzinfo) -> bool:
    return isinstance(form, Naive) and zone.utcoffset(None) is not None


def test_a_date_is_compared_with_a_local_date(database: sa.Connection) -> None:
    table, written = pairs(database, Naive(SEOUL), Naive(SEOUL))
    same = day(Instant(table.c.one, Naive(SEOUL)), SEOUL) == sa.literal(date(2026, 11, 1), sa.Date)
    answers = database.execute(sa.select(same).order_by(table.c.place)).scalars().all()
    assert [bool(each) for each in answers] == [one.date() == date(2026, 11, 1) for one, _ in written]


def test_an_epoch_stays_in_its_unit_where_whole_units_are_added() -> None:
    seconds = Instant(sa.column("at", sa.BigInteger), Epoch("s"))
    assert later(seconds, 2_000_000).form == Epoch("s")
    assert later(seconds, 2_000_001).form == Epoch("us")


def test_a_zone_without_a_name_is_refused() -> None:
    assert zone_name(SEOUL) == "Asia/Seoul"
    with pytest.raises(UnsupportedRule, match="a time zone without a name"):
        zone_name(INDIA)
