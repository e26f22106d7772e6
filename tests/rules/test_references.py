"""Segments that refer to segments."""

import pytest

from retention.errors import ReferenceCycle, RuleTooLarge, UnknownName
from retention.rules.nodes import All, AnyOf, Named, Not, Reference, Rule
from retention.rules.references import references, resolve, resolve_all
from tests.rules.examples import KOREAN, REGULAR, VIP, rows

SEGMENTS: dict[str, Rule] = {
    "korean": KOREAN,
    "vip": VIP,
    "korean-vip": All((Reference("korean"), Reference("vip"))),
    "others": Not(Reference("korean-vip")),
}


def test_a_reference_becomes_the_rule_it_means() -> None:
    assert resolve(All((Reference("vip"), REGULAR)), SEGMENTS) == All((VIP, REGULAR))


def test_references_lead_on() -> None:
    assert resolve(Named("rest", Reference("others")), SEGMENTS) == Named("rest", Not(All((KOREAN, VIP))))


def test_a_rule_without_references_is_the_same_object() -> None:
    rule = All((KOREAN, rows("orders")))
    assert resolve(rule, {}) is rule


def test_keys_come_once_in_order_of_appearance() -> None:
    assert references(AnyOf((Reference("b"), Not(Reference("a")), Reference("b")))) == ("b", "a")


def test_a_set_resolves_against_itself() -> None:
    whole = All((KOREAN, VIP))
    assert resolve_all(SEGMENTS) == {"korean": KOREAN, "vip": VIP, "korean-vip": whole, "others": Not(whole)}


@pytest.mark.parametrize(
    ("segments", "ring"),
    [
        ({"a": Reference("a")}, ("a", "a")),
        ({"a": Reference("b"), "b": Not(Reference("a"))}, ("a", "b", "a")),
        ({"a": Reference("b"), "b": Reference("c"), "c": All((VIP, Reference("b")))}, ("b", "c", "b")),
    ],
)
def test_a_ring_is_named(segments: dict[str, Rule], ring: tuple[str, ...]) -> None:
    with pytest.raises(ReferenceCycle) as caught:
        resolve_all(segments)
    assert caught.value.cycle == ring
    assert " -> ".join(ring) in str(caught.value)


def test_a_rule_may_lead_into_a_ring() -> None:
    with pytest.raises(ReferenceCycle):
        resolve(Reference("a"), {"a": Reference("b"), "b": Reference("a")})


def test_meeting_twice_is_no_ring() -> None:
    segments: dict[str, Rule] = {
        "top": All((Reference("left"), Reference("right"))),
        "left": Reference("base"),
        "base": VIP,
    }
    assert resolve(Reference("top"), {**segments, "right": Reference("base")}) == All((VIP, VIP))


def test_an_unknown_key_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        resolve(All((VIP, Reference("koraen"))), SEGMENTS)
    assert (caught.value.nearest, caught.value.path) == ("korean", "rule.all[1]")


def test_an_unknown_key_inside_another_segment_is_told_with_its_place() -> None:
    with pytest.raises(UnknownName) as caught:
        resolve_all({"outer": Not(Reference("inner"))})
    assert caught.value.path == "segments['outer'].not"


def test_a_long_chain_needs_no_deep_recursion() -> None:
    chain: dict[str, Rule] = {f"s{n}": Reference(f"s{n + 1}") for n in range(5_000)}
    assert resolve(Reference("s0"), {**chain, "s5000": VIP}) is VIP


def test_sharing_that_doubles_at_each_step_is_refused() -> None:
    chain: dict[str, Rule] = {f"s{n}": All((Reference(f"s{n + 1}"),) * 2) for n in range(40)}
    with pytest.raises(RuleTooLarge, match="nodes"):
        resolve(Reference("s0"), {**chain, "s40": VIP})


def test_depth_that_adds_up_is_refused() -> None:
    chain: dict[str, Rule] = {f"s{n}": Not(Reference(f"s{n + 1}")) for n in range(200)}
    with pytest.raises(RuleTooLarge, match="depth"):
        resolve(Reference("s0"), {**chain, "s200": VIP})
