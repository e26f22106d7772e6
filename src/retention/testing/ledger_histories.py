"""Random commands on a few accounts, some of which are refused: for telling whether two stores hold the same."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from typing import TypeAlias, final

from attrs import define, field

from retention.loyalty.ledger.commands import (
    Adjust,
    Capture,
    Command,
    Earn,
    Expire,
    Merge,
    Move,
    Place,
    Redeem,
    Refund,
    Return,
    Revoke,
    Transfer,
    Void,
)
from retention.loyalty.ledger.entries import Quota, Validity
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.terms import ByLines, Fixed, Line, Refunded, Terms
from retention.testing.choices import Choices
from retention.testing.ledger_scenes import NOW

Sent: TypeAlias = tuple[Account, Command | Move, datetime]


def write_history(choices: Choices, programme: str, length: int) -> Iterator[Sent]:
    """Commands with their accounts and instants, which only go on."""
    writer = _Writer(choices, [Account(programme, name) for name in ("anna", "ben", "세라")])
    for number in range(length):
        yield writer.sent(number)


@final
@define
class _Writer:
    choices: Choices
    accounts: list[Account]
    now: datetime = field(default=NOW)
    holds: list[str] = field(factory=list)

    def sent(self, number: int) -> Sent:
        self.now += timedelta(hours=self.choices.below(48), microseconds=self.choices.below(3))
        account = self.choices.among(self.accounts)
        return account, self.command(account, f"{number}"), self.now

    def command(self, account: Account, key: str) -> Command | Move:
        kinds = (
            self.earn, self.earn, self.redeem, self.place, self.capture, self.void, self.refund, self.give_back,
            self.adjust, self.take_away, self.move,
        )  # fmt: skip
        if self.choices.chance(20):
            key = f"{self.choices.below(20)}"  # one that was used before, most of the time
        made: Command | Move = self.choices.among(kinds)(account, key)
        return made

    def amount(self) -> int:
        return 1 + self.choices.below(50)

    def order(self) -> str:
        return f"order-{self.choices.below(6)}"

    def lot(self) -> Validity:
        available_at = self.now + timedelta(days=self.choices.below(3))
        day = available_at.date()
        last = self.choices.maybe(lambda: day + timedelta(days=1 + self.choices.below(5)))
        return Validity(day, available_at, None if last is None else datetime.combine(last, time(), UTC))

    def terms(self) -> Terms:
        if self.choices.flag():
            return Fixed(units=self.amount(), payable=100)
        lines = tuple(Line(name, 50, Fraction(self.choices.below(7), 3)) for name in ("tea", "차"))
        return ByLines(lines=lines, payable=100, rounding="half_even", cap=self.choices.maybe(self.amount))

    def earn(self, _: Account, key: str) -> Command:
        quotas = (Quota("a day", 60, self.now + timedelta(days=1)),) if self.choices.chance(3) else ()
        rule = self.choices.one_of("base", "photo")
        return Earn(key=key, rule=rule, order=self.order(), terms=self.terms(), validity=self.lot(), quotas=quotas)

    def redeem(self, _: Account, key: str) -> Command:
        return Redeem(key=key, amount=self.amount(), order=self.order())

    def place(self, _: Account, key: str) -> Command:
        self.holds.append(f"hold-{key}")
        until = self.now + timedelta(days=1 + self.choices.below(6))
        order = self.choices.maybe(self.order)
        return Place(key=key, hold=self.holds[-1], amount=self.amount(), until=until, order=order)

    def hold(self) -> str:
        return self.choices.among(self.holds[-4:]) if self.holds else "no hold"

    def capture(self, _: Account, key: str) -> Command:
        return Capture(key=key, hold=self.hold(), amount=self.choices.maybe(self.amount))

    def void(self, _: Account, key: str) -> Command:
        return Void(key=key, hold=self.hold(), reason="the checkout was left")

    def refund(self, _: Account, key: str) -> Command:
        refunded = self.choices.one_of(Refunded(self.amount()), Refunded(0, {"차": 1 + self.choices.below(25)}))
        uncovered = self.choices.one_of("debt", "forgive", "charge")
        return Refund(key=key, order=self.order(), refunded=refunded, uncovered=uncovered)

    def give_back(self, _: Account, key: str) -> Command:
        extended = self.choices.maybe(self.lot)
        return Return(key=key, order=self.order(), share=Fraction(1, 1 + self.choices.below(3)), extended=extended)

    def adjust(self, _: Account, key: str) -> Command:
        more = self.choices.flag()
        amount, lot = (self.amount(), self.lot()) if more else (-self.amount(), None)
        return Adjust(key=key, amount=amount, validity=lot, reason="made good", actor="직원")

    def take_away(self, _: Account, key: str) -> Command:
        kind: type[Expire] | type[Revoke] = self.choices.one_of(Expire, Revoke)
        return kind(key=key, amount=self.amount(), reason="abuse", actor="staff")

    def move(self, account: Account, key: str) -> Move:
        to = self.choices.among(self.accounts)
        if self.choices.chance(8):
            return Merge(key=key, to=to)
        return Transfer(key=key, amount=self.amount(), to=to)
