"""The laws of earning, refunds and returns, each named for its number in the list of invariants."""

from datetime import datetime, timedelta
from fractions import Fraction
from random import Random

from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from retention.loyalty.ledger.commands import (
    Command,
    Merge,
    Redeem,
    Refund,
    Return,
    Transfer,
    Uncovered,
)
from retention.loyalty.ledger.entries import Validity
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.records import Result
from retention.loyalty.ledger.terms import Fixed, Refunded, Terms, units
from retention.testing.choices import Choices
from tests.loyalty.ledger import scenes
from tests.loyalty.ledger.scenes import DAY
from tests.loyalty.ledger.shelf import Shelf
from tests.property.ledger_states import content, earn, gift, lived, owners, seeds, spans, state, stocked


@st.composite
def refund_parts(draw: st.DrawFn) -> tuple[Terms, list[Refunded]]:
    """Terms, and refunds that do not give back more than there was, though of a line, or of shipping, they may."""
    terms = draw(scenes.all_terms)
    left, parts = terms.payable, list[Refunded]()
    for _ in range(draw(st.integers(1, 4))):
        lines = {}
        for line in getattr(terms, "lines", ()):
            lines[line.id] = draw(st.integers(0, left))
            left -= lines[line.id]
        some, shipping = draw(st.integers(0, left)), draw(st.integers(0, left))
        shipping = min(shipping, left - some)
        left -= some + shipping
        parts.append(Refunded(some, lines, shipping))
    return terms, parts


def summed(results: list[Result]) -> Result:
    return Result(
        amount=sum(each.amount for each in results),
        recovered=sum(each.recovered for each in results),
        own=sum(each.own for each in results),
        others=sum(each.others for each in results),
        debt=sum(each.debt for each in results),
        forgiven=sum(each.forgiven for each in results),
        charged=sum(each.charged for each in results),
        dropped=sum(each.dropped for each in results),
    )


uncovered = st.sampled_from(["debt", "forgive", "charge"])


@given(seeds, owners, refund_parts(), uncovered, st.integers(0, 2**16), spans)
def test_6_and_7_refunds_telescope_and_say_where_it_came_from(
    seed: int,
    who: Account,
    asked: tuple[Terms, list[Refunded]],
    policy: Uncovered,
    choice: int,
    span: timedelta,
) -> None:
    shelf, now = state(seed, who)
    terms, parts = asked
    shelf.run(who, earn("new", terms, scenes.validity(Choices.seeded(choice), now)), now)
    some = shelf.head(who).available // 2
    if some:
        shelf.run(who, Redeem(key="some", amount=some, order="other"), now)
    whole, now = shelf.copy(), now + span
    one_by_one = [
        shelf.run(who, Refund(key=f"part-{number}", order="new", refunded=part, uncovered=policy), now)
        for number, part in enumerate(parts)
    ]
    together = sum(parts[1:], parts[0])
    at_once = whole.run(who, Refund(key="whole", order="new", refunded=together, uncovered=policy), now)
    due = units(terms, Refunded()) - units(terms, together)
    for result in (*one_by_one, at_once):
        found = (result.recovered, result.own, result.others, result.debt, result.forgiven, result.charged)
        assert sum(found) == result.amount
        assert min(found) >= 0
    assert at_once.amount == due
    assert summed(one_by_one) == evolve(at_once, balance=0)
    assert content(shelf.head(who)) == content(whole.head(who))


@given(seeds, owners, scenes.all_terms, st.integers(0, 2**16))
def test_6_after_a_full_refund_nothing_is_earned(seed: int, who: Account, terms: Terms, choice: int) -> None:
    shelf, now = state(seed, who)
    assume(terms.payable)
    choose = Choices.seeded(choice)
    for number in range(2):
        shelf.run(who, earn(f"new-{number}", terms, scenes.validity(choose, now), rule=str(number)), now)
    shelf.run(who, Refund(key="all", order="new", refunded=Refunded(terms.payable)), now)
    assert all(part.units == part.clawed_back for part in shelf.orders[who, "new"].earned)


@given(seeds, owners, refund_parts(), st.integers(0, 2**16))
def test_6_a_refund_that_is_told_first_leaves_the_same(
    seed: int, who: Account, asked: tuple[Terms, list[Refunded]], choice: int
) -> None:
    shelf, now = state(seed, who)
    validity = scenes.validity(Choices.seeded(choice), now)
    terms, parts = asked
    commands: list[Command] = [
        earn("new", terms, validity),
        *(Refund(key=f"part-{number}", order="new", refunded=part) for number, part in enumerate(parts)),
    ]
    first = shelf.copy()
    for command in commands:
        shelf.run(who, command, now)
    for command in reversed(commands):
        first.run(who, command, now)
    ours, theirs = shelf.orders[who, "new"], first.orders[who, "new"]
    assert ours.refunded == theirs.refunded
    assert [part.clawed_back for part in ours.earned] == [part.clawed_back for part in theirs.earned]
    assert first.head(who).debt <= shelf.head(who).debt  # nothing that was not there is asked for


