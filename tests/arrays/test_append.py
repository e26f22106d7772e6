"""New customers and new rows: the same snapshot as if all had come at once, and the old one as it was."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from retention import Segment, won
from retention.arrays import As, Decimals, Epoch, Snapshot, Stored
from retention.errors import ConfigurationError, FactError, UnmappedName
from retention.rules import orders
from retention.rules.backends.arrays.profiles import columns_of
from tests.arrays.population import asked, lowered, question

NOW = datetime(2026, 3, 1, tzinfo=UTC)
Columns = dict[str, Any]


def parted(columns: Columns, first: list[bool]) -> tuple[Columns, Columns]:
    return rows_of(columns, first), rows_of(columns, [not each for each in first])


def rows_of(columns: Columns, wanted: list[bool]) -> Columns:
    def kept(column: Any) -> Any:
        if isinstance(column, As):
            return As(kept(column.column), column.form)
        return [cell for cell, yes in zip(column, wanted, strict=True) if yes]

    return {name: kept(column) for name, column in columns.items()}


@pytest.mark.parametrize("seed", range(25))
def test_appending_is_as_if_all_had_come_at_once(seed: int) -> None:
    told, random = question(seed), Random(seed)
    customers, currencies, tables = columns_of(told.profiles, told.schema)
    early = [random.random() < 0.6 for _ in currencies]
    known = {id for id, yes in zip(customers["id"], early, strict=True) if yes}
    halves = {
        name: parted(columns, [owner in known and random.random() < 0.6 for owner in columns["customer"]])
        for name, columns in tables.items()
    }
    then: Columns = {name: half for name, (half, _) in halves.items()}
    later: Columns = {name: half for name, (_, half) in halves.items() if half["at"]}
    every: Columns = {**tables}
    before, after = parted(customers, early)
    first = [each for each, yes in zip(currencies, early, strict=True) if yes]
    rest = [each for each, yes in zip(currencies, early, strict=True) if not yes]
    start = Snapshot.of_columns(before, currencies=first, schema=told.schema, **then)
    grown = start.append(after, currencies=rest, **later)
    whole = Snapshot.of_columns(customers, currencies=currencies, schema=told.schema, **every)
    for as_of in told.instants:
        one = asked(grown, lowered(told.rules, as_of, grown))
        other = asked(whole, lowered(told.rules, as_of, whole))
        for name, answers in other.items():
            in_order = dict(zip(grown.ids, one[name], strict=True))
            assert [in_order[id] for id in whole.ids] == answers
        assert asked(start, lowered(told.rules, as_of, start)).keys() == other.keys()


def small() -> Snapshot:
    return Snapshot.of_columns(
        customers={"id": ["a", "b"], "country": ["KR", None]},
        visits={"customer": ["b"], "id": ["1"], "at": [NOW], "seconds": As([1.5], Decimals(1))},
        searches={"customer": ["a"], "id": ["1"], "at": [NOW]},
    )


def test_the_old_snapshot_stays_and_untouched_collections_are_shared() -> None:
    old = small()
    new = old.append(visits={"customer": ["a"], "id": ["2"], "at": [NOW], "seconds": [2]})
    assert (len(old.tables["visits"]), len(new.tables["visits"])) == (1, 2)
    assert new.tables["searches"] is old.tables["searches"]
    assert new.people["country"] is old.people["country"]
    seconds: Any = new.tables["visits"].columns["seconds"]
    assert seconds.data.tolist() == [20, 15]  # tenths, whatever the new ones were given as
    more = new.append({"id": ["c"]})
    assert more.tables["searches"].columns is old.tables["searches"].columns
    assert more.ids == ["a", "b", "c"]
    assert [len(each) for each in (old, new, more)] == [2, 2, 3]


def test_columns_that_are_not_given_are_missing() -> None:
    new = small().append({"id": ["c"]}, visits={"customer": ["c"], "id": ["9"], "at": [NOW + timedelta(1)]})
    country: Any = new.people["country"]
    assert country.texts.cells(country.codes) == ["KR", None, None]
    seconds: Any = new.tables["visits"].columns["seconds"]
    assert seconds.missing.tolist() == [False, True]


def test_new_rows_may_be_kept_in_another_form() -> None:
    new = small().append(visits={"customer": ["b"], "id": ["0"], "at": [1_772_323_200]}, stored=Stored(Epoch()))
    ids: Any = new.tables["visits"].columns["id"]
    assert ids.texts.cells(ids.codes) == ["0", "1"]


def test_rows_of_customers_nobody_knows_are_left_out() -> None:
    new = small().append(visits={"customer": ["z", None], "id": ["8", "9"], "at": [NOW, NOW]})
    assert len(new.tables["visits"]) == 1


def test_what_cannot_be_appended() -> None:
    with pytest.raises(FactError, match=r"customers\.id\[1\]: is there twice"):
        small().append({"id": ["c", "b"]})
    with pytest.raises(FactError, match=r"customers\.id\[2\]: is there twice"):
        small().append({"id": ["c", "b", "c"]})
    with pytest.raises(FactError, match="customer 2, id 1, at 1"):
        small().append(visits={"customer": ["a", "b"], "id": ["2"], "at": [NOW]})
    with pytest.raises(FactError, match=r"visits\.seconds\[0\]: has more decimals"):
        small().append(visits={"customer": ["a"], "at": [NOW], "seconds": As([0.25], Decimals(2))})
    with pytest.raises(UnmappedName, match="city"):
        small().append({"id": ["c"], "city": ["Seoul"]})
    with pytest.raises(UnmappedName, match="orders"):
        small().append(orders={"customer": ["a"], "at": [NOW]})
    with pytest.raises(UnmappedName, match="page"):
        small().append(visits={"customer": ["a"], "at": [NOW], "page": ["/"]})


def test_what_was_kept_of_two_tables_is_not_asked_of_a_third() -> None:
    """Refunds find their orders by row, and rows move when an order comes in between."""
    at = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    start = Snapshot.of_columns(
        customers={"id": ["a", "b"]},
        orders={"customer": ["a", "b"], "id": ["o1", "o2"], "at": at[:2], "total": [100, 100]},
        refunds={"customer": ["b"], "id": ["r1"], "at": [at[2]], "order_id": ["o2"], "amount": [60]},
        currency="KRW",
    )
    refunded = Segment("refunded", orders.refunded.sum() >= won(50))
    as_of = datetime(2026, 2, 1, tzinfo=UTC)
    assert refunded.ids(start, as_of) == ["b"]
    grown = start.append(orders={"customer": ["a"], "id": ["o3"], "at": [at[2]], "total": [100]})
    assert refunded.ids(grown, as_of) == ["b"]
    more = {"customer": ["a"], "id": ["r2"], "at": [at[2]], "order_id": ["o1"], "amount": [70]}
    assert refunded.ids(grown.append(refunds=more), as_of) == ["a", "b"]
    assert refunded.ids(start, as_of) == ["b"]


def test_currencies_that_have_no_place_are_refused() -> None:
    """Dollars would be counted as won."""
    at = [datetime(2026, 1, 1, tzinfo=UTC)]
    sold = {"customer": ["a"], "id": ["1"], "at": at, "total": [100]}
    snapshot = Snapshot.of_columns({"id": ["a"]}, currency="KRW", orders=sold)
    with pytest.raises(ConfigurationError, match="this snapshot has no currencies"):
        snapshot.append({"id": ["u"]}, currencies=["USD"], orders={**sold, "customer": ["u"]})
    each = Snapshot.of_columns({"id": ["a"]}, currencies=["KRW"], orders=sold)
    with pytest.raises(ConfigurationError, match="of no customers"):
        each.append(currencies=["USD"])


def test_customers_without_ids_are_refused() -> None:
    snapshot = Snapshot.of_columns({"id": ["a"]}, currency="KRW")
    with pytest.raises(ConfigurationError, match="the customers have no ids"):
        snapshot.append({})
