"""What is stored is read again without a loss, by this version and every later one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from retention.loyalty.errors import DamagedRecord, NewerRecord
from retention.loyalty.ledger import wire
from retention.loyalty.ledger.entries import Entry
from retention.loyalty.ledger.head import Head
from retention.loyalty.ledger.records import Done, EndedHold, OrderRecord, Result
from tests.storage import documents

GOLDEN = Path(__file__).parents[1] / "golden" / "ledger"

FORMS: dict[str, tuple[Callable[[Any], wire.Json], Callable[[wire.Json], Any], object]] = {
    "head": (wire.head_to_json, wire.head_from_json, documents.HEAD),
    "order": (wire.order_to_json, wire.order_from_json, documents.ORDER),
    "hold": (wire.hold_to_json, wire.hold_from_json, documents.HOLD),
    "done": (wire.done_to_json, wire.done_from_json, documents.DONE),
    "entry": (wire.entry_to_json, wire.entry_from_json, documents.ENTRY),
}


def _text(said: wire.Json) -> str:
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", FORMS)
def test_version_1_is_written_as_ever(name: str) -> None:
    write, _, value = FORMS[name]
    assert _text(write(value)) == (GOLDEN / f"{name}.v1.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FORMS)
def test_version_1_is_read_as_ever(name: str) -> None:
    _, read, value = FORMS[name]
    assert read(json.loads((GOLDEN / f"{name}.v1.json").read_text(encoding="utf-8"))) == value


def _again(name: str, value: object) -> object:
    write, read, _ = FORMS[name]
    return read(json.loads(json.dumps(write(value))))


@given(documents.heads)
def test_a_head_comes_back_as_it_was(head: Head) -> None:
    assert _again("head", head) == head


@given(documents.orders)
def test_an_order_comes_back_as_it_was(record: OrderRecord) -> None:
    assert _again("order", record) == record


@given(documents.ended_holds)
def test_a_hold_comes_back_as_it_was(ended: EndedHold) -> None:
    assert _again("hold", ended) == ended


@given(documents.done)
def test_a_result_comes_back_as_it_was(done: Done) -> None:
    assert _again("done", done) == done


@given(documents.entries)
def test_an_entry_comes_back_as_it_was(entry: Entry) -> None:
    assert _again("entry", entry) == entry


def test_reading_changes_nothing_of_what_is_read() -> None:
    said = wire.head_to_json(documents.HEAD)
    before = json.dumps(said)
    wire.head_from_json(said)
    assert json.dumps(said) == before


def test_that_a_result_was_a_replay_is_not_stored() -> None:
    assert wire.done_to_json(Done("x", Result(replayed=True))) == {"v": 1, "payload": "x"}


@pytest.mark.parametrize("name", ["head", "order", "hold", "done"])
def test_a_newer_version_is_refused(name: str) -> None:
    write, read, value = FORMS[name]
    with pytest.raises(NewerRecord) as caught:
        read({**write(value), "v": 2})
    assert (caught.value.version, caught.value.newest) == (2, 1)


@pytest.mark.parametrize(
    "damage",
    [
        {"v": "1"},
        {"v": None},
        {"open": [{"day": "2026-02-30", "available_at": 0, "amount": 1}]},
        {"open": [{"day": "2026-02-03", "amount": 1}]},
        {"open": [{"day": "2026-02-03", "available_at": 10**30, "amount": 1}]},
        {"totals": {"pocket": 1}},
        {"colour": "red"},
        {"holds": 1},
        {"id": ""},
    ],
)
def test_a_damaged_head_is_refused(damage: wire.Json) -> None:
    with pytest.raises(DamagedRecord, match="head"):
        wire.head_from_json({**wire.head_to_json(documents.HEAD), **damage})


@pytest.mark.parametrize("part", [{"terms": {"kind": "magic"}}, {"terms": {}}, {"validity": None}])
def test_a_damaged_order_is_refused(part: wire.Json) -> None:
    said = wire.order_to_json(documents.ORDER)
    with pytest.raises(DamagedRecord, match="order"):
        wire.order_from_json({**said, "earned": [{**said["earned"][0], **part}]})


def test_a_document_without_a_version_is_refused() -> None:
    with pytest.raises(DamagedRecord):
        wire.head_from_json({})


def test_older_versions_are_brought_up_step_by_step() -> None:
    upgrades: dict[int, wire.Upgrade] = {
        1: lambda said: {**said, "v": 2, "points": said["miles"]},
        2: lambda said: {**said, "v": 3, "points": said["points"] * 10},
    }
    assert wire.upgraded({"v": 1, "miles": 7}, upgrades, newest=3)["points"] == 70
    assert wire.upgraded({"v": 2, "points": 7}, upgrades, newest=3)["points"] == 70
    assert wire.upgraded({"v": 3, "points": 7}, upgrades, newest=3)["points"] == 7


@pytest.mark.parametrize("name", wire.UPGRADES)
def test_every_older_version_has_a_step_to_the_next(name: str) -> None:
    assert sorted(wire.UPGRADES[name]) == list(range(1, wire.VERSION))
