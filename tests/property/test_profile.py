"""The laws of profiles: built from facts in any order, cut at any instant, merged either way round."""

import pickle
from datetime import datetime
from typing import Any

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from retention.customer import Customer
from retention.money import Money
from retention.order import Order
from retention.profile import Fact, Profile
from retention.schema import Kind
from retention.spans import TICK, utc
from retention.testing.facts import histories, instants, profiles
from retention.testing.rules import EXTENDED

History = tuple[Customer, list[Fact]]
modest = settings(max_examples=100, deadline=None)


@modest
@given(histories(), st.randoms(use_true_random=False))
def test_facts_in_any_order_and_any_number_of_times_build_an_equal_profile(history: History, random: Any) -> None:
    customer, facts = history
    several = facts + random.choices(facts, k=3) if facts else []
    random.shuffle(several)
    assert Profile.build(customer, several) == Profile.build(customer, facts)


@modest
@given(profiles(EXTENDED))
def test_rows_are_in_order_of_instant_and_id(profile: Profile) -> None:
    for collection in EXTENDED.collections:
        keys = [(row.at, row.id) for row in profile.rows(collection)]
        assert keys == sorted(keys)


@modest
@given(profiles(EXTENDED))
def test_columns_hold_the_cells_of_the_rows(profile: Profile) -> None:
    for collection, schema in EXTENDED.collections.items():
        rows = profile.rows(collection)
        for name, field in schema.columns.items():
            cells = [profile.cell(row, name) for row in rows]
            if field.kind is Kind.AMOUNT:
                assert all(cell is None or type(cell) is Money for cell in cells)
                cells = [None if cell is None else cell.minor for cell in cells]
            assert list(profile.columns[f"{collection}.{name}"]) == cells


@modest
@given(profiles(EXTENDED))
def test_lines_and_refunds_are_rows_of_their_own(profile: Profile) -> None:
    orders = [row for row in profile.rows("orders") if isinstance(row, Order)]
    assert len(profile.rows("purchases")) == sum(len(order.lines) for order in orders)
    assert len(profile.rows("refunds")) == sum(len(order.refunds) for order in orders)


@modest
@given(profiles(EXTENDED), instants(), instants())
def test_cutting_twice_is_cutting_at_the_earlier(profile: Profile, one: datetime, another: datetime) -> None:
    assert profile.until(one).until(another) == profile.until(min(one, another))


@modest
@given(profiles(EXTENDED), instants())
def test_nothing_is_later_than_the_cut_and_nothing_earlier_is_lost(profile: Profile, as_of: datetime) -> None:
    cut, now = profile.until(as_of), utc(as_of)
    assert cut.latest <= now
    assert cut.instants() == tuple(instant for instant in profile.instants() if instant <= now)
    for collection in EXTENDED.collections:
        assert [row.id for row in cut.rows(collection)] == [row.id for row in profile.rows(collection) if row.at <= now]


@modest
@given(profiles(EXTENDED))
def test_the_latest_instant_is_the_last_of_all_instants(profile: Profile) -> None:
    known = profile.instants()
    assert list(known) == sorted(set(known))
    assert profile.until(profile.latest) is profile
    if known:
        assert profile.latest == known[-1]
        assert profile.until(known[-1] - TICK) != profile


@modest
@given(histories(EXTENDED), st.data())
def test_merging_commutes_on_facts(history: History, data: st.DataObject) -> None:
    customer, facts = history
    mine = Profile.build(customer, [each for each in facts if data.draw(st.booleans())], schema=EXTENDED)
    theirs = Profile.build(evolve(customer, id="other"), facts, schema=EXTENDED)
    one, another = mine.merge(theirs), theirs.merge(mine)
    for collection in EXTENDED.collections:
        assert one.rows(collection) == another.rows(collection) == theirs.rows(collection)
    assert (one.customer.id, another.customer.id) == (customer.id, "other")
    assert one.currency == another.currency
    assert one.latest == another.latest


@modest
@given(histories(EXTENDED))
def test_adding_facts_one_by_one_is_building_at_once(history: History) -> None:
    customer, facts = history
    grown = Profile.build(customer, schema=EXTENDED)
    for fact in facts:
        grown = grown.adding(fact)
    assert grown == Profile.build(customer, facts, schema=EXTENDED)


@modest
@given(profiles(EXTENDED))
def test_a_profile_survives_pickling(profile: Profile) -> None:
    again = pickle.loads(pickle.dumps(profile))
    assert again == profile
    assert again.columns["orders.total"] == profile.columns["orders.total"]
