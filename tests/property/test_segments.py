"""Laws of segments, sets, journeys, RFM and changes, over random customers around the edges of windows."""

from datetime import datetime, timedelta
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from retention.money import won
from retention.order import Order
from retention.profile import Profile
from retention.rules import Rule, orders, segment, visits
from retention.segments import (
    ELEVEN_GROUPS,
    FIVE_GROUPS,
    RFM,
    ByEvent,
    ByTime,
    Journey,
    Scale,
    Scheme,
    Segment,
    SegmentSet,
    catalogue,
    changes,
)
from retention.spans import calendar_days, days, months
from tests.segments.shop import NOW, TICK, ago, profile, visit

EDGES = (0, 1, 7, 10, 29, 30, 31, 60, 89, 90, 91, 100, 365)
instants = st.builds(
    lambda back, nudge: ago(back) + nudge * TICK, st.sampled_from(EDGES), st.sampled_from((-1, 0, 0, 1))
).map(lambda at: min(at, ago(0)))
amounts = st.sampled_from((0, 1, 9_999, 10_000, 10_001, 49_999, 50_000, 250_000))
statuses = st.sampled_from(("placed", "placed", "cancelled"))


@st.composite
def histories(draw: st.DrawFn) -> Profile:
    """A customer with a few orders and visits on, just before and just after the edges of windows."""
    number = count()
    placed = [
        Order(f"o{next(number)}", draw(instants), total=won(draw(amounts)), status=draw(statuses))
        for _ in range(draw(st.integers(0, 7)))
    ]
    seen = [visit(draw(instants)) for _ in range(draw(st.integers(0, 3)))]
    return profile(*placed, *seen, joined=draw(st.none() | instants))


POOL: tuple[Rule, ...] = (
    orders.any(),
    orders.at.last().older_than(days(90)),
    orders.within(days(30)).count() >= 2,
    orders.total.sum() >= won(50_000),
    visits.at.last().between(days(30), days(60)),
    visits.within(calendar_days(7)).any(),
    orders.within(months(3)).none(),
    visits.older_than(days(10)).any() | orders.where(orders.status == "cancelled").any(),
)
rules = st.sampled_from(POOL) | st.builds(lambda a, b: a & ~b, st.sampled_from(POOL), st.sampled_from(POOL))
rising = st.lists(st.integers(0, 12), min_size=4, max_size=4).map(lambda each: tuple(sorted(each)))
windows = st.sampled_from((None, days(90), days(100), calendar_days(31), months(3)))


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    day = st.sampled_from((0, 1, 7, 30, 31, 60, 90, 365))
    return Scale(
        recency=draw(st.lists(day, min_size=4, max_size=4).map(sorted)),
        frequency=draw(rising),
        monetary=[won(amount) for amount in sorted(draw(amounts) for _ in range(4))],
        window=draw(windows),
        ignoring=draw(st.sampled_from(((), ("cancelled",), ("cancelled", "placed")))),
    )


schemes = st.sampled_from((FIVE_GROUPS, ELEVEN_GROUPS)) | st.builds(
    Scheme,
    st.lists(st.lists(st.sampled_from("abc"), min_size=5, max_size=5), min_size=5, max_size=5),
    never_bought=st.sampled_from("az"),
)


@given(histories(), st.lists(rules, max_size=5))
def test_exactly_one_stage_holds(person: Profile, stages: list[Rule]) -> None:
    journey = Journey(((f"s{n}", rule) for n, rule in enumerate(stages)), otherwise="other")
    held = [name for name in journey.names if journey.rule(name).matches(person, as_of=NOW)]
    assert held == [journey.stage(person, NOW)]


JOURNEYS = [
    (journey, SegmentSet(journey.segments()))
    for journey in (catalogue.value_journey(won(60_000)), catalogue.customer_journey())
]


@given(histories())
def test_the_journeys_of_the_catalogue_are_total(person: Profile) -> None:
    for journey, stages in JOURNEYS:
        assert stages.labels(person, NOW) == {journey.stage(person, NOW)}


@given(histories(), st.lists(rules, min_size=1, max_size=5))
def test_a_set_says_what_its_members_say(person: Profile, several: list[Rule]) -> None:
    members = [Segment(f"s{n}", rule) for n, rule in enumerate(several)]
    members += [Segment("all", ~segment("s0")), Segment("chain", segment("all") | segment("s0"))]
    standing = SegmentSet(members)
    labels = standing.labels(person, NOW)
    assert labels == {each.key for each in standing if each.contains(person, NOW)}
    assert ("all" in labels) != ("s0" in labels)
    assert "chain" in labels


