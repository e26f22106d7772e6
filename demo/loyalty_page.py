"""Prints what became of the programme: who is in which tier, one household's statement, what the shop owes."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from demo.complete_journey import ZONE
from demo.loyalty import COMEBACK, END, POINTS, TIERS, Member
from retention.cli.screen import Column, Screen, bar
from retention.loyalty.coupons.held import PROGRAMME
from retention.loyalty.ledger.entries import Bucket
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.reports import (
    Liability,
    Statement,
    breakage,
    distribution,
    histories,
    history,
    liability,
    statement,
)
from retention.rules import coupons, points
from retention.segments import Segment
from retention.spans import days

ASKED = (
    Segment("points-expire", points.expiring(days(31)) >= 200, name="200 points or more expire within 31 days"),
    Segment("nearly-there", points.balance().between(400, 499), name="less than 100 points short of the first $5"),
    Segment("holds-a-coupon", coupons.held() >= 1, name="holds a coupon that can be used"),
)


def show(screen: Screen, ledger: Ledger, members: Sequence[Member]) -> bool:
    """The reports; False if the ledger's sums are not those of its entries."""
    screen.heading("A programme for a year", f"{len(members)} households' baskets, a programme made up for the demo")
    screen.note(
        f"A point for each dollar, 1.25 as silver and 1.5 as gold, after 7 days and through the third month's end; "
        f"{POINTS.redemption.minimum} points pay $5; whoever stays away for three weeks gets the coupon "
        f"{COMEBACK.id!r}, {COMEBACK.gives} from {COMEBACK.minimum}. Tiers are decided on the first of each month."
    )
    screen.line()
    _tiers(screen, members)
    _statement(screen, _of_one(ledger, members))
    (owed,) = liability(histories(ledger, POINTS.name, now=END))
    _liability(screen, owed)
    _coupons(screen, ledger)
    _asked(screen, ledger, members)
    return _reconciled(screen, ledger, owed)


def _tiers(screen: Screen, members: Sequence[Member]) -> None:
    found = distribution(TIERS, [each.standing for each in members])
    most = max(count for _, count in found.counts) or 1
    screen.table(
        (
            Column("tier", style="bold"),
            Column("households", "right"),
            Column("share", "right"),
            Column("", style="cyan"),
        ),
        [
            (name, f"{count:,}", f"{float(found.share(name)):.0%}", bar(count / most, 30))
            for name, count in reversed(found.counts)
        ],
    )


def _of_one(ledger: Ledger, members: Sequence[Member]) -> Statement:
    """The last two months of the household whose statement has the most kinds of lines, and then the fewest lines."""

    def told(member: Member) -> Statement:
        entries = history(ledger, member.points, now=END)
        return statement(member.points, entries, date(2017, 11, 1), date(2017, 12, 31), zone=ZONE)

    found = [told(each) for each in members]
    return max(found, key=lambda each: (len({line.kind for line in each.lines}), -len(each.lines)))


def _statement(screen: Screen, found: Statement) -> None:
    screen.heading(f"Statement of household {found.account.id}", "as the customer reads it")
    screen.line(str(found))


def _liability(screen: Screen, owed: Liability) -> None:
    broken = breakage(owed)
    lost = {each.month: each for each in broken.months}
    columns = [Column("issued in", style="bold"), *(Column(name, "right") for name in _HEADS), Column("", style="cyan")]
    most = max(each.outstanding for each in owed.months) or 1
    rows = []
    for each in owed.months:
        assert each.month is not None, "points are in lots, and none of these households owes any"
        numbers = (each.issued, each.spent, each.expired, each.buckets[Bucket.PENDING], each.outstanding)
        rows.append(
            (
                f"{each.month:%B %Y}",
                *(f"{number:,}" if number else "" for number in numbers),
                f"{lost[each.month].expected:,}" if each.month in lost and lost[each.month].expected else "",
                bar(each.outstanding / most, 14),
            )
        )
    screen.heading("Outstanding points", "by the month in which they became available")
    screen.table(columns, rows)
    rate = "" if broken.rate is None else f"; {float(broken.rate):.1%} of the months that are over expired"
    worth = POINTS.conversion.worth(owed.outstanding)
    screen.note(f"{owed.outstanding:,} points are outstanding, worth {worth}{rate}.")


_HEADS = ("issued", "used", "expired", "pending", "outstanding", "may expire")


def _coupons(screen: Screen, ledger: Ledger) -> None:
    uses = _sums(ledger, PROGRAMME)
    screen.note(
        f"Of {-uses[Bucket.ISSUED]:,} coupons {uses[Bucket.SPENT]:,} were used, {uses[Bucket.EXPIRED]:,} expired, "
        f"{uses[Bucket.AVAILABLE]:,} are held."
    )


def _sums(ledger: Ledger, programme: str) -> Counter[Bucket]:
    """What is in each bucket by the entries of all accounts."""
    found: Counter[Bucket] = Counter()
    for _, entries in histories(ledger, programme, now=END):
        for entry in entries:
            found[entry.source] -= entry.amount
            found[entry.target] += entry.amount
    return found


def _asked(screen: Screen, ledger: Ledger, members: Sequence[Member]) -> None:
    """Points and coupons are facts, so that segments speak of them."""
    profiles = [each.with_loyalty(ledger) for each in members]
    screen.line()
    screen.table(
        (Column("", style="bold"), Column("", "right"), Column("", style="dim")),
        [(each.key, f"{each.count(profiles, END):,}", each.words) for each in ASKED],
    )


def _reconciled(screen: Screen, ledger: Ledger, owed: Liability) -> bool:
    """Every month sums to 0, and all of them to the sums that the store keeps."""
    wrong = []
    if owed.differences(ledger.store.totals(POINTS.name)[owed.unit]) or any(
        sum(month.buckets.values()) for month in owed.months
    ):
        wrong.append(POINTS.name)
    kept = ledger.store.totals(PROGRAMME).get("uses", {})
    if any(kept.get(bucket, 0) != amount for bucket, amount in _sums(ledger, PROGRAMME).items()):
        wrong.append(PROGRAMME)
    verdict = (
        f"the books of {' and '.join(wrong)} do not agree"
        if wrong
        else "every month sums to 0, and all to the store's sums"
    )
    screen.line()
    screen.table(
        (Column("", style="red" if wrong else "green"), Column("")), [("✗" if wrong else "✓", f"The ledger: {verdict}")]
    )
    return not wrong
