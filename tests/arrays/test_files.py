"""A snapshot on disk: what comes back, what the files are, and what is refused."""

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from retention.arrays import As, Decimals, Snapshot
from retention.errors import ConfigurationError, UnknownName
from retention.money import Money
from retention.rules import customer, orders, purchases
from retention.rules.backends.sets.lower import lower
from retention.schema import STANDARD, Kind
from tests.arrays.population import asked, lowered, question

GOLDEN = Path(__file__).parent / "golden" / "version-1"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def shop() -> Snapshot:
    return Snapshot.of_columns(
        customers={
            "id": ["c1", "c2", "가"],
            "joined_at": [NOW, None, NOW - timedelta(days=400)],
            "birthday": [None, date(1990, 2, 28), None],
            "country": ["KR", None, "JP"],
            "tags": [["vip", "wholesale"], [], ["vip"]],
        },
        orders={
            "customer": ["가", "c1", "c1"],
            "id": ["o3", "o2", "o1"],
            "at": [NOW - timedelta(3), NOW - timedelta(2), NOW - timedelta(1)],
            "total": [300, 200, 100],
        },
        purchases={
            "customer": ["c1"],
            "id": ["l1"],
            "at": [NOW],
            "quantity": As([2.5], Decimals(1)),
        },
        currency="KRW",
    )


@pytest.mark.parametrize("seed", range(8))
def test_what_was_saved_answers_the_same(seed: int, tmp_path: Path) -> None:
    told = question(seed)
    snapshot = Snapshot.of_profiles(told.profiles, told.schema)
    snapshot.save(tmp_path / "kept")
    opened = Snapshot.open(tmp_path / "kept", schema=told.schema)
    assert opened.ids == snapshot.ids
    for as_of in told.instants:
        tests = lowered(told.rules, as_of, opened)
        assert tests == lowered(told.rules, as_of, snapshot)
        assert asked(opened, tests) == asked(snapshot, tests)


def test_an_opened_snapshot_can_grow(tmp_path: Path) -> None:
    shop().save(tmp_path / "kept")
    opened = Snapshot.open(str(tmp_path / "kept"))
    grown = opened.append({"id": ["c3"]}, orders={"customer": ["c3"], "id": ["o9"], "at": [NOW], "total": [9]})
    grown.save(tmp_path / "grown")
    again = Snapshot.open(tmp_path / "grown")
    assert repr(again) == "Snapshot(4 customers, 4 orders, 1 purchases)"
    assert len(Snapshot.open(tmp_path / "kept")) == 3


def test_the_format_of_version_1_is_read_for_ever() -> None:
    snapshot = Snapshot.open(GOLDEN)
    rules = {
        customer.tags.has("vip"): ["c1", "가"],
        customer.country.is_missing(): ["c2"],
        customer.birthday == date(1990, 2, 28): ["c2"],
        customer.joined_at <= NOW: ["c1", "가"],
        orders.total.sum() == Money(300, "KRW"): ["c1", "가"],
        orders.total.last() == Money(100, "KRW"): ["c1"],
        purchases.quantity.sum() == 2.5: ["c1"],
    }
    for rule, expected in rules.items():
        assert snapshot.chosen(lower(rule.node, NOW, snapshot.layout)) == expected, rule


def test_the_format_of_version_1_is_what_is_written(tmp_path: Path) -> None:
    shop().save(tmp_path / "now")
    assert contents(tmp_path / "now") == contents(GOLDEN)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


# What is refused. -----------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    shutil.copytree(GOLDEN, tmp_path / "kept")
    return tmp_path / "kept"


def test_nothing_is_written_over(kept: Path) -> None:
    with pytest.raises(ConfigurationError, match="not empty"):
        shop().save(kept)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("orders.at.npy", b""),
        ("orders.at.npy", b"\x93NUMPY"),
        ("orders.at.npy", b"\x93NUMPY\x01\x00\x40\x00" + b"(" * 64),
        ("orders.at.npy", None),
        ("customers.id.letters.npy", b"foreign"),
    ],
)
def test_damaged_files(kept: Path, name: str, content: bytes | None) -> None:
    if content is None:
        (kept / name).unlink()
    else:
        (kept / name).write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"missing or damaged\. Save the snapshot again"):
        Snapshot.open(kept)


