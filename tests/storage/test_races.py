"""Eight processes on one ledger, 800 commands or 80 orders at a checkout: each unit is spent once (invariants 11 and
13). The figures are printed."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

import pytest
from attrs import frozen
from sqlalchemy import Engine

from retention.loyalty.coupons.held import account_of
from retention.loyalty.ledger.entries import Bucket
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.rebuild import rebuild
from retention.loyalty.ledger.store import LedgerStore
from retention.money import won
from retention.storage.sql import SqlLedgerStore
from retention.testing.ledger_processes import Workers
from retention.testing.ledger_scenes import NOW, giving, run
from tests.storage import scenarios
from tests.storage.openers import open_sql
from tests.storage.scenarios import Tally

pytestmark = pytest.mark.no_cover

Work: TypeAlias = Callable[[LedgerStore, int], Tally]


@frozen
class Race:
    """Runs a scenario in all processes on one database, and prints what came of it."""

    engine: Engine
    store: SqlLedgerStore
    workers: Workers
    capture: pytest.CaptureFixture[str]

    def __call__(self, work: Work) -> tuple[int, int]:
        """How many succeeded and how many were refused."""
        url = self.engine.url.render_as_string(hide_password=False)
        tallies = self.workers.run(work, partial(open_sql, url))
        names = ("succeeded", "refused", "conflicts")
        succeeded, refused, conflicts = (sum(getattr(each, name) for each in tallies) for name in names)
        with self.capture.disabled():
            sys.stderr.write(
                f"\nledger, {self.workers.count} processes on {self.engine.dialect.name}, {work.__name__}: "
                f"{succeeded} succeeded, {refused} refused, {conflicts} batches came too late, "
                f"{max(each.seconds for each in tallies):.1f} s\n"
            )
        return succeeded, refused


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(8) as processes:
        yield processes


@pytest.fixture
def race(ledger_engine: Engine, workers: Workers, capfd: pytest.CaptureFixture[str]) -> Race:
    return Race(ledger_engine, SqlLedgerStore(ledger_engine), workers, capfd)


def _check(store: LedgerStore, account: Account, **buckets: int) -> None:
    """The account holds this, and its head is that of its entries."""
    head = store.load(account).head
    assert {bucket: amount for bucket, amount in head.totals.items() if amount} == {
        Bucket(name): amount for name, amount in buckets.items() if amount
    }
    assert rebuild(account, Ledger(store=store).entries(account), version=head.version) == head


def test_800_redemptions_of_1_from_300_points(race: Race) -> None:
    run(race.store, scenarios.POINTS, giving(300, "give"))
    assert race(scenarios.redeem) == (300, 500)
    _check(race.store, scenarios.POINTS, issued=-300, spent=300)


def test_80_orders_of_eight_customers_use_a_coupon_that_is_good_for_30(race: Race) -> None:
    assert race(scenarios.use_coupon) == (30, 50)
    _check(race.store, account_of(scenarios.COUPON), issued=-30, spent=30)
    used = 0
    for number in range(8):
        own = account_of(scenarios.COUPON, customer=f"customer-{number}")
        spent = race.store.load(own).head.totals[Bucket.SPENT]
        _check(race.store, own, issued=-scenarios.ORDERS, available=scenarios.ORDERS - spent, spent=spent)
        used += spent
    assert used == 30


def test_80_payments_of_1_000_with_a_gift_card_of_30_000(race: Race) -> None:
    account, activation = scenarios.CARDS.activation(
        Ledger(store=race.store), scenarios.CODE, won(30_000), sale="sale", at=NOW
    )
    run(race.store, account, activation)
    assert race(scenarios.pay_with_card) == (30, 50)
    _check(race.store, account, issued=-30_000, spent=30_000)


def test_800_transfers_to_and_fro_lose_nothing(race: Race) -> None:
    for account in scenarios.TRAVELLERS:
        run(race.store, account, giving(100, "give"))
    succeeded, refused = race(scenarios.transfer)
    assert succeeded + refused == 800
    assert succeeded > 0
    heads = [race.store.load(account).head for account in scenarios.TRAVELLERS]
    assert sum(head.available for head in heads) == 400
    assert race.store.totals("mileage")["points"] == {
        **dict.fromkeys(Bucket, 0),
        Bucket.ISSUED: -400,
        Bucket.AVAILABLE: 400,
    }
    for head in heads:
        _check(race.store, head.account, issued=-100, available=head.available, merged=100 - head.available)


def test_eight_accounts_earn_for_the_same_100_orders_once(race: Race) -> None:
    assert race(scenarios.earn_for_orders) == (100, 700)
    assert race.store.totals("mileage")["points"][Bucket.AVAILABLE] == 100
