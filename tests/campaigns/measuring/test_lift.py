"""What a campaign changed, and when that cannot be said."""

from collections.abc import Iterable
from random import Random

import pytest

from retention import Money, won
from retention.campaigns.measuring import Bought, Entered, Lift, lift
from retention.errors import ConfigurationError, CurrencyMismatch
from retention.spans import days
from tests.campaigns.shop import at


def entered(heads: int, held: int) -> list[Entered]:
    groups = [(f"t-{number}", False) for number in range(heads)] + [(f"h-{number}", True) for number in range(held)]
    return [Entered(customer=who, at=at(1), held_out=out) for who, out in groups]


def bought(who: str, amount: int = 10_000, *, day: int = 2, order: str | None = None) -> Bought:
    return Bought(customer=who, order=order or f"o-{who}-{day}", at=at(day), amount=won(amount))


def buyers(heads: int, held: int, amount: int = 10_000) -> Iterable[Bought]:
    yield from (bought(f"t-{number}", amount) for number in range(heads))
    yield from (bought(f"h-{number}", amount) for number in range(held))


def found(heads: int, held: int, bought: int, held_bought: int) -> Lift:
    return lift(entered(heads, held), buyers(bought, held_bought), window=days(14))


def test_more_and_less() -> None:
    more = found(1_000, 500, 150, 40)
    assert (more.heads, more.held_out, more.converted, more.held_out_converted) == (1_000, 500, 150, 40)
    assert more.rate.difference == pytest.approx(0.07)
    assert more.rate.low is not None
    assert more.rate.low > 0
    assert (more.rate.answer, more.revenue.answer) == ("more", "more")
    assert more.revenue.difference == pytest.approx(700)
    less = found(1_000, 500, 80, 75)
    assert (less.rate.answer, less.revenue.answer) == ("less", "less")


def test_too_small_to_say_is_an_answer() -> None:
    little = found(50, 10, 6, 1)
    assert (little.rate.answer, little.revenue.answer) == ("too small to say", "too small to say")
    assert little.rate.detectable is not None
    assert little.rate.detectable > 0.2
    assert little.revenue.difference is None
    none = found(1_000, 0, 100, 0)
    assert (none.rate.answer, none.rate.low, none.rate.detectable) == ("too small to say", None, None)


@pytest.mark.parametrize("heads", [2, 5, 29])
def test_a_handful_says_nothing_however_different(heads: int) -> None:
    """The score intervals of 2 of 2 and of 0 of 2 do not touch, and yet by chance alone one in six would show it."""
    few = found(heads, heads, heads, 0)
    assert few.rate.low is not None
    assert few.rate.low > 0
    assert few.rate.answer == "too small to say"
    assert few.rate.detectable is None or few.rate.detectable <= 1, "no share is larger"
    assert found(30, 30, 30, 0).rate.answer == "more"


def test_revenue_of_a_few_buyers_says_nothing() -> None:
    few = found(1_000, 1_000, 60, 9)
    assert (few.rate.answer, few.revenue.answer) == ("more", "too small to say")
    assert few.revenue.low is not None
    assert few.revenue.low > 0
    assert found(1_000, 1_000, 60, 10).revenue.answer == "more"


def test_nobody_bought() -> None:
    nothing = found(100, 100, 0, 0)
    assert (nothing.currency, nothing.revenue.difference, nothing.revenue.answer) == (None, 0, "too small to say")
    assert nothing.rate.detectable is not None
    assert nothing.rate.detectable > 0


def test_only_what_was_bought_in_the_window_after_first_coming_in_counts() -> None:
    twice = [Entered(customer="t-0", at=at(5), held_out=False), *entered(40, 40)]
    orders = [
        bought("t-0", day=1, order="at the very instant"),
        bought("t-0", 300, day=2),
        bought("t-0", 500, day=15, order="the last"),
        bought("t-0", 700, day=16),
        bought("stranger", day=2),
    ]
    whole = lift(twice, [*orders, orders[1]], window=days(14))
    assert (whole.heads, whole.converted) == (40, 1)
    assert whole.revenue.difference == pytest.approx(800 / 40)


def test_a_customer_is_in_one_group() -> None:
    both = [*entered(1, 0), Entered(customer="t-0", at=at(9), held_out=True)]
    with pytest.raises(ConfigurationError, match="held out at one time"):
        lift(both, [], window=days(1))


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5])
def test_a_confidence_that_is_none(confidence: float) -> None:
    with pytest.raises(ConfigurationError, match="confidence"):
        lift([], [], window=days(1), confidence=confidence)


def test_two_currencies_are_not_compared() -> None:
    foreign = Bought(customer="t-1", order="x", at=at(2), amount=Money(5, "USD"))
    with pytest.raises(CurrencyMismatch):
        lift(entered(2, 2), [bought("t-0"), foreign], window=days(9))


def test_more_confidence_is_a_wider_interval() -> None:
    narrow = lift(entered(200, 200), buyers(30, 20), window=days(9), confidence=0.8).rate
    wide = lift(entered(200, 200), buyers(30, 20), window=days(9), confidence=0.99).rate
    assert None not in (narrow.low, narrow.high, wide.low, wide.high)
    assert wide.low < narrow.low < narrow.high < wide.high  # type: ignore[operator]


def test_it_covers_the_true_difference_of_revenue() -> None:
    """Spending as shops know it: most buy nothing, others by a long-tailed law. Within 4 standard errors of 95 %."""
    luck, covered, rounds = Random(11), 0, 250
    for _ in range(rounds):
        orders = [
            bought(each.customer, round(luck.lognormvariate(10, 0.6)))
            for each in entered(300, 150)
            if luck.random() < (0.4 if each.held_out else 0.5)
        ]
        estimate = lift(entered(300, 150), orders, window=days(9)).revenue
        truth = 0.1 * 22_026.466 * 1.197217  # a tenth of the mean of the law, exp(10 + 0.6**2 / 2)
        covered += estimate.low is not None and estimate.high is not None and estimate.low <= truth <= estimate.high
    assert 0.9 <= covered / rounds <= 0.99


def test_no_effect_is_seldom_called_one() -> None:
    luck, alarms, rounds = Random(12), 0, 300
    for _ in range(rounds):
        orders = [bought(each.customer) for each in entered(200, 100) if luck.random() < 0.2]
        alarms += lift(entered(200, 100), orders, window=days(9)).rate.answer != "too small to say"
    assert alarms / rounds <= 0.1
