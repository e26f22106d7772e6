"""Points and credit as facts: rules say what the ledger says, at every instant, on every engine."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from retention.customer import Customer
from retention.loyalty.facts import credit_events, points_events
from retention.loyalty.ledger.commands import Earn
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.settle import settled
from retention.loyalty.ledger.terms import Fixed
from retention.money import won
from retention.profile import Profile
from retention.rules import credits, points
from retention.spans import days
from tests.loyalty.lives import BEGIN, DAY, Life, Step, all_steps, live, lives, validity

SPANS = st.integers(0, 60).map(lambda each: timedelta(days=each))


def _had(head: Head, now: datetime) -> int:
    """The balance, and what is held of lots that are alive."""
    then = settled(head, now)
    held = (lot for hold in then.holds for lot in hold.pinned if lot.validity.alive(now))
    return then.balance + sum(lot.amount for lot in held)


def _profile(life: Life, now: datetime) -> Profile:
    return Profile.build(Customer("anna"), points_events(life.account, life.entries(now)))


@given(lives(), SPANS)
def test_the_balance_is_the_ledger_s(life: Life, later: timedelta) -> None:
    now = life.now + later
    expected = _had(life.ledger.head(life.account, now=life.now), now)
    assert (points.balance() == expected).matches(_profile(life, now), now)


@given(lives())
def test_so_it_was_at_every_instant_of_the_past(life: Life) -> None:
    profile = _profile(life, life.now)
    last = dict(life.heads)  # of several at one instant, the last
    for at, head in last.items():
        assert (points.balance() == _had(head, at)).matches(profile, at)


@given(lives(), SPANS)
def test_lots_that_begin_and_end_later_are_foreseen(life: Life, later: timedelta) -> None:
    """From the entries as they are now, if nothing is owed: the rest is a matter of time."""
    head = life.ledger.head(life.account, now=life.now)
    then = life.now + later
    if not head.debt:
        assert (points.balance() == _had(head, then)).matches(_profile(life, life.now), then)


@given(lives(), st.integers(1, 40))
def test_what_expires_within_a_span_is_what_its_lots_hold(life: Life, span: int) -> None:
    head = life.ledger.head(life.account, now=life.now)
    end = life.now + timedelta(days=span)
    mine = [*head.open, *(lot for hold in head.holds for lot in hold.pinned if lot.validity.alive(life.now))]
    expected = sum(lot.amount for lot in mine if not lot.validity.alive(end))
    assert (points.expiring(days(span)) == expected).matches(_profile(life, life.now), life.now)


@given(all_steps())
def test_store_credit_is_the_same_in_money(steps: list[Step]) -> None:
    life = live(steps, Account("credit", "anna", "KRW"))
    profile = Profile.build(Customer("anna"), credit_events(life.account, life.entries()))
    head = life.ledger.head(life.account, now=life.now)
    had = _had(head, life.now)
    assert profile.currency in ("KRW", None)
    assert (credits.balance() == won(had)).matches(profile, life.now)


def test_the_flip_of_a_balance_is_foreseen_exactly() -> None:
    life = live(
        [
            (
                DAY,
                lambda _, now: Earn(
                    key="k", rule="base", order="o-1", terms=Fixed(units=100), validity=validity(now, 7, 30)
                ),
            )
        ]
    )
    profile = _profile(life, life.now)
    rule = points.balance() >= 100
    assert rule.next_change(profile, life.now) == BEGIN + 8 * DAY
    assert rule.next_change(profile, BEGIN + 9 * DAY) == BEGIN + 39 * DAY
