"""Questions about a run's own facts. A rule knows of no run: it is asked of everything that is known of a customer."""

from typing import TypeAlias, final

from attrs import frozen

from retention.rules.rule import Rule
from retention.segments.segment import Segment


@final
@frozen
class SinceEntry:
    """``rule``, asked of what happened since the run began, what began it included, and of the run's subject alone.

    Of two carts, what is done to one is not done to the other; facts that name no cart are of both. An order happened
    when it was placed.

    >>> from retention.rules import orders
    >>> SinceEntry(orders.any()).as_rule() == orders.any()
    True
    """

    rule: Segment | Rule

    def as_rule(self) -> Rule:
        """The rule alone."""
        return self.rule.as_rule()


@final
@frozen
class OfEntry:
    """``rule``, asked of the customer and the fact that began the run, as it is by now, and nothing else.

    ``OfEntry(kept.none())``: the order was cancelled since. Only runs that begin by ``Happens`` have such a fact.
    """

    rule: Segment | Rule

    def as_rule(self) -> Rule:
        """The rule alone."""
        return self.rule.as_rule()


Question: TypeAlias = Segment | Rule | SinceEntry | OfEntry