shares = st.lists(st.sampled_from([Fraction(1, each) for each in (4, 5, 6, 7)]), min_size=1, max_size=4)


@given(seeds, owners, st.integers(1, 27), shares, spans, st.booleans(), st.integers(0, 40))
def test_6_returns_telescope(
    seed: int, who: Account, amount: int, parts: list[Fraction], span: timedelta, extends: bool, owed: int
) -> None:
    shelf, now = stocked(seed, who)
    amount = min(amount, shelf.at(who, now).available)
    assume(amount > 0)
    shelf.run(who, Redeem(key="spend", amount=amount, order="new"), now)
    indebted(shelf, who, owed, now)
    whole, now = shelf.copy(), now + span
    extended = Validity(now.date(), now, now + 3 * DAY) if extends else None
    one_by_one = [
        shelf.run(who, Return(key=f"part-{number}", order="new", share=share, extended=extended), now)
        for number, share in enumerate(parts)
    ]
    at_once = whole.run(who, Return(key="whole", order="new", share=sum(parts, Fraction(0)), extended=extended), now)
    assert at_once.amount == int(sum(parts, Fraction(0)) * amount)
    assert not (whole.head(who).available and whole.head(who).debt)
    assert summed(one_by_one) == evolve(at_once, balance=0)
    assert content(shelf.head(who)) == content(whole.head(who))


def indebted(shelf: Shelf, who: Account, owed: int, now: datetime) -> None:
    """Let what a refunded order earned be spent before."""
    lot = Validity(now.date(), now)
    terms = Fixed(units=owed, payable=1)
    shelf.run(who, earn("lent", terms, lot, order="lent"), now)
    left = shelf.head(who).available
    if left:
        shelf.run(who, Redeem(key="all", amount=left, order="all"), now)
    shelf.run(who, Refund(key="lent-back", order="lent", refunded=Refunded(1)), now)


@given(seeds, spans)
def test_9_replays_of_any_command_change_nothing(seed: int, span: timedelta) -> None:
    life = lived(seed)
    shelf = life.shelf.copy()
    first = shelf.copy()
    for who, command in life.done:
        done = shelf.done[who, command.key]
        if isinstance(command, Transfer | Merge):
            result = shelf.move(who, command, life.now + span)
        else:
            decision = shelf.preview(who, command, life.now + span)
            assert (decision.head, decision.entries, dict(decision.orders)) == (shelf.head(who), (), {})
            result = decision.result
        assert result == done.result
        assert result.replayed
    assert shelf == first


@given(seeds, owners, st.lists(refund_parts(), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_9_permutations_of_commuting_commands_agree_on_the_balance(
    seed: int, who: Account, orders: list[tuple[Terms, list[Refunded]]], random: Random
) -> None:
    """Earning, refunding and giving commute, whatever is told first."""
    shelf, now = state(seed, who)
    lot = Validity(now.date(), now, now + 9 * DAY)
    commands: list[Command] = [gift("gift", 7, lot)]
    for number, (terms, parts) in enumerate(orders):
        name = f"new-{number}"
        commands.append(earn(name, terms, lot, order=name))
        commands += [Refund(key=f"{name}-{part}", order=name, refunded=parts[part]) for part in range(len(parts))]
    other = shelf.copy()
    mixed = random.sample(commands, len(commands))
    for one, another in zip(commands, mixed, strict=True):
        shelf.run(who, one, now)
        other.run(who, another, now)
    assert shelf.head(who).balance == other.head(who).balance


@given(seeds, owners, refund_parts(), scenes.all_terms, st.integers(0, 2**16), spans)
def test_12_what_was_earned_today_keeps_its_terms(
    seed: int, who: Account, today: tuple[Terms, list[Refunded]], tomorrow: Terms, choice: int, span: timedelta
) -> None:
    shelf, now = state(seed, who)
    terms, parts = today
    lot = Validity(now.date(), now, now + 400 * DAY)
    shelf.run(who, earn("today", terms, lot), now)
    record, later = shelf.orders[who, "new"], now + span
    assert shelf.run(who, earn("tomorrow", tomorrow, lot), later).already
    shelf.run(who, earn("other", tomorrow, scenes.validity(Choices.seeded(choice), later), order="other"), later)
    assert shelf.orders[who, "new"] == record
    assert record.earned[0].terms == terms
    refunded = sum(parts[1:], parts[0])
    back = shelf.run(who, Refund(key="back", order="new", refunded=refunded), later)
    assert back.amount == units(terms, Refunded()) - units(terms, refunded)
