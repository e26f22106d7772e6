"""What is personal is in no repr, no error and no log: names and addresses that would be seen are looked for."""

import io
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import pytest

from retention import Customer, Order, Profile, won
from retention.campaigns import Call, Campaign, Happens
from retention.channels import MemoryChannel, Outcome, Rejected, Unknown
from retention.channels.errors import ChannelError
from retention.errors import RetentionError
from retention.permission import Draft, Medium, MessageKind, Outbound, Reason
from retention.rules import orders
from retention.storage.shop.memory import MemoryShopStore
from retention.templates import Template, Templates
from tests import canaries
from tests.engine.shop import DAY, MINUTE, NOON, agreed, mail, order, shop, text
from tests.engine.test_sending import thanks

NAME, EMAIL, PHONE, WORDS = "Zanary Quill", "zanary.quill@example.com", "+821087654321", "zanary secret words"
CANARIES = ("zanary", "Zanary", "1087654321", "quill")
BIRD = Customer("c-1", name=NAME, email=EMAIL, phone=PHONE, country="KR", city="Zanaryville", notes="zanary note")


def hits(said: str) -> list[str]:
    return [each for each in CANARIES if each in said]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that anybody logs while a test runs."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield out
    root.removeHandler(handler)
    root.setLevel(before)


TEXTS = Templates(
    [
        Template("miss-you", Medium.EMAIL, f"{{{{ customer.name }}}} {WORDS}", subject="{{ customer.name }}"),
        Template("miss-you", Medium.SMS, f"{{{{ customer.name }}}} {WORDS}"),
    ]
)


class Clumsy(MemoryChannel):
    """A plugin that puts an address into everything it raises."""

    where = "send"

    def validate_address(self, address: str) -> str:
        if self.where == "validate":
            raise ValueError(address)
        return super().validate_address(address)

    def check(self, draft: Draft) -> Sequence[Reason]:
        if self.where == "check":
            raise ValueError(draft.address)
        return ()

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        if self.where == "send":
            raise ValueError(batch[0].address, batch[0].content.text)
        return super().send(batch)


@pytest.mark.parametrize("where", ["validate", "check", "send", "nowhere"])
def test_nothing_that_comes_back_shows_anybody(where: str, log: io.StringIO, capfd: pytest.CaptureFixture[str]) -> None:
    channel = Clumsy("mail", mail().capabilities)
    channel.where = where
    store = MemoryShopStore()
    engine = shop(store, campaigns=[thanks("mail", "text")], channels=[channel, text()], templates=TEXTS)
    seen: list[Any] = [engine.handle(BIRD, now=NOON)]
    seen.append(engine.consent("c-1", agreed(wording=WORDS), now=NOON))
    seen.append(engine.handle("c-1", order(), now=NOON))
    seen.append(engine.deliver(NOON))
    asked = engine.ask("c-1", now=NOON)
    assert asked is not None
    with store.work() as work:
        seen += [work.shoppers(["c-1"]), work.consents(["c-1"]), work.parcels_of("c-1")]
    seen += [asked, asked.profile, asked.messages, asked.consents, engine, engine.shop.policy, channel]
    history = [Profile.build(BIRD, [Order("o1", NOON + MINUTE, total=won(9))])]
    seen.append(engine.rehearse(history, start=NOON, until=NOON + DAY, consents={"c-1": [agreed()]}))
    assert [hits(repr(each)) for each in seen] == [[]] * len(seen)
    assert hits(log.getvalue()) == []
    printed = capfd.readouterr()
    assert hits(printed.out + printed.err) == []


def raised(call: Any) -> str:
    with pytest.raises(RetentionError) as caught:
        call()
    found = caught.value
    return f"{found!s} {found!r} {found.__dict__}"


