"""What templates can see: mappings, lists and plain values."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pytest

from retention import Customer, won
from retention.templates import UnrenderedTemplate, visible
from retention.templates.values import Unwritable, plain, written
from tests.templates.shop import MINJI


def test_a_customer_is_seen_without_what_is_the_shops_or_private() -> None:
    seen = visible(MINJI)
    assert seen["name"] == "김민지"
    assert seen["tags"] == ["app", "vip"]
    assert seen["points"] == 1200
    assert not {"email", "phone", "notes", "gender", "id", "addresses", "contacts", "attributes"} & set(seen)


def test_a_hosts_own_attribute_hides_nothing_and_shows_no_object() -> None:
    seen = visible(
        Customer("c", name="민지", attributes={"name": "x", "thing": object(), "list": [1, object()], "sizes": ["S"]})
    )
    assert seen["name"] == "민지"
    assert set(seen) & {"thing", "list", "sizes"} == {"sizes"}


class Row:
    secret = "s"


@pytest.mark.parametrize(
    "value", [Row(), Row, len, b"bytes", {"deep": [Row()]}, (Row(),), {Row()}, iter([]), {1: "x"}, datetime(2026, 1, 1)]
)
def test_objects_are_refused(value: Any) -> None:
    with pytest.raises(UnrenderedTemplate):
        plain({"value": value})


def test_data_is_a_mapping() -> None:
    with pytest.raises(UnrenderedTemplate, match="not a mapping"):
        plain([1])  # type: ignore[arg-type]


def test_the_place_is_said_and_not_the_value() -> None:
    with pytest.raises(UnrenderedTemplate, match=r"data\.cart\.row is an object of the class Row"):
        plain({"cart": {"row": Row()}})


class Text(str):
    def __html__(self) -> str:
        return "<b>"


def test_what_comes_out_is_a_copy_of_exact_types() -> None:
    given: Mapping[str, Any] = MappingProxyType({"a": ({"b": Text("c")},), "d": frozenset({"f", "e"})})
    made = plain(given)
    assert made == {"a": [{"b": "c"}], "d": ["e", "f"]}
    assert type(made["a"][0]["b"]) is str
    assert type(made["a"][0]) is dict


def test_data_has_limits() -> None:
    deep: Any = "x"
    for _ in range(17):
        deep = {"a": deep}
    with pytest.raises(UnrenderedTemplate, match="too many"):
        plain({"a": deep})
    with pytest.raises(UnrenderedTemplate, match="too many"):
        plain({"a": list(range(10_000))})
    ring: dict[str, Any] = {}
    ring["ring"] = ring
    with pytest.raises(UnrenderedTemplate, match="too many"):
        plain(ring)
    assert len(plain({"a": list(range(9_000))})["a"]) == 9_000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (True, "true"),
        (False, "false"),
        (12, "12"),
        (Decimal("1.50"), "1.50"),
        (0.1, "0.1"),
        (Fraction(1, 4), "0.25"),
        (won(900), "900원"),
    ],
)
def test_values_as_text(value: Any, text: str) -> None:
    assert written(value) == text


@pytest.mark.parametrize("value", [None, [1], {"a": 1}, MINJI.joined_at])
def test_what_is_not_written(value: Any) -> None:
    with pytest.raises(Unwritable):
        written(value)
