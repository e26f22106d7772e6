"""RFM: scores, scales learnt from a population, and groups as rules."""

import pickle
from datetime import UTC, datetime, timedelta

import pytest

from retention.errors import ConfigurationError, CurrencyMismatch, NaiveInstant, UnknownName
from retention.money import usd, won
from retention.profile import Profile
from retention.schema import STANDARD
from retention.segments import ELEVEN_GROUPS, FIVE_GROUPS, RFM, Scale, Scheme, SegmentSet
from retention.segments.rfm.learning import thresholds
from retention.spans import calendar_days, days
from tests.segments.shop import NOW, SEOUL, TICK, ago, order, profile

SCALE = Scale(
    recency=(30, 90, 180, 365),
    frequency=(2, 3, 5, 10),
    monetary=(won(50_000), won(100_000), won(300_000), won(1_000_000)),
)
SCORES = [RFM(r, f, m) for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)]


@pytest.mark.parametrize(
    ("back", "score"),
    [(0, 5), (29, 5), (30, 4), (89, 4), (90, 3), (179, 3), (180, 2), (364, 2), (365, 1), (3000, 1)],
)
def test_recency_scores_at_the_edges(back: int, score: int) -> None:
    assert SCALE.score(profile(order(ago(back))), NOW).r == score


def test_a_recency_threshold_is_excluded_to_the_microsecond() -> None:
    assert SCALE.score(profile(order(ago(30))), NOW).r == 4
    assert SCALE.score(profile(order(ago(30) + TICK)), NOW).r == 5


@pytest.mark.parametrize(("orders", "score"), [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (9, 4), (10, 5), (30, 5)])
def test_frequency_scores_at_the_edges(orders: int, score: int) -> None:
    assert SCALE.score(profile(*(order(ago(back)) for back in range(orders))), NOW).f == score


@pytest.mark.parametrize(
    ("spent", "score"),
    [(0, 1), (49_999, 1), (50_000, 2), (99_999, 2), (100_000, 3), (300_000, 4), (999_999, 4), (1_000_000, 5)],
)
def test_monetary_scores_at_the_edges(spent: int, score: int) -> None:
    assert SCALE.score(profile(order(ago(1), won(spent)) if spent else order(ago(1), won(0))), NOW).m == score


def test_who_never_bought_has_no_score() -> None:
    score = SCALE.score(profile(), NOW)
    assert score == RFM(0, 0, 0)
    assert not score.bought
    assert SCALE.group(profile(), NOW) == "prospects"
    assert SCALE.group(profile(), NOW, FIVE_GROUPS) == "prospects"


def test_a_window_limits_frequency_and_money_and_not_recency() -> None:
    scale = Scale(recency=SCALE.recency, frequency=(1, 2, 3, 4), monetary=SCALE.monetary, window=days(100))
    person = profile(order(ago(100), won(500_000)), order(ago(100) + TICK, won(100_000)))
    assert scale.score(person, NOW) == RFM(3, 2, 3)
    assert scale.score(profile(order(ago(200))), NOW) == RFM(2, 1, 1)


def test_ignored_orders_do_not_exist() -> None:
    scale = Scale(recency=SCALE.recency, frequency=SCALE.frequency, monetary=SCALE.monetary, ignoring=["cancelled"])
    assert scale.score(profile(order(ago(1), status="cancelled")), NOW) == RFM(0, 0, 0)
    assert scale.score(profile(order(ago(1), status="cancelled"), order(ago(40))), NOW) == RFM(4, 1, 1)


def test_repeated_thresholds_skip_a_score() -> None:
    scale = Scale(recency=SCALE.recency, frequency=(2, 2, 2, 5), monetary=SCALE.monetary)
    found = {count: scale.score(profile(*(order(ago(n)) for n in range(count))), NOW).f for count in (1, 2, 4, 5)}
    assert found == {1: 1, 2: 4, 4: 4, 5: 5}
    assert scale.group(profile(order(ago(1)), order(ago(2))), NOW) == "active"
    assert scale.rule("active").matches(profile(order(ago(1)), order(ago(2))), as_of=NOW)


