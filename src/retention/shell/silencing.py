"""Who answers from an address ends advertising to it, whoever else has it; who changes the settings of an account ends
it for the account alone. What was no refusal staff can take back."""

from datetime import datetime

from retention.customer import Customer
from retention.permission.media import Medium, MessageKind
from retention.permission.person import Consent, Suppression
from retention.permission.suppression import is_lifted, stopping
from retention.shell.proof import not_before, stands, withdrawal
from retention.shell.shop import Shop
from retention.shell.tokens import Claim
from retention.spans import utc
from retention.storage.shop.port import Work


def unsubscribed(work: Work, shop: Shop, claim: Claim, at: datetime) -> Consent | None:
    """The withdrawal that a token means; None if it stands already, or the customer was erased meanwhile: nobody is
    written to then, and nobody is made anew."""
    shopper = work.shoppers([claim.customer]).get(claim.customer)  # and locked: what is read next does not change
    if shopper is None:
        return None
    known = work.consents([claim.customer]).get(claim.customer, ())
    line = withdrawal(claim.medium, claim.topic, at, source="message")
    standing = stands(known, line)
    line = line if standing else not_before(known, line)
    if claim.topic is None:
        silence(work, shop, shopper.customer, claim.medium, line.at)
    return None if standing else line


def silence(work: Work, shop: Shop, customer: Customer, medium: Medium, at: datetime) -> None:
    """The customer's address of that medium gets no advertising any more, unless it gets none already and they have
    not said anything since that may change that. What they themselves agree to later counts again, and nobody else's
    older consent."""
    address = shop.address(customer, medium)
    hashes = sorted(shop.hashed(medium, address, customer.country)) if address else []
    there = work.suppressions(hashes) if hashes else {}
    known = work.consents([customer.id]).get(customer.id, ())

    def asked_for_more(since: datetime) -> bool:
        return any(each.act != "withdrawn" and utc(each.at) > since for each in known)

    for each in hashes:
        stops = stopping(there.get(each, ()), medium, MessageKind.MARKETING, agreed=asked_for_more)
        if not any(found.reason == "opt-out" for found in stops):
            work.suppress(each, Suppression(medium=medium, reason="opt-out", at=utc(at)))


def suppressed(work: Work, shop: Shop, line: Suppression, address: str, country: str | None) -> bool:
    """Write to an address no more; False for what is none."""
    hashes = sorted(shop.hashed(line.medium, address, country))
    for each in hashes:
        work.suppress(each, line)
    return bool(hashes)


def readmit(work: Work, shop: Shop, line: Suppression, address: str, country: str | None) -> bool:
    """Write to an address again that bounced for good, or was of somebody erased; False if neither stops it."""
    hashes = sorted(shop.hashed(line.medium, address, country))
    there = [each for several in (work.suppressions(hashes) if hashes else {}).values() for each in several]
    standing = stopping(there, line.medium, MessageKind.SERVICE, agreed=lambda _: False)
    if not any(is_lifted(each, [line]) for each in standing):
        return False
    for each in hashes:
        work.suppress(each, line)
    return True
