"""What a customer has of what comes in lots, each with a life of its own: points, store credit, coupons.

A row adds to a lot or takes from it, as its ``kind`` says, and carries the lot's life: ``available_at`` up to, but not
including, ``expires_at``. What is left is therefore a sum over the rows whose lot is alive, at any instant, with
nothing to be written when a lot begins or ends.
"""

from typing import Self

from retention.rules.handles.collection import Collection
from retention.rules.handles.fields import AmountField, InstantField, NumberField, TextField
from retention.rules.handles.instants import as_of
from retention.rules.handles.numbers import Amount, Number
from retention.rules.rule import Rule
from retention.spans import MovingSpan


class Lots(Collection):
    """Rows that add to lots and take from them."""

    kind = TextField()
    code = TextField()
    available_at = InstantField()
    expires_at = InstantField()

    def alive(self) -> Self:
        """The rows of lots that can be used at ``as_of``: available by then, and not yet expired."""
        return self.where(~(self.available_at > as_of), ~(self.expires_at <= as_of))

    def alive_until(self, span: MovingSpan) -> Self:
        """The rows of lots that can be used at ``as_of`` and no longer when the span has passed."""
        return self.alive().where(self.expires_at <= as_of + span)

    def _of_kind(self, *kinds: str) -> Self:
        return self.where(self.kind.is_in(kinds))


class Coupons(Lots):
    """What happened to the coupons that the customer holds."""

    uses = NumberField()
    amount = AmountField()

    def held(self) -> Number[Rule]:
        """How many uses of coupons the customer has: those issued less those redeemed, expired or revoked."""
        return _held(self.alive())

    def expiring(self, within: MovingSpan) -> Number[Rule]:
        """How many uses the customer has that expire by the end of the span."""
        return _held(self.alive_until(within))


class Points(Lots):
    """What happened to the customer's points."""

    amount = NumberField()

    def balance(self) -> Number[Rule]:
        """How many points the customer has, less what is owed; not what is still to become available."""
        return _points_of(self.alive())

    def expiring(self, within: MovingSpan) -> Number[Rule]:
        """How many of the points that the customer has expire by the end of the span."""
        return _points_of(self.alive_until(within))


class Credits(Lots):
    """What happened to store credit."""

    amount = AmountField()

    def balance(self) -> Amount[Rule]:
        """How much store credit the customer has, less what is owed."""
        return _credit_of(self.alive())

    def expiring(self, within: MovingSpan) -> Amount[Rule]:
        """How much of the credit that the customer has expires by the end of the span."""
        return _credit_of(self.alive_until(within))


def _held(rows: Coupons) -> Number[Rule]:
    return rows._of_kind("issued", "released").uses.sum() - rows._of_kind("redeemed", "expired", "revoked").uses.sum()


def _points_of(rows: Points) -> Number[Rule]:
    return rows._of_kind("earned", "adjusted").amount.sum() - rows._of_kind("spent", "expired").amount.sum()


def _credit_of(rows: Credits) -> Amount[Rule]:
    came = rows._of_kind("issued", "refunded").amount.sum()
    return came - rows._of_kind("spent", "expired", "revoked").amount.sum()
