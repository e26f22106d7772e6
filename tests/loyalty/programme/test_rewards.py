"""What is given for what customers do: once, and under a limit."""

from datetime import date, timedelta
from typing import Any

import pytest

from retention import days
from retention.activity import ConsentEvent, Referral, Review, SurveyAnswer
from retention.loyalty.ledger.head import Counter, Head
from retention.loyalty.ledger.terms import Fixed
from retention.loyalty.programme import (
    Action,
    Answered,
    Birthday,
    BroughtFriend,
    Consented,
    Did,
    During,
    EarnRule,
    Expiry,
    Happened,
    Occasion,
    Ordered,
    Reviewed,
    Reward,
    SignUp,
    Why,
    comeback,
    first_order,
    first_purchase,
)
from retention.money import won
from retention.profile import Profile
from retention.rules import customer, orders, reviews
from retention.segments import Segment
from tests.loyalty.programme.shop import PLACED, at, order, profile, programme

MEMBER = profile(joined=PLACED, birthday=date(1992, 2, 29))


def consent(channel: str = "email", *, given: bool = True, purpose: str = "marketing") -> ConsentEvent:
    return ConsentEvent("consent-1", PLACED, channel=channel, given=given, purpose=purpose)


def review(*, photo: bool | None, product: str | None = "p1", id: str = "review-1") -> Review:
    return Review(id, PLACED, product_id=product, rating=5, has_photo=photo)


def survey(kind: str = "nps") -> SurveyAnswer:
    return SurveyAnswer("answer-1", PLACED, kind=kind, score=9)


GIVEN: list[tuple[Occasion, Happened, str, str]] = [
    (SignUp(), MEMBER.customer, "it:c1", "it:c1"),
    (Consented("email"), consent(), "it:c1:consent-1", "it:c1:email:marketing"),
    (Reviewed(), review(photo=None), "it:c1:review-1", "review:c1:p1"),
    (Reviewed(), review(photo=True, product=None), "it:c1:review-1", "review:c1:review-1"),
    (Reviewed(photo=True), review(photo=True), "it:c1:review-1", "review:c1:p1"),
    (Reviewed(photo=False), review(photo=None), "it:c1:review-1", "review:c1:p1"),
    (Answered(), survey(), "it:c1:answer-1", "it:c1:answer-1"),
    (Answered("nps"), survey(), "it:c1:answer-1", "it:c1:answer-1"),
    (BroughtFriend(), Referral("r1", PLACED, kind="ordered"), "it:c1:r1", "it:c1:r1"),
    (Did("share"), Action("share", "s:1", PLACED), "it:c1:s%3A1", "it:c1:s%3A1"),
    (Birthday(), date(2026, 2, 28), "it:c1:2026-02-28", "birthday:c1:2026"),
    (Birthday(), date(2028, 2, 29), "it:c1:2028-02-29", "birthday:c1:2028"),
    (Birthday(lead=60), date(2025, 12, 30), "it:c1:2025-12-30", "birthday:c1:2026"),
]


@pytest.mark.parametrize(("on", "happened", "key", "subject"), GIVEN)
def test_given_once_for_what_it_is_for(on: Occasion, happened: Happened, key: str, subject: str) -> None:
    (command,) = programme(rewards=[Reward("it", 1_000, on)]).reward(happened, MEMBER)
    assert (command.key.rpartition(":")[0], command.order) == (key, subject)
    assert command.terms == Fixed(units=1_000)
    assert command.reason == "it"


NOT_GIVEN: list[tuple[Occasion, Happened]] = [
    (SignUp(), profile().customer),
    (SignUp(), consent()),
    (Consented("email"), consent("sms")),
    (Consented("email"), consent(given=False)),
    (Consented("email"), consent(purpose="terms")),
    (Consented("email"), survey()),
    (Reviewed(photo=True), review(photo=False)),
    (Reviewed(photo=True), review(photo=None)),
    (Reviewed(photo=False), review(photo=True)),
    (Reviewed(), survey()),
    (Answered("csat"), survey()),
    (Answered(), review(photo=True)),
    (BroughtFriend(), Referral("r1", PLACED, kind="joined")),
    (Did("share"), Action("install", "s1", PLACED)),
    (Did("ordered"), Referral("r1", PLACED, kind="ordered")),
    (Birthday(), date(2026, 3, 1)),
    (Birthday(), date(2028, 2, 28)),
    (Birthday(lead=7), date(2026, 2, 28)),
    (Birthday(lead=7), date.max),
    (Ordered(), review(photo=True)),
]


@pytest.mark.parametrize(("on", "happened"), NOT_GIVEN)
def test_not_given_for_anything_else(on: Occasion, happened: Happened) -> None:
    assert programme(rewards=[Reward("it", 1_000, on)]).preview_reward(happened, MEMBER).outcomes == ()


def test_nobody_without_a_birthday_has_one() -> None:
    assert programme(rewards=[Reward("birthday", 3_000, Birthday())]).reward(date(2026, 3, 2), profile()) == ()


def test_a_birthday_is_given_on_its_day_and_lives_from_then() -> None:
    shop = programme(rewards=[Reward("birthday", 3_000, Birthday(lead=7), expiry=Expiry(days=30))])
    (command,) = shop.reward(date(2026, 5, 3), profile(birthday=date(1990, 5, 10)))
    assert command.at == at(2026, 5, 3)
    assert command.validity.expires_at == at(2026, 6, 3)


