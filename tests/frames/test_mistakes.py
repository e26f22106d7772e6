"""Mistakes in a mapping are refused when it is made, with the repair; refusals of rules come before any calculation."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from retention import Segment
from retention.errors import ConfigurationError, MissingExtra, UnknownName, UnmappedName, UnsupportedRule
from retention.frames import As, Epoch, Frames, Json, Major, Naive, Separated, Stored, rows
from retention.rules import Rule, customer, orders
from retention.rules.backends.frames import supports
from retention.rules.backends.frames.engines import Engine
from retention.rules.backends.frames.supports import GAPS
from retention.rules.backends.sets.lower import lower
from tests.frames.shop import AS_OF, Make, instants, orders_table, people, polars

SEOUL = ZoneInfo("Asia/Seoul")
PEOPLE = pl.DataFrame({"id": ["c1"], "created": [datetime(2026, 1, 1, tzinfo=UTC)], "land": ["KR"], "size": [42.5]})
ORDERS = polars(orders_table(("c1", "o1", datetime(2026, 1, 1, tzinfo=UTC)), total=pa.array([1])))
WALLS = PEOPLE.with_columns(created=pl.lit(datetime(2026, 1, 1)))
LISTS = pl.DataFrame({"id": ["c1"], "tags": [["vip"]]})
CUSTOMERS = rows(PEOPLE, id="id")


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda: rows({"id": [1]}), "builtins.dict is no data frame"),
        (lambda: rows(pa.table([[1], [2]], names=["id", "id"])), "columns of a frame share a name"),
        (lambda: rows(pd.DataFrame([[1, 2]], columns=["id", "id"])), "columns of a frame share a name"),
        (lambda: Frames(customers=rows(PEOPLE, id=As("id", Separated()))), r"id is text.*Leave As\(\.\.\.\) away"),
        (lambda: Frames(customers=rows(PEOPLE, id="id", country="lnd")), "no column 'lnd'. Did you mean 'land'"),
        (lambda: Frames(customers=rows(PEOPLE, country="land")), "no column for id"),
        (lambda: Frames(customers=rows(PEOPLE, id="id", customer="id")), "Write id="),
        (lambda: Frames(customers=rows(PEOPLE, id="id", joined_at="land")), "joined_at is instant.*Parse it"),
        (lambda: Frames(customers=rows(PEOPLE, id="id", joined_at="size")), r"instants=Epoch\(\)"),
        (lambda: Frames(customers=rows(WALLS, id="id", joined_at="created")), r"Stored\(instants=Naive\(zone\)\)"),
        (lambda: Frames(customers=rows(PEOPLE, id="id", joined_at=As("created", Naive(UTC)))), r"Naive.*Aware\(\)"),
        (lambda: Frames(customers=rows(PEOPLE, id="id", joined_at=As("created", Epoch()))), "kept as Epoch"),
        (lambda: Frames(customers=rows(PEOPLE, id="id", tags="land")), r"kept as Listed.*Separated\(','\)"),
        (lambda: Frames(customers=rows(LISTS, id="id", tags=As("tags", Separated()))), r"Separated.*Listed\(\)"),
        (lambda: Frames(customers=rows(PEOPLE, id="id", birthday="size")), "its column is Float64"),
        (lambda: Frames(customers=rows(PEOPLE, id="id", country="size")), "its column is Float64"),
        (lambda: Frames(customers=CUSTOMERS, orders=rows(ORDERS, id="id", at="at")), "no column for the customer's id"),
        (lambda: Frames(customers=CUSTOMERS, orders=rows(ORDERS, customer="customer", id="id")), "no column for at"),
        (lambda: Frames(customers=CUSTOMERS, orders=cast(Any, ORDERS)), "orders is not given as rows"),
        (
            lambda: Frames(customers=CUSTOMERS, orders=rows(ORDERS.to_arrow(), customer="customer", id="id", at="at")),
            "frames of polars and pyarrow",
        ),
        (
            lambda: Frames(
                customers=CUSTOMERS,
                orders=rows(ORDERS.with_columns(customer=pl.lit(1)), customer="customer", id="id", at="at"),
            ),
            "the id of the customer is Int",
        ),
        (
            lambda: Frames(
                customers=CUSTOMERS,
                orders=rows(ORDERS, customer="customer", id="id", at="at", total="total"),
                stored=Stored(amounts=Major()),
            ),
            "no stated currency",
        ),
    ],
)  # fmt: skip
def test_mistakes_of_a_mapping(mistake: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        mistake()


def test_names_that_the_schema_lacks() -> None:
    with pytest.raises(UnknownName, match="joined_at"):
        Frames(customers=rows(PEOPLE, id="id", joined="created"))
    with pytest.raises(UnknownName, match="orders"):
        Frames(customers=CUSTOMERS, order=rows(ORDERS, customer="customer", id="id", at="at"))


def test_a_rule_about_what_is_not_mapped() -> None:
    frames = Frames(customers=CUSTOMERS)
    with pytest.raises(UnmappedName, match="country"):
        lower((customer.country == "KR").node, AS_OF, frames.layout)


def test_the_door_says_what_to_install() -> None:
    code = "import sys; sys.modules['narwhals'] = None\nimport retention.frames"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert MissingExtra.__name__ in found.stderr
    assert "shop-retention[frames]" in found.stderr


# Refusals. ------------------------------------------------------------------------------------------------------------


class _Nameless(tzinfo):
    """A zone that changes its clocks and has no name."""

    def utcoffset(self, wall: datetime | None) -> timedelta | None:
        return None if wall is None else timedelta(hours=1 if wall.month < 6 else 2)

    def tzname(self, wall: datetime | None) -> str | None:
        return None

    def dst(self, wall: datetime | None) -> timedelta | None:
        return None if wall is None else timedelta(hours=0 if wall.month < 6 else 1)


def _rule_for(what: str) -> tuple[Rule, dict[str, Any]]:
    """A rule that needs what a gap is about, and how the tables must be kept for that."""
    wall = {"paid_at": As("wall", Naive(SEOUL))}
    rules: dict[str, tuple[Rule, dict[str, Any]]] = {
        "JSON": (customer.tags.has("vip"), {"tags": As("texts", Json())}),
        "LABEL": (customer.tags.has(orders.coupon.last()), {}),
        "TEXT": (orders.where(orders.status.contains(orders.coupon)).any(), {}),
        "BUCKET": (customer.bucket("a") < 0.5, {}),
        "FOLDED": (customer.country.casefold() == "kr", {}),
        "NEVER_FOLDED": (customer.country.casefold() == "kr", {}),
        "DAY": (orders.where(orders.placed_at.local_date() == customer.birthday).any(), {}),
        "WALLS": (orders.where(orders.paid_at > orders.placed_at).any(), wall),
        "MIXED": (orders.where(orders.paid_at > orders.placed_at).any(), {"paid_at": As("wall", Naive(UTC))}),
    }
    return rules[what]


def _frames(make: Make, kept: dict[str, Any]) -> Frames[Any]:
    born = pa.array([datetime(2000, 1, 1), None, None]).cast(pa.date32())
    labels = pa.array([["vip"], [], None], pa.list_(pa.string()))
    texts = pa.array(["vip", "", None])
    table = people(born=born, labels=labels, texts=texts, land=texts)
    word = pa.array(["paid"])
    wall = instants(datetime(2026, 1, 1), zone=None)
    placed = orders_table(("c1", "o1", datetime(2026, 1, 1, tzinfo=UTC)), status=word, coupon=word, wall=wall)
    tags = kept.pop("tags", "labels")
    return Frames(
        customers=rows(make(table), id="id", birthday="born", tags=tags, country="land"),
        orders=rows(make(placed), customer="customer", id="id", at="at", status="status", coupon="coupon", **kept),
    )


ENGINES: dict[Engine, Make] = {
    Engine.POLARS: polars,
    Engine.ARROW: lambda table: table,
    Engine.DUCKDB: duckdb.from_arrow,
}
NAMED = {name: gap for name, gap in vars(supports).items() if isinstance(gap, supports.Gap)}


def test_all_gaps_are_in_the_table() -> None:
    assert set(NAMED.values()) == set(GAPS)


@pytest.mark.parametrize("what", sorted(set(NAMED) - {"NAMELESS"}))
@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_every_gap_is_refused_where_it_is_listed_and_nowhere_else(what: str, engine: Engine) -> None:
    rule, kept = _rule_for(what)
    frames = _frames(ENGINES[engine], dict(kept))
    test = lower(rule.node, AS_OF.astimezone(SEOUL), frames.layout)
    gap = NAMED[what]
    if engine in gap.engines:
        with pytest.raises(UnsupportedRule, match=gap.what[:20]) as refused:
            frames.answers({"rule": test})
        expected: Literal["not yet", "never"] = gap.ever
        assert refused.value.ever == expected
    elif not any(engine in each.engines for each in GAPS if each.what.startswith("casefold") and "FOLDED" in what):
        frames.answers({"rule": test})


def test_a_local_date_needs_a_zone_with_a_name_or_a_fixed_offset() -> None:
    frames = _frames(polars, {})
    rule, _ = _rule_for("DAY")
    fixed = AS_OF.astimezone(timezone(timedelta(hours=9)))
    assert frames.answers({"rule": lower(rule.node, fixed, frames.layout)}).height == 3
    test = lower(rule.node, AS_OF.astimezone(_Nameless()), frames.layout)
    with pytest.raises(UnsupportedRule, match="without a name") as refused:
        frames.answers({"rule": test})
    assert refused.value.ever == "never"


def test_columns_that_are_called_by_numbers_are_no_mistake() -> None:
    frames = Frames(customers=rows(pd.DataFrame({"id": ["a"], "city": ["S"], 0: [1]}), id="id", city="city"))
    assert len(Segment("s", customer.city == "S").filter(frames, AS_OF)) == 1
    with pytest.raises(ConfigurationError, match="no column 'town'"):
        Frames(customers=rows(pd.DataFrame({"id": ["a"], 0: [1]}), id="id", city="town"))


def test_relations_of_two_connections_are_told_apart() -> None:
    one, other = duckdb.connect(), duckdb.connect()
    sold = other.sql("select 'a' as who, '1' as id, timestamptz '2026-01-01 00:00+00' as at")
    frames = Frames(
        customers=rows(one.sql("select 'a' as id"), id="id"), orders=rows(sold, customer="who", id="id", at="at")
    )
    with pytest.raises(ConfigurationError, match="several connections"):
        Segment("s", orders.none()).filter(frames, AS_OF)
