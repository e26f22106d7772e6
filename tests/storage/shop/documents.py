"""Documents that hold everything their kind can hold, and Hypothesis strategies for any."""

from datetime import UTC, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final, get_args

from attrs import evolve
from hypothesis import strategies as st

from retention.activity import (
    ConsentEvent,
    CouponEvent,
    CreditEvent,
    Event,
    MessageEvent,
    PointsEvent,
    Referral,
    RestockRequest,
    Review,
    Search,
    SurveyAnswer,
    TicketEvent,
    View,
    Visit,
)
from retention.campaigns.state import Ended, Run, State
from retention.cart import CartEvent
from retention.channels.protocol import Receipt, Status, SuppressAs
from retention.channels.receipts import Stage
from retention.money import usd, won
from retention.order import Order, OrderLine, Refund
from retention.permission.media import Medium, MessageKind
from retention.permission.person import Consent, Purpose, Scope, Sent, Suppression
from retention.permission.verdicts import Reason
from retention.profile import Fact
from retention.schema import STANDARD, Kind
from retention.storage.shop.records import ChannelState, Parcel, ParcelStatus, Shopper
from retention.testing.facts import customers
from retention.testing.shop_scenes import CHANNEL, CONSENT, FULL, NOW, call, message, receipt

_DAY: Final = timedelta(days=1)

FACTS: Final[dict[str, Fact]] = {
    "order": Order(
        "o-1",
        NOW,
        lines=[
            OrderLine("tea", amount=usd("12.90"), quantity=Fraction(1, 3), category="차", tags={"b", "a"}, id="l-1"),
            OrderLine("pot", amount=usd(20), sku="s-1", brand="b-1"),
        ],
        discount=usd("2.90"),
        shipping=usd(3),
        status="delivered",
        channel="web",
        coupon="SPRING",
        paid_at=NOW + _DAY,
        delivered_at=NOW + 2 * _DAY,
        confirmed_at=NOW + 3 * _DAY,
        refunds=[Refund("r-1", NOW + 4 * _DAY, usd(1), "broken"), Refund("r-2", NOW + 5 * _DAY, usd(2))],
    ),
    "cart": CartEvent("1", NOW, kind="added", cart_id="c-1", product_id="tea", quantity=2, amount=won(12_900)),
    "visit": Visit("1", NOW, page="/", channel="app", seconds=1.5),
    "view": View("1", NOW, page="/tea", product_id="tea", category="차", seconds=2),
    "search": Search("1", NOW, query="녹차", results=0),
    "message": MessageEvent("1", NOW, kind="opened", channel="email", campaign="welcome", template="hello"),
    "consent": ConsentEvent("1", NOW, channel="email", given=False, source="form", wording="동의"),
    "coupon": CouponEvent("1", NOW, kind="issued", code="c", amount=won(1), available_at=NOW, expires_at=NOW + _DAY),
    "points": PointsEvent("1", NOW, kind="adjusted", amount=Decimal("-1.5"), code="base", available_at=NOW),
    "credit": CreditEvent("1", NOW, kind="spent", amount=won(5), code="refund", expires_at=NOW + _DAY),
    "review": Review("1", NOW, product_id="tea", rating=Fraction(9, 2), has_photo=False, status="shown"),
    "survey": SurveyAnswer("1", NOW, kind="nps", score=-1),
    "ticket": TicketEvent("1", NOW, kind="solved", ticket_id="t-1", channel="phone", status="closed", topic="parcel"),
    "referral": Referral("1", NOW, kind="joined", code="r-1"),
    "restock": RestockRequest("1", NOW, product_id="tea", status="told"),
    "event": Event(
        "classes",
        "1",
        NOW,
        {
            "text": "찻잔",
            "number": 0.1,
            "whole": 2**70,
            "fraction": Fraction(1, 3),
            "decimal": Decimal("1.10"),
            "money": usd("0.01"),
            "flag": False,
            "instant": NOW,
            "date": NOW.date(),
            "labels": frozenset({"b", "a"}),
            "given as a list": ["a", "a"],
            "given as a tuple": ("a",),
            "given as a set": {"a"},
            "nothing": None,
        },
    ),
}
"""One of each class; between them every field says something."""

