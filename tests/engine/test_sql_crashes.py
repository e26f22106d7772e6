"""Crash points on PostgreSQL: processes killed by SIGKILL at each point; nothing is lost and nothing is done twice."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from time import sleep

import pytest
from sqlalchemy import Engine

from retention.engine import Retention
from retention.loyalty import Account
from retention.storage.shop.records import Parcel
from tests.engine.crash_provider import Provider, provider
from tests.engine.crash_worker import (
    LATER,
    SOON,
    OnUnknown,
    World,
    begun,
    delivers,
    delivers_by_the_clock,
    lose_connections,
    mortal,
    new_thanks,
    orders_something,
    reports,
    thanks,
    wakes,
    withdraws,
)
from tests.engine.shop import ANNA, DAY, MINUTE, NOON, agreed, order

ENDS = ("sent", "held")
IN_DELIVERY = (
    "before claiming",
    "after claiming",
    "half sent",
    "sent",
    "answered",
    "before marking",
    "after marking",
)
"""Before and after are those of a commit."""


@pytest.fixture
def shops_provider() -> Iterator[Provider]:
    """One that knows keys."""
    with provider() as found:
        yield found


def signed_up(engine: Retention) -> Retention:
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(), now=NOON)
    return engine


def messages(engine: Retention) -> list[Parcel]:
    asked = engine.ask("anna", now=NOON)
    assert asked is not None
    return [*asked.messages]


def points(engine: Retention) -> int:
    with engine.storage.work() as work:
        return work.ledger.load(Account("mileage", "anna")).head.available


def waits_for(condition: Callable[[], object]) -> None:
    """The server lets go of a dead process's locks as soon as it finds out."""
    for _ in range(SOON * 100):
        if condition():
            return
        sleep(0.01)
    raise AssertionError("it never came")


@pytest.mark.parametrize("point", ["before planning", "after planning"])
@pytest.mark.parametrize("call", [orders_something, wakes])
def test_killed_around_the_commit_of_what_is_planned(
    postgres_ledger: Engine, shops_provider: Provider, call: Callable[[Retention], object], point: str
) -> None:
    """The host makes the call again; what it planned is there once, and so are the points."""
    world = World.of(postgres_ledger, shops_provider)
    engine = signed_up(world.shop(postgres_ledger))
    if call is wakes:
        orders_something(engine)
    before = len(messages(engine))
    mortal(world, call, at=point).dies()
    assert len(messages(engine)) == before + (point == "after planning")
    for _ in range(2):
        call(engine)
    assert len(messages(engine)) == before + 1
    assert points(engine) == 10
    assert engine.deliver(NOON + DAY) == {"sent": before + 1}
    assert [*shops_provider.taken.values()] == [1] * (before + 1)


@pytest.mark.parametrize("point", IN_DELIVERY)
@pytest.mark.parametrize("on_unknown", ["retry", "query", "hold"])
def test_killed_in_a_delivery(postgres_ledger: Engine, on_unknown: OnUnknown, point: str) -> None:
    """Another worker goes on when the lease is over. Only where it is to be sent again does the provider know keys."""
    with provider(idempotent=on_unknown == "retry") as found:
        world = World.of(postgres_ledger, found, on_unknown=on_unknown)
        engine = signed_up(world.shop(postgres_ledger))
        orders_something(engine)
        process = mortal(world, delivers, at=point)
        if point in ("sent", "answered"):
            waits_for(lambda: found.taken.total() == 1)
        process.dies()
        if point != "before claiming":
            assert not engine.deliver(LATER - MINUTE), "it is leased, or done"
        waits_for(lambda: engine.deliver(LATER) or messages(engine)[0].status in ENDS)
        while engine.deliver(LATER):
            pass
        (message,) = messages(engine)
        certain = point in ("before claiming", "after marking")
        assert message.status == ("held" if on_unknown == "hold" and not certain else "sent")
        never = message.status == "held" and point in ("after claiming", "half sent")
        assert found.taken.total() == (0 if never else 1)
        assert found.asked.total() <= (2 if on_unknown == "retry" else 1)
        assert points(engine) == 10


def test_stalled_past_its_lease_between_the_gate_and_the_channel(
    postgres_ledger: Engine, shops_provider: Provider
) -> None:
    """It finds that its time is over and sends nothing: another has."""
    world = World.of(postgres_ledger, shops_provider, lease=timedelta(seconds=4))
    engine = signed_up(world.shop(postgres_ledger))
    engine.handle("anna", order("o1", engine.clock()))
    process = mortal(world, delivers_by_the_clock, at="after claiming")
    process.stalls()
    waits_for(lambda: engine.deliver() == {"sent": 1})
    process.resumes()
    assert process.goes_on() == {}
    assert [each.attempt for each in messages(engine)] == [2]
    assert shops_provider.asked.total() == 1


def test_stalled_past_its_lease_in_the_call_of_the_channel(postgres_ledger: Engine, shops_provider: Provider) -> None:
    """The provider is given it twice under one key, and the note of the one that stalled is not stored."""
    world = World.of(postgres_ledger, shops_provider, lease=timedelta(seconds=4))
    engine = signed_up(world.shop(postgres_ledger))
    engine.handle("anna", order("o1", engine.clock()))
    process = mortal(world, delivers_by_the_clock, at="sent")
    process.stalls()
    waits_for(lambda: engine.deliver() == {"sent": 1})
    process.resumes()
    assert process.goes_on() == {}, "the attempt is not its own any more"
    assert [(each.status, each.attempt) for each in messages(engine)] == [("sent", 2)]
    assert [*shops_provider.asked.values()] == [2]
    assert [*shops_provider.taken.values()] == [1]


