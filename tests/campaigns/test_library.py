"""The campaigns of the library, each over a customer's life: triggers in, effects and notes out."""

from pathlib import Path

import pytest

from retention.campaigns import library
from retention.campaigns.campaign import Campaign
from retention.campaigns.effects import SendMessage
from retention.campaigns.steps import Send
from retention.permission.media import MessageKind
from retention.rules import purchases
from retention.spans import months, shift
from tests.campaigns.lives import LIVES
from tests.campaigns.shop import SEOUL, at

TRACES = Path(__file__).parents[1] / "golden" / "campaigns" / "traces"
CAMPAIGNS: dict[str, Campaign] = {life.campaign.key: life.campaign for life in LIVES.values()}


@pytest.mark.parametrize("name", LIVES)
def test_the_trace_is_the_golden_one(name: str) -> None:
    assert f"{LIVES[name].trace()}\n" == (TRACES / f"{name}.txt").read_text(encoding="utf-8")


def test_every_golden_trace_has_its_life() -> None:
    assert {path.stem for path in TRACES.glob("*.txt")} == set(LIVES)


def test_every_campaign_of_the_library_has_a_life() -> None:
    made = {name.replace("_", "-") for name in library.__all__}
    known = {key.removesuffix("-mill") for key in CAMPAIGNS} | {"first-purchase-follow-up"}
    known |= {"tier-change" if key == "tier-gold" else "consent-reconfirmation" for key in ("tier-gold", "consent-sms")}
    assert made <= known
    assert {"tier-gold", "consent-sms", "cross-sell-mill"} <= CAMPAIGNS.keys()


@pytest.mark.parametrize(
    "key",
    ["cart-recovery", "restock", "win-back", "review-request", "browse-abandonment", "birthday", "welcome"],
)
def test_what_sells_is_marketing(key: str) -> None:
    """law.md A1: abandoned cart, win-back, back in stock and reviews for points are marketing."""
    assert CAMPAIGNS[key].kind is MessageKind.MARKETING
    assert all(step.kind is None for step in CAMPAIGNS[key].steps if isinstance(step, Send))


def test_what_tells_of_the_customers_own_is_not() -> None:
    """law.md A1: expiry of points that the customer earned is information; K8: a duty to notify."""
    assert CAMPAIGNS["points-expiring"].kind is MessageKind.SERVICE
    assert CAMPAIGNS["tier-gold"].kind is MessageKind.SERVICE
    assert CAMPAIGNS["consent-sms"].kind is MessageKind.LEGAL_NOTICE


def test_only_restock_was_asked_for() -> None:
    asked = {key for key, each in CAMPAIGNS.items() for step in each.steps if isinstance(step, Send) if step.asked_for}
    assert asked == {"restock"}


def test_consents_are_told_of_again_before_two_years_are_over() -> None:
    """K8: Network Act art. 50(8), before the same date of every second year."""
    sent = [each for each in LIVES["consent-reconfirmation"].trace().effects if isinstance(each, SendMessage)]
    last = at(2)
    assert len(sent) == 2
    for each in sent:
        assert each.planned_at < shift(last, months(24), 1, SEOUL)
        last = each.planned_at


def test_cross_sell_names_what_it_offers() -> None:
    made = library.cross_sell("cup", purchases.category == "tea", purchases.category == "cup", channels=["sms"])
    assert made.key == "cross-sell-cup"
    (step,) = [each for each in made.steps if isinstance(each, Send)]
    assert (dict(step.data), step.channels) == ({"offer": "cup"}, ("sms",))


def test_tier_change_may_advertise() -> None:
    assert library.tier_change("gold", kind=MessageKind.MARKETING, holdout=0.1).holdout == 0.1
