"""Deleting a person: what is left counts and names nobody."""

from datetime import datetime

from retention.permission.person import Suppression
from retention.shell.shop import Shop
from retention.storage.shop.port import Work


def forget(work: Work, shop: Shop, customer: str, at: datetime) -> bool:
    """Delete them, and keep their addresses as keyed hashes; False for one who is not known."""
    shopper = work.shoppers([customer]).get(customer)
    if shopper is None:
        return False
    for medium, hashed in shop.hashes(shopper.customer).items():
        for each in sorted(hashed):
            work.suppress(each, Suppression(medium=medium, reason="erased", at=at))
    work.forget(customer)
    return True
