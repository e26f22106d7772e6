"""What is allowed for a while: the same as asking twice."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from retention.permission import (
    SHIPPED,
    Allowed,
    Cap,
    Content,
    Hours,
    Jurisdiction,
    Medium,
    MessageKind,
    SendWindow,
)
from retention.permission.jurisdictions import OptOut, SendingHours, Showing
from retention.permission.policy import Over
from retention.spans import TICK, days, hours
from tests.permission.scene import (
    CONSENTS,
    NOON,
    POLICY,
    SEOUL,
    ask,
    capabilities,
    codes,
    consent,
    draft,
    person,
    sent,
    until,
)

MINUTE = timedelta(minutes=1)
EVENING = datetime(2026, 11, 23, 20, 59, 30, tzinfo=SEOUL)
_HOURS = SendingHours(
    source="s", week=(Hours(time(9), time(18)),), media=frozenset(Medium), until=NOON.date() + timedelta(days=3)
)
RULES = SHIPPED.having({"KR": Jurisdiction("test", (OptOut(source="s", media=frozenset({Medium.PUSH})), _HOURS))})


def test_what_stops_being_allowed_meanwhile_waits_from_now_on() -> None:
    assert isinstance(ask(now=EVENING), Allowed)
    answer = ask(now=EVENING, lasting=MINUTE)
    assert until(answer) == datetime(2026, 11, 24, 8, tzinfo=SEOUL)
    assert codes(answer) == ("quiet-hours",)
    assert isinstance(ask(now=EVENING - MINUTE, lasting=timedelta(seconds=89)), Allowed)


def test_what_expires_meanwhile_is_refused() -> None:
    assert codes(ask(draft(expires_at=NOON + MINUTE), lasting=MINUTE)) == ("expired",)
    assert isinstance(ask(draft(expires_at=NOON + MINUTE + TICK), lasting=MINUTE), Allowed)


def test_a_rule_of_the_next_day_counts() -> None:
    late = datetime(2026, 11, 23, 23, 59, 30, tzinfo=SEOUL)
    label = Showing(source="s", since=late.date() + timedelta(days=1), content=SHIPPED.of("KR").content(NOON.date()))
    rules = SHIPPED.having({"KR": Jurisdiction("test", (label,))})
    plain = draft(Medium.PUSH, content=Content(text="hello"))
    assert isinstance(ask(plain, now=late, jurisdictions=rules), Allowed)
    assert "label-missing" in codes(ask(plain, now=late, jurisdictions=rules, lasting=MINUTE))


def test_the_instant_of_sending_is_the_first() -> None:
    answer = ask(lasting=MINUTE)
    assert isinstance(answer, Allowed)
    assert answer.message.sent_at == NOON


_AT = st.datetimes(datetime(2026, 11, 22), datetime(2026, 11, 30), timezones=st.just(UTC))


@given(
    now=_AT,
    lasting=st.sampled_from((TICK, MINUTE, timedelta(hours=5), timedelta(hours=30))),
    medium=st.sampled_from((Medium.SMS, Medium.EMAIL, Medium.PUSH, Medium.WHATSAPP)),
    kind=st.sampled_from((MessageKind.MARKETING, MessageKind.SERVICE)),
    expires=st.timedeltas(timedelta(hours=1), timedelta(days=9)),
    written=st.lists(st.timedeltas(timedelta(), timedelta(days=8)), max_size=3),
    over=st.sampled_from(("skip", "defer")),
    asked=st.sampled_from(("pending", "given", "withdrawn")),
    window=st.booleans(),
    other=st.booleans(),
)
def test_it_is_asking_now_and_then(
    now: datetime,
    lasting: timedelta,
    medium: Medium,
    kind: MessageKind,
    expires: timedelta,
    written: list[timedelta],
    over: Over,
    asked: str,
    window: bool,
    other: bool,
) -> None:
    line = consent(medium.consent, asked, now - timedelta(days=6, hours=22))
    to = person(
        consents=(*CONSENTS, line) if asked == "withdrawn" else (line,),
        sent=tuple(sent(now - each, medium) for each in written),
        wrote={medium: now - timedelta(hours=20)},
    )
    caps = (Cap(key="day", limit=1, window=days(1), over=over), Cap(key="hours", limit=2, window=hours(40), over=over))
    opens = SendWindow(time(8), time(20, 50), "Asia/Seoul", frozenset({kind}))
    more: dict[str, Any] = {
        "to": to,
        "by": capabilities(medium, window=opens if window else None),
        "policy": evolve(POLICY, caps=caps),
        "jurisdictions": RULES if other else SHIPPED,
    }
    message = draft(medium, kind, expires_at=NOON + expires)
    first, then = ask(message, now=now, **more), ask(message, now=now + lasting, **more)
    both = ask(message, now=now, lasting=lasting, **more)
    if not isinstance(first, Allowed):
        assert both == first
    elif isinstance(then, Allowed):
        assert isinstance(both, Allowed)
    else:
        assert both == then