@pytest.mark.parametrize("point", ["before reporting", "after reporting", "before planning", "after planning"])
def test_killed_in_a_webhook(postgres_ledger: Engine, shops_provider: Provider, point: str) -> None:
    """The provider had no answer and reports again: each report counts once."""
    world = World.of(postgres_ledger, shops_provider)
    engine = signed_up(world.shop(postgres_ledger))
    orders_something(engine)
    engine.deliver(NOON)
    (message,) = messages(engine)
    reported = [(message.provider_id, status, NOON.isoformat()) for status in ("delivered", "complained")]
    body = json.dumps(reported).encode()
    mortal(world, reports, body, at=point).dies()
    assert (messages(engine)[0].receipt is None) == (point != "after planning")
    for _ in range(2):
        reports(engine, body)
    asked = engine.ask("anna", now=NOON)
    assert asked is not None
    told = [asked.profile.cell(each, "kind") for each in asked.profile.rows("messages")]
    assert sorted(map(str, told)) == ["complained", "delivered"]
    engine.handle("anna", order("o2"), now=NOON)
    assert [each.code for each in messages(engine)[-1].reasons] == ["complaint"]


@pytest.mark.parametrize("point", ["before planning", "after planning"])
def test_killed_in_a_withdrawal_with_a_message_on_its_way(
    postgres_ledger: Engine, shops_provider: Provider, point: str
) -> None:
    """What was stored holds for every claim after it; what was not, the host says again."""
    world = World.of(postgres_ledger, shops_provider)
    engine = signed_up(world.shop(postgres_ledger))
    orders_something(engine)
    mortal(world, delivers, at="after claiming").dies()
    mortal(world, withdraws, at=point).dies()
    if point == "before planning":
        withdraws(engine)
    assert engine.deliver(LATER) == {"held": 1}, "of what was claimed before nobody knows whether it went out"
    assert not shops_provider.asked


def test_a_claim_waits_for_a_withdrawal_that_is_being_stored(postgres_ledger: Engine, shops_provider: Provider) -> None:
    world = World.of(postgres_ledger, shops_provider)
    engine = signed_up(world.shop(postgres_ledger))
    orders_something(engine)
    withdrawal = mortal(world, withdraws, at="before planning")
    worker = begun(world, delivers, at="nowhere")
    assert not worker.wire.poll(0.5), "the customer is locked"
    withdrawal.goes_on()
    assert worker.result() == {"refused": 1}
    assert not shops_provider.asked


@pytest.mark.parametrize("point", ["before claiming", "before marking"])
def test_a_commit_that_fails_in_a_delivery(postgres_ledger: Engine, shops_provider: Provider, point: str) -> None:
    """The server goes away at the commit of the claim, and at that of the mark."""
    world = World.of(postgres_ledger, shops_provider)
    engine = signed_up(world.shop(postgres_ledger))
    orders_something(engine)
    process = mortal(world, delivers, at=point)
    lose_connections(postgres_ledger)
    assert process.goes_on() == "OperationalError"
    waits_for(lambda: engine.deliver(LATER) == {"sent": 1})
    assert [*shops_provider.taken.values()] == [1]


def test_a_commit_that_fails_while_planning(postgres_ledger: Engine, shops_provider: Provider) -> None:
    world = World.of(postgres_ledger, shops_provider)
    engine = signed_up(world.shop(postgres_ledger))
    process = mortal(world, orders_something, at="before planning")
    lose_connections(postgres_ledger)
    assert process.goes_on() == "OperationalError", "nothing is said to be done"
    assert not messages(engine)
    assert points(engine) == 0
    orders_something(engine)
    assert points(engine) == 10
    assert engine.deliver(NOON) == {"sent": 1}


@pytest.mark.parametrize("point", ["after claiming", "sent", "before marking"])
def test_killed_with_the_campaign_changed_before_another_goes_on(
    postgres_ledger: Engine, shops_provider: Provider, point: str
) -> None:
    """A run that began with a version ends with it, and nobody comes in twice."""
    world = World.of(postgres_ledger, shops_provider)
    orders_something(signed_up(world.shop(postgres_ledger)))
    process = mortal(world, delivers, at=point)
    if point != "after claiming":
        waits_for(lambda: shops_provider.taken.total() == 1)
    process.dies()
    engine = world.shop(postgres_ledger, campaigns=[thanks("retry"), new_thanks("retry")])
    orders_something(engine)
    waits_for(lambda: engine.deliver(LATER) == {"sent": 1})
    engine.wake(NOON + DAY)
    engine.handle("anna", order("o2", NOON + DAY), now=NOON + DAY)
    assert engine.deliver(NOON + DAY) == {"sent": 2}
    sent = [(each.effect.version, each.effect.step) for each in messages(engine)]  # type: ignore[union-attr]
    assert sorted(sent) == [(1, "again"), (1, "it"), (2, "new")]
    assert [*shops_provider.taken.values()] == [1, 1, 1]
    assert points(engine) == 510
