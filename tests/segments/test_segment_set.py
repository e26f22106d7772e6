"""SegmentSet: unique keys, references, all answers at once."""

import pickle
from datetime import datetime
from fractions import Fraction

import pytest

from retention.errors import ConfigurationError, NaiveInstant, ReferenceCycle, UnknownName, WrongKind
from retention.money import won
from retention.rules import Rule, nodes, orders, segment, visits
from retention.schema import STANDARD, Kind
from retention.segments import Counts, Segment, SegmentSet
from retention.segments.counts import count_answers
from retention.spans import days
from tests.segments.shop import NOW, TICK, ago, order, profile, visit

dormant = Segment("dormant", orders.at.last().older_than(days(90)))
frequent = Segment("frequent", orders.count() >= 3, name="Frequent")
missed = Segment("missed", segment("dormant") & segment("frequent"))
standing = SegmentSet([dormant, frequent, missed])

regular = profile(*(order(ago(back)) for back in (100, 95, 91)))
active = profile(*(order(ago(back)) for back in (30, 20, 10)))
lapsed = profile(order(ago(90)))
nobody = profile()


def test_labels_are_the_keys_of_the_segments_that_hold() -> None:
    assert standing.labels(regular, NOW) == {"dormant", "frequent", "missed"}
    assert standing.labels(active, NOW) == {"frequent"}
    assert standing.labels(nobody, NOW) == frozenset()
    assert standing.memberships(lapsed, NOW) == {"dormant": True, "frequent": False, "missed": False}


def test_labels_are_what_each_member_says_alone() -> None:
    for person in (regular, active, lapsed, nobody):
        assert standing.labels(person, NOW) == {each.key for each in standing if each.contains(person, NOW)}


def test_members_are_found_by_key() -> None:
    assert standing["frequent"] == frequent
    assert [each.key for each in standing] == ["dormant", "frequent", "missed"]
    assert list(standing)[:2] == [dormant, frequent]
    assert standing.keys == ("dormant", "frequent", "missed")
    assert len(standing) == 3
    assert "missed" in standing
    assert "nothing" not in standing
    assert all(each in standing for each in standing)
    assert dormant in standing
    assert Segment("dormant", orders.none()) not in standing
    assert Segment("nothing", orders.none()) not in standing
    assert repr(standing) == "SegmentSet(dormant, frequent, missed)"
    with pytest.raises(UnknownName) as caught:
        standing["dormnt"]
    assert caught.value.nearest == "dormant"


def test_a_reference_keeps_its_key_in_the_rule_and_its_words_in_the_meaning() -> None:
    member = standing["missed"]
    assert member.rule == missed.rule
    assert member.meaning == nodes.All(
        (nodes.Named("dormant", dormant.rule.node), nodes.Named("Frequent", frequent.rule.node))
    )
    assert member.as_rule().node == nodes.Named("missed", member.meaning)
    assert "Frequent" in str(member.explain(regular, NOW))


def test_a_set_of_the_members_of_a_set_is_the_same_set() -> None:
    assert SegmentSet(standing) == standing
    assert hash(SegmentSet(standing)) == hash(standing)
    assert SegmentSet([dormant]) != standing


def test_members_that_mean_different_things_are_different() -> None:
    other = SegmentSet([Segment("dormant", orders.none()), frequent, missed])
    assert other["missed"].rule == standing["missed"].rule
    assert other["missed"] != standing["missed"]
    assert other["missed"] not in standing
    assert missed != standing["missed"]  # by itself it means nothing yet
    assert SegmentSet([dormant, frequent, missed])["missed"] == standing["missed"]
    assert hash(SegmentSet([dormant, frequent, missed])["missed"]) == hash(standing["missed"])


def test_a_rule_made_of_a_member_stands_alone() -> None:
    quiet = Segment("quiet", standing["missed"] & visits.none())
    assert quiet.contains(regular, NOW)


def test_rings_of_references_are_named() -> None:
    ring = [Segment("a", segment("b")), Segment("b", segment("c")), Segment("c", ~segment("a"))]
    with pytest.raises(ReferenceCycle) as caught:
        SegmentSet(ring)
    assert caught.value.cycle == ("a", "b", "c", "a")


def test_a_reference_to_no_member_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        SegmentSet([dormant, Segment("x", segment("dormat"))])
    assert caught.value.nearest == "dormant"


def test_keys_are_unique() -> None:
    with pytest.raises(ConfigurationError, match="dormant"):
        SegmentSet([dormant, Segment("dormant", orders.none())])
    with pytest.raises(ConfigurationError, match="dormant"):
        SegmentSet([dormant, dormant])


