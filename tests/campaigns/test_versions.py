"""Runs go on with the campaign that they began with, or with what takes them over."""

from typing import Any

import pytest

from retention.campaigns.campaign import Migration
from retention.campaigns.state import State
from retention.campaigns.steps import Jump, WaitFor
from retention.rules import orders
from retention.spans import days
from tests.campaigns.shop import ENTERED, PASSED, at, campaign, codes, decided, send, sends, wait

FIRST = campaign(wait("w"), send("old"))


def begun(made: Any = FIRST) -> State:
    return decided(made, (at(2), ENTERED))[0].state


def test_a_run_goes_on_with_its_own_version() -> None:
    newer = campaign(wait("w"), send("new"), version=2)
    found = decided(newer, (at(3), PASSED), (at(4), ENTERED), (at(5), PASSED), state=begun(), versions={1: FIRST})
    assert sends(found) == ["old", "new"]
    assert [effect.key for each in found for effect in each.effects] == [
        "test:1:old::1:0:1ba0b3acef5343135312",
        "test:2:new::2:0:1ba0b3acef5343135312",
    ]


def test_the_goal_is_that_of_its_own_version() -> None:
    first = campaign(wait("w"), send("old"), goal=orders.none())
    newer = campaign(wait("w"), send("new"), version=2)
    state = begun()
    (found,) = decided(newer, (at(3), PASSED), state=state, versions={1: first})
    assert found.state.runs[0].ended == "goal"


def test_a_version_that_is_gone_ends_its_runs() -> None:
    (found,) = decided(campaign(wait("w"), send("new"), version=2), (at(2, 13), PASSED), state=begun())
    assert (found.effects, codes(found)) == ((), ["version-gone"])
    assert (found.state.runs[0].ended, found.state.next_due) == ("version gone", None)


def test_a_flow_that_was_changed_without_a_new_version_ends_what_stood_there() -> None:
    (found,) = decided(campaign(wait("other"), send("new")), (at(3), PASSED), state=begun())
    assert codes(found) == ["version-gone"]
    assert "without a new version" in found.notes[0].words


def test_a_later_version_is_not_ours_to_end() -> None:
    later = begun(campaign(wait("w"), send("new"), version=2))
    (found,) = decided(FIRST, (at(9), PASSED), state=later)
    assert (found.effects, found.notes, found.state) == ((), (), later)


MOVED = campaign(
    send("hello"),
    wait("pause"),
    send("new"),
    version=3,
    migrates=(Migration(version=1, steps={"w": "pause"}), Migration(version=2, steps={})),
)


def test_a_run_may_migrate() -> None:
    found = decided(MOVED, (at(2, 13), PASSED), (at(3), PASSED), state=begun(), versions={1: FIRST})
    assert codes(found[0]) == ["migrated"]
    assert (found[0].state.runs[0].version, found[0].state.next_due) == (3, at(3))
    assert [effect.key for effect in found[1].effects] == ["test:3:new::1:0:1ba0b3acef5343135312"]


def test_a_run_without_a_step_to_go_to_is_over() -> None:
    second = begun(campaign(wait("w"), send("old"), version=2))
    (found,) = decided(MOVED, (at(3), PASSED), state=second)
    assert (found.state.runs[0].ended, codes(found)) == ("migrated away", ["migrated-away"])


def test_a_run_may_migrate_to_a_step_that_does_not_wait() -> None:
    made = campaign(send("new"), version=2, migrates=(Migration(version=1, steps={"w": "new"}),))
    found = decided(made, (at(2, 13), PASSED), (at(3), PASSED), state=begun())
    assert sends(found) == ["new"]
    assert found[1].effects[0].key == "test:2:new::1:1:1ba0b3acef5343135312"


def test_jumps_are_counted_on() -> None:
    first = campaign(send("a"), wait("w"), Jump("j", to="a", at_most=2))
    newer = campaign(
        send("a"),
        wait("w"),
        Jump("back", to="a", at_most=2),
        version=2,
        migrates=(Migration(version=1, steps={"w": "w", "j": "back"}),),
    )
    state = decided(first, (at(2), ENTERED), (at(3), PASSED))[-1].state
    assert sends(decided(newer, (at(20), PASSED), state=state)) == ["a"]


def test_a_migrated_wait_for_something_times_out_as_it_would_have() -> None:
    made = campaign(
        WaitFor("w", event=orders.any(), at_most=days(9), otherwise="late"),
        send("in-time"),
        send("late"),
        version=2,
        migrates=(Migration(version=1, steps={"w": "w"}),),
    )
    assert sends(decided(made, (at(3), PASSED), state=begun())) == ["late"]


@pytest.mark.parametrize("version", [1, 2, 3])
def test_new_runs_are_of_the_newest_version(version: int) -> None:
    made = campaign(send("a"), version=version)
    assert decided(made, (at(2), ENTERED), versions={1: FIRST})[0].state.runs[0].version == version