def test_a_reward_may_wait_some_days() -> None:
    shop = programme(rewards=[Reward("photo", 500, Reviewed(photo=True), days=3)])
    (command,) = shop.reward(review(photo=True), MEMBER)
    assert command.validity.available_at == at(2026, 3, 5)


def test_of_two_rewards_for_one_review_the_first_is_given() -> None:
    shop = programme(rewards=[Reward("photo", 500, Reviewed(photo=True)), Reward("text", 150, Reviewed())])
    found = shop.preview_reward(review(photo=True), MEMBER)
    assert [(each.rule, each.units) for each in found.outcomes] == [("photo", 500), ("text", 0)]
    assert found.outcomes[1].why[0].why is Why.GIVEN_ALREADY
    assert str(found) == "photo: 500\ntext: 0 (given as photo)\nin all: 500"
    (text,) = shop.reward(review(photo=False), MEMBER)
    assert (text.rule, text.order) == (found.commands[0].rule, found.commands[0].order)
    assert text.key != found.commands[0].key


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ({"when": Segment("reviewers", reviews.any())}, False),
        ({"when": reviews.none()}, True),
        ({"during": During.month(2026, 3)}, True),
        ({"during": During.month(2026, 4)}, False),
        ({"tiers": {"gold"}}, True),
        ({"tiers": {"silver"}}, False),
    ],
)
def test_for_whom_as_of_the_instant_before(said: dict[str, Any], given: bool) -> None:
    shop = programme(rewards=[Reward("text", 150, Reviewed(), **said)])
    written = review(photo=None)
    assert bool(shop.reward(written, profile(written), tier="gold")) is given


def test_a_birthday_is_asked_about_as_of_its_day() -> None:
    shop = programme(rewards=[Reward("birthday", 3_000, Birthday(), when=customer.birthday.returns_today())])
    assert len(shop.reward(date(2026, 5, 10), profile(birthday=date(1990, 5, 10)))) == 1


# Rewards for orders --------------------------------------------------------------------------------------------------


def given(who: Profile, reward: Reward) -> int:
    """What the last order of somebody is rewarded with."""
    last = who.rows("orders")[-1]
    return programme(rewards=[reward]).preview(last, who).units  # type: ignore[arg-type]


FIRST, SECOND = order(id="first"), order(id="second", at=PLACED + timedelta(days=100))


def test_a_first_order() -> None:
    assert given(profile(FIRST), first_order(3_000)) == 3_000
    assert given(profile(FIRST, SECOND), first_order(3_000)) == 0
    assert programme(rewards=[first_order(3_000)]).preview(FIRST, profile(FIRST, SECOND)).units == 3_000


def test_a_first_order_is_rewarded_once_whatever_becomes_known_later() -> None:
    (command,) = programme(rewards=[first_order(3_000)]).earn(SECOND, profile(SECOND))
    assert command.order == "second"
    assert [(each.key, each.most, each.until) for each in command.quotas] == [("first-order", 3_000, None)]


def test_a_first_purchase_is_paid() -> None:
    unpaid = order(id="first", paid_at=None)
    assert given(profile(unpaid, SECOND), first_purchase(3_000)) == 3_000
    assert given(profile(FIRST, SECOND), first_purchase(3_000)) == 0
    waiting = programme(rewards=[first_purchase(3_000)]).preview(unpaid, profile(unpaid))
    assert waiting.commands == ()
    assert str(waiting.outcomes[0]) == "first-purchase: 3,000 (once the order is paid)"


def test_a_comeback() -> None:
    reward = comeback(2_000, Segment("dormant", orders.at.last().older_than(days(90))))
    assert given(profile(FIRST, SECOND), reward) == 2_000
    assert given(profile(FIRST, order(id="next", at=PLACED + timedelta(days=80))), reward) == 0
    assert given(profile(FIRST), reward) == 0


def test_an_order_from_a_minimum_on() -> None:
    reward = Reward("big", 500, Ordered(event="placed", minimum=won(10_000)))
    shop = programme(rewards=[reward])
    small = shop.preview(order(lines=(), total=won(9_999)), profile())
    assert small.outcomes[0].why[0].why is Why.BELOW_MINIMUM
    assert small.outcomes[0].why[0].limit == 10_000
    (command,) = shop.earn(order(lines=(), total=won(10_000)), profile())
    assert command.key.startswith("order-1:big:")
    assert command.order == "order-1"
    assert command.terms == Fixed(units=500, payable=10_000, minimum=10_000)


def test_rewards_come_with_what_the_order_earns() -> None:
    shop = programme(EarnRule("base", "0.01"), rewards=[first_order(3_000), Reward("photo", 500, Reviewed())])
    assert [each.rule for each in shop.earn(FIRST, profile(FIRST))] == ["base", "first-order"]


def test_a_daily_limit_that_is_used_up_is_told() -> None:
    shop = programme(rewards=[Reward("share", 100, Did("share"), per_day=300)])
    head = Head(account=shop.account("c1"), counters=(Counter("share:2026-03-02", 300),))
    found = shop.preview_reward(Action("share", "s4", PLACED), MEMBER, head=head)
    assert str(found) == "share: 0 (at most 300, 0 are left)\nin all: 0"
