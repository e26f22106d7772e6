"""What the gate is told is checked when it is made: the field, the nearest word, never the value."""

from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve

from retention.errors import FactError, NaiveInstant, UnknownChoice
from retention.permission import Cap, Medium, MessageKind, Policy, Suppression
from retention.spans import days
from tests.permission.scene import NOON, POLICY, SENDER, consent

CAP = Cap(key="weekly", limit=1, window=days(7))
SUPPRESSION = Suppression(medium=Medium.SMS, reason="opt-out", at=NOON)


@pytest.mark.parametrize(
    ("made", "field", "given", "nearest"),
    [
        (consent(), "act", "withdraw", "withdrawn"),
        (consent(), "act", "giving", "given"),
        (consent(), "medium", "SMS", None),
        (consent(), "medium", "text", None),
        (consent(), "medium", "e-mail", "email"),
        (consent(), "medium", "alimtalk", None),
        (consent(), "scope", "topics", "topic"),
        (consent(), "purpose", "marketting", "marketing"),
        (consent(), "purpose", "nights", "night"),
        (SUPPRESSION, "reason", "optout", "opt-out"),
        (SUPPRESSION, "medium", "email", "Medium.EMAIL"),
        (CAP, "over", "deferred", "defer"),
        (CAP, "media", {"sms"}, "Medium.SMS"),
        (CAP, "kinds", {"marketing"}, "MessageKind.MARKETING"),
        (POLICY, "country", "KOR", "KR"),
        (POLICY, "country", "USA", "US"),
        (POLICY, "country", "JPN", "JP"),
        (POLICY, "country", "XX", None),
    ],
)
def test_a_word_that_is_not_known_is_refused_with_the_nearest(
    made: Any, field: str, given: object, nearest: str | None
) -> None:
    with pytest.raises(UnknownChoice) as caught:
        evolve(made, **{field: given})
    assert caught.value.field == f"{type(made).__name__}.{field}"
    assert caught.value.nearest == nearest
    if nearest is not None:
        assert f"Did you mean {nearest!r}?" in str(caught.value)


@pytest.mark.parametrize(
    ("made", "field", "given"),
    [
        (consent(), "act", None),
        (consent(), "medium", Medium.SMS),
        (consent(), "at", "2026-03-01"),
        (consent(), "source", None),
        (consent(), "method", 7),
        (consent(), "wording", b"yes"),
        (consent(), "wording_version", 2),
        (consent(), "by", 12),
        (consent(), "topic", ""),
        (consent(), "topic", "\ud800"),
        (SUPPRESSION, "at", None),
        (CAP, "key", ""),
        (CAP, "limit", -1),
        (CAP, "limit", 1.5),
        (CAP, "limit", True),
        (CAP, "window", 7),
        (CAP, "media", "sms"),
        (CAP, "tags", "sale"),
        (CAP, "unless", "high"),
        (POLICY, "sender", "Haneul"),
        (POLICY, "country", None),
        (POLICY, "caps", CAP),
        (POLICY, "caps", ["weekly"]),
        (POLICY, "double_opt_in", 1),
    ],
)
def test_a_field_that_cannot_be_right_is_refused_by_name(made: Any, field: str, given: object) -> None:
    with pytest.raises(FactError) as caught:
        evolve(made, **{field: given})
    assert caught.value.field.startswith(f"{type(made).__name__}.{field}")


@pytest.mark.parametrize("made", [consent(), SUPPRESSION])
def test_an_instant_without_a_zone_is_refused(made: Any) -> None:
    with pytest.raises(NaiveInstant, match=f"{type(made).__name__}.at"):
        evolve(made, at=datetime(2026, 3, 1))


@pytest.mark.parametrize("act", ["given", "withdrawn"])
def test_a_consent_of_a_topic_names_it(act: str) -> None:
    with pytest.raises(FactError, match="topic: is missing"):
        consent(act=act, scope="topic")
    assert consent(act=act, scope="topic", topic="news").topic == "news"


def test_what_is_right_is_brought_to_its_exact_form() -> None:
    assert consent(at=NOON).at.tzinfo is UTC
    assert consent(at=NOON).at == NOON
    assert Policy(sender=SENDER, country=" kr ").country == "KR"
    assert Policy(sender=SENDER, country="UK").country == "GB"
    assert Policy(sender=SENDER, country="KR", caps=[CAP]).caps == (CAP,)  # type: ignore[arg-type]
    cap = Cap(key="a", limit=0, window=days(1), media={Medium.SMS}, kinds=[MessageKind.MARKETING])  # type: ignore[arg-type]
    assert (cap.media, cap.kinds) == (frozenset({Medium.SMS}), frozenset({MessageKind.MARKETING}))


@pytest.mark.parametrize("medium", [each.consent for each in Medium])
def test_every_medium_can_be_consented_to(medium: str) -> None:
    assert consent(medium).medium == medium


def test_no_error_repeats_what_a_customer_typed() -> None:
    made: Any = consent()
    for field in ("medium", "act", "scope", "purpose"):
        with pytest.raises(UnknownChoice) as caught:
            evolve(made, **{field: "canary"})
        assert "canary" not in str(caught.value)