def test_a_scale_needs_four_rising_thresholds() -> None:
    with pytest.raises(ConfigurationError, match="four"):
        Scale(recency=(1, 2, 3), frequency=SCALE.frequency, monetary=SCALE.monetary)
    with pytest.raises(ConfigurationError, match="four"):
        Scale(recency=SCALE.recency, frequency=(1, 2, 3, 4.5), monetary=SCALE.monetary)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="text"):
        Scale(recency=SCALE.recency, frequency=SCALE.frequency, monetary=SCALE.monetary, ignoring="cancelled")
    with pytest.raises(ConfigurationError, match="fall"):
        Scale(recency=SCALE.recency, frequency=(2, 5, 3, 10), monetary=SCALE.monetary)
    with pytest.raises(CurrencyMismatch):
        Scale(recency=SCALE.recency, frequency=SCALE.frequency, monetary=(won(1), won(2), won(3), usd(4)))


def test_a_scale_in_another_currency_than_the_shop_is_refused() -> None:
    with pytest.raises(ValueError, match="KRW"):
        Scale(
            recency=SCALE.recency,
            frequency=SCALE.frequency,
            monetary=SCALE.monetary,
            schema=STANDARD.extend(currency="USD"),
        )


# Learning: nearest-rank fifths, ties to the lower score. --------------------------------------------------------------


def test_fifths_of_distinct_values_are_fifths() -> None:
    values = range(1, 101)
    lows = thresholds(values)
    assert lows == (21, 41, 61, 81)
    assert [sum(low <= value for value in values) for low in lows] == [80, 60, 40, 20]


def test_a_value_shared_by_many_gets_the_lower_score() -> None:
    assert thresholds([1] * 70 + [2] * 20 + [9] * 10) == (2, 2, 2, 9)
    assert thresholds([1] * 10 + [5] * 90) == (6, 6, 6, 6)
    assert thresholds([5]) == (6, 6, 6, 6)
    assert thresholds([1, 2, 3, 4, 5]) == (2, 3, 4, 5)


def test_ranks_round_up() -> None:
    assert thresholds([1, 2, 3, 4, 5, 6, 7]) == (3, 4, 6, 7)  # ranks 2, 3, 5, 6 of seven


def buyers(*backs: int, total: int = 10_000) -> list[Profile]:
    return [profile(order(ago(back), won(total))) for back in backs]


