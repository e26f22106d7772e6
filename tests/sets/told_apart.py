"""Rules about different values of one column, and rows whose answers are known without them."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from retention import days, won
from retention.rules import Rule, orders

Bought: TypeAlias = tuple[str | None, str | None, int, int | None, str | None]
"""Who, the status, how many days ago, how much, with which coupon."""

Asked: TypeAlias = Callable[[int], Rule]
"""What is asked of the status at a place."""

Answer: TypeAlias = Callable[[str, int, list[Bought]], bool]
"""Whether a customer is in the rule about the status at a place."""

STATUSES: Final = ("paid", "sent", "held", "lost")
_DAYS: Final = 10

TABLES: Final[SearchStrategy[list[Bought]]] = st.lists(
    st.tuples(
        st.sampled_from(["c1", "c2", "stranger", None]),
        st.sampled_from([*STATUSES, "other", None]),
        st.integers(-1, _DAYS + len(STATUSES)),
        st.sampled_from([1, 2, 4, 9, None]),
        st.sampled_from(["a", "b", None]),
    )
)


def of_status(place: int) -> Any:
    """The orders of one status in a window of its own."""
    return orders.where(orders.status == STATUSES[place]).within(days(_DAYS + place))


def spent(place: int) -> Rule:
    rule: Rule = of_status(place).total.sum() >= won(5 + place)
    return rule


def asked(place: int) -> Rule:
    """What is asked of one status."""
    rule: Rule = (spent(place) & (of_status(place).coupon.distinct() >= 1)) | (of_status(place).total.max() >= won(9))
    return rule


def is_in(who: str, place: int, table: list[Bought]) -> bool:
    kept = [row for row in table if row[:2] == (who, STATUSES[place]) and 0 <= row[2] < _DAYS + place]
    totals = [total for *_, total, _ in kept if total is not None]
    coupons = {coupon for *_, coupon in kept if coupon is not None}
    return (sum(totals) >= 5 + place and len(coupons) >= 1) or max(totals, default=0) >= 9


def asked_of_sums(place: int) -> Rule:
    """The same but for the greatest."""
    rule: Rule = spent(place) & (of_status(place).coupon.distinct() >= 2)
    return rule


def has_sums(who: str, place: int, table: list[Bought]) -> bool:
    kept = [row for row in table if row[:2] == (who, STATUSES[place]) and 0 <= row[2] < _DAYS + place]
    return sum(row[3] or 0 for row in kept) >= 5 + place and len({row[4] for row in kept} - {None}) >= 2
