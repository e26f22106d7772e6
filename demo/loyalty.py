"""A year of the study's baskets through a programme: points, tiers and a coupon for those who stay away.

The study knows no programme, so this one is made up; baskets and their days are the study's. Every twentieth household
is a member. What a coupon or points pay of a basket is taken from what it earns.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast, final

from attrs import frozen

from demo.complete_journey import ZONE
from retention.loyalty import checkout
from retention.loyalty.checkout import Part, Taken
from retention.loyalty.coupons import AmountOff, Cart, Comeback, Coupon, Offer, issue, price, redeem, wallet
from retention.loyalty.coupons.held import PROGRAMME, account_of
from retention.loyalty.facts import coupon_events, points_events
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.programme import Conversion, EarnRule, Expiry, Pending, Programme, Redemption
from retention.loyalty.reports import history
from retention.loyalty.tiers import Complete, Counting, ExtraPoints, Monthly, Standing, Tier, Tiers
from retention.money import Money, usd
from retention.order import Order
from retention.profile import Fact, Profile
from retention.rules import orders
from retention.spans import days
from retention.storage.memory import MemoryLedgerStore

BEGIN = datetime(2017, 1, 1, tzinfo=ZONE)
END = datetime(2018, 1, 1, tzinfo=ZONE)

TIERS = Tiers(
    [
        Tier("member"),
        Tier("silver", spend=usd(300), benefits=[ExtraPoints("1.25")]),
        Tier("gold", spend=usd(800), benefits=[ExtraPoints("1.5")]),
    ],
    zone=ZONE,
    currency="USD",
    window=Complete("month", 3),
    schedule=Monthly(day=1),
    counting=Counting(event="placed"),
    downgrade="one step",
)
POINTS = Programme(
    "points",
    zone=ZONE,
    currency="USD",
    earn=[EarnRule("base", "0.01", by_tier=TIERS.multipliers(), without={"FUEL"})],
    after=Pending(days=7, event="placed"),
    expiry=Expiry(months=3, month_end=True),
    conversion=Conversion(100, usd(1)),
    redemption=Redemption(minimum=500, step=500, most="0.5"),
)
COMEBACK = Coupon("comeback", AmountOff(usd(5)), zone=ZONE, minimum=usd(25), valid=Expiry(days=30), issued=True)
AWAY = Offer(COMEBACK, Comeback(21, event="placed"), when=orders.within(days(20)).none())


@final
@frozen
class Member:
    """A household after its year."""

    profile: Profile
    standing: Standing

    @property
    def id(self) -> str:
        return self.profile.customer.id

    @property
    def points(self) -> Account:
        return POINTS.account(self.id)

    def with_loyalty(self, ledger: Ledger) -> Profile:
        """What the ledger knows of the household's points and coupons, as facts; the study's own coupons are others."""
        coupons = account_of(COMEBACK, customer=self.id)
        facts: list[Fact] = [
            *points_events(self.points, history(ledger, self.points, now=END)),
            *coupon_events(coupons, history(ledger, coupons, now=END)),
        ]
        return Profile.build(self.profile.customer, facts, schema=self.profile.schema)


def run(profiles: Sequence[Profile], advance: Callable[[int, int | None], None]) -> tuple[Ledger, list[Member]]:
    """The year of every twentieth household on a ledger in memory."""
    ledger = Ledger(store=MemoryLedgerStore())
    joining = profiles[::20]
    members = []
    for number, profile in enumerate(joining):
        members.append(_lived(ledger, profile))
        advance(number + 1, len(joining))
    for programme in (POINTS.name, PROGRAMME):
        ledger.settle_due(programme, now=END, limit=len(joining))
    return ledger, members


def _lived(ledger: Ledger, profile: Profile) -> Member:
    """Baskets and coupons in order of time; the tier is decided on the first of each month."""
    standing = TIERS.evaluate(profile, BEGIN).standing
    issued = {each.valid_from: each for each in AWAY.due(profile, since=BEGIN, until=END)}
    baskets = {order.at: order for order in cast(tuple[Order, ...], profile.rows("orders")) if order.at < END}
    for at in sorted({*issued, *baskets}):
        if at in issued:
            issue(ledger, issued[at], now=at)
        if at in baskets:
            standing = _standing(profile, standing, at)
            _bought(ledger, profile, baskets[at], standing.tier)
    return Member(profile, _standing(profile, standing, END))


def _standing(profile: Profile, standing: Standing, now: datetime) -> Standing:
    return next((each.standing for each in reversed(TIERS.due(profile, standing, now))), standing)


def _bought(ledger: Ledger, profile: Profile, order: Order, tier: str) -> None:
    """A basket is paid with a coupon, if there is one that applies, with points if there are enough, and with money."""
    customer, account, now = profile.customer.id, POINTS.account(profile.customer.id), order.at
    held = wallet(ledger, [COMEBACK], customer, now=now)
    used = Money.zero("USD")
    if held and order.lines:
        priced = price(Cart(lines=order.lines, at=now.astimezone(ZONE), profile=profile, tier=tier), held)
        taken = [each.usable for each in priced.applied]
        if taken and isinstance(redeem(ledger, taken, customer=customer, order=order.id, now=now), Taken):
            used = priced.discount
    head = ledger.head(account, now=now)
    most = POINTS.redeemable(order, profile, head).points
    spending = POINTS.part(order, most, profile, head) if most else None
    if isinstance(spending, Part) and isinstance(checkout.redeem(ledger, [spending], order=order.id, now=now), Taken):
        used += POINTS.conversion.worth(most)
    for command in POINTS.earn(order, profile, tier=tier, used=min(used, order.total)):
        ledger.run(account, command, now=now)
