"""What cannot work is said when the shop is put together, or where it is asked for, and not at the first message."""

from functools import partial
from typing import Any

import pytest
from attrs import evolve
from sqlalchemy import Engine

from retention import Segment, days, won
from retention.campaigns.errors import CampaignError
from retention.campaigns.steps import Send
from retention.engine import Tokens
from retention.errors import ConfigurationError, FactError, UnknownChoice
from retention.money import usd
from retention.permission import Medium, MessageKind
from retention.rules import orders
from retention.storage.shop.sql import SqlShopStore
from retention.templates import Template, Templates
from tests.engine.shop import ANNA, DAY, NOON, mail, order, shop, told
from tests.engine.test_sending import thanks


def _saying(text: str, **given: Any) -> Templates:
    return Templates([Template("miss-you", Medium.EMAIL, text, subject="x", **given)])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "{{ custmer.name }}",
            "template 'miss-you', text, line 1: nothing is called 'custmer': did you mean 'customer'?",
        ),
        ("a\n{{ fact.total | money }} {{ voucher | default: 'x' }}", "line 2: nothing is called 'voucher'"),
    ],
)
def test_a_template_that_asks_for_what_no_message_has(text: str, said: str) -> None:
    with pytest.raises(CampaignError) as told:
        shop(campaigns=[thanks("mail")], templates=_saying(text))
    assert said in str(told.value)
    assert told.value.step == "it"


def test_a_template_may_ask_for_what_its_step_gives() -> None:
    send = Send("it", template="miss-you", channels=("mail",), expires=days(1), data={"voucher": "BACK"})
    engine = shop(campaigns=[evolve(thanks("mail"), steps=(send,))], templates=_saying("{{ voucher }}"))
    told(engine)
    assert engine.deliver(NOON) == {"sent": 1}


@pytest.mark.parametrize("tokens", [None, Tokens(url="http://shop.example/stop/", secrets={"1": b"k" * 32})])
def test_advertising_by_mail_that_nothing_could_end(tokens: Tokens | None) -> None:
    with pytest.raises(ConfigurationError, match="'thanks' advertises by e-mail, and"):
        shop(campaigns=[thanks("mail")], tokens=tokens)
    assert shop(campaigns=[thanks("mail", kind=MessageKind.TRANSACTIONAL)], tokens=tokens)
    transactional = thanks("mail").steps[0]
    assert isinstance(transactional, Send)
    step = evolve(transactional, kind=MessageKind.SERVICE)
    assert shop(campaigns=[evolve(thanks("mail"), steps=(step,))], tokens=tokens)


def test_segments_in_two_currencies() -> None:
    rich = Segment("rich", orders.total.sum() >= won(500_000))
    wealthy = Segment("wealthy", orders.total.sum() >= usd(500))
    with pytest.raises(ConfigurationError, match="segment 'rich' asks for amounts in KRW and segment 'wealthy' in USD"):
        shop(segments=[rich, wealthy], campaigns=[])


def test_secrets_that_are_text() -> None:
    with pytest.raises(ConfigurationError, match="secret is not bytes"):
        shop(secret="s" * 40)
    with pytest.raises(ConfigurationError, match="secret '1' of tokens is not bytes"):
        Tokens(url="https://shop.example/", secrets={"1": "s" * 40})  # type: ignore[dict-item]


def test_what_is_no_fact_and_what_is_no_customer() -> None:
    engine: Any = shop()
    with pytest.raises(FactError, match=r"Give each by itself: \*facts"):
        engine.handle("anna", [order()], now=NOON)
    with pytest.raises(FactError, match="is not a fact by itself"):
        engine.introduce(ANNA, "order", now=NOON)
    with pytest.raises(FactError, match="customer"):
        engine.handle(17, order(), now=NOON)


def test_what_is_no_receipt_no_consent_and_no_answer() -> None:
    engine: Any = shop()
    with pytest.raises(FactError, match=r"Build Receipt\("):
        engine.report("mail", [None], now=NOON)
    with pytest.raises(FactError, match=r"Build Consent\("):
        engine.consent("anna", None, now=NOON)
    with pytest.raises(FactError, match="what the customer wrote"):
        engine.inbound("mail", "anna", None, now=NOON)


@pytest.mark.parametrize("limit", [-1, "9", None, 1.0])
def test_pages_of_no_size(limit: Any) -> None:
    engine = shop()
    for page in (engine.wake, engine.deliver, partial(engine.members, "dormant"), partial(engine.outbox, "dead")):
        with pytest.raises(FactError, match="limit=1000"):
            page(limit=limit)


def test_pages_larger_than_any_database_counts(sqlite_ledger: Engine) -> None:
    engine, more = shop(SqlShopStore(sqlite_ledger)), 10**30
    told(engine)
    assert engine.wake(NOON + 91 * DAY, limit=more)
    assert engine.members("dormant", limit=more) == ("anna",)
    assert engine.deliver(NOON + 91 * DAY, limit=more) == {"sent": 1}
    assert len(engine.outbox("sent", limit=more)) == 1


def test_questions_that_nobody_can_answer() -> None:
    engine: Any = shop()
    with pytest.raises(ConfigurationError, match="window is no span of time"):
        engine.results("win-back", window=7)
    with pytest.raises(ConfigurationError, match="lift_window is no span of time"):
        engine.results("win-back", window=days(7), lift_window=30)
    with pytest.raises(UnknownChoice, match="dead"):
        engine.outbox("deed")
    with pytest.raises(ConfigurationError, match="consents are by customer"):
        engine.rehearse([], start=NOON, until=NOON, consents=[])


def test_a_message_writes_the_amount_and_the_instant_of_its_order() -> None:
    mailbox = mail()
    text = "{{ fact.total | money }} {{ fact.at | date: '%Y-%m-%d %H:%M' }} {{ fact.lines.0.amount | default: '-' }}"
    engine = shop(
        campaigns=[thanks("mail", kind=MessageKind.TRANSACTIONAL)], channels=[mailbox], templates=_saying(text)
    )
    told(engine)
    assert engine.deliver(NOON) == {"sent": 1}
    assert "50,000원 2026-01-01 12:00 -" in mailbox.delivered[0].content.text


def test_a_message_that_a_template_could_not_write_goes_when_that_is_mended() -> None:
    engine = shop(campaigns=[thanks("mail")], templates=_saying("{{ customer.nme }}"))
    told(engine)
    (refused,) = engine.outbox("refused")
    (reason,) = refused.reasons
    assert (reason.code, "nothing is called 'customer.nme': did you mean 'name'?" in reason.words) == (
        "unrendered",
        True,
    )
    assert engine.redrive(refused.key, now=NOON) == ()
    mended = shop(engine.storage, campaigns=[thanks("mail")], templates=_saying("{{ customer.name }}"))
    assert [each.key for each in mended.redrive(refused.key, now=NOON)] == [refused.key]
    assert mended.deliver(NOON) == {"sent": 1}


def test_what_the_gate_refused_is_refused_again() -> None:
    engine = shop(campaigns=[thanks("mail")])
    engine.handle(ANNA, order(), now=NOON)
    (refused,) = engine.outbox("refused")
    assert engine.redrive(refused.key, now=NOON) == ()
    (again,) = engine.outbox("refused")
    assert again.reasons == refused.reasons
