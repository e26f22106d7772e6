"""What was refunded on each order: refunds find their orders once, by customer and order id."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from retention.rules.backends.arrays.columns import Numbers, Rows, Words
from retention.rules.backends.arrays.table import Table
from retention.rules.backends.arrays.values import Values


def refunded(tables: Mapping[str, Table], as_of: int) -> Values:
    """Of each row of ``orders`` the sum of its refunds up to and including an instant."""
    orders, refunds = tables["orders"], tables["refunds"]
    # Kept with the table itself: a snapshot that grew may have one of the two tables anew and the other as it was.
    _, rows, places = orders.once(f"refunds {id(refunds)}", lambda: (refunds, *_matched(refunds, orders)))
    amounts = refunds.columns["amount"]
    assert isinstance(amounts, Numbers)
    until = refunds.at[rows] <= as_of
    found = np.zeros(len(orders), np.int64)
    np.add.at(found, places[until], amounts.data[rows[until]])
    return Values(found)


def _matched(refunds: Table, orders: Table) -> tuple[Rows, NDArray[np.intp]]:
    """The refunds of which there is an order, and its row."""
    wanted, ids = refunds.columns["order_id"], orders.columns["id"]
    assert isinstance(wanted, Words)
    assert isinstance(ids, Words)
    codes = wanted.texts.codes_in(ids.texts)[wanted.codes]
    rows = np.flatnonzero(codes >= 0)
    keys = _keys(orders, ids.codes, len(ids.texts))
    order = np.argsort(keys, kind="stable")
    sought = refunds.owners[rows].astype(np.int64) * len(ids.texts) + codes[rows]
    places = np.searchsorted(keys, sought, sorter=order)
    found = places < len(keys)
    found[found] = keys[order[places[found]]] == sought[found]
    return rows[found], order[places[found]]


def _keys(orders: Table, codes: NDArray[np.int32], texts: int) -> NDArray[np.int64]:
    return orders.owners.astype(np.int64) * texts + codes
