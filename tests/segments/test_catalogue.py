"""The catalogue: every segment at its edges, once in and once out."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest

from retention.errors import RuleError, UnknownName
from retention.money import Money, usd, won
from retention.profile import Profile
from retention.rules import Rule, orders, purchases
from retention.schema import STANDARD
from retention.segments import Segment, catalogue
from retention.segments.catalogue.words import spoken
from retention.spans import Span, days, hours, minutes, months, this_month, today, years
from tests.segments.happenings import consent, coupon, opened, restock, review, ticket, view
from tests.segments.shop import NOW, SEOUL, TICK, ago, cart_event, order, profile, purchase, visit

Make = Callable[[], Profile]
Case = tuple[str, Callable[[], Segment | Rule], Make, bool]


VALUE: list[Case] = [
    ("joined just now", catalogue.new, lambda: profile(joined=ago(0)), True),
    ("joined a moment less than 7 days ago", catalogue.new, lambda: profile(joined=ago(7) + TICK), True),
    ("joined 7 days ago", catalogue.new, lambda: profile(joined=ago(7)), False),
    ("joining in the future", catalogue.new, lambda: profile(joined=ago(0) + TICK), False),
    ("no joining date", catalogue.new, profile, False),
    ("open parameter", lambda: catalogue.new(days(30)), lambda: profile(joined=ago(8)), True),
    (
        "500,000 in two orders",
        catalogue.high_value,
        lambda: profile(order(ago(9), won(250_000)), order(ago(8), won(250_000))),
        True,
    ),
    ("499,999", catalogue.high_value, lambda: profile(order(ago(9), won(499_999))), False),
    ("open amount", lambda: catalogue.high_value(usd(400)), lambda: profile(order(ago(9), usd(400))), True),
    ("last order 90 days ago", catalogue.dormant, lambda: profile(order(ago(200)), order(ago(90))), True),
    ("last order a moment less than 90 days ago", catalogue.dormant, lambda: profile(order(ago(90) + TICK)), False),
    ("never ordered", catalogue.dormant, profile, False),
    ("last visit 30 days ago", catalogue.not_seen, lambda: profile(visit(ago(30))), True),
    ("last visit a moment less than 30 days ago", catalogue.not_seen, lambda: profile(visit(ago(30) + TICK)), False),
    ("never seen", catalogue.not_seen, profile, False),
    ("three orders", catalogue.frequent, lambda: profile(*(order(ago(n)) for n in range(3))), True),
    ("two orders", catalogue.frequent, lambda: profile(*(order(ago(n)) for n in range(2))), False),
    (
        "cancelled orders left out",
        lambda: catalogue.frequent(counting=orders.where(orders.status != "cancelled")),
        lambda: profile(order(ago(1)), order(ago(2)), order(ago(3), status="cancelled")),
        False,
    ),
]

STATES: list[Case] = [
    ("cart left 1 day ago", catalogue.left_cart, lambda: profile(cart_event(ago(1))), True),
    ("cart left less than a day ago", catalogue.left_cart, lambda: profile(cart_event(ago(1) + TICK)), False),
    ("cart left nearly 7 days ago", catalogue.left_cart, lambda: profile(cart_event(ago(7) + TICK)), True),
    ("cart left 7 days ago", catalogue.left_cart, lambda: profile(cart_event(ago(7))), False),
    ("cart touched again", catalogue.left_cart, lambda: profile(cart_event(ago(3)), cart_event(ago(0))), False),
    ("ordered afterwards", catalogue.left_cart, lambda: profile(cart_event(ago(3)), order(ago(2))), False),
    ("ordered before", catalogue.left_cart, lambda: profile(cart_event(ago(3)), order(ago(4))), True),
    ("ordered at that instant", catalogue.left_cart, lambda: profile(cart_event(ago(3)), order(ago(3))), True),
    ("cleared", catalogue.left_cart, lambda: profile(cart_event(ago(3)), cart_event(ago(2), "cleared")), False),
    (
        "one thing taken out",
        catalogue.left_cart,
        lambda: profile(cart_event(ago(3)), cart_event(ago(2), "removed")),
        True,
    ),
    ("no cart", catalogue.left_cart, profile, False),
    ("joined 1 day ago", catalogue.joined_and_left, lambda: profile(joined=ago(1)), True),
    ("joined less than a day ago", catalogue.joined_and_left, lambda: profile(joined=ago(1) + TICK), False),
    ("joined nearly 7 days ago", catalogue.joined_and_left, lambda: profile(joined=ago(7) + TICK), True),
    ("joined 7 days ago", catalogue.joined_and_left, lambda: profile(joined=ago(7)), False),
    ("joined and bought", catalogue.joined_and_left, lambda: profile(order(ago(1)), joined=ago(3)), False),
    ("last visit 30 days ago", catalogue.slipping, lambda: profile(visit(ago(30))), True),
    ("last visit less than 30 days ago", catalogue.slipping, lambda: profile(visit(ago(30) + TICK)), False),
    ("last visit nearly 60 days ago", catalogue.slipping, lambda: profile(visit(ago(60) + TICK)), True),
    ("last visit 60 days ago", catalogue.slipping, lambda: profile(visit(ago(60))), False),
    ("last visit 90 days ago", catalogue.long_gone, lambda: profile(visit(ago(90))), True),
    ("last visit less than 90 days ago", catalogue.long_gone, lambda: profile(visit(ago(90) + TICK)), False),
    ("never seen", catalogue.long_gone, profile, False),
]


def due() -> Segment:
    return catalogue.replenishment_due({"coffee": days(30), "filters": months(2)}, grace=days(7))


def cross_sell() -> Segment:
    return catalogue.bought_but_not("no-filters", purchases.category == "coffee", purchases.category == "filters")


def recent_cross_sell() -> Segment:
    return catalogue.bought_but_not(
        "x", purchases.category == "coffee", purchases.category == "filters", within=days(30), name="X"
    )


BEHAVIOUR: list[Case] = [
    ("looked 1 day ago", catalogue.browsed_and_left, lambda: profile(view(ago(1))), True),
    ("looked less than a day ago", catalogue.browsed_and_left, lambda: profile(view(ago(1) + TICK)), False),
    ("looked nearly 7 days ago", catalogue.browsed_and_left, lambda: profile(view(ago(7) + TICK)), True),
    ("looked 7 days ago", catalogue.browsed_and_left, lambda: profile(view(ago(7))), False),
    ("looked and used the cart", catalogue.browsed_and_left, lambda: profile(cart_event(ago(4)), view(ago(3))), False),
    ("looked and ordered", catalogue.browsed_and_left, lambda: profile(view(ago(3)), order(ago(2))), False),
    ("ordered 7 days ago", catalogue.browsed_and_left, lambda: profile(view(ago(3)), order(ago(7))), True),
    ("bought one cycle ago", due, lambda: profile(purchase(ago(30), "coffee")), True),
    ("bought less than a cycle ago", due, lambda: profile(purchase(ago(30) + TICK, "coffee")), False),
    ("within the grace", due, lambda: profile(purchase(ago(37) + TICK, "coffee")), True),
    ("the grace has run out", due, lambda: profile(purchase(ago(37), "coffee")), False),
    ("bought again", due, lambda: profile(purchase(ago(30), "coffee"), purchase(ago(2), "coffee")), False),
    ("a calendar cycle", due, lambda: profile(purchase(datetime(2026, 1, 15, 12, tzinfo=SEOUL), "filters")), True),
    ("the next day", due, lambda: profile(purchase(datetime(2026, 1, 16, 12, tzinfo=SEOUL), "filters")), False),
    ("bought something else", due, lambda: profile(purchase(ago(30), "tea")), False),
    ("bought one kind", cross_sell, lambda: profile(purchase(ago(300), "c", category="coffee")), True),
    (
        "bought both",
        cross_sell,
        lambda: profile(purchase(ago(30), "c", category="coffee"), purchase(ago(400), "f", category="filters")),
        False,
    ),
    ("bought the other", cross_sell, lambda: profile(purchase(ago(3), "f", category="filters")), False),
    ("bought within", recent_cross_sell, lambda: profile(purchase(ago(30) + TICK, "c", category="coffee")), True),
    ("bought too long ago", recent_cross_sell, lambda: profile(purchase(ago(30), "c", category="coffee")), False),
    ("born on the first", catalogue.birthday_this_month, lambda: profile(birthday=date(1990, 3, 1)), True),
    ("born on the last", catalogue.birthday_this_month, lambda: profile(birthday=date(1990, 3, 31)), True),
    ("born in February", catalogue.birthday_this_month, lambda: profile(birthday=date(1990, 2, 28)), False),
    (
        "leap day in March",
        lambda: catalogue.birthday_this_month(leap="mar1"),
        lambda: profile(birthday=date(1992, 2, 29)),
        True,
    ),
    ("no birthday", catalogue.birthday_this_month, profile, False),
    ("coupon issued", catalogue.holds_unused_coupon, lambda: profile(coupon(ago(3), "issued")), True),
    (
        "coupon redeemed",
        catalogue.holds_unused_coupon,
        lambda: profile(coupon(ago(3), "issued"), coupon(ago(2), "redeemed")),
        False,
    ),
    (
        "given back after use",
        catalogue.holds_unused_coupon,
        lambda: profile(coupon(ago(3), "issued"), coupon(ago(2), "redeemed"), coupon(ago(1), "released")),
        True,
    ),
    (
        "one of two redeemed",
        catalogue.holds_unused_coupon,
        lambda: profile(coupon(ago(3), "issued"), coupon(ago(3), "issued"), coupon(ago(2), "redeemed")),
        True,
    ),
    (
        "coupon expired before its time",
        catalogue.holds_unused_coupon,
        lambda: profile(coupon(ago(3), "issued", ago(-9)), coupon(ago(2), "expired", ago(-9))),
        False,
    ),
    (
        "coupon revoked",
        catalogue.holds_unused_coupon,
        lambda: profile(coupon(ago(3), "issued"), coupon(ago(2), "revoked")),
        False,
    ),
    (
        "expiring in a moment",
        catalogue.holds_unused_coupon,
        lambda: profile(coupon(ago(3), "issued", ago(0) + TICK)),
        True,
    ),
    ("expiring now", catalogue.holds_unused_coupon, lambda: profile(coupon(ago(3), "issued", ago(0))), False),
    (
        "one redeemed and expired, one left",
        catalogue.holds_unused_coupon,
        lambda: profile(coupon(ago(9), "issued", ago(1)), coupon(ago(8), "redeemed", ago(1)), coupon(ago(7), "issued")),
        True,
    ),
    ("no coupon", catalogue.holds_unused_coupon, profile, False),
    ("said yes", lambda: catalogue.consented("email"), lambda: profile(consent(ago(3), True)), True),
    (
        "said yes, then no",
        lambda: catalogue.consented("email"),
        lambda: profile(consent(ago(3), True), consent(ago(2), False)),
        False,
    ),
    (
        "said no, then yes",
        lambda: catalogue.consented("email"),
        lambda: profile(consent(ago(3), False), consent(ago(2), True)),
        True,
    ),
    ("to another channel", lambda: catalogue.consented("sms"), lambda: profile(consent(ago(3), True)), False),
    (
        "for another purpose",
        lambda: catalogue.consented("email"),
        lambda: profile(consent(ago(3), True, purpose="profiling")),
        False,
    ),
    ("never asked", lambda: catalogue.consented("email"), profile, False),
    ("three openings", catalogue.opens_but_does_not_buy, lambda: profile(*(opened(ago(n)) for n in (1, 2, 29))), True),
    (
        "the third too long ago",
        catalogue.opens_but_does_not_buy,
        lambda: profile(*(opened(ago(n)) for n in (1, 2, 30))),
        False,
    ),
    (
        "and buys",
        catalogue.opens_but_does_not_buy,
        lambda: profile(*(opened(ago(n)) for n in (1, 2, 3)), order(ago(29))),
        False,
    ),
    (
        "bought earlier",
        catalogue.opens_but_does_not_buy,
        lambda: profile(*(opened(ago(n)) for n in (1, 2, 3)), order(ago(30))),
        True,
    ),
    ("five stars", catalogue.gave_five_stars, lambda: profile(review(ago(400), 5)), True),
    ("four stars", catalogue.gave_five_stars, lambda: profile(review(ago(1), 4)), False),
    (
        "four are enough",
        lambda: catalogue.gave_five_stars(4, days(30)),
        lambda: profile(review(ago(30) + TICK, 4)),
        True,
    ),
    ("too long ago", lambda: catalogue.gave_five_stars(within=days(30)), lambda: profile(review(ago(30), 5)), False),
    ("a complaint", catalogue.complained, lambda: profile(ticket(ago(90) + TICK, "complaint")), True),
    ("a complaint long ago", catalogue.complained, lambda: profile(ticket(ago(90), "complaint")), False),
    ("a question", catalogue.complained, lambda: profile(ticket(ago(1), "question")), False),
    ("an answer to a complaint", catalogue.complained, lambda: profile(ticket(ago(1), "complaint", "answered")), False),
    ("own topics", lambda: catalogue.complained(topics=["불만"]), lambda: profile(ticket(ago(1), "불만")), True),
    ("two stars", catalogue.complained, lambda: profile(review(ago(1), 2)), True),
    ("three stars", catalogue.complained, lambda: profile(review(ago(1), 3)), False),
    ("waiting", catalogue.waiting_for_restock, lambda: profile(restock(ago(100), "waiting")), True),
    ("told", catalogue.waiting_for_restock, lambda: profile(restock(ago(100), "told")), False),
    (
        "for that product",
        lambda: catalogue.waiting_for_restock("p1"),
        lambda: profile(restock(ago(1), "waiting")),
        True,
    ),
    ("for another", lambda: catalogue.waiting_for_restock("p2"), lambda: profile(restock(ago(1), "waiting")), False),
    (
        "told since",
        lambda: catalogue.waiting_for_restock("p1"),
        lambda: profile(restock(ago(2), "waiting"), restock(ago(1), "told")),
        False,
    ),
]


@pytest.mark.parametrize(("about", "make", "person", "expected"), [*VALUE, *STATES, *BEHAVIOUR])
def test_at_the_edges(about: str, make: Callable[[], Segment | Rule], person: Make, expected: bool) -> None:
    made = make()
    segment = Segment("state", made) if isinstance(made, Rule) else made
    assert segment.contains(person(), as_of=NOW) is expected, about


def test_every_segment_of_the_catalogue_has_a_case_on_either_side() -> None:
    sides: dict[str, set[bool]] = {}
    for _, make, _, expected in [*VALUE, *STATES, *BEHAVIOUR]:
        made = make()
        for key in keys_of(made, make):
            sides.setdefault(key, set()).add(expected)
    functions = set(catalogue.__all__) - {"standard_segments", "purchase_states", "value_journey", "customer_journey"}
    assert {key for key, seen in sides.items() if seen == {True, False}} >= functions


def keys_of(made: Segment | Rule, make: Callable[[], Segment | Rule]) -> Iterator[str]:
    """The catalogue's function that a case is about."""
    if isinstance(made, Rule):
        yield make.__name__
    elif made.key in ("no-filters", "x"):
        yield "bought_but_not"
    else:
        yield made.key.partition("-email")[0].partition("-sms")[0].replace("-", "_")


