"""The same rules about points and credit, asked in memory, of the ledger's own tables and of frames."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeAlias, final

import polars as pl
import pytest
import sqlalchemy as sa
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from retention.customer import Customer
from retention.frames import Frames, Rows
from retention.frames import rows as frame_rows
from retention.loyalty.coupons.held import PROGRAMME
from retention.loyalty.facts import coupon_events, credit_events, points_events
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.reports import history
from retention.money import won
from retention.profile import Fact, Profile
from retention.rules import Rule, coupons, credits, points
from retention.segments import Segment, SegmentSet
from retention.spans import days
from retention.sql import Tables, rows
from retention.storage.sql import SqlLedgerStore, migrate
from retention.storage.sql.facts import coupon_rows, credit_rows, points_rows
from retention.testing.tables import flat
from tests.loyalty.lives import Step, all_steps, live

pytestmark = pytest.mark.no_cover

RULES: dict[str, Rule] = {
    "some": points.balance() > 0,
    "many": points.balance() >= 40,
    "owing": points.balance() < 0,
    "expiring": points.expiring(days(10)) >= 10,
    "reminded": (points.expiring(days(10)) > 0) & (points.balance() >= 20),
    "spender": points.where(points.kind == "spent").count() >= 2,
    "credit": credits.balance() >= won(30),
    "credit-expiring": credits.expiring(days(20)) > won(0),
    "coupons": coupons.held() >= 20,
    "coupons-expiring": (coupons.expiring(days(20)) >= 5) | (coupons.where(coupons.kind == "redeemed").count() > 1),
}
SEGMENTS = SegmentSet([Segment(key, rule) for key, rule in RULES.items()])

_meta = sa.MetaData()
_people = sa.Table(
    "people_with_points", _meta, sa.Column("id", sa.Text, primary_key=True), sa.Column("run", sa.Integer)
)
_runs = count()
KINDS = ("points", "credit", "coupon")


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    engine = sa.create_engine(f"sqlite:///{tmp_path_factory.mktemp('facts')}/ledger.db")
    yield _ready(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def server(postgres_url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(postgres_url)
    yield _ready(engine)
    _meta.drop_all(engine)
    engine.dispose()


def _ready(engine: sa.Engine) -> sa.Engine:
    with engine.begin() as connection:
        migrate(connection)
        _meta.create_all(connection)
    return engine


Histories: TypeAlias = Sequence[tuple[list[Step], list[Step], list[Step]]]
"""Of each customer what was done with points, with credit, and with uses of a coupon."""

HISTORIES = st.lists(st.tuples(all_steps(12), all_steps(8), all_steps(8)), min_size=1, max_size=3)


@settings(max_examples=15)
@given(histories=HISTORIES, later=st.integers(0, 30))
def test_on_sqlite(lite: sa.Engine, histories: Histories, later: int) -> None:
    _check(lite, histories, timedelta(days=later))


@settings(max_examples=5)
@given(histories=HISTORIES, later=st.integers(0, 30))
def test_on_postgresql(server: sa.Engine, histories: Histories, later: int) -> None:
    _check(server, histories, timedelta(days=later))


@final
@frozen
class _Run:
    """Programmes and a coupon of one example alone."""

    number: int

    def account(self, kind: str, customer: str) -> Account:
        match kind:
            case "points":
                return Account(f"mileage {self.number}", customer)
            case "credit":
                return Account(f"credit {self.number}", customer, "KRW")
            case _:
                return Account(PROGRAMME, f"{self.coupon}/{customer}", "uses")

    @property
    def coupon(self) -> str:
        return f"spring {self.number}"

    def tables(self) -> Tables:
        return Tables(
            customers=rows(_people, id="id", where=_people.c.run == self.number),
            points=points_rows(f"mileage {self.number}"),
            credits=credit_rows(f"credit {self.number}"),
            coupons=coupon_rows("another", self.coupon),
            currency="KRW",
        )

    def profile(self, ledger: Ledger, customer: str, now: datetime) -> Profile:
        points_of, credit_of, coupon_of = (self.account(kind, customer) for kind in KINDS)
        facts: list[Fact] = [
            *points_events(points_of, history(ledger, points_of, now=now)),
            *credit_events(credit_of, history(ledger, credit_of, now=now)),
            *coupon_events(coupon_of, history(ledger, coupon_of, now=now)),
        ]
        return Profile.build(Customer(customer), facts)


def _check(engine: sa.Engine, histories: Histories, later: timedelta) -> None:
    ledger, run = Ledger(store=SqlLedgerStore(engine)), _Run(next(_runs))
    people = {f"c-{run.number}-{number}": history for number, history in enumerate(histories)}
    now = max(
        live(steps, run.account(kind, customer), ledger).now
        for customer, several in people.items()
        for kind, steps in zip(KINDS, several, strict=True)
    )
    for kind in KINDS:
        ledger.settle_due(run.account(kind, "anybody").programme, now=now)
    with engine.begin() as connection:
        connection.execute(_people.insert(), [{"id": each, "run": run.number} for each in people])
    profiles, as_of = [run.profile(ledger, each, now) for each in people], now + later
    expected = {each.customer.id: SEGMENTS.labels(each, as_of) for each in profiles}
    assert _asked(engine, run.tables(), as_of) == expected
    assert _on_frames(profiles, as_of) == expected


def _asked(engine: sa.Engine, tables: Tables, as_of: datetime) -> dict[str, frozenset[str]]:
    with engine.connect() as connection:
        found = connection.execute(SEGMENTS.select(tables, as_of)).mappings()
        return {row["id"]: _labels({**row}) for row in found}


def _on_frames(profiles: Sequence[Profile], as_of: datetime) -> dict[str, frozenset[str]]:
    """What a host would write into tables of its own, as the events are."""
    tables = flat(profiles)

    def mapped(name: str, *columns: str) -> Rows[pl.DataFrame]:
        kept = ("customer", "id", "at", "kind", "code", "available_at", "expires_at", *columns)
        cells = [{column: getattr(row[column], "minor", row[column]) for column in kept} for row in tables[name]]
        frame = pl.DataFrame(cells, schema={column: _TYPES.get(column, pl.String) for column in kept})
        return frame_rows(frame, customer="customer", **{column: column for column in kept[1:]})

    frames = Frames(
        customers=frame_rows(pl.DataFrame({"id": [each.customer.id for each in profiles]}), id="id"),
        points=mapped("points", "amount"),
        credits=mapped("credits", "amount"),
        coupons=mapped("coupons", "uses"),
        currency="KRW",
    )
    return {row["id"]: _labels(row) for row in SEGMENTS.label(frames, as_of).to_dicts()}


_INSTANT = pl.Datetime("us", "UTC")
_TYPES: dict[str, Any] = {
    "at": _INSTANT, "available_at": _INSTANT, "expires_at": _INSTANT, "amount": pl.Int64, "uses": pl.Int64,
}  # fmt: skip


def _labels(row: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(key for key in SEGMENTS.keys if row[key])
