"""What lines of proof come to: opt-in per medium (KR Network Act art. 50(1)), double opt-in, withdrawal."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from retention import ConsentEvent
from retention.errors import NaiveInstant, UnknownChoice
from retention.permission import Consent, Standing, fold, from_events, standing
from retention.permission.consents import CONFIRMED_WITHIN
from retention.spans import TICK
from tests.permission.scene import NOON, consent

DAY = timedelta(days=1)
T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(day: int) -> datetime:
    return T0 + day * DAY


def state(*lines: Consent, medium: str = "sms", now: datetime = NOON, **asked: object) -> str:
    return standing(lines, medium=medium, now=now, **asked).state  # type: ignore[arg-type]


def test_nothing_is_no_consent() -> None:
    assert standing((), medium="sms", now=NOON) == Standing("none")


def test_a_consent_is_to_its_medium_alone() -> None:
    given = consent("sms")
    assert standing([given], medium="sms", now=NOON) == Standing("given", given)
    assert state(given, medium="email") == "none"


def test_marketing_and_night_are_two_consents() -> None:
    assert state(consent(), purpose="night") == "none"
    assert state(consent(purpose="night"), purpose="marketing") == "none"
    assert state(consent(purpose="night"), purpose="night") == "given"


def test_a_consent_holds_from_its_instant() -> None:
    given = consent(at=T0)
    assert state(given, now=T0) == "given"
    assert state(given, now=T0 - TICK) == "none"


def test_a_topic_is_covered_by_a_consent_to_all_and_not_the_other_way() -> None:
    assert state(consent(), topic="news") == "given"
    assert state(consent(topic="news"), topic="news") == "given"
    assert state(consent(topic="news"), topic="sale") == "none"
    assert state(consent(topic="news")) == "none"


def test_a_withdrawal_acts_at_once_and_wins_at_the_same_instant() -> None:
    lines = consent(at=T0), consent(act="withdrawn", at=at(1))
    assert state(*lines, now=at(1) - TICK) == "given"
    found = standing(lines, medium="sms", now=at(1))
    assert (found.state, found.line, found.refusal) == ("withdrawn", lines[1], lines[1])
    assert state(consent(at=T0), consent(act="withdrawn", at=T0), now=T0) == "withdrawn"


def test_a_consent_after_a_withdrawal_holds() -> None:
    lines = consent(at=at(0)), consent(act="withdrawn", at=at(1)), consent(at=at(2))
    assert state(*lines) == "given"
    assert standing(lines, medium="sms", now=NOON).refusal is None


@pytest.mark.parametrize(
    ("scope", "ended"),
    [
        ("medium", {("sms", None), ("sms", "news")}),
        ("topic", {("sms", "news"), ("email", "news")}),
        ("all", {("sms", None), ("sms", "news"), ("email", None), ("email", "news")}),
    ],
)
def test_how_far_a_withdrawal_goes(scope: str, ended: set[tuple[str, str | None]]) -> None:
    lines = [
        consent("sms", at=T0),
        consent("email", at=T0),
        consent("sms", act="withdrawn", at=at(1), scope=scope, topic="news" if scope == "topic" else None),
    ]
    asked = [(medium, topic) for medium in ("sms", "email") for topic in (None, "news")]
    found = {(medium, topic) for medium, topic in asked if state(*lines, medium=medium, topic=topic) == "withdrawn"}
    assert found == ended


def test_a_withdrawn_topic_comes_back_only_by_its_own_consent() -> None:
    lines = consent(at=at(0)), consent(act="withdrawn", at=at(1), scope="topic", topic="news"), consent(at=at(2))
    assert state(*lines, topic="news") == "withdrawn"
    assert state(*lines, topic="sale") == "given"
    assert state(*lines, consent(at=at(3), topic="news"), topic="news") == "given"


def test_withdrawing_marketing_ends_the_night_and_not_the_other_way() -> None:
    lines = consent(at=T0), consent(at=T0, purpose="night")
    assert state(*lines, consent(act="withdrawn", at=at(1)), purpose="night") == "withdrawn"
    assert state(*lines, consent(act="withdrawn", at=at(1), purpose="night")) == "given"


def test_what_waits_for_confirmation_lapses_after_seven_days() -> None:
    asked = consent(act="pending", at=T0)
    last = T0 + CONFIRMED_WITHIN
    assert timedelta(days=7) == CONFIRMED_WITHIN
    assert standing([asked], medium="sms", now=last - TICK) == Standing("pending", asked, None, last)
    assert standing([asked], medium="sms", now=last) == Standing("lapsed", asked)


@pytest.mark.parametrize("double_opt_in", [False, True])
def test_a_confirmation_counts_within_seven_days(double_opt_in: bool) -> None:
    asked = consent(act="pending", at=T0)
    in_time = consent(act="confirmed", at=T0 + CONFIRMED_WITHIN - TICK)
    late = consent(act="confirmed", at=T0 + CONFIRMED_WITHIN)
    assert state(asked, in_time, double_opt_in=double_opt_in) == "confirmed"
    assert state(asked, late, double_opt_in=double_opt_in) == "lapsed"
    assert state(in_time, double_opt_in=double_opt_in) == "none"


def test_with_double_opt_in_every_consent_is_to_be_confirmed() -> None:
    given = consent(at=T0)
    assert state(given, now=at(1), double_opt_in=True) == "pending"
    assert state(given, now=at(7), double_opt_in=True) == "lapsed"
    assert state(given, consent(act="confirmed", at=at(1)), double_opt_in=True) == "confirmed"


def test_a_confirmation_does_not_lift_a_withdrawal_in_between() -> None:
    lines = consent(act="pending", at=T0), consent(act="withdrawn", at=at(1)), consent(act="confirmed", at=at(2))
    assert state(*lines) == "withdrawn"


def test_a_confirmation_is_of_what_was_asked() -> None:
    lines = consent(act="pending", at=T0, topic="news"), consent(act="confirmed", at=at(1))
    assert state(*lines) == "none"
    assert state(*lines, topic="news") == "lapsed"


def test_asking_again_does_not_end_what_holds_but_a_withdrawal_stands_while_it_waits() -> None:
    assert state(consent(at=T0), consent(act="pending", at=at(1)), now=at(2)) == "given"
    withdrawn = consent(act="withdrawn", at=at(1))
    found = standing([consent(at=T0), withdrawn, consent(act="pending", at=at(2))], medium="sms", now=at(3))
    assert (found.state, found.refusal) == ("pending", withdrawn)
    assert not found.holds


def test_order_and_repetition_do_not_matter() -> None:
    lines = (
        consent(at=at(0)),
        consent(act="pending", at=at(1)),
        consent(act="confirmed", at=at(2)),
        consent(act="withdrawn", at=at(2), scope="topic", topic="news"),
        consent(at=at(2), source="till"),
    )
    expected = fold(lines, now=NOON)
    assert all(fold(each, now=NOON) == expected for each in permutations(lines))
    assert fold(lines + lines, now=NOON) == expected


def test_the_fold_names_all_that_the_lines_name() -> None:
    lines = consent("sms"), consent("email", topic="news"), consent("sms", purpose="night", act="pending")
    found = fold(lines, now=NOON)
    assert {key: each.state for key, each in found.items()} == {
        ("email", "marketing", "news"): "given",
        ("sms", "marketing", None): "given",
        ("sms", "night", None): "lapsed",
    }


def test_facts_become_lines() -> None:
    facts = [
        ConsentEvent("1", T0, channel="email", given=True, source="form", wording="v3"),
        ConsentEvent("2", at(1), channel="email", given=False, purpose="night"),
    ]
    given, withdrawn = from_events(facts)
    assert (given.medium, given.act, given.at, given.wording, given.source) == ("email", "given", T0, "v3", "form")
    assert (withdrawn.purpose, withdrawn.act, withdrawn.scope) == ("night", "withdrawn", "medium")


def test_a_fact_of_another_purpose_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownChoice, match="'marketing'"):
        from_events([ConsentEvent("1", T0, channel="email", given=True, purpose="marketting")])


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        standing([consent(at=datetime(2026, 1, 1))], medium="sms", now=NOON)


def test_what_was_agreed_to_is_in_no_repr() -> None:
    assert "canary" not in repr(standing([consent(wording="canary")], medium="sms", now=NOON))


def test_a_fact_of_a_channel_that_is_no_medium_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownChoice, match="'email'") as caught:
        from_events([ConsentEvent("1", T0, channel="e-mail", given=True)])
    assert caught.value.field == "ConsentEvent.channel"