# The standard set -----------------------------------------------------------------------------------------------------


def test_the_standard_segments_are_one_set() -> None:
    standard = catalogue.standard_segments()
    assert len(standard) == 26
    assert len({each.name for each in standard}) == 26
    assert len({each.description for each in standard}) == 26
    person = profile(order(ago(90), won(500_000)), visit(ago(90)), birthday=date(1990, 3, 9))
    assert standard.labels(person, NOW) == {
        "high-value",
        "dormant",
        "not-seen",
        "bought-once-long-gone",
        "birthday-this-month",
    }
    assert standard.labels(profile(), NOW) == frozenset()


def test_the_standard_segments_take_the_shop_as_it_is() -> None:
    shop = STANDARD.extend(currency="USD")
    standard = catalogue.standard_segments(usd(400), channels=["whatsapp"], schema=shop)
    assert "consented-whatsapp" in standard
    assert "consented-email" not in standard
    assert standard.schema is shop
    rich = Profile.build(profile().customer, [order(ago(1), usd(400))], schema=shop)
    assert "high-value" in standard.labels(rich, NOW)
    with pytest.raises(ValueError, match="USD"):
        catalogue.standard_segments(schema=shop)


def test_replenishment_needs_a_product() -> None:
    with pytest.raises(RuleError, match="cycle"):
        catalogue.replenishment_due({})


def test_no_leaving_of_a_cart_is_a_browsing() -> None:
    both = Segment("both", catalogue.left_cart() & catalogue.browsed_and_left())
    for cart_back in range(9):
        for view_back in range(9):
            person = profile(cart_event(ago(cart_back)), view(ago(view_back)))
            assert not both.contains(person, NOW)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (days(7), "7 days"),
        (days(1), "1 day"),
        (hours(36), "36 hours"),
        (minutes(90), "90 minutes"),
        (months(3), "3 months"),
        (months(24), "2 years"),
        (years(1), "1 year"),
        (today(), "1 calendar day"),
        (this_month(), "this month"),
    ],
)
def test_spans_are_spoken_in_the_largest_unit_that_divides_them(span: Span, words: str) -> None:
    assert spoken(span) == words


def test_descriptions_say_the_parameters() -> None:
    assert catalogue.dormant(days(120)).description == "Last ordered 120 days ago or longer."
    assert catalogue.high_value(Money(40_000, "USD")).description == "Has spent $400.00 or more in all."
    assert catalogue.new().contains(profile(joined=datetime(2026, 3, 14, tzinfo=UTC)), NOW)
    with pytest.raises(UnknownName):
        catalogue.standard_segments()["vip"]
