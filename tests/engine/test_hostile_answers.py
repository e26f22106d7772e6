"""What channels answer and customers are called: one of them harms no other, and no spelling is a way round."""

from collections.abc import Sequence
from typing import Any

import pytest

from retention import Customer
from retention.channels.addresses import mailbox
from retention.channels.memory import MemoryChannel
from retention.channels.protocol import Accepted, Outcome, Receipt, Rejected, Unknown
from retention.engine import ForgedToken, Retention
from retention.loyalty.errors import DamagedRecord
from retention.permission import MessageKind, Outbound
from retention.storage.shop import wire
from retention.storage.shop.records import Shopper
from tests import canaries
from tests.engine.shop import ANNA, DAY, NOON, agreed, mail, order, shop
from tests.engine.test_sending import HOUR, thanks


class Strict(MemoryChannel):
    """Writes addresses in one way, as SMTP does."""

    def validate_address(self, address: str) -> str:
        return mailbox(address)


def _mails(engine: Retention, id: str, email: str, day: int) -> list[str]:
    """Why what an order brings may not go to somebody new with that address; none if it may."""
    at = NOON + day * DAY
    engine.handle(Customer(id, email=email, country="KR"), now=at)
    engine.consent(id, agreed(at), now=at)
    (parcel,) = engine.handle(id, order(f"of {id} on {day}", at), now=at).parcels
    return [] if parcel.status == "waiting" else [each.code for each in parcel.reasons]


@pytest.mark.parametrize("other", ["anna@xn--3e0b707e.kr", "ANNA@한국.kr", "anna@한국\u3002kr", "anna@한\u00ad국.kr"])
@pytest.mark.parametrize("what", ["complaint", "erased"])
def test_an_address_is_suppressed_in_every_spelling(what: str, other: str) -> None:
    channel = Strict("mail", mail(receipts=frozenset({"complained"})).capabilities)
    engine = shop(campaigns=[thanks("mail")], channels=[channel])
    assert _mails(engine, "anna", "anna@한국.kr", 0) == []
    if what == "erased":
        engine.erase("anna", now=NOON)
    else:
        assert engine.deliver(NOON) == {"sent": 1}
        (sent,) = engine.outbox("sent")
        complaint = Receipt(provider_id=sent.provider_id or "", status="complained", at=NOON)
        engine.report("mail", [complaint], now=NOON)
        assert _mails(engine, "anna", "anna@한국.kr", 1) == ["complaint"]
    assert _mails(engine, "ben", other, 2) == [what]


@pytest.mark.parametrize(
    "answer",
    [
        Rejected(reason=None),  # type: ignore[arg-type]
        Rejected(reason="no", suppress=True, suppress_as="hard-bounce"),  # type: ignore[arg-type]
        Rejected(reason="no", code=550),  # type: ignore[arg-type]
        Unknown(5),  # type: ignore[arg-type]
        "sent",
    ],
)
def test_nonsense_is_no_answer_and_is_kept_from_the_store(answer: Any) -> None:
    class Plugin(MemoryChannel):
        def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
            return [answer if each.address.startswith("ben") else Accepted(each.key) for each in batch]

    campaign = thanks("mail", kind=MessageKind.TRANSACTIONAL, on_unknown="hold")
    engine = shop(campaigns=[campaign], channels=[Plugin("mail", mail().capabilities)])
    for id in ("anna", "ben", "cleo"):
        engine.handle(Customer(id, email=f"{id}@example.com"), order(), now=NOON)
    assert engine.deliver(NOON) == {"sent": 2, "held": 1}
    assert [each.customer for each in engine.outbox("held")] == ["ben"]
    assert engine.erase("ben", now=NOON + HOUR)


@pytest.mark.parametrize("part", ["segments", "next_changes", "known_at", "definitions", "customer", "v"])
@pytest.mark.parametrize("value", ["sera@example.com", ["sera@example.com"], {"a": "sera@example.com"}, 1.5])
def test_no_error_of_reading_repeats_what_is_stored(part: str, value: Any) -> None:
    said = {**wire.shopper_to_json(Shopper(customer=ANNA, known_at=NOON)), part: value}
    try:
        wire.shopper_from_json(said)
    except DamagedRecord as problem:
        causes: list[BaseException] = [problem]
        while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
            causes.append(cause)
        assert not [each for each in causes if "sera" in repr(each) or "sera" in str(each)]
    canaries.hits.clear()  # of a customer whose hash of definitions is an address


@pytest.mark.parametrize("token", [None, 7, b"x.y.z", [], "x", "x.y", "x.y.z", "..", "ü.y.z"])
def test_what_is_no_token_is_a_forged_one(token: Any) -> None:
    engine = shop()
    for call in (engine.unsubscribe, engine.confirm):
        with pytest.raises(ForgedToken):
            call(token, now=NOON)
