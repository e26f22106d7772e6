"""Gift cards: accounts addressed by the keyed hash of a code, which nothing keeps.

Whoever reads the shop's database cannot spend a card, and no ``repr`` or error shows a code. A code is looked up by its
hash, which nobody without the key can steer, so the time that takes tells nothing of other codes; the check character
is no secret.
"""

from datetime import datetime, tzinfo
from typing import final

from attrs import field, frozen

from retention.checks import instant
from retention.loyalty import given
from retention.loyalty.checkout import Part
from retention.loyalty.codes import GIFT_CARD_CODE, Entropy, Keys
from retention.loyalty.credit import StoreCredit, a_currency, an_expiry, minor_units
from retention.loyalty.keys import joined
from retention.loyalty.ledger.commands import Earn, Transfer
from retention.loyalty.ledger.entries import Bucket
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.terms import Fixed
from retention.loyalty.programme.dates import NEVER, Expiry, validity
from retention.money import Money


@final
@frozen
class GiftCard:
    """A card that was found by its code, as it is now."""

    head: Head = field(repr=False)

    @property
    def account(self) -> Account:
        return self.head.account

    @property
    def balance(self) -> Money:
        """What can be spent."""
        return Money(self.head.available, self.account.unit)

    @property
    def expired(self) -> Money:
        """What could not be spent in time."""
        return Money(self.head.totals[Bucket.EXPIRED], self.account.unit)

    @property
    def expires_at(self) -> datetime | None:
        """The first instant at which nothing can be spent; None if that never comes, or nothing is left."""
        return max((lot.validity.expires_at for lot in self.head.open if lot.validity.expires_at), default=None)

    def part(self, amount: Money) -> Part:
        """What an order takes of the card: for ``checkout``. Raises CurrencyMismatch, FactError."""
        return Part(self.account, minor_units(amount, self.account.unit, "GiftCard.part"))

    def to_credit(self, credit: StoreCredit, customer: str) -> Transfer:
        """What moves all that is left to a customer's store credit: ``ledger.move(card.account, …, now=now)``.

        Once for the card as it was found: what it has later is moved when it is found again. It keeps its expiry.
        Raises CurrencyMismatch, FactError for a card on which nothing is left.
        """
        amount = minor_units(self.balance, credit.currency, "GiftCard.balance")
        key = joined("to-credit", customer, str(self.head.seq))
        return Transfer(key=key, amount=amount, to=credit.account(customer))


@final
@frozen(kw_only=True)
class GiftCards:
    """The shop's gift cards in one ``currency``, good for ``expiry`` after activation in local days of ``zone``."""

    keys: Keys
    currency: str = field(validator=a_currency)
    zone: tzinfo = field(validator=given.zone)
    expiry: Expiry = field(default=NEVER, validator=an_expiry)
    programme: str = field(default="gift-cards", validator=given.name)

    def make(self, entropy: Entropy) -> str:
        """A new code, to be given to the buyer and then forgotten; worth nothing until it is activated."""
        return GIFT_CARD_CODE.make(entropy)

    def activation(self, ledger: Ledger, code: str, amount: Money, *, sale: str, at: datetime) -> tuple[Account, Earn]:
        """What puts an amount on a card, once for a ``sale``: an order's id, with a number if it has several cards.

        A card that has an account keeps it, though the key has changed since. Raises ForgedCode, CurrencyMismatch,
        FactError.
        """
        at = instant(at, "at")
        once = joined("sale", sale)
        terms = Fixed(units=minor_units(amount, self.currency, "GiftCards.activation"))
        lot = validity(at, 0, self.expiry, self.zone)
        accounts = self._accounts(code)
        account = next((each for each in accounts if ledger.store.load(each).head.seq), accounts[0])
        return account, Earn(key=once, rule="activation", order=once, terms=terms, validity=lot, at=at)

    def find(self, ledger: Ledger, typed: str, *, now: datetime) -> GiftCard | None:
        """The card of a code, None if it was never activated.

        Raises ForgedCode before anything is looked up, CurrencyMismatch for a card in another currency.
        """
        for account in self._accounts(typed):
            head = ledger.head(account, now=now)
            if head.seq:
                return GiftCard(head)
        return None

    def _accounts(self, typed: str) -> list[Account]:
        hashes = self.keys.hashes(GIFT_CARD_CODE.read(typed))
        return [Account(self.programme, each, self.currency) for each in hashes]
