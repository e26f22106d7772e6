"""What was refunded on each order: refunds find their orders once, by customer and order id."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from retention.rules.backends.arrays.columns import Numbers, Rows, Words
from retention.rules.backends.arrays.table import Table, most
from retention.rules.backends.arrays.texts import Codes
from retention.rules.backends.arrays.values import Values


def refunded(tables: Mapping[str, Table], as_of: int) -> Values:
    """Of each row of ``orders`` the sum of its refunds up to and including an instant."""
    orders, refunds = tables["orders"], tables["refunds"]
    # Kept with the table itself: a snapshot that grew may have one of the two tables anew and the other as it was.
    _, rows, places, each = orders.once(f"refunds {id(refunds)}", lambda: (refunds, *_matched(refunds, orders)))
    amounts = refunds.columns["amount"]
    assert isinstance(amounts, Numbers)
    until = refunds.at[rows] <= as_of
    given = amounts.data[rows[until]]
    is_exact = given.dtype != object and (most(given) + 1) * (len(given) + 1) < 2**63
    found = np.zeros(len(orders), np.int64 if is_exact else object)  # one for each name of an order is enough
    np.add.at(found, places[until], given if is_exact else given.astype(object))
    return Values(found[each])


def _matched(refunds: Table, orders: Table) -> tuple[Rows, NDArray[np.intp], NDArray[np.intp]]:
    """The refunds of which there is an order, the place of its name among all names, and that of each order's name:
    two rows of one name are both refunded, and none without a name is."""
    wanted, ids = refunds.columns["order_id"], orders.columns["id"]
    assert isinstance(wanted, Words)
    assert isinstance(ids, Words)
    codes = wanted.texts.codes_in(ids.texts)[wanted.codes]
    rows = np.flatnonzero(codes >= 0)
    named, each = np.unique(_keys(orders.owners, ids.codes, len(ids.texts)), return_inverse=True)
    sought = _keys(refunds.owners[rows], codes[rows], len(ids.texts))
    places = np.searchsorted(named, sought)
    found = places < len(named)
    found[found] = named[places[found]] == sought[found]
    return rows[found], places[found], each


def _keys(owners: NDArray[np.int32], codes: Codes, texts: int) -> NDArray[np.int64]:
    """A number for each name of an order of each customer; their missing names have one of their own."""
    return owners.astype(np.int64) * (texts + 1) + codes + 1
