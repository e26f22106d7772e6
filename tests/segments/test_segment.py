"""Segment: one rule with a key, asked about one customer or many."""

import copy
import pickle
import threading
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from retention.errors import AmbiguousTruth, ConfigurationError, NaiveInstant, RuleError, UnknownName, WrongKind
from retention.money import won
from retention.rules import Rule, all_of, customer, nodes, orders, segment
from retention.rules.backends import timeline
from retention.schema import STANDARD, Kind, Schema
from retention.segments import Segment, SegmentSet
from retention.spans import calendar_days, days
from tests.segments.shop import NOW, TICK, ago, order, profile

dormant = Segment("dormant", orders.at.last().older_than(days(90)), name="Dormant", description="Gone for a season")
frequent = Segment("frequent", orders.count() >= 3)

gone = profile(order(ago(90)))
here = profile(order(ago(90) + TICK))


def test_contains_is_the_answer_of_the_rule() -> None:
    assert dormant.contains(gone, as_of=NOW)
    assert not dormant.contains(here, as_of=NOW)
    assert not dormant.contains(profile(), as_of=NOW)


def test_answers_follow_the_instant_they_are_asked_for() -> None:
    assert not dormant.contains(gone, NOW - TICK)
    assert dormant.contains(gone, NOW)
    assert not dormant.contains(gone, NOW - TICK)


def test_equal_instants_of_two_zones_are_not_mixed_up() -> None:
    today = Segment("today", orders.within(calendar_days(1)).any())
    in_utc = datetime(2026, 3, 15, 0, 30, tzinfo=UTC)
    in_seoul = in_utc.astimezone(ZoneInfo("Asia/Seoul"))
    bought = profile(order(datetime(2026, 3, 14, 16, tzinfo=UTC)))  # 01:00 on the 15th in Seoul
    assert in_utc == in_seoul
    assert not today.contains(bought, in_utc)
    assert today.contains(bought, in_seoul)
    assert not today.contains(bought, in_utc)


def test_the_two_readings_of_a_repeated_hour_are_not_mixed_up() -> None:
    zone = ZoneInfo("America/New_York")
    first, second = (datetime(2026, 11, 1, 1, 30, tzinfo=zone, fold=fold) for fold in (0, 1))
    between = profile(order(datetime(2026, 11, 1, 6, tzinfo=UTC)))  # 01:00 for the second time
    bought = Segment("bought", orders.any())
    assert [bought.contains(between, at) for at in (first, second, first, second)] == [False, True, False, True]


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        dormant.contains(gone, datetime(2026, 3, 15))


