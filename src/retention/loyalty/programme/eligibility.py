"""Who may have it: an ordinary segment or rule of the rule language."""

from datetime import datetime, tzinfo
from typing import Any, TypeAlias

from retention.loyalty.errors import PolicyError
from retention.profile import Profile
from retention.rules.references import references
from retention.rules.rule import Rule
from retention.segments.segment import Segment
from retention.spans import Duration, local, shift

Eligible: TypeAlias = Segment | Rule


def eligible(self: Any, attribute: Any, who: Any) -> None:
    """The check of a field that says who; None is everybody. Raises PolicyError, RuleError for a rule that refers to
    segments and belongs to no set of them."""
    if who is None:
        return
    path = f"{type(self).__name__}.{attribute.name}"
    if isinstance(who, Segment):
        who.meaning  # noqa: B018 - raises for references that nobody resolves
    elif not isinstance(who, Rule):
        hint = "Give a Segment, or a rule: orders.count() >= 3, purchases.where(...).any()"
        raise PolicyError(path, "is not a rule about the customer", got=who, hint=hint)
    elif names := references(who.node):
        hint = f"Give the segment of a SegmentSet that has {', '.join(map(repr, names))}"
        raise PolicyError(path, "refers to segments", got=who, hint=hint)


def holds(who: Eligible | None, profile: Profile, as_of: datetime) -> bool:
    """Whether the customer is one of them at ``as_of``; calendar words are read in its zone."""
    if who is None:
        return True
    return who.contains(profile, as_of) if isinstance(who, Segment) else who.matches(profile, as_of)


def in_words(who: Eligible) -> str:
    """What a segment is called, or how the rule is written."""
    return who.words if isinstance(who, Segment) else str(who)


def just_before(at: datetime, zone: tzinfo) -> datetime:
    """The last instant before something happened, on the zone's wall clock: who the customer was when it came.

    A customer who has just ordered is no longer dormant, and it is the dormant one who was promised something.
    """
    return local(shift(at, Duration(1), -1, zone), zone)