def test_a_learnt_scale_splits_its_population_in_fifths() -> None:
    people = [
        profile(*(order(ago(back + 200 * again), won(1_000 * back)) for again in range(1 + back // 20)))
        for back in range(100)
    ]
    scale = Scale.learn(people, NOW)
    scores = [scale.score(person, NOW) for person in people]
    assert [sum(score.r == step for score in scores) for step in range(1, 6)] == [20] * 5
    assert [sum(score.f == step for score in scores) for step in range(1, 6)] == [20] * 5
    assert scale.recency == (20, 40, 60, 80)
    assert scale.frequency == (2, 3, 4, 5)
    assert scale.monetary[0].currency == "KRW"


def test_recency_is_learnt_in_whole_days_and_ties_get_the_lower_score() -> None:
    scale = Scale.learn(buyers(1, 1, 1, 8, 9), NOW)
    assert scale.recency == (1, 1, 2, 9)
    scores = [scale.score(person, NOW).r for person in buyers(0, 1, 7, 8, 9)]
    assert scores == [5, 3, 2, 2, 1]
    within_the_day = profile(order(ago(1, hours=23)))
    assert scale.score(within_the_day, NOW).r == 3


def test_who_never_bought_teaches_nothing() -> None:
    some = buyers(1, 2, 3, 4, 5)
    assert Scale.learn([*some, profile(), profile()], NOW) == Scale.learn(some, NOW)
    with pytest.raises(ConfigurationError, match="bought"):
        Scale.learn([profile()], NOW)


def test_what_happens_later_teaches_nothing() -> None:
    some = buyers(11, 12, 13, 14, 15)
    later = [Profile.build(each.customer, (*each.facts(), order(ago(1), won(90_000)))) for each in some]
    assert Scale.learn(later, ago(10)) == Scale.learn(some, ago(10))


def test_learning_keeps_window_and_ignored_statuses() -> None:
    people = [profile(order(ago(40)), order(ago(10)), order(ago(5), status="cancelled")) for _ in range(3)]
    scale = Scale.learn(people, NOW, window=days(40), ignoring={"cancelled"})
    assert scale.frequency == (2, 2, 2, 2)
    assert scale.recency == (10, 10, 10, 10)
    assert scale.monetary == (won(10_001),) * 4
    assert scale.window == days(40)
    assert scale.ignoring == frozenset({"cancelled"})


def test_a_window_of_whole_days_includes_its_first_instant() -> None:
    midnight = datetime(2026, 3, 14, tzinfo=SEOUL).astimezone(UTC)
    people = [profile(order(midnight), order(midnight - TICK))]
    scale = Scale.learn(people, NOW, window=calendar_days(2))
    assert scale.frequency == (2, 2, 2, 2)
    assert scale.score(people[0], NOW).f == 1


def test_progress_is_told() -> None:
    told: list[tuple[int, int | None]] = []
    people = buyers(1, 2)
    Scale.learn(people, NOW, progress=lambda done, total: told.append((done, total)))
    SCALE.count(people, NOW, progress=lambda done, total: told.append((done, total)))
    assert told == [(2, 2), (2, 2)]


def test_two_currencies_have_no_common_scale() -> None:
    american = profile(order(ago(1), usd(3)))
    with pytest.raises(CurrencyMismatch):
        Scale.learn([*buyers(1), american], NOW)
    with pytest.raises(CurrencyMismatch):
        Scale.learn([american], NOW, schema=STANDARD.extend(currency="KRW"))


def test_a_scale_travels_between_processes() -> None:
    away = pickle.loads(pickle.dumps(SCALE))
    assert away == SCALE
    assert away.score(profile(order(ago(1))), NOW) == RFM(5, 1, 1)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        Scale.learn(buyers(1), datetime(2026, 3, 15))
    with pytest.raises(NaiveInstant):
        SCALE.score(profile(), datetime(2026, 3, 15))


# Groups: every score has exactly one. ---------------------------------------------------------------------------------


def test_the_schemes_have_the_groups_of_the_catalogue() -> None:
    assert set(FIVE_GROUPS.groups) == {"champions", "loyal", "potential", "at risk", "lost", "prospects"}
    assert set(ELEVEN_GROUPS.groups) == {
        "champions",
        "loyal",
        "active",
        "new",
        "promising",
        "needs attention",
        "at risk",
        "previously loyal",
        "almost lost",
        "dormant",
        "prospects",
    }


@pytest.mark.parametrize("scheme", [FIVE_GROUPS, ELEVEN_GROUPS])
def test_every_score_is_in_the_cells_of_one_group(scheme: Scheme) -> None:
    for score in SCORES:
        held = [group for group in scheme.groups if score.r in scheme.cells(group).get(score.value, ())]
        assert held == [scheme.group(score)]


FIVE = (  # from recency 5 down to 1, each from value 1 to 5
    "potential potential loyal champions champions",
    "potential potential loyal champions champions",
    "potential potential loyal loyal loyal",
    "lost lost risk risk risk",
    "lost lost risk risk risk",
)
ELEVEN = (
    "new active active champions champions",
    "promising active active loyal loyal",
    "promising attention attention loyal loyal",
    "almost almost risk risk previously",
    "dormant dormant risk risk previously",
)
SHORT = {
    "at risk": "risk",
    "needs attention": "attention",
    "almost lost": "almost",
    "previously loyal": "previously",
}


@pytest.mark.parametrize(("scheme", "grid"), [(FIVE_GROUPS, FIVE), (ELEVEN_GROUPS, ELEVEN)])
def test_every_cell_of_the_grids_is_as_it_was_agreed(scheme: Scheme, grid: tuple[str, ...]) -> None:
    for recency, row in zip(range(5, 0, -1), grid, strict=True):
        found = [scheme.group(RFM(recency, value, value)) for value in range(1, 6)]
        assert [SHORT.get(group, group) for group in found] == row.split()


@pytest.mark.parametrize(
    ("score", "five", "eleven"),
    [
        (RFM(5, 5, 5), "champions", "champions"),
        (RFM(4, 5, 4), "champions", "loyal"),
        (RFM(3, 4, 3), "loyal", "loyal"),
        (RFM(5, 1, 1), "potential", "new"),
        (RFM(4, 1, 1), "potential", "promising"),
        (RFM(5, 2, 3), "loyal", "active"),
        (RFM(3, 2, 2), "potential", "needs attention"),
        (RFM(2, 3, 3), "at risk", "at risk"),
        (RFM(1, 5, 4), "at risk", "previously loyal"),
        (RFM(2, 1, 1), "lost", "almost lost"),
        (RFM(1, 1, 1), "lost", "dormant"),
        (RFM(0, 0, 0), "prospects", "prospects"),
    ],
)
def test_scores_have_the_names_that_the_field_gives_them(score: RFM, five: str, eleven: str) -> None:
    assert (FIVE_GROUPS.group(score), ELEVEN_GROUPS.group(score)) == (five, eleven)


def test_the_mean_of_frequency_and_money_rounds_up() -> None:
    assert RFM(1, 1, 2).value == 2
    assert RFM(1, 3, 3).value == 3
    assert RFM(1, 5, 1).value == 3
    assert str(RFM(5, 4, 3)) == "543"


@pytest.mark.parametrize("scheme", [FIVE_GROUPS, ELEVEN_GROUPS])
def test_every_group_is_a_rule_of_exactly_its_customers(scheme: Scheme) -> None:
    groups = SegmentSet(SCALE.segments(scheme))
    backs, counts, spends = (5, 45, 100, 200, 400), (1, 2, 3, 5, 10), (1, 50_000, 100_000, 300_000, 1_000_000)
    for r, back in enumerate(backs):
        for f, count in enumerate(counts):
            for m, spend in enumerate(spends):
                extra = (order(ago(back + n + 1), won(0)) for n in range(count - 1))
                person = profile(order(ago(back), won(spend)), *extra)
                assert SCALE.score(person, NOW) == RFM(5 - r, f + 1, m + 1)
                expected = "rfm-" + SCALE.group(person, NOW, scheme).replace(" ", "-")
                assert groups.labels(person, NOW) == {expected}
    assert groups.labels(profile(), NOW) == {"rfm-prospects"}


def test_group_segments_bear_names() -> None:
    found = {each.key: each.name for each in SCALE.segments(ELEVEN_GROUPS, prefix="g:")}
    assert found["g:needs-attention"] == "needs attention"
    assert len(found) == 11


def test_a_scheme_of_ones_own_may_put_those_who_never_bought_into_a_group() -> None:
    halves = Scheme([["small"] * 3 + ["big"] * 2] * 5, never_bought="small")
    assert halves.groups == ("big", "small")
    small = SCALE.rule("small", halves)
    assert small.matches(profile(), as_of=NOW)
    assert small.matches(profile(order(ago(1))), as_of=NOW)
    assert not small.matches(profile(order(ago(1), won(2_000_000)), *(order(ago(n)) for n in range(9))), as_of=NOW)


def test_count_has_every_group() -> None:
    people = [profile(), profile(order(ago(1))), profile(order(ago(2)))]
    found = SCALE.count(people, NOW)
    assert list(found) == list(ELEVEN_GROUPS.groups)
    assert {group: count for group, count in found.items() if count} == {"new": 2, "prospects": 1}


def test_unknown_groups_and_crooked_grids_are_refused() -> None:
    with pytest.raises(UnknownName) as caught:
        SCALE.rule("champion")
    assert caught.value.nearest == "champions"
    with pytest.raises(ConfigurationError, match="five rows"):
        Scheme([["a"] * 5] * 4)
    with pytest.raises(ConfigurationError, match="five rows"):
        Scheme([["a"] * 4] * 5)


def test_a_group_changes_by_time_alone_at_the_exact_instant() -> None:
    person = profile(order(ago(29)))
    new = next(each for each in SCALE.segments() if each.key == "rfm-new")
    assert new.next_change(person, NOW) == ago(29) + timedelta(days=30)