def test_only_segments_are_members() -> None:
    with pytest.raises(WrongKind, match="Rule"):
        SegmentSet([orders.any()])  # type: ignore[list-item]
    with pytest.raises(WrongKind, match=r"not of a Segment\. Give a list: SegmentSet\(\[segment\]\)"):
        SegmentSet(dormant)  # type: ignore[arg-type]


def test_a_segment_combines_from_either_side() -> None:
    with pytest.raises(WrongKind, match="a bool is not a rule"):
        True & dormant  # type: ignore[operator]
    with pytest.raises(WrongKind, match="a bool is not a rule"):
        False | dormant  # type: ignore[operator]


def test_the_schema_is_the_one_that_a_member_names() -> None:
    shop = STANDARD.extend(attributes={"shoe_size": Kind.NUMBER})
    large = Segment("large", Rule(nodes.Missing(nodes.Attribute("shoe_size"))), schema=shop)
    both = SegmentSet([dormant, large])
    assert both.schema == shop
    assert both["dormant"].schema == shop
    other = STANDARD.extend(attributes={"hat_size": Kind.NUMBER})
    with pytest.raises(ConfigurationError, match="schema"):
        SegmentSet([large, Segment("hats", orders.any(), schema=other)])
    with pytest.raises(UnknownName):
        SegmentSet([large], schema=other)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        standing.labels(active, datetime(2026, 3, 15))


def test_next_changes_come_the_soonest_first() -> None:
    person = profile(*(order(ago(back)) for back in (70, 60, 50)), visit(ago(25)))
    slipping = Segment("slipping", visits.at.last().older_than(days(30)))
    due = SegmentSet([dormant, frequent, missed, slipping]).next_changes(person, NOW)
    assert list(due) == ["slipping", "dormant", "missed"]
    assert due["slipping"] == ago(25) + days(30).timedelta
    assert due["dormant"] == due["missed"] == ago(50) + days(90).timedelta


def test_counts_are_sizes_and_overlaps() -> None:
    counts = standing.count(iter([regular, active, lapsed, nobody, regular]), NOW)
    assert counts.total == 5
    assert counts.sizes == {"dormant": 3, "frequent": 3, "missed": 2}
    assert counts.size("missed") == 2
    assert counts.overlap("dormant", "frequent") == counts.overlap("frequent", "dormant") == 2
    assert counts.overlaps() == (("dormant", "frequent", 2), ("dormant", "missed", 2), ("frequent", "missed", 2))
    assert counts.share("dormant") == Fraction(3, 5)
    with pytest.raises(UnknownName):
        counts.size("nobody")
    with pytest.raises(UnknownName):
        counts.overlap("dormant", "nobody")


def test_counts_of_nobody_are_nothing() -> None:
    counts = standing.count([], NOW)
    assert counts.sizes == {"dormant": 0, "frequent": 0, "missed": 0}
    assert counts.share("dormant") == 0
    assert counts.overlaps() == ()


def test_counts_of_parts_add_up() -> None:
    whole = standing.count([regular, active, lapsed], NOW)
    assert standing.count([regular], NOW) + standing.count([active, lapsed], NOW) == whole
    with pytest.raises(ConfigurationError):
        whole + Counts(("other",), 1, {})


def test_many_different_answers_are_added_up_in_constant_memory() -> None:
    keys = tuple(f"s{n}" for n in range(13))
    answers = [tuple(bool(number >> bit & 1) for bit in range(13)) for number in range(2**13)]
    counts = count_answers(keys, iter(answers))
    assert counts.total == 2**13
    assert set(counts.sizes.values()) == {2**12}
    assert {shared for _, _, shared in counts.overlaps()} == {2**11}


def test_sets_and_counts_travel_between_processes() -> None:
    away = pickle.loads(pickle.dumps(standing))
    assert away == standing
    counts = away.count([regular, active], NOW)
    assert pickle.loads(pickle.dumps(counts)) == counts == standing.count([regular, active], NOW)


def test_progress_is_told() -> None:
    told: list[tuple[int, int | None]] = []
    standing.count([nobody] * 257, NOW, progress=lambda done, total: told.append((done, total)))
    assert told == [(256, 257), (257, 257)]


def test_the_edge_of_a_window_is_the_same_in_the_set() -> None:
    assert standing.labels(profile(order(ago(90))), NOW) == {"dormant"}
    assert standing.labels(profile(order(ago(90) + TICK)), NOW) == frozenset()


def test_money_of_one_segment_meets_the_others() -> None:
    rich = Segment("rich", orders.total.sum() >= won(30_000))
    assert SegmentSet([rich, frequent]).labels(active, NOW) == {"rich", "frequent"}
