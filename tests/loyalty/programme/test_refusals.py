"""A programme that cannot be is refused as it is made, by the field that is wrong."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from retention.errors import ConfigurationError, CurrencyMismatch, FactError, RetentionError, RuleError, UnknownChoice
from retention.loyalty.errors import PolicyError
from retention.loyalty.programme import (
    Action,
    Birthday,
    Consented,
    Conversion,
    Did,
    During,
    EarnRule,
    Expiry,
    Ordered,
    Pending,
    Programme,
    Redemption,
    Reminders,
    Reward,
    SignUp,
    birthday_in,
)
from retention.money import usd, won
from retention.rules import orders, segment
from retention.segments import Segment
from tests.loyalty.programme.shop import PLACED, SEOUL, line, order, profile, programme, refund

ANY: Any = object()
BARE = order(lines=(), total=won(9_000))

BAD: list[tuple[str, type[RetentionError], Callable[[], object]]] = [
    ("EarnRule.name", PolicyError, lambda: EarnRule("", "0.01")),
    ("EarnRule.name", PolicyError, lambda: EarnRule("a\nb", "0.01")),
    ("EarnRule.rate", PolicyError, lambda: EarnRule("base", 0.01)),  # type: ignore[arg-type]
    ("EarnRule.rate", PolicyError, lambda: EarnRule("base", "-0.01")),
    ("EarnRule.rate", PolicyError, lambda: EarnRule("base", -1)),
    ("EarnRule.rate", PolicyError, lambda: EarnRule("base", True)),
    ("EarnRule.rate", PolicyError, lambda: EarnRule("base", "1%")),
    ("EarnRule.rate", PolicyError, lambda: EarnRule("base", Decimal("NaN"))),
    ("EarnRule.rate", PolicyError, lambda: EarnRule("base", Decimal("1e99"))),
    ("EarnRule.by_tier", PolicyError, lambda: EarnRule("base", 1, by_tier={"gold": 1.5})),  # type: ignore[dict-item]
    ("EarnRule.by_category", PolicyError, lambda: EarnRule("base", 1, by_category=ANY)),
    ("EarnRule.by_category", PolicyError, lambda: EarnRule("base", 1, by_category={"": 1})),
    ("EarnRule.categories", PolicyError, lambda: EarnRule("base", 1, categories="coffee")),
    ("EarnRule.without", PolicyError, lambda: EarnRule("base", 1, without={1})),  # type: ignore[arg-type]
    ("EarnRule.tiers", PolicyError, lambda: EarnRule("base", 1, tiers=ANY)),
    ("EarnRule.cap", PolicyError, lambda: EarnRule("base", 1, cap=-1)),
    ("EarnRule.per_day", PolicyError, lambda: EarnRule("base", 1, per_day=1.5)),  # type: ignore[arg-type]
    ("EarnRule.per_customer", PolicyError, lambda: EarnRule("base", 1, per_customer=True)),
    ("EarnRule.per_customer", PolicyError, lambda: EarnRule("base", 1, per_customer=2**63)),
    ("EarnRule.rounding", UnknownChoice, lambda: EarnRule("base", 1, rounding="flor")),  # type: ignore[arg-type]
    ("EarnRule.when", PolicyError, lambda: EarnRule("base", 1, when=orders.total > won(3))),  # type: ignore[arg-type]
    ("EarnRule.when", PolicyError, lambda: EarnRule("base", 1, when=segment("vip"))),
    ("'vip'", RuleError, lambda: EarnRule("base", 1, when=Segment("s", segment("vip")))),
    ("EarnRule.during", PolicyError, lambda: EarnRule("base", 1, during=date(2026, 3, 1))),  # type: ignore[arg-type]
    ("EarnRule.after", PolicyError, lambda: EarnRule("base", 1, after=7)),  # type: ignore[arg-type]
    ("EarnRule.expiry", PolicyError, lambda: EarnRule("base", 1, expiry=365)),  # type: ignore[arg-type]
    ("Pending.days", PolicyError, lambda: Pending(days=-1)),
    ("Pending.days", PolicyError, lambda: Pending(days=400_000)),
    ("Pending.event", UnknownChoice, lambda: Pending(event="confirm")),  # type: ignore[arg-type]
    ("Expiry.days", PolicyError, lambda: Expiry(days=3, months=1)),
    ("Expiry.months", PolicyError, lambda: Expiry(months=Fraction(1))),  # type: ignore[arg-type]
    ("During", PolicyError, lambda: During(datetime(2026, 3, 1))),
    ("During.last", PolicyError, lambda: During(date(2026, 3, 2), date(2026, 3, 1))),
    ("Reward.units", PolicyError, lambda: Reward("r", 0, SignUp())),
    ("Reward.on", PolicyError, lambda: Reward("r", 1, "sign-up")),  # type: ignore[arg-type]
    ("Reward.days", PolicyError, lambda: Reward("r", 1, SignUp(), days=-1)),
    ("Birthday.lead", PolicyError, lambda: Birthday(-1)),
    ("Consented.channel", PolicyError, lambda: Consented("")),
    ("Did.kind", PolicyError, lambda: Did(ANY)),
    ("Ordered.event", UnknownChoice, lambda: Ordered(event="payed")),  # type: ignore[arg-type]
    ("Ordered.minimum", PolicyError, lambda: Ordered(minimum=won(-1))),
    ("Ordered.minimum", PolicyError, lambda: Ordered(minimum=1_000)),  # type: ignore[arg-type]
    ("Redemption.most", PolicyError, lambda: Redemption(most="1.5")),
    ("Redemption.minimum", PolicyError, lambda: Redemption(minimum=0)),
    ("Redemption.step", PolicyError, lambda: Redemption(step=0)),
    ("Conversion.money", PolicyError, lambda: Conversion(1, won(0))),
    ("Conversion.points", PolicyError, lambda: Conversion(None, won(1))),  # type: ignore[arg-type]
    ("Conversion.money", PolicyError, lambda: Conversion(1, None)),  # type: ignore[arg-type]
    ("Redemption.step", PolicyError, lambda: Redemption(step=None)),  # type: ignore[arg-type]
    ("Pending.days", PolicyError, lambda: Pending(days=None)),  # type: ignore[arg-type]
    ("Conversion.points", PolicyError, lambda: Conversion(0, won(1))),
    ("Reminders.days_before", PolicyError, lambda: Reminders(days_before=(-1,), zone=SEOUL)),
    ("Reminders.days_before", PolicyError, lambda: Reminders(days_before=(), zone=SEOUL)),
    ("Reminders.days_before", PolicyError, lambda: Reminders(days_before=30, zone=SEOUL)),  # type: ignore[arg-type]
    ("Reminders.days_before", PolicyError, lambda: Reminders(days_before=[True], zone=SEOUL)),
    ("Reminders.at", PolicyError, lambda: Reminders(at=time(10, tzinfo=SEOUL), zone=SEOUL)),
    ("Reminders.zone", PolicyError, lambda: Reminders(zone="Asia/Seoul")),  # type: ignore[arg-type]
    ("Programme.name", PolicyError, lambda: Programme("", zone=SEOUL, currency="KRW")),
    ("Programme.zone", PolicyError, lambda: Programme("m", zone="KST", currency="KRW")),  # type: ignore[arg-type]
    ("currency", UnknownChoice, lambda: Programme("m", zone=SEOUL, currency="KWR")),
    ("Programme.rules[0]", PolicyError, lambda: programme(Reward("r", 1, SignUp()))),  # type: ignore[arg-type]
    ("Programme.rewards", PolicyError, lambda: programme(rewards=3)),
    ("Programme.after", PolicyError, lambda: programme(after=7)),
    ("'base'", PolicyError, lambda: programme(EarnRule("base", 1), rewards=[Reward("base", 1, SignUp())])),
    ("minimum", CurrencyMismatch, lambda: programme(rewards=[Reward("r", 1, Ordered(minimum=usd(3)))])),
    ("conversion", CurrencyMismatch, lambda: programme(conversion=Conversion(1, usd(1)))),
    ("Action.id", FactError, lambda: Action("share", "", PLACED)),
    ("Action.at", FactError, lambda: Action("share", "s", datetime(2026, 3, 1))),
    ("happened", FactError, lambda: programme().reward(ANY, profile())),
    ("happened", FactError, lambda: programme().reward(PLACED, profile())),
    ("lines['x']", FactError, lambda: programme().refund(order(), refund(5), lines={"x": won(1)})),
    ("lines", FactError, lambda: programme().refund(order(line(9, name="a")), refund(5), lines={"a": won(6)})),
    ("shipping", FactError, lambda: programme().refund(order(), refund(5), shipping=won(6))),
    ("shipping", FactError, lambda: programme().refund(order(), refund(5), shipping=won(-1))),
    ("shipping", CurrencyMismatch, lambda: programme().refund(order(), refund(5), shipping=usd(1))),
    ("used", CurrencyMismatch, lambda: programme().counts(order(), used=usd(1))),
    (
        "lines['a']",
        CurrencyMismatch,
        lambda: programme().refund(order(line(9, name="a")), refund(5), lines={"a": usd(1)}),
    ),
]


@pytest.mark.parametrize(("words", "kind", "make"), BAD)
def test_refused_by_name(words: str, kind: type[RetentionError], make: Callable[[], object]) -> None:
    with pytest.raises(kind) as caught:
        make()
    assert words in str(caught.value)
    assert caught.value.hint


def test_a_policy_error_is_a_configuration_error_with_its_parts() -> None:
    with pytest.raises(PolicyError) as caught:
        EarnRule("base", 0.01)  # type: ignore[arg-type]
    error = caught.value
    assert isinstance(error, ConfigurationError)
    assert (error.code, error.field, error.got) == ("policy", "EarnRule.rate", "float")
    assert "0.01" in error.hint


def test_rates_are_taken_in_every_exact_form() -> None:
    for rate in ("0.015", Decimal("0.015"), Fraction(3, 200)):
        assert EarnRule("base", rate).rate == Fraction(3, 200)
    assert EarnRule("base", 2).rate == 2


def test_what_was_given_is_copied() -> None:
    names, times = {"coffee"}, {"coffee": "2"}
    rule = EarnRule("base", 1, categories=names, by_category=times)
    names.clear()
    times.clear()
    assert rule.categories == frozenset({"coffee"})
    assert rule.by_category == {"coffee": 2}
    assert hash(rule) == hash(EarnRule("base", 1, categories={"coffee"}))
    assert birthday_in(2026, date(2000, 2, 29)) == date(2026, 2, 28)