def test_no_error_of_the_library_shows_anybody(log: io.StringIO) -> None:
    def zone_of(given: Customer) -> Any:
        if failing:
            raise LookupError(given.email)

    failing: list[int] = []
    engine = shop(templates=TEXTS, zone_of=zone_of)
    engine.handle(BIRD, now=NOON)
    engine.handle("c-1", order(), now=NOON)
    told = [
        raised(lambda: engine.handle("c-1", order(at=NOON + DAY), now=NOON)),
        raised(lambda: engine.unsubscribe(f"{EMAIL}.a.b")),
        raised(lambda: engine.consent("c-1", agreed(medium=EMAIL), now=NOON)),
        raised(lambda: engine.report(EMAIL, [], now=NOON)),
        raised(lambda: mail().validate_address(f"{EMAIL} <{EMAIL}>")),
    ]
    failing.append(1)
    told.append(raised(lambda: engine.wake(NOON + 91 * DAY)))
    assert [hits(each) for each in told] == [[]] * len(told)
    assert hits(log.getvalue()) == []


class Repeats(MemoryChannel):
    """A provider that repeats the address in its answers."""

    answers: tuple[Outcome | None, ...] = ()

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        if not self.answers:
            raise ChannelError(f"cannot reach {', '.join(each.address for each in batch)} now")
        return [cast(Outcome, self.answers[0])] * len(batch)

    def query(self, key: str) -> Outcome | None:
        return self.answers[1]


@pytest.mark.parametrize(
    ("answers", "status", "code"),
    [
        ((), "waiting", "rejected-for-now"),
        ((Rejected(reason=f"<{EMAIL.upper()}> is unknown", code=f"550 {EMAIL}"),), "dead", "rejected"),
        ((Unknown(f"no answer for {EMAIL}"),), "waiting", "unknown"),
        ((Unknown("?"), Rejected(reason=EMAIL)), "held", "rejected"),
        ((Unknown("?"), "no answer"), "waiting", "unknown"),
    ],
)
def test_what_a_provider_repeats_of_an_address_is_not_kept(answers: Any, status: str, code: str) -> None:
    channel = Repeats("mail", mail(can_query=True).capabilities)
    channel.answers = answers
    engine = shop(campaigns=[thanks("mail", on_unknown="query")], channels=[channel])
    engine.handle(BIRD, now=NOON)
    engine.consent("c-1", agreed(), now=NOON)
    engine.handle("c-1", order(), now=NOON)
    for minute in range(len(answers) or 1):
        engine.deliver(NOON + minute * MINUTE)
    asked = engine.ask("c-1", now=NOON)
    assert asked is not None
    (message,) = asked.messages
    assert (message.status, message.reasons[0].code) == (status, code)
    assert hits(str(message.reasons).lower()) == []
    canaries.hits.clear()  # what the provider itself raised


def test_erasure_leaves_no_words_of_a_provider() -> None:
    channel = mail()
    channel.outcomes[EMAIL] = Rejected(reason="the mailbox of Ms Feather is closed")
    engine = shop(campaigns=[thanks("mail")], channels=[channel])
    engine.handle(BIRD, now=NOON)
    engine.consent("c-1", agreed(), now=NOON)
    engine.handle("c-1", order(), now=NOON)
    engine.deliver(NOON)
    assert "Feather" in str(engine.outbox("dead"))
    engine.erase("c-1", now=NOON)
    (left,) = engine.outbox("dead")
    assert [(each.code, each.words) for each in left.reasons] == [("rejected", "")]


def test_what_hooks_and_providers_say_is_kept_out_of_reasons() -> None:
    def crm(key: str, customer: str | None, data: Mapping[str, Any]) -> None:
        raise OSError(EMAIL)

    calls = Campaign(
        "calls", kind=MessageKind.SERVICE, entry=Happens(event=orders.any()), steps=(Call("c", hook="crm"),)
    )
    engine = shop(campaigns=[calls], hooks={"crm": crm})
    engine.handle(BIRD, now=NOON)
    engine.handle("c-1", order(), now=NOON)
    engine.deliver(NOON)
    asked = engine.ask("c-1", now=NOON)
    assert asked is not None
    assert hits(str(asked.messages[0].reasons)) == []