standing = SegmentSet([Segment(f"s{n}", rule) for n, rule in enumerate(POOL)])


@given(st.lists(histories(), max_size=6))
def test_counts_are_sizes_of_sets(people: list[Profile]) -> None:
    counts = standing.count(iter(people), NOW)
    members = {key: {n for n, each in enumerate(people) if standing[key].contains(each, NOW)} for key in standing.keys}
    assert counts.sizes == {key: len(held) for key, held in members.items()}
    for one in standing.keys:
        for other in standing.keys:
            assert counts.overlap(one, other) == len(members[one] & members[other])


def plain_score(scale: Scale, person: Profile) -> RFM:
    """The definition of a score, from the facts themselves."""
    placed = [each for each in person.facts() if isinstance(each, Order) and each.status not in scale.ignoring]
    if not placed:
        return RFM(0, 0, 0)
    age = NOW - max(each.at for each in placed)
    counted = [each for each in placed if in_window(scale, each.at)]
    spent = sum(each.total.minor for each in counted if each.total)
    return RFM(
        1 + sum(age < timedelta(days=limit) for limit in scale.recency),
        1 + sum(len(counted) >= limit for limit in scale.frequency),
        1 + sum(spent >= limit.minor for limit in scale.monetary),
    )


def in_window(scale: Scale, at: datetime) -> bool:
    """The windows of this file, read off a calendar: NOW is noon of 15 March 2026 in Seoul."""
    if scale.window == days(90) or scale.window == days(100):
        return at > NOW - timedelta(days=90 if scale.window == days(90) else 100)
    if scale.window == calendar_days(31):
        return at >= NOW.replace(month=2, day=13, hour=0)
    return scale.window is None or at > NOW.replace(year=2025, month=12)


@given(histories(), scales())
def test_scores_are_what_the_definition_says(person: Profile, scale: Scale) -> None:
    assert scale.score(person, NOW) == plain_score(scale, person)


@settings(max_examples=40)  # each compiles a handful of large rules
@given(histories(), scales(), schemes)
def test_a_group_is_the_rule_of_exactly_its_customers(person: Profile, scale: Scale, scheme: Scheme) -> None:
    held = [group for group in scheme.groups if scale.rule(group, scheme).matches(person, as_of=NOW)]
    assert held == [scheme.group(plain_score(scale, person))]


@given(st.lists(histories(), min_size=1, max_size=25), windows)
def test_learnt_scores_keep_the_order_and_the_fifths(people: list[Profile], window: object) -> None:
    buyers = [each for each in people if orders.any().matches(each, as_of=NOW)]
    if not buyers:
        return
    scale = Scale.learn(people, NOW, window=window)  # type: ignore[arg-type]
    scores = [scale.score(each, NOW) for each in buyers]
    for step in range(2, 6):
        for reached in ([s.r >= step for s in scores], [s.f >= step for s in scores], [s.m >= step for s in scores]):
            assert 5 * sum(reached) <= (6 - step) * len(buyers)
    ages = [(NOW - max(o.at for o in each.facts() if isinstance(o, Order))) // timedelta(days=1) for each in buyers]
    ranked = sorted(zip(ages, scores, strict=True), key=lambda each: each[0])
    assert [score.r for _, score in ranked] == sorted((score.r for score in scores), reverse=True)
    assert len({(age, score.r) for age, score in ranked}) == len(set(ages))


@given(histories(), st.lists(rules, min_size=1, max_size=3))
def test_changes_lead_from_the_labels_before_to_those_after(person: Profile, several: list[Rule]) -> None:
    standing = SegmentSet([Segment(f"s{n}", rule) for n, rule in enumerate(several)])
    before = NOW - timedelta(days=400)
    labels = set(standing.labels(person, before))
    for change in changes(standing, person, before, NOW):
        at = change.at.astimezone(NOW.tzinfo)
        assert before < at <= NOW
        assert standing[change.segment].contains(person, at) is (change.direction == "entered")
        assert standing[change.segment].contains(person, at - TICK) is (change.direction == "left")
        (labels.add if change.direction == "entered" else labels.remove)(change.segment)
        happened = {fact.at for fact in person.facts()}
        assert isinstance(change.cause, ByTime) or (isinstance(change.cause, ByEvent) and change.at in happened)
    assert labels == standing.labels(person, NOW)


@given(histories(), rules)
def test_a_segment_and_its_complement_split_the_customers(person: Profile, rule: Rule) -> None:
    made = Segment("some", rule)
    assert made.contains(person, NOW) != Segment("others", ~made).contains(person, NOW)