def test_a_file_cut_short(kept: Path) -> None:
    path = kept / "orders.total.npy"
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ConfigurationError, match=r"orders\.total"):
        Snapshot.open(kept)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("orders.total", np.zeros(3, np.int32)),
        ("orders.total", np.zeros(4, np.int64)),
        ("orders.total", np.zeros((3, 1), np.int64)),
        ("orders.offsets", np.array([0, 2, 1, 3])),
        ("orders.offsets", np.array([1, 2, 2, 3])),
        ("orders.offsets", np.array([0, 2, 2, 9])),
        ("customers.tags.offsets", np.array([1, 2, 2, 3])),
        ("customers.country.ends", np.zeros(0, np.int64)),
        ("customers.country.ends", np.array([0, 2, 9])),
        ("customers.country.ends", np.array([0, 9, 4])),
        ("customers.tags.offsets", np.array([0, 9, 1, 3])),
        ("customers.id.codes", np.array([0, 99, 1], np.int32)),
        ("customers.id.codes", np.array([0, -1, 1], np.int32)),
        ("customers.country.codes", np.array([0, -7, -1], np.int32)),
    ],
)
def test_files_that_do_not_fit_together(kept: Path, name: str, array: NDArray[Any]) -> None:
    np.save(kept / f"{name}.npy", array)
    with pytest.raises(ConfigurationError, match=name.rpartition(".")[0]):
        Snapshot.open(kept)


@pytest.mark.parametrize("code", [99, -2])
def test_texts_of_rows_are_checked_when_a_rule_needs_them(kept: Path, code: int) -> None:
    codes = np.load(kept / "orders.id.codes.npy")
    np.save(kept / "orders.id.codes.npy", np.full_like(codes, code))
    snapshot = Snapshot.open(kept)
    assert snapshot.chosen(lower(orders.any().node, NOW, snapshot.layout)) == ["c1", "가"]
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=r"orders\.id\.codes\.npy is missing or damaged"):
            snapshot.chosen(lower(orders.where(orders.id == "o1").any().node, NOW, snapshot.layout))


def test_letters_that_are_no_text(kept: Path) -> None:
    letters = np.load(kept / "customers.id.letters.npy")
    np.save(kept / "customers.id.letters.npy", np.full(len(letters), 255, np.uint8))
    snapshot = Snapshot.open(kept)
    with pytest.raises(ConfigurationError, match="no UTF-8"):
        snapshot.ids


def test_nothing_is_ever_unpickled(kept: Path) -> None:
    np.save(kept / "orders.total.npy", np.array([1, 2, 3], object), allow_pickle=True)
    with pytest.raises(ConfigurationError, match=r"orders\.total"):
        Snapshot.open(kept)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{", "damaged"),
        ("[" * 200_000, "damaged"),
        ("[]", "is not of a snapshot"),
        ('{"format": "something else"}', "is not of a snapshot"),
        ('{"format": "retention snapshot", "version": 2}', "format version 2"),
        ('{"format": "retention snapshot", "version": 1}', "damaged"),
        ('{"format": "retention snapshot", "version": 1, "customers": 3}', "damaged"),
    ],
)
def test_foreign_manifests(kept: Path, written: str, told: str) -> None:
    (kept / "snapshot.json").write_text(written)
    with pytest.raises(ConfigurationError, match=told):
        Snapshot.open(kept)


def test_a_snapshot_that_was_not_finished(kept: Path) -> None:
    (kept / "snapshot.json").unlink()
    with pytest.raises(ConfigurationError, match="no whole snapshot"):
        Snapshot.open(kept)


def test_a_snapshot_without_ids(kept: Path) -> None:
    manifest = json.loads((kept / "snapshot.json").read_text())
    del manifest["customers"]["columns"]["id"]
    (kept / "snapshot.json").write_text(json.dumps(manifest))
    with pytest.raises(ConfigurationError, match="damaged"):
        Snapshot.open(kept)


def test_a_snapshot_of_another_schema(kept: Path) -> None:
    manifest = json.loads((kept / "snapshot.json").read_text())
    manifest["customers"]["columns"]["country"]["kind"] = "number"
    (kept / "snapshot.json").write_text(json.dumps(manifest))
    with pytest.raises(ConfigurationError, match="saved as number and is declared as text"):
        Snapshot.open(kept)
    manifest["customers"]["columns"] = {"../shoe": {"kind": "text"}}
    (kept / "snapshot.json").write_text(json.dumps(manifest))
    with pytest.raises(UnknownName):
        Snapshot.open(kept)


def test_fields_of_the_host_need_his_schema(tmp_path: Path) -> None:
    schema = STANDARD.extend(attributes={"shoe": Kind.NUMBER})
    Snapshot.of_columns(customers={"id": ["a"], "shoe": [44]}, schema=schema).save(tmp_path / "kept")
    with pytest.raises(UnknownName, match="shoe"):
        Snapshot.open(tmp_path / "kept")
    assert Snapshot.open(tmp_path / "kept", schema=schema).ids == ["a"]
