"""A stored document that was changed by hand is refused by a typed error, and never trusted."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from retention.errors import RetentionError
from retention.loyalty.errors import DamagedRecord
from retention.loyalty.ledger import wire
from retention.loyalty.ledger.commands import Merge, Place, Redeem, Transfer
from retention.loyalty.ledger.decide import decide, settlement
from retention.loyalty.ledger.head import Head
from retention.loyalty.ledger.moving import decide_move
from retention.loyalty.ledger.records import Records
from retention.storage.sql import SqlLedgerStore
from retention.testing.ledger_scenes import ANNA, BEN, NOW, giving, run
from tests.storage import documents

_LOT = {"day": "2026-03-02", "available_at": 1772377200000001, "amount": 100}


def _head(**changed: Any) -> wire.Json:
    """Of 100 available in one lot, with what was changed."""
    totals = {"issued": -100, "available": 100}
    return {
        "v": 1, "programme": "mileage", "id": "anna", "unit": "points", "version": 1, "seq": 1, "open": [_LOT],
        "totals": totals, **changed,
    }  # fmt: skip


def _held(**changed: Any) -> wire.Json:
    hold = {"id": "h", "until": 1803913200000000, "pinned": [_LOT], "seq": 1, **changed}
    return _head(open=[], holds=[hold], totals={"issued": -100, "held": 100})


def test_the_document_as_it_was_is_read() -> None:
    assert wire.head_from_json(_head()).available == 100
    assert wire.head_from_json(_held()).held == 100


@pytest.mark.parametrize(
    "said",
    [
        _head(totals={"issued": -1000, "available": 1000}),
        _head(totals={"issued": -99, "available": 100}),
        _head(totals={"available": 100}),
        _head(totals={}),
        _head(open=[]),
        _head(open=[_LOT, {**_LOT, "amount": 0}]),
        _head(open=[{**_LOT, "amount": 150}, {**_LOT, "amount": -50}]),
        _head(open=[{**_LOT, "amount": 50}, {**_LOT, "amount": 50}]),
        _head(open=[{**_LOT, "amount": 100.0}]),
        _head(open=[{**_LOT, "amount": "100"}]),
        _head(open=[{**_LOT, "available_at": 1772377200000001.0}]),
        _head(open=[], pending=[_LOT]),
        _head(totals={"issued": -100.0, "available": 100}),
        _head(totals={"issued": -100, "available": 100, "spent": None}),
        _head(version="1"),
        _head(seq=True),
        _head(merged_into=7),
        _head(chain=7),
        _head(counters=[{"key": 7, "used": 1}]),
        _head(counters=[{"key": "q", "used": "1"}]),
        _head(counters=[{"key": "q", "used": 1}, {"key": "q", "used": 2}]),
        _head(v=True),
        _head(v=0),
        _head(v=1.0),
        _held(pinned=[]),
        _held(pinned=[{**_LOT, "amount": 90}]),
        _held(pinned=[{**_LOT, "amount": 50}, {**_LOT, "amount": 50}]),
        _held(id=7),
        _held(order=7),
        _held(until="tomorrow"),
    ],
    ids=str,
)
def test_a_head_that_does_not_add_up_is_refused(said: wire.Json) -> None:
    with pytest.raises(DamagedRecord, match="head"):
        wire.head_from_json(said)


Read = Callable[[wire.Json], object]

FORMS: dict[str, tuple[Read, wire.Json]] = {
    "order": (wire.order_from_json, wire.order_to_json(documents.ORDER)),
    "hold": (wire.hold_from_json, wire.hold_to_json(documents.HOLD)),
    "done": (wire.done_from_json, wire.done_to_json(documents.DONE)),
    "entry": (wire.entry_from_json, wire.entry_to_json(documents.ENTRY)),
}


@pytest.mark.parametrize(
    ("document", "changed"),
    [
        ("order", {"share": "1e9999999"}),
        ("order", {"share": 0.5}),
        ("order", {"share": "1/" + "9" * 200}),
        ("order", {"returned": "66"}),
        ("order", {"spent": [{**_LOT, "amount": -1}]}),
        ("order", {"refunded": {"lines": 5}}),
        ("hold", {"how": "forgotten"}),
        ("hold", {"pinned": 3.0}),
        ("done", {"payload": 7}),
        ("done", {"result": {"amount": "10"}}),
        ("done", {"result": {"already": 1}}),
        ("entry", {"amount": 0}),
        ("entry", {"amount": -3}),
        ("entry", {"seq": "12"}),
        ("entry", {"hold": None}),
        ("entry", {"target": "held", "source": "available", "until": None}),
        ("entry", {"key": 7}),
    ],
    ids=str,
)
def test_other_documents_of_the_wrong_types_are_refused(document: str, changed: wire.Json) -> None:
    read, said = FORMS[document]
    with pytest.raises(DamagedRecord, match=document):
        read({**said, **changed})


_JUNK: st.SearchStrategy[object] = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.integers() | st.floats() | st.text(max_size=3)
    | st.just([]) | st.just({}) | st.just([_LOT]) | st.just({"available": 7})
)  # fmt: skip


@given(st.sampled_from(sorted(_held(order="o"))), st.sampled_from([None, "id", "until", "pinned", "order"]), _JUNK)
def test_whatever_was_changed_nothing_but_typed_errors_come_of_it(name: str, part: str | None, junk: object) -> None:
    said = _held(**{part: junk}) if part else {**_held(order="o"), name: junk}
    try:
        head = wire.head_from_json(json.loads(json.dumps(said)))
        _use(head)
    except RetentionError:
        return


def _use(head: Head) -> None:
    records = Records()
    settlement(head, NOW)
    decide_move(head, Head(account=BEN), records, Merge(key="merge", to=BEN), NOW)
    decide_move(head, Head(account=BEN), records, Transfer(key="move", amount=1, to=BEN), NOW)
    decide(head, records, Place(key="place", hold="p", amount=1, until=documents.HEAD.next_due or NOW), NOW)
    decide(head, records, Redeem(key="spend", amount=100, order="o"), NOW)


# In a database. ------------------------------------------------------------------------------------------------------


def test_a_row_with_the_document_of_another_account_is_refused(ledger_engine: Engine) -> None:
    store = SqlLedgerStore(ledger_engine)
    run(store, ANNA, giving(100, "give"))
    run(store, BEN, giving(1, "give"))
    with ledger_engine.begin() as connection:
        of_anna = connection.execute(text("SELECT head FROM retention_accounts WHERE account = 'anna'")).scalar_one()
        connection.execute(text("UPDATE retention_accounts SET head = :head WHERE account = 'ben'"), {"head": of_anna})
    with pytest.raises(DamagedRecord, match="head"):
        store.load(BEN)
    assert store.load(ANNA).head.available == 100


@pytest.mark.parametrize("damaged", ["[" * 200_000, "{", "", "7", "[]", "null", "9" * 5_000])
def test_text_that_is_no_document_is_refused(ledger_engine: Engine, damaged: str) -> None:
    store = SqlLedgerStore(ledger_engine)
    run(store, ANNA, giving(1, "give"))
    with ledger_engine.begin() as connection:
        connection.execute(text("UPDATE retention_accounts SET head = :head"), {"head": damaged})
    with pytest.raises(DamagedRecord):
        store.load(ANNA)
