"""Laws of campaigns, over random campaigns and random lives."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from retention.campaigns.asking import holds
from retention.campaigns.decide import decide, is_indifferent
from retention.campaigns.effects import Effect, SendMessage
from retention.campaigns.own import OfEntry, SinceEntry
from retention.campaigns.simulate import trace
from retention.campaigns.state import Decision, State
from retention.campaigns.triggers import FactArrived, TimePassed, Trigger
from retention.campaigns.wire import effect_from_json, effect_to_json, state_from_json, state_to_json
from retention.spans import TICK, local, utc
from tests.property.campaigns_written import END, SEGMENTS, START, ZONE, Life, hops, lives

_MANY = settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


def decided(life: Life, state: State, trigger: Trigger, at: datetime, *, known: datetime | None = None) -> Decision:
    profile = life.profile.until(at if known is None else known)
    return decide(life.campaign, state, trigger, profile, now=local(utc(at), ZONE), segments=SEGMENTS)


def run(life: Life, looks: Sequence[datetime] = (), *, repeat: bool = False) -> tuple[list[Effect], State, list[State]]:
    """What is done in a life, looked at before everything that happens and at ``looks``; ``repeat``: told all twice."""
    steps: list[tuple[datetime, int, Trigger]] = [(utc(START), 0, TimePassed()), (utc(END), 2, TimePassed())]
    steps += [(at, 0, TimePassed()) for at in looks]
    steps += [(at, 0, TimePassed()) for at, _ in life.happenings]
    steps += [(at, 1, trigger) for at, trigger in life.happenings]
    state, effects, states = State(), list[Effect](), list[State]()
    for at, order, trigger in sorted(steps, key=lambda each: each[:2]):
        known = at - TICK if order == 0 else at  # time passes before what happens at the same instant
        for _ in range(1 + repeat):
            made = decided(life, state, trigger, at, known=known)
            state, effects = made.state, [*effects, *made.effects]
            states.append(state)
    return effects, state, states


@given(lives())
@_MANY
def test_a_decision_is_the_same_every_time(life: Life) -> None:
    assert run(life) == run(life)


@given(lives(), lives(), st.data())
@_MANY
def test_what_a_campaign_is_indifferent_to_changes_nothing(life: Life, other: Life, data: st.DataObject) -> None:
    """Wherever the customer stands, and with triggers of another life."""
    states = run(life)[2]
    foreign = [(utc(END), each) for each in (TimePassed(), *[trigger for _, trigger in other.happenings])]
    for at, trigger in [*life.happenings, *foreign]:
        state = data.draw(st.sampled_from([State(), *states]))
        indifferent = is_indifferent(life.campaign, state, trigger, now=at)
        event(f"indifferent: {indifferent}")
        assert not indifferent or decided(life, state, trigger, at) == Decision(state, (), ())


@given(lives(), hops())
@_MANY
def test_time_may_pass_in_small_hops_or_big_ones(life: Life, looks: list[datetime]) -> None:
    seldom, often = run(life), run(life, looks)
    assert often[0] == seldom[0]
    assert often[1] == seldom[1]


@given(lives())
@_MANY
def test_the_same_trigger_twice_changes_nothing(life: Life) -> None:
    once, twice = run(life), run(life, repeat=True)
    assert twice[0] == once[0]
    assert twice[1] == once[1]


@given(lives(), st.data())
@_MANY
def test_a_fact_that_is_told_again_later_changes_nothing(life: Life, data: st.DataObject) -> None:
    """At-least-once delivery: any fact may come again at any later instant, in the form in which it came.

    Who was not one of those meant (``such_as``) may be by then; the store tells nobody of a fact that it knows.
    """
    assume(getattr(life.campaign.entry, "such_as", None) is None)
    facts = [(at, trigger) for at, trigger in life.happenings if isinstance(trigger, FactArrived)]
    state, last = State(), utc(START)
    for at, trigger in life.happenings:
        state, last = decided(life, state, trigger, at).state, at
        told = [again for before, again in facts if before < at]
        if told:
            state = decided(life, state, TimePassed(), at).state
            again = decided(life, state, data.draw(st.sampled_from(told)), at)
            assert again.effects == ()
            assert [each.number for each in again.state.runs] == [each.number for each in state.runs]
    assert last <= utc(END)


@given(lives(), hops(4))
@_MANY
def test_no_key_comes_twice(life: Life, looks: list[datetime]) -> None:
    keys = [effect.key for effect in run(life, looks, repeat=True)[0]]
    assert len(keys) == len(set(keys))


@given(lives())
@_MANY
def test_a_run_is_over_or_waits_for_an_instant_to_come(life: Life) -> None:
    for at, trigger in life.happenings:
        state = decided(life, State(), trigger, at).state
        for each in state.runs:
            assert (each.ended is None) == (each.ended_at is None) == (each.until is not None)
            assert each.until is None or each.until > at
        assert state.next_due is None or state.next_due > at


@given(lives())
@_MANY
def test_what_has_ended_stays_as_it_is(life: Life) -> None:
    """But for the newest that would have begun another."""
    for before, after in pairwise(run(life)[2]):
        later = {each.subject: each for each in after.runs}
        for each in before.runs:
            same = later[each.subject]
            assert same.number >= each.number
            if each.ended is not None and same.number == each.number:
                assert (same.ended, same.ended_at, same.step) == (each.ended, each.ended_at, each.step)


@given(lives(), hops(4))
@_MANY
def test_nothing_is_sent_to_who_has_reached_the_goal_or_left(life: Life, looks: list[datetime]) -> None:
    for effect in run(life, looks)[0]:
        if isinstance(effect, SendMessage):
            at = effect.planned_at
            for over in (life.campaign.goal, life.campaign.leave):
                if isinstance(over, SinceEntry | OfEntry):
                    continue
                views = (life.profile.until(at - TICK), life.profile.until(at))  # before and after what came just then
                assert over is None or not all(holds(over, each, local(at, ZONE), SEGMENTS) for each in views)


@given(lives())
@_MANY
def test_a_trace_does_what_decisions_do(life: Life) -> None:
    made = trace(life.campaign, life.profile, START, END, segments=SEGMENTS)
    assert len({effect.key for effect in made.effects}) == len(made.effects)
    assert made.state.next_due is None or made.state.next_due > utc(END)


@given(lives())
@_MANY
def test_what_is_stored_between_decisions_makes_no_difference(life: Life) -> None:
    state, stored = State(), State()
    for at, trigger in life.happenings:
        kept = state_from_json(state_to_json(stored))
        made, again = decided(life, state, trigger, at), decided(life, kept, trigger, at)
        assert made == again
        assert [effect_from_json(effect_to_json(each)) for each in made.effects] == list(made.effects)
        state, stored = made.state, again.state
