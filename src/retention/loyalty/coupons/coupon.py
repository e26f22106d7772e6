"""Coupons as the shop defines them."""

from datetime import UTC, datetime, tzinfo
from typing import Any, Final, TypeAlias, final, get_args

from attrs import field, frozen

from retention.loyalty import given
from retention.loyalty.codes import folded
from retention.loyalty.coupons.benefits import Worth, currency
from retention.loyalty.errors import PolicyError
from retention.loyalty.ledger.entries import Validity
from retention.loyalty.programme.dates import NEVER, During, Expiry, days_after, validity
from retention.loyalty.programme.eligibility import Eligible, eligible
from retention.money import Money
from retention.order import OrderLine
from retention.spans import local, midnight

Valid: TypeAlias = During | Expiry
"""Fixed local days, or how long from the day of issue."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@final
@frozen(kw_only=True)
class Scope:
    """Which lines a coupon is about: these products and categories, without those; all if nothing is said."""

    products: frozenset[str] | None = field(default=None, converter=given.given_names, validator=given.names)
    categories: frozenset[str] | None = field(default=None, converter=given.given_names, validator=given.names)
    without_products: frozenset[str] = field(default=frozenset(), converter=given.given_names, validator=given.names)
    without_categories: frozenset[str] = field(default=frozenset(), converter=given.given_names, validator=given.names)

    def covers(self, line: OrderLine) -> bool:
        if line.product_id in self.without_products or line.category in self.without_categories:
            return False
        if self.products is None and self.categories is None:
            return True
        return line.product_id in (self.products or ()) or line.category in (self.categories or ())


def _a_benefit(self: object, attribute: object, value: Worth) -> None:
    given.instance(self, attribute, value, get_args(Worth), 'Give PercentOff("10"), AmountOff(won(3_000)), …')


def _a_scope(self: object, attribute: object, value: object) -> None:
    given.instance(self, attribute, value, (Scope,), 'Give Scope(categories={"coffee"})')


def _valid(self: object, attribute: object, value: object) -> None:
    given.instance(self, attribute, value, get_args(Valid), "Give During(first, last), or Expiry(days=30) from issue")


def _id(self: object, attribute: Any, value: str) -> None:
    given.name(self, attribute, value)
    if {"/", "#"} & set(value):
        raise PolicyError("Coupon.id", "has / or # in it", got=value, hint="They part the names of accounts; use -")


def _code(self: object, attribute: Any, value: str | None) -> None:
    if value is not None and (not isinstance(value, str) or not folded(value).isalnum()):
        hint = 'Give letters and digits: code="SPRING10"; what people type is read without case, spaces and hyphens'
        raise PolicyError(f"Coupon.{attribute.name}", "is not fit to be typed", got=value, hint=hint)


@final
@frozen
class Coupon:
    """A coupon, the same for everybody who has it.

    Anybody may use it who can see it, or who knows its ``code``; unless it has unique ``codes``, each beginning with
    that text and good for one use, or is ``issued`` to customers, a use at a time.

    The ``minimum`` is what the lines in ``scope`` come to before any coupon. ``when`` and ``tiers`` say for whom.
    ``limit`` is how many uses there are in all, ``per_customer`` for each, ``per_order`` in one order. The ledger keeps
    the first two from the first use on: a later definition does not change them. An ``exclusive`` coupon goes with no
    other. Days are those of ``zone``. Raises PolicyError.

    >>> from zoneinfo import ZoneInfo
    >>> from retention import won
    >>> from retention.loyalty.coupons import Coupon, PercentOff
    >>> print(Coupon("spring", PercentOff("10", most=won(5_000)), zone=ZoneInfo("Asia/Seoul"), code="SPRING10"))
    spring: 10 % off, at most 5,000원
    """

    id: str = field(validator=_id)
    gives: Worth = field(validator=_a_benefit)
    zone: tzinfo = field(kw_only=True, repr=False, validator=given.zone)
    minimum: Money | None = field(default=None, kw_only=True, validator=given.amount)
    scope: Scope = field(default=Scope(), kw_only=True, validator=_a_scope)  # frozen, fit for a default
    when: Eligible | None = field(default=None, kw_only=True, validator=eligible)
    tiers: frozenset[str] | None = field(default=None, kw_only=True, converter=given.given_names, validator=given.names)
    valid: Valid = field(default=NEVER, kw_only=True, validator=_valid)
    limit: int | None = field(default=None, kw_only=True, validator=given.positive)
    per_customer: int | None = field(default=None, kw_only=True, validator=given.positive)
    per_order: int = field(default=1, kw_only=True, validator=given.positive)
    exclusive: bool = field(default=False, kw_only=True)
    code: str | None = field(default=None, kw_only=True, validator=_code)
    codes: str | None = field(default=None, kw_only=True, validator=_code)
    issued: bool = field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if (self.code is not None) + (self.codes is not None) + self.issued > 1:
            hint = "Give one of code=, codes=, issued=True"
            raise PolicyError("Coupon.code", "comes with another way to have it", got=self.code, hint=hint)
        if self.issued and self.per_customer is not None:
            hint = "What is issued to a customer is their limit"
            raise PolicyError("Coupon.per_customer", "limits an issued coupon", got=self.per_customer, hint=hint)
        if isinstance(self.valid, Expiry) and self.valid != NEVER and not self.is_held:
            hint = "Give issued=True or codes=..., or fixed days: valid=During(first, last)"
            raise PolicyError("Coupon.valid", "counts from an issue that never comes", got=self.valid, hint=hint)
        given_in = {each for each in (currency(self.gives), self.minimum and self.minimum.currency) if each}
        if len(given_in) > 1:
            hint = "Write the benefit and the minimum in one"
            raise PolicyError("Coupon.minimum", "is in another currency", got=self.minimum, hint=hint)

    @property
    def is_held(self) -> bool:
        """Whether somebody must have been given it: it is used by way of a ``Held``."""
        return self.issued or self.codes is not None

    @property
    def currency(self) -> str | None:
        """The currency of its amounts; None if it has none."""
        return currency(self.gives) or (None if self.minimum is None else self.minimum.currency)

    def window(self, issued_at: datetime | None = None) -> Validity | None:
        """When it can be used: if issued at an instant, or at all; None if its days are over by then."""
        start, end = _EPOCH if issued_at is None else issued_at, None
        if isinstance(self.valid, Expiry):
            return validity(start, 0, NEVER if issued_at is None else self.valid, self.zone)
        if self.valid.first is not None:
            start = max(start, midnight(self.valid.first, self.zone))
        if self.valid.last is not None:
            end = midnight(days_after(self.valid.last, 1), self.zone)
        return None if end is not None and end <= start else Validity(local(start, self.zone).date(), start, end)

    def __str__(self) -> str:
        return f"{self.id}: {self.gives}"
