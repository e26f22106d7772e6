"""A programme: how points are earned, what they are worth, how they are spent. Pure: it makes the ledger's commands."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, final, get_args

from attrs import field, frozen

from retention.currencies import exponent
from retention.errors import CurrencyMismatch, FactError
from retention.loyalty import given
from retention.loyalty.checkout import Part
from retention.loyalty.errors import OverRefund, PolicyError
from retention.loyalty.keys import joined
from retention.loyalty.ledger.commands import Command, Earn, Refund, Return, Uncovered
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.terms import Refunded
from retention.loyalty.programme.asking import Outcome, Who, counters
from retention.loyalty.programme.counting import charged, counted, goods, line_id
from retention.loyalty.programme.dates import NEVER, Expiry, Pending, validity
from retention.loyalty.programme.earning import EarnRule, earned
from retention.loyalty.programme.eligibility import holds, just_before
from retention.loyalty.programme.occasions import Happened, Ordered
from retention.loyalty.programme.reasons import Reason, Refused, Why
from retention.loyalty.programme.redeeming import Conversion, Redeemable, Redemption, redeemable, refusals
from retention.loyalty.programme.rewards import Reward, rewarded
from retention.money import Money
from retention.order import Order
from retention.order import Refund as MoneyBack
from retention.profile import Profile

if TYPE_CHECKING:  # what may be given; the checks below do the work

    def _given_rules(value: Iterable[EarnRule]) -> tuple[EarnRule, ...]: ...

    def _given_rewards(value: Iterable[Reward]) -> tuple[Reward, ...]: ...

else:
    _given_rules = _given_rewards = None


def _earn_rules(self: Any, attribute: Any, value: Any) -> None:
    given.instances(self, attribute, value, (EarnRule,), 'Give EarnRule("base", "0.01")')


def _rewards(self: Any, attribute: Any, value: Any) -> None:
    given.instances(self, attribute, value, (Reward,), 'Give Reward("birthday", 3_000, Birthday())')


def _currency(self: Any, attribute: Any, value: str) -> None:
    exponent(value)


_PARTS: Final[Mapping[str, type]] = {
    "after": Pending, "expiry": Expiry, "redemption": Redemption, "conversion": Conversion,
}  # fmt: skip


def _a_part(self: Any, attribute: Any, value: Any) -> None:
    kind = _PARTS[attribute.name]
    given.instance(self, attribute, value, (kind,), f"Give {kind.__name__}(...)")


@final
@frozen
class Preview:
    """What would be earned, rule by rule. It prints."""

    outcomes: tuple[Outcome, ...]

    @property
    def units(self) -> int:
        """All of it, what still waits for something to happen to the order included."""
        return sum(each.units for each in self.outcomes)

    @property
    def commands(self) -> tuple[Earn, ...]:
        """What is earned now."""
        return tuple(each.command for each in self.outcomes if each.command is not None)

    def __str__(self) -> str:
        return "\n".join([*map(str, self.outcomes), f"in all: {self.units:,}"])


@final
@frozen(kw_only=True)
class Programme:
    """A points programme of a shop in one currency, its days those of ``zone``.

    ``after`` and ``expiry`` are for rules and rewards that say nothing of their own. What it makes is frozen: terms,
    days and limits are on the command, so that another programme tomorrow changes nothing that was decided today. The
    same facts always give the same commands under the same keys, and the ledger carries each out once. What is earned
    made again, under a changed programme or of corrected facts, is ``already`` given: the first stands.

    >>> from datetime import datetime
    >>> from zoneinfo import ZoneInfo
    >>> from retention import Customer, Order, OrderLine, Profile, won
    >>> seoul = ZoneInfo("Asia/Seoul")
    >>> mileage = Programme(
    ...     "mileage", zone=seoul, currency="KRW", earn=[EarnRule("base", "0.01")],
    ...     after=Pending(days=7, event="confirmed"), expiry=Expiry(months=12, month_end=True),
    ... )
    >>> order = Order("o1", datetime(2026, 3, 2, tzinfo=seoul), lines=[OrderLine("p1", amount=won(12_900))])
    >>> print(mileage.preview(order, Profile.build(Customer("c1"), [order])))
    base: 129 (7 days after the order is confirmed)
    in all: 129
    """

    name: str = field(validator=given.name, kw_only=False)
    zone: tzinfo = field(validator=given.zone)
    currency: str = field(validator=_currency)
    rules: tuple[EarnRule, ...] = field(default=(), alias="earn", converter=_given_rules, validator=_earn_rules)
    rewards: tuple[Reward, ...] = field(default=(), converter=_given_rewards, validator=_rewards)
    after: Pending = field(factory=Pending, validator=_a_part)
    expiry: Expiry = field(default=NEVER, validator=_a_part)
    redemption: Redemption = field(factory=Redemption, validator=_a_part)
    conversion: Conversion = field(validator=_a_part)

    @conversion.default
    def _a_minor_unit(self) -> Conversion:
        return Conversion(1, Money(1, self.currency))

    def __attrs_post_init__(self) -> None:
        called = [each.name for each in self.rules] + [each.name for each in self.rewards]
        twice = next((each for place, each in enumerate(called) if each in called[:place]), None)
        if twice is not None:
            hint = "Give each rule and reward a name of its own: it is what is earned once per order"
            raise PolicyError("Programme.earn", f"two are called {twice!r}", got=twice, hint=hint)
        for reward in self.rewards:
            if isinstance(reward.on, Ordered) and reward.on.minimum is not None:
                self._in_currency(f"Programme.rewards[{reward.name!r}].on.minimum", reward.on.minimum)
        self._in_currency("Programme.conversion", self.conversion.money)

    def account(self, customer: str) -> Account:
        """The account of a customer's points."""
        return Account(self.name, customer)

    # Earning --------------------------------------------------------------------------------------------------------

    def earn(
        self, order: Order, profile: Profile, *, tier: str | None = None, used: Money | None = None
    ) -> tuple[Earn, ...]:
        """What the order earns by now: a command for each rule and reward that gives something and waits for nothing.

        ``tier`` is the customer's when the order was placed, ``used`` what points and credit paid of it, whether the
        order's total still includes that or not. Refunds are left to ``refund``: send one for each, before or after.
        Raises CurrencyMismatch.
        """
        return self.preview(order, profile, tier=tier, used=used).commands

    def preview(
        self,
        order: Order,
        profile: Profile,
        *,
        tier: str | None = None,
        used: Money | None = None,
        head: Head | None = None,
    ) -> Preview:
        """What an order, or a cart written down as one, would earn, and why no more.

        ``head`` says what the limits per day and customer have counted so far; without it they count from 0.
        """
        self._in_currency("order", order.total)
        who = Who(profile=profile, zone=self.zone, tier=tier, used=counters(head))
        found = [earned(rule, order, who, self._used(used), self.after, self.expiry) for rule in self.rules]
        return Preview((*found, *self._rewarded(order, who)))

    def counts(self, order: Order, *, used: Money | None = None) -> dict[str, Money]:
        """What each line of the order counts for, by the line's id: after its shares of the order's discount and of
        ``used``. An order without lines counts as one, called as the order. Raises CurrencyMismatch."""
        self._in_currency("order", order.total)
        found = counted(order, self._used(used))
        return {each.id: Money(each.amount, self.currency) for each in found}

    def reward(self, happened: Happened, profile: Profile, *, tier: str | None = None) -> tuple[Earn, ...]:
        """What is given for something else that happened: a sign-up (the Customer), a consent, a review, a survey's
        answer, a referral, an Action, or a local day (a ``date``), for birthdays. An order's rewards come with
        ``earn``."""
        return self.preview_reward(happened, profile, tier=tier).commands

    def preview_reward(
        self, happened: Happened, profile: Profile, *, tier: str | None = None, head: Head | None = None
    ) -> Preview:
        """What would be given for it, and why no more. Raises FactError for what nothing is given for."""
        if not isinstance(happened, get_args(Happened)) or isinstance(happened, datetime):
            hint = "Give a Customer, ConsentEvent, Review, SurveyAnswer, Referral, Action or date"
            raise FactError("happened", "is not an occasion", got=happened, hint=hint)
        return Preview(self._rewarded(happened, Who(profile=profile, zone=self.zone, tier=tier, used=counters(head))))

    def _rewarded(self, happened: Happened, who: Who) -> tuple[Outcome, ...]:
        """The first of the rewards that share a claim has it."""
        found: list[Outcome] = []
        claimed: dict[tuple[str, str], str] = {}
        for reward in self.rewards:
            outcome = rewarded(reward, happened, who, self.expiry)
            if outcome is None:
                continue
            if outcome.command is not None:
                claim = (outcome.command.rule, outcome.command.order)
                first = claimed.setdefault(claim, reward.name)
                if first != reward.name:
                    why = Reason(Why.GIVEN_ALREADY, f"given as {first}")
                    outcome = Outcome(rule=reward.name, why=(why,))
            found.append(outcome)
        return tuple(found)

    # Giving back ----------------------------------------------------------------------------------------------------

    def commands(
        self,
        order: Order,
        profile: Profile,
        *,
        tier: str | None = None,
        used: Money | None = None,
        spent: bool | None = None,
        lines: Mapping[str, Mapping[str, Money]] | None = None,
        shipping: Mapping[str, Money] | None = None,
    ) -> tuple[Command, ...]:
        """All that the order has come to by now: what it earns, then for each of its refunds what is taken back and
        given back. Run them one after another, as often as something happens to the order.

        ``lines`` and ``shipping`` say of a refund, by its id, how much of it was for which line and for shipping.
        Points come back if ``used`` is given; ``spent=False`` says that it was credit alone.
        """
        back = bool(used) if spent is None else spent
        found: list[Command] = [*self.earn(order, profile, tier=tier, used=used)]
        for each in sorted(order.refunds, key=lambda refund: (refund.at, refund.id)):
            found.append(
                self.refund(order, each, lines=(lines or {}).get(each.id), shipping=(shipping or {}).get(each.id))
            )
            if back and each.amount:
                found.append(self.give_back(order, each, used=used))
        return tuple(found)

    def refund(
        self,
        order: Order,
        refund: MoneyBack,
        *,
        lines: Mapping[str, Money] | None = None,
        shipping: Money | None = None,
        uncovered: Uncovered = "debt",
    ) -> Refund:
        """The claw-back for money given back on an order. ``lines`` says how much of it was for which line, by the
        line's id, and ``shipping`` how much for shipping and fees, which earned nothing; the rest is for no line in
        particular. So is what a line did not come to (``counts``): give its list price, if that went back.

        Raises FactError for a line that the order does not have, or when the parts come to more than the refund, and
        OverRefund when the refund comes to more than the order.
        """
        self._in_currency("refund", refund.amount)
        if refund.amount > order.total:
            raise OverRefund(order.id, refund.amount.minor, order.total.minor)
        named = {} if lines is None else lines
        known = {line_id(order, place) for place in range(len(order.lines))} or {order.id}
        for each, amount in named.items():
            self._in_currency(f"lines[{each!r}]", amount)
            if each not in known:
                hint = f"It has {', '.join(sorted(known))}"
                raise FactError(f"lines[{each!r}]", "is not a line of the order", got=each, hint=hint)
        shipped = Money.zero(self.currency) if shipping is None else shipping
        self._in_currency("shipping", shipped)
        parts = [shipped.minor, *(each.minor for each in named.values())]
        rest = refund.amount.minor - sum(parts)
        if rest < 0 or min(parts) < 0:
            hint = "Give the part of the refund that was for each line, and for shipping"
            raise FactError("shipping" if lines is None else "lines", "do not fit the refund", got=parts, hint=hint)
        return Refund(
            key=joined(order.id, "refund", refund.id),
            order=order.id,
            refunded=Refunded(rest, {each: amount.minor for each, amount in named.items()}, shipped.minor),
            uncovered=uncovered,
            at=refund.at,
        )

    def give_back(
        self, order: Order, refund: MoneyBack, *, used: Money | None = None, share: Fraction | None = None
    ) -> Return:
        """The return of the points that were spent on an order: as much of them as went back of the money that was paid
        beside ``used``, or a ``share``. What belongs to an expired lot lives for ``redemption.extend_days`` more, if
        that is given.

        Raises FactError if no share is given and no money was paid, or less than the refund.
        """
        if share is None:
            share = self._share(order, refund, self._used(used))
        days = self.redemption.extend_days
        return Return(
            key=joined(order.id, "return", refund.id),
            order=order.id,
            share=share,
            extended=None if days is None else validity(refund.at, 0, Expiry(days=days), self.zone),
            at=refund.at,
        )

    def _share(self, order: Order, refund: MoneyBack, used: Money) -> Fraction:
        self._in_currency("refund", refund.amount)
        paid = charged(order, used)
        if not paid:
            hint = "Say how much of the order was returned: share=Fraction(1, 4)"
            raise FactError("share", "is missing for an order that cost no money", got=None, hint=hint)
        if refund.amount.minor > paid:
            hint = f"{Money(paid, self.currency)} was paid beside points and credit; or give share="
            raise FactError("refund", "is more money than was paid", got=refund.amount, hint=hint)
        return Fraction(refund.amount.minor, paid)

    # Spending -------------------------------------------------------------------------------------------------------

    def redeemable(self, order: Order, profile: Profile, head: Head) -> Redeemable:
        """The most points that may pay for an order, or a cart written down as one, and why it is not more. What the
        order has reserved already is there for it."""
        self._in_currency("order", order.total)
        allowed = holds(self.redemption.when, profile, just_before(order.at, self.zone))
        price = Money(goods(order), self.currency)
        available = head.available + sum(hold.amount for hold in head.holds if hold.order == order.id)
        return redeemable(self.redemption, self.conversion, goods=price, available=available, allowed=allowed)

    def part(self, order: Order, points: int, profile: Profile, head: Head) -> Part | Refused:
        """So many points, as what an order takes of the account by ``checkout.reserve`` and ``checkout.redeem``, or why
        they may not be spent.

        Once they are reserved nothing is asked again: ``Part(account, points)`` of a later request is the same.
        """
        why = refusals(self.redemption, self.redeemable(order, profile, head), points)
        return Refused(why) if why else Part(head.account, points)

    def _used(self, used: Money | None) -> Money:
        return Money.zero(self.currency) if used is None else used

    def _in_currency(self, path: str, amount: Money) -> None:
        if amount.currency != self.currency:
            raise CurrencyMismatch(path, self.currency, amount.currency)