def test_threads_may_share_a_segment() -> None:
    wrong: list[datetime] = []

    def ask(at: datetime, expected: bool) -> None:
        wrong.extend(at for _ in range(300) if dormant.contains(gone, at) is not expected)

    threads = [threading.Thread(target=ask, args=each) for each in [(NOW, True), (NOW - TICK, False)] * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_explain_bears_the_name_and_tells_in_from_out() -> None:
    inside, outside = str(dormant.explain(gone, as_of=NOW)), str(dormant.explain(here, as_of=NOW))
    assert inside.splitlines()[1].startswith("✓ Dormant")
    assert outside.splitlines()[1].startswith("✗ Dormant")


def test_next_change_is_the_instant_at_which_the_answer_flips() -> None:
    at = dormant.next_change(here, as_of=NOW)
    assert at == NOW + TICK
    assert not dormant.contains(here, at - TICK)
    assert dormant.contains(here, at)
    assert dormant.next_change(gone, as_of=NOW) is None


def test_a_timeline_is_half_open_and_answers_like_contains() -> None:
    pieces = dormant.timeline(gone, ago(100), NOW + TICK)
    assert [(piece.start, piece.end, piece.holds) for piece in pieces] == [
        (ago(100), NOW, False),
        (NOW, NOW + TICK, True),
    ]
    assert dormant.timeline(gone, NOW, NOW) == ()


def test_what_was_prepared_is_kept_with_its_segment(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[nodes.Rule] = []
    prepare = timeline.prepare

    def counted(rule: nodes.Rule, schema: Schema) -> timeline.Prepared:
        made.append(rule)
        return prepare(rule, schema)

    monkeypatch.setattr(timeline, "prepare", counted)
    several = [Segment(f"s{n}", orders.count() >= n) for n in range(300)]
    for each in several * 2:
        each.next_change(here, NOW)
        each.timeline(here, ago(100), NOW)
    assert made == [each.rule.node for each in several]


def test_count_reads_the_profiles_once_and_tells_its_progress() -> None:
    told: list[tuple[int, int | None]] = []
    people = [gone] * 300 + [here] * 212
    assert dormant.count(people, NOW, progress=lambda done, total: told.append((done, total))) == 300
    assert told == [(256, 512), (512, 512)]
    told.clear()
    assert dormant.count(iter([gone, here]), NOW, progress=lambda done, total: told.append((done, total))) == 1
    assert told == [(2, None)]
    told.clear()
    assert dormant.count([], NOW, progress=lambda done, total: told.append((done, total))) == 0
    assert told == [(0, 0)]


def test_segments_combine_with_rules_and_segments_under_their_names() -> None:
    dormant_part = nodes.Named("Dormant", dormant.rule.node)
    frequent_part = nodes.Named("frequent", frequent.rule.node)
    big = orders.total.sum() >= won(500_000)
    assert (dormant & frequent).node == nodes.All((dormant_part, frequent_part))
    assert (dormant | frequent).node == nodes.AnyOf((dormant_part, frequent_part))
    assert (~dormant).node == nodes.Not(dormant_part)
    assert (dormant & big).node == nodes.All((dormant_part, big.node))
    assert (big & dormant).node == nodes.All((big.node, dormant_part))
    assert (big | dormant).node == nodes.AnyOf((big.node, dormant_part))
    assert all_of(dormant, big).node == (dormant & big).node


def test_the_truth_of_a_segment_is_refused_with_the_repair() -> None:
    with pytest.raises(AmbiguousTruth, match="a & b"):
        bool(dormant)
    with pytest.raises(AmbiguousTruth, match="dormant"):
        any([dormant, frequent])


@pytest.mark.parametrize("key", ["", " dormant", "dormant ", "a\nb", "\ud800", "x" * 129])
def test_an_unusable_key_is_refused(key: str) -> None:
    with pytest.raises(ConfigurationError, match="key"):
        Segment(key, orders.any())


def test_a_key_that_is_no_text_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="int"):
        Segment(3, orders.any())  # type: ignore[arg-type]


def test_a_rule_about_a_row_is_refused_with_the_repair() -> None:
    with pytest.raises(WrongKind, match="any"):
        Segment("coffee", orders.channel == "web")  # type: ignore[arg-type]


def test_the_rule_is_validated_when_the_segment_is_made() -> None:
    node = nodes.Compare("==", nodes.Attribute("countri"), nodes.Literal("KR"))
    with pytest.raises(UnknownName) as caught:
        Segment("korean", Rule(node))
    assert caught.value.nearest == "country"


def test_a_host_schema_serves_its_own_names() -> None:
    shop = STANDARD.extend(attributes={"shoe_size": Kind.NUMBER})
    node = nodes.Compare(">=", nodes.Attribute("shoe_size"), nodes.Literal(280))
    assert Segment("large", Rule(node), schema=shop).schema is shop
    with pytest.raises(UnknownName):
        Segment("large", Rule(node))


def test_a_segment_with_a_reference_cannot_be_asked_alone() -> None:
    both = Segment("both", segment("dormant") & (orders.count() >= 2))
    for ask in (both.contains, both.explain, both.next_change, partial(both.timeline, end=NOW)):
        with pytest.raises(RuleError, match=r"'dormant'.*SegmentSet"):
            ask(gone, NOW)
    assert SegmentSet([dormant, both])["both"].contains(profile(order(ago(95)), order(ago(91))), NOW)


def test_equality_is_of_what_was_written() -> None:
    again = Segment("dormant", orders.at.last().older_than(days(90)), name="Dormant", description="Gone for a season")
    assert dormant.contains(gone, NOW)
    assert again == dormant
    assert hash(again) == hash(dormant)
    assert evolve(dormant, key="asleep") != dormant
    assert "Bound" not in repr(dormant)


def test_an_evolved_segment_answers_for_its_own_rule() -> None:
    assert dormant.contains(gone, NOW)
    other = evolve(dormant, rule=customer.country == "KR")
    assert not other.contains(gone, NOW)
    assert other.rule.node == (customer.country == "KR").node


def test_copies_travel_and_compile_anew() -> None:
    assert dormant.contains(gone, NOW)
    assert dormant.next_change(here, NOW)
    member = SegmentSet([dormant, Segment("both", segment("dormant") & orders.any())])["both"]
    for made in (dormant, member):
        for copied in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
            assert copied == made
            assert copied.contains(gone, NOW)
            assert not copied.contains(here, NOW)
            assert copied.next_change(here, NOW) == made.next_change(here, NOW)
