"""What campaigns ask of a customer: whether a rule holds at an instant, whether a fact is what somebody waits for."""

from datetime import datetime
from functools import lru_cache

from retention.errors import ConfigurationError
from retention.order import Order
from retention.profile import Fact, Profile
from retention.rules import nodes
from retention.rules.references import references, resolve
from retention.rules.rule import Rule
from retention.rules.walk import iter_nodes
from retention.schema import Schema
from retention.segments.segment import Segment
from retention.segments.segment_set import SegmentSet

_OF_ORDERS = frozenset({"orders", "purchases", "refunds"})


def holds(question: Segment | Rule, profile: Profile, at: datetime, segments: SegmentSet | None) -> bool:
    """Whether it holds at that instant, by what was known then. ``segments`` are those that it may refer to."""
    return _askable(question.as_rule().node, segments).matches(profile, at)


def happened_at(
    event: Rule, fact: Fact, profile: Profile, now: datetime, segments: SegmentSet | None
) -> datetime | None:
    """When the fact came to satisfy the event, asked of the customer and this one fact; None if it does not at ``now``.

    An order has several instants: of ``orders.paid_at`` the payment is meant, however late the order is told of.
    """
    if not _rows_of(fact) & collections_of(event.node):
        return None
    alone = Profile.build(profile.customer, (fact,), schema=profile.schema)
    rule = _askable(event.node, segments)
    if not rule.matches(alone, now):
        return None
    instants = (at for at in alone.instants() if at <= now)
    return next((at for at in instants if rule.matches(alone, at.astimezone(now.tzinfo))), None)


def name_of(fact: Fact) -> str:
    """What a fact is called in a run: ``cart/e-7``."""
    return f"{fact.collection}/{fact.id}"


@lru_cache(maxsize=4096)
def collections_of(node: nodes.Rule) -> frozenset[str]:
    """The collections whose rows a rule reads."""
    return frozenset(each.collection for each in iter_nodes(node) if isinstance(each, nodes.Events))


def fact_columns(event: Rule, schema: Schema) -> tuple[str, ...]:
    """The columns that every fact has which can satisfy the event: of what is bought and given back the order's."""
    read = collections_of(event.node) & schema.collections.keys()
    owners = {"orders" if each in _OF_ORDERS else each for each in read}
    columns = [frozenset(schema.collections[each].columns) for each in owners]
    return tuple(sorted(frozenset.intersection(*columns))) if columns else ()


def _rows_of(fact: Fact) -> frozenset[str]:
    """The collections in which a fact has rows."""
    return _OF_ORDERS if isinstance(fact, Order) else frozenset({fact.collection})


def _askable(node: nodes.Rule, segments: SegmentSet | None) -> Rule:
    return _resolved(node, segments if _keys(node) else None)


@lru_cache(maxsize=4096)
def _keys(node: nodes.Rule) -> tuple[str, ...]:
    return references(node)


@lru_cache(maxsize=4096)
def _resolved(node: nodes.Rule, segments: SegmentSet | None) -> Rule:
    """The rule that goes on being asked: it keeps what it has compiled."""
    if not _keys(node):
        return Rule(node)
    if segments is None:
        raise ConfigurationError(
            f"a campaign refers to segment {_keys(node)[0]!r} and was given none", hint="Give decide(…, segments=…)"
        )
    return Rule(resolve(node, {each.key: each.meaning for each in segments}))
