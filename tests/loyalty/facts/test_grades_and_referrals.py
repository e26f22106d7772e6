"""Grades and referrals, which a host writes into tables of its own, asked in memory and on SQLite."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from retention.customer import Customer
from retention.loyalty.facts import referral_event
from retention.loyalty.referrals import Referred
from retention.loyalty.tiers import Standing
from retention.profile import Profile
from retention.rules import customer, referrals
from retention.segments import Segment, SegmentSet
from retention.spans import days
from retention.sql import As, Epoch, Tables, rows

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)
GRADES = ("family", "silver", "gold")
BRINGS = referrals.where(referrals.kind == "ordered")
SEGMENTS = SegmentSet(
    [
        Segment("gold", customer.grade == "gold"),
        Segment("graded", customer.grade.is_in(["silver", "gold"])),
        Segment("ambassador", BRINGS.count() >= 2),
        Segment("lately", BRINGS.within(days(10)).count() >= 1),
        Segment("both", (customer.grade == "gold") & (BRINGS.count() >= 1)),
    ]
)

_meta = sa.MetaData()
_people = sa.Table("people", _meta, sa.Column("id", sa.Text, primary_key=True), sa.Column("grade", sa.Text))
_brought = sa.Table(
    "brought",
    _meta,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("referrer", sa.Text),
    sa.Column("at", sa.BigInteger),
    sa.Column("kind", sa.Text),
)


@pytest.fixture(scope="module")
def engine() -> Iterator[sa.Engine]:
    made = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    _meta.create_all(made)
    yield made
    made.dispose()


LIVES = st.lists(st.tuples(st.sampled_from(GRADES), st.lists(st.integers(0, 40), max_size=4)), min_size=1, max_size=4)


@given(lives=LIVES, later=st.integers(0, 60))
def test_a_database_answers_as_memory_does(engine: sa.Engine, lives: list[tuple[str, list[int]]], later: int) -> None:
    as_of = BEGIN + timedelta(days=later)
    people = {f"c-{number}": _lived(f"c-{number}", *life) for number, life in enumerate(lives)}
    with engine.begin() as connection:
        connection.execute(_people.delete())
        connection.execute(_brought.delete())
        for id, (standing, brought) in people.items():
            connection.execute(_people.insert(), {"id": id, "grade": standing.tier})
            for each in brought:
                at = (each.at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
                row = {"id": each.order, "referrer": each.referrer, "at": at, "kind": referral_event(each).kind}
                connection.execute(_brought.insert(), row)
        found = {row["id"]: row for row in connection.execute(SEGMENTS.select(_TABLES, as_of)).mappings()}
    for id, (standing, brought) in people.items():
        profile = Profile.build(Customer(id, grade=standing.tier), map(referral_event, brought))
        assert SEGMENTS.labels(profile, as_of) == {key for key in SEGMENTS.keys if found[id][key]}


_TABLES = Tables(
    customers=rows(_people, id="id", grade="grade"),
    referrals=rows(_brought, customer="referrer", id="id", at=As(_brought.c.at, Epoch("us")), kind="kind"),
)


def _lived(id: str, grade: str, days_of_orders: list[int]) -> tuple[Standing, list[Referred]]:
    """Whom they referred ordered on these days."""
    brought = [
        Referred(
            referrer=id, friend=f"{id}-friend-{place}", order=f"{id}-order-{place}", at=BEGIN + timedelta(days=day)
        )
        for place, day in enumerate(days_of_orders)
    ]
    return Standing(grade, BEGIN, BEGIN), brought