SHOPPER: Final = evolve(FULL, wrote={})
HEARD: Final = FULL
PARCEL: Final = evolve(
    message("welcome/1/send"),
    status="sending",
    attempt=2,
    doubtful=True,
    tries=1,
    sent_at=NOW,
    provider_id="p-1",
    receipt="delivered",
    reasons=(Reason("quiet-hours", "밤", "art. 50"), Reason("cap", "three a week")),
    tried=("alimtalk", "sms"),
)
CALL: Final = call("welcome/1/call")
LINE: Final = evolve(CONSENT, wording_version="3", by="staff", scope="topic", topic="news")
SUPPRESSION: Final = Suppression(medium=Medium.SMS, reason="opt-out", at=NOW)
RECEIPT: Final = receipt()
STATE: Final = CHANNEL
_COUNTED = PARCEL.as_sent
assert _COUNTED is not None, "it is under way"
SENT: Final = _COUNTED

# Strategies. ---------------------------------------------------------------------------------------------------------

SCHEMA: Final = STANDARD.extend(
    attributes={f"own_{each.value}": each for each in Kind},
    collections={"things": {f"own_{each.value}": each for each in Kind}},
)

_names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
_maybe_name = st.none() | _names
_instants = st.datetimes(timezones=st.just(UTC))
_maybe_instant = st.none() | _instants
_counts = st.integers(0, 2**63 - 1)
_tags = st.frozensets(_names, max_size=3)


def _words(of: object) -> st.SearchStrategy[object]:
    return st.sampled_from(get_args(of))


_runs = st.builds(
    Run,
    subject=_names,
    number=_counts,
    version=_counts,
    began_at=_instants,
    step=_names,
    until=_maybe_instant,
    fact=_maybe_name,
    jumps=st.dictionaries(_names, _counts, max_size=2),
    ended=st.none() | _words(Ended),
)
_states = st.builds(State, runs=st.lists(_runs, max_size=2).map(tuple), next_date=_maybe_instant)
_moments = st.dictionaries(_names, _instants, max_size=3)
shoppers = st.builds(
    Shopper,
    customer=customers(SCHEMA),
    segments=_moments,
    next_changes=_moments,
    states=st.dictionaries(_names, _states, max_size=2),
    definitions=_names,
    known_at=_maybe_instant,
    not_before=_maybe_instant,
    tagged=st.dictionaries(_names, st.booleans(), max_size=3),
)
_reasons = st.lists(st.builds(Reason, _names, _names, _maybe_name), max_size=2).map(tuple)
parcels = st.builds(
    Parcel,
    key=_names,
    customer=_maybe_name,
    effect=st.sampled_from((PARCEL.effect, CALL.effect)),
    channel=_names,
    medium=st.none() | st.sampled_from(Medium),
    draft=st.sampled_from((PARCEL.draft, None)),
    status=_words(ParcelStatus),
    planned_at=_instants,
    due_at=_instants,
    attempt=_counts,
    doubtful=st.booleans(),
    tries=_counts,
    sent_at=_maybe_instant,
    provider_id=_maybe_name,
    receipt=st.none() | _words(Stage),
    reasons=_reasons,
    tried=st.lists(_names, max_size=2).map(tuple),
)
consents = st.builds(
    Consent,
    medium=st.sampled_from(("email", "kakao", "push", "sms", "webhook", "whatsapp")),
    purpose=_words(Purpose),
    act=st.sampled_from(("given", "pending", "confirmed", "withdrawn")),
    at=_instants,
    source=_names,
    method=_names,
    wording=_maybe_name,
    wording_version=_maybe_name,
    by=_maybe_name,
    scope=_words(Scope),
    topic=_names.filter(bool),
)
suppressions = st.builds(
    Suppression,
    medium=st.sampled_from(Medium),
    reason=st.sampled_from(("hard bounce", "complaint", "opt-out", "erased")),
    at=_instants,
)
counted = st.builds(
    Sent,
    key=_maybe_name,
    at=_instants,
    medium=st.sampled_from(Medium),
    channel=_names,
    kind=st.sampled_from(MessageKind),
    tags=_tags,
    priority=st.integers(),
)
receipts = st.builds(
    Receipt,
    provider_id=_names,
    status=_words(Status),
    at=_instants,
    suppress=st.booleans(),
    suppress_as=_words(SuppressAs),
    code=_maybe_name,
)
channels = st.builds(
    ChannelState,
    failures=_counts,
    open_until=_maybe_instant,
    tokens=st.floats(allow_nan=False, allow_infinity=False),
    at=_maybe_instant,
)
