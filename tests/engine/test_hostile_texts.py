"""Texts that databases do not hold: refused by name at the door, the same on every store, and never shown."""

import traceback
from collections.abc import Callable, Iterator
from hashlib import sha256

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from retention import CartEvent, Customer, Order, won
from retention.activity import Event, SurveyAnswer
from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Happens
from retention.campaigns.steps import GiveCoupon, GivePoints, Send
from retention.channels.protocol import Receipt
from retention.checks import LONGEST_ID
from retention.engine import Retention
from retention.errors import FactError, UnstorableValue
from retention.loyalty.keys import joined
from retention.permission import MessageKind
from retention.rules import orders
from retention.schema import STANDARD, Kind
from retention.spans import days
from retention.storage.shop.memory import MemoryShopStore
from retention.storage.shop.port import ShopStore
from retention.storage.shop.sql import SqlShopStore
from tests.engine.shop import ANNA, MINUTE, NOON, mail, shop, told

UNSTORABLE = ("sera\0park", "half \ud83d", "s" * (LONGEST_ID + 1), "세" * 167)
TEXTS = UNSTORABLE[:2]
LONGEST = "".join(sha256(bytes([part])).hexdigest() for part in range(8))[:LONGEST_ID]  # nothing makes this shorter


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[ShopStore]:
    if request.param == "memory":
        yield MemoryShopStore()
        return
    engine: Engine = request.getfixturevalue(f"{request.param}_ledger")
    yield SqlShopStore(engine)


CALLS: dict[str, Callable[[Retention, str], object]] = {
    "customer": lambda engine, text: engine.handle(Customer(text), now=NOON),
    "customer by id": lambda engine, text: engine.handle(text, now=NOON),
    "order": lambda engine, text: engine.handle("anna", Order(text, NOON, total=won(1)), now=NOON),
    "fact": lambda engine, text: engine.handle("anna", SurveyAnswer(text, NOON), now=NOON),
    "own fact": lambda engine, text: engine.handle("anna", Event("drives", text, NOON), now=NOON),
    "product": lambda engine, text: engine.handle(
        "anna", CartEvent("c", NOON, kind="added", product_id=text), now=NOON
    ),
    "ask": lambda engine, text: engine.ask(text, now=NOON),
    "erase": lambda engine, text: engine.erase(text, now=NOON),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("text", UNSTORABLE, ids=["nul", "surrogate", "long", "long in bytes"])
def test_an_id_that_no_table_holds_is_refused_at_the_door(store: ShopStore, call: str, text: str) -> None:
    engine = shop(store)
    with pytest.raises(FactError) as caught:
        CALLS[call](engine, text)
    assert text not in "".join(traceback.format_exception(caught.value))
    assert engine.ask("anna", now=NOON) is None


PEOPLE: dict[str, Callable[[str], Customer]] = {
    "name": lambda text: Customer("anna", name=text),
    "tag": lambda text: Customer("anna", tags={text}),
    "attribute": lambda text: Customer("anna", attributes={"nickname": text}),
}


@pytest.mark.parametrize("place", PEOPLE)
@pytest.mark.parametrize("text", TEXTS, ids=["nul", "surrogate"])
def test_a_text_that_no_table_holds_is_refused_at_the_door(store: ShopStore, place: str, text: str) -> None:
    engine = shop(store, schema=STANDARD.extend(attributes={"nickname": Kind.TEXT}))
    with pytest.raises(FactError) as caught:
        engine.handle(PEOPLE[place](text), now=NOON)
    assert text not in "".join(traceback.format_exception(caught.value))
    assert engine.ask("anna", now=NOON) is None


THANKS = Campaign(
    "thanks",
    kind=MessageKind.TRANSACTIONAL,
    entry=Happens(event=orders.any(), each="id"),
    steps=(
        GivePoints("gift", amount=10, programme="mileage"),
        GiveCoupon("coupon", coupon="BACK10"),
        Send("hello", template="miss-you", channels=("mail",), expires=days(3)),
    ),
)


def test_the_longest_ids_live_through_everything(store: ShopStore) -> None:
    """Their keys are made of several of them, and go into indexes."""
    engine = shop(store, campaigns=[THANKS], channels=[mail()])
    placed = [Order(LONGEST[:-1] + last, NOON, total=won(9_900)) for last in ("x", "y")]
    engine.handle(Customer(LONGEST, email="sera@example.com", country="KR"), *placed, now=NOON)
    assert engine.deliver(NOON) == {"sent": 2}
    [first, second] = engine.outbox("sent")
    assert first.key != second.key
    names = [each.provider_id or "" for each in (first, second)]
    engine.report("mail", [Receipt(provider_id=each, status="delivered", at=NOON) for each in names], now=NOON)
    asked = engine.ask(LONGEST, now=NOON + MINUTE)
    assert asked is not None
    assert engine.erase(LONGEST, now=NOON + MINUTE)


@pytest.mark.parametrize("name", ["a\0b", "half \ud83d", "x" * 8_000, ""])
def test_a_report_of_what_no_message_can_be_called_is_let_go(store: ShopStore, name: str) -> None:
    engine = shop(store)
    told(engine)
    assert engine.report("mail", [Receipt(provider_id=name, status="bounced", at=NOON)], now=NOON) == ()


@pytest.mark.parametrize("text", TEXTS, ids=["nul", "surrogate"])
def test_what_reaches_the_database_all_the_same_is_not_shown(postgres_ledger: Engine, text: str) -> None:
    engine = shop(SqlShopStore(postgres_ledger))
    engine.handle(ANNA, now=NOON)
    for call in (
        lambda: engine.members("buyers", after=text),
        lambda: engine.outbox("held", after=text),
        lambda: engine.redrive(text, now=NOON),
        lambda: engine.settle(text, sent=True, now=NOON),
    ):
        with pytest.raises(UnstorableValue) as caught:
            call()
        shown = "".join(traceback.format_exception(caught.value))
        assert not [each for each in ("sera", "half", "park") if each in shown]


def test_an_error_of_the_database_shows_no_parameters(sqlite_ledger: Engine) -> None:
    """They are customers; an engine of SQLAlchemy shows them unless it was made with hide_parameters."""
    with sqlite_ledger.begin() as connection:
        refuses = "CREATE TRIGGER full BEFORE INSERT ON retention_shoppers BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        connection.exec_driver_sql(refuses)
    with pytest.raises(IntegrityError, match="disk full") as caught:
        shop(SqlShopStore(sqlite_ledger)).handle(ANNA, now=NOON)
    shown = "".join(traceback.format_exception(caught.value))
    assert not [each for each in ("sera@", str(ANNA.name), str(ANNA.phone)) if each in shown]


def test_keys_of_long_ids_are_short_and_differ() -> None:
    whole, other = joined("thanks", LONGEST, "1"), joined("thanks", LONGEST[:-1] + "x", "1")
    assert whole != other
    assert max(len(whole), len(other), len(joined(":" * LONGEST_ID, "세" * 166).encode())) <= 300
    assert joined("a" * 299) == "a" * 299
    assert joined(whole) != whole
