"""By purchase count and state: where a customer stands, and what is going wrong.

Four counts (never bought, bought once, bought again, bought often) exclude each other and leave nobody out. Each is
split by three states, which may meet in one customer.
"""

from typing import TypeAlias, final

from attrs import frozen

from retention.errors import ConfigurationError
from retention.rules import Orders, Rule, cart, customer, orders, visits
from retention.segments.catalogue.words import spoken
from retention.segments.segment import Segment
from retention.spans import MovingSpan, days

Ages: TypeAlias = tuple[MovingSpan, MovingSpan]
"""How long ago, from the nearer end through the farther: the nearer is inside, the farther is not."""


def left_cart(since: MovingSpan = days(1), until: MovingSpan = days(7), *, counting: Orders = orders) -> Rule:
    """Touched the cart last between ``since`` and ``until`` ago, did not clear it, and has not ordered after that.

    ``as_of - until < at <= as_of - since``; an order at the very instant of the last cart event is not after it.
    ``counting`` says which orders are orders.
    """
    last = cart.at.last()
    return last.between(since, until) & (cart.kind.last() != "cleared") & counting.after(last).none()


def joined_and_left(since: MovingSpan = days(1), until: MovingSpan = days(7), *, counting: Orders = orders) -> Rule:
    """Joined between ``since`` and ``until`` ago, ``as_of - until < joined_at <= as_of - since``, and never bought."""
    return customer.joined_at.between(since, until) & counting.none()


def slipping(since: MovingSpan = days(30), until: MovingSpan = days(60)) -> Rule:
    """The last visit was between ``since`` and ``until`` ago: ``as_of - until < at <= as_of - since``."""
    return visits.at.last().between(since, until)


def long_gone(after: MovingSpan = days(90)) -> Rule:
    """The last visit was the span ago or longer: ``at <= as_of - span``. Not true of one who was never seen."""
    return visits.at.last().older_than(after)


def purchase_states(
    *,
    often: int = 3,
    cart_left: Ages = (days(1), days(7)),
    joined: Ages = (days(1), days(7)),
    last_visit: Ages = (days(30), days(60)),
    gone_after: MovingSpan = days(90),
    counting: Orders = orders,
) -> tuple[Segment, ...]:
    """The twelve segments of purchase count by state.

    Never bought (no order), bought once, bought again (twice, or up to ``often - 1`` times) and bought often (``often``
    times or more), each with: left a cart (``left_cart``); slipping (``slipping``), or for those who never bought
    joined and left (``joined_and_left``); long gone (``long_gone``). ``counting`` says which orders are orders, in all.
    """
    if often < 3:
        raise ConfigurationError("bought often begins below three orders", hint="Once and again come before it")
    count = counting.count()
    bought = (
        _Part("Never bought", "Has never ordered", counting.none()),
        _Part("Bought once", "Has ordered once", count == 1),
        _Part("Bought again", _orders(2, often - 1), (count >= 2) & (count < often)),
        _Part("Bought often", f"Has ordered {often} times or more", count >= often),
    )
    left = _Part("left a cart", f"left a cart {_ago(cart_left)}", left_cart(*cart_left, counting=counting))
    went = _Part("joined and left", f"joined {_ago(joined)}", joined_and_left(*joined, counting=counting))
    slip = _Part("slipping", f"visited last {_ago(last_visit)}", slipping(*last_visit))
    gone = _Part("long gone", f"visited last {spoken(gone_after)} ago or longer", long_gone(gone_after))
    return tuple(
        _segment(times, state) for times in bought for state in (left, went if times is bought[0] else slip, gone)
    )


@final
@frozen
class _Part:
    """One side of the table: its name, its description, its rule."""

    name: str
    about: str
    rule: Rule


def _segment(times: _Part, state: _Part) -> Segment:
    words = f"{times.name}, {state.name}"
    return Segment(
        words.lower().replace(", ", "-").replace(" ", "-"),
        times.rule.named(times.name.lower()) & state.rule.named(state.name),
        name=words,
        description=f"{times.about}; {state.about}.",
    )


def _ago(ages: Ages) -> str:
    return f"{spoken(ages[0])} to {spoken(ages[1])} ago"


def _orders(least: int, most: int) -> str:
    return f"Has ordered {least} times" if least == most else f"Has ordered {least} to {most} times"
