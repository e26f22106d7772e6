"""What is stored is read again without a loss, by this version and every later one."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.campaigns import wire
from retention.campaigns.effects import CallHook, Effect, GrantPoints, IssueCoupon, OpenTicket, SendMessage, SetTag
from retention.campaigns.state import Ended, Run, State
from retention.loyalty.errors import DamagedRecord, NewerRecord
from retention.permission.media import MessageKind
from retention.permission.messages import Button, Content, Draft

GOLDEN = Path(__file__).parents[1] / "golden" / "campaigns"
_AT = datetime(2026, 3, 1, 15, 0, 0, 1, UTC)
_LATER = datetime(2026, 3, 2, 15, tzinfo=UTC)

STATE = State(
    runs=(
        Run(
            subject="장바구니-7",
            number=2,
            version=3,
            began_at=_AT,
            step="remind",
            since=_AT,
            until=_LATER,
            fact="cart/e-1",
            news=_AT,
            laps=1,
            jumps={"again": 1},
        ),
        Run(subject="", number=1, version=1, began_at=_AT, step="hello", ended="goal", ended_at=_LATER),
    ),
    next_date=_LATER,
)
SEND = SendMessage(
    key="cart:1:remind:k:1:0:c-1",
    campaign="cart",
    version=1,
    step="remind",
    kind=MessageKind.MARKETING,
    template="cart-reminder",
    channels=("kakao", "sms"),
    planned_at=_AT,
    expires_at=_LATER,
    topic="carts",
    tags=frozenset({"b", "a"}),
    priority=5,
    on_unknown="hold",
    asked_for=True,
    subject="k",
    data={"subject": "k", "fact": {"amount": {"minor": 12_900, "currency": "KRW"}, "list": [None, []]}},
)
PLAIN = SendMessage(
    key="k",
    campaign="c",
    version=1,
    step="s",
    kind=MessageKind.SERVICE,
    template="t",
    channels=("email",),
    planned_at=_AT,
    expires_at=_LATER,
    topic=None,
    tags=frozenset(),
    priority=0,
    on_unknown="retry",
    asked_for=False,
)
DRAFT = Draft(
    key="cart:1:remind:k:1:0:c-1:kakao",
    kind=MessageKind.MARKETING,
    channel="kakao",
    customer="c-1",
    recipient="r-1",
    address="01012345678",
    content=Content(
        text="(광고) 가게",
        subject="subject",
        html="<p>",
        template="T1",
        variables={"이름": "하나"},
        buttons=(Button("보기", "WL", "https://shop.example"), Button("plain")),
    ),
    planned_at=_AT,
    expires_at=_LATER,
    topic="carts",
    tags=frozenset({"soft"}),
    priority=5,
    asked_for=True,
    unsubscribe="https://shop.example/u",
    on_unknown="query",
    campaign="cart",
    version=1,
    step="remind",
)
BARE = Draft(
    key="k",
    kind=MessageKind.TRANSACTIONAL,
    channel="email",
    customer="c-1",
    recipient="r-1",
    address="a@shop.example",
    content=Content(text=""),
    planned_at=_AT,
    expires_at=_LATER,
)
EFFECTS: dict[str, Effect] = {
    "send": SEND,
    "send-plain": PLAIN,
    "points": GrantPoints(key="k", programme="mileage", amount=100, expires_at=_LATER),
    "points-for-ever": GrantPoints(key="k", programme="mileage", amount=100, expires_at=None),
    "coupon": IssueCoupon(key="k", coupon="tea", expires_at=_LATER),
    "coupon-for-ever": IssueCoupon(key="k", coupon="tea", expires_at=None),
    "tag": SetTag(key="k", tag="vip", remove=False),
    "ticket": OpenTicket(key="k", topic="vip", words=""),
    "hook": CallHook(key="k", hook="crm", data={"x": [1, 2.5, "y", None, True]}),
}
Form = tuple[Callable[[Any], wire.Json], Callable[[wire.Json], Any], object]
FORMS: dict[str, Form] = {
    "state": (wire.state_to_json, wire.state_from_json, STATE),
    "state-empty": (wire.state_to_json, wire.state_from_json, State()),
    "draft": (wire.draft_to_json, wire.draft_from_json, DRAFT),
    "draft-bare": (wire.draft_to_json, wire.draft_from_json, BARE),
    **{name: (wire.effect_to_json, wire.effect_from_json, each) for name, each in EFFECTS.items()},
}


def _text(said: wire.Json) -> str:
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", FORMS)
def test_version_1_is_written_as_ever(name: str) -> None:
    write, _, value = FORMS[name]
    assert _text(write(value)) == (GOLDEN / f"{name}.v1.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FORMS)
def test_version_1_is_read_as_ever(name: str) -> None:
    _, read, value = FORMS[name]
    assert read(json.loads((GOLDEN / f"{name}.v1.json").read_text(encoding="utf-8"))) == value


def test_every_golden_file_and_every_effect_has_its_form() -> None:
    assert {f"{name}.v1.json" for name in FORMS} == {path.name for path in GOLDEN.glob("*.json")}
    assert {type(each) for each in EFFECTS.values()} == set(get_args(Effect))


_instants = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
_runs = st.builds(
    Run,
    subject=st.text(max_size=3),
    number=st.integers(1, 9),
    version=st.integers(1, 9),
    began_at=_instants,
    step=st.text(min_size=1, max_size=3),
    since=st.none() | _instants,
    until=st.none() | _instants,
    fact=st.none() | st.text(max_size=3),
    news=st.none() | _instants,
    laps=st.integers(0, 9),
    jumps=st.dictionaries(st.text(max_size=3), st.integers(1, 5), max_size=2),
    ended=st.none() | st.sampled_from(get_args(Ended)),
    ended_at=st.none() | _instants,
)


@given(st.builds(State, runs=st.lists(_runs, max_size=3).map(tuple), next_date=st.none() | _instants))
def test_a_state_comes_back_as_it_was(state: State) -> None:
    assert wire.state_from_json(json.loads(json.dumps(wire.state_to_json(state)))) == state


def test_reading_changes_nothing_of_what_is_read() -> None:
    for write, read, value in FORMS.values():
        said = write(value)
        before = json.dumps(said)
        read(said)
        assert json.dumps(said) == before


@pytest.mark.parametrize("name", FORMS)
def test_a_newer_version_is_refused(name: str) -> None:
    write, read, value = FORMS[name]
    with pytest.raises(NewerRecord):
        read({**write(value), "v": 2})


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("state", {"v": "1"}),
        ("state", {"next_date": "soon"}),
        ("state", {"runs": [{}]}),
        ("state", {"runs": 7}),
        ("state", {"colour": "red"}),
        ("send", {"kind": "spam"}),
        ("send", {"channels": [7]}),
        ("send", {"on_unknown": "pray"}),
        ("send", {"planned_at": 1.5}),
        ("send", {"effect": "explode"}),
        ("send", {"key": None}),
        ("draft", {"content": {}}),
        ("draft", {"content": {"text": 7}}),
        ("draft", {"kind": None}),
        ("draft", {"address": 7}),
    ],
)
def test_a_damaged_document_is_refused(name: str, damage: wire.Json) -> None:
    write, read, value = FORMS[name]
    with pytest.raises(DamagedRecord):
        read({**write(value), **damage})


@pytest.mark.parametrize(
    "damage",
    [{"ended": "never"}, {"subject": 7}, {"number": "1"}, {"jumps": {"j": "1"}}, {"until": True}, {"laps": 1.0}],
)
def test_a_damaged_run_is_refused(damage: wire.Json) -> None:
    said = wire.state_to_json(STATE)
    with pytest.raises(DamagedRecord, match="state"):
        wire.state_from_json({**said, "runs": [{**said["runs"][0], **damage}]})


def test_an_address_is_in_no_error() -> None:
    with pytest.raises(DamagedRecord) as caught:
        wire.draft_from_json({**wire.draft_to_json(DRAFT), "priority": [], "version": {}, "x": "01012345678"})
    assert "0101234" not in str(caught.value)


@pytest.mark.parametrize("name", wire.UPGRADES)
def test_every_older_version_has_a_step_to_the_next(name: str) -> None:
    assert sorted(wire.UPGRADES[name]) == list(range(1, wire.VERSION))
