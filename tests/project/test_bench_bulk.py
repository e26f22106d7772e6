"""The benchmarks of whole populations ask one question of all: the same answers, those of the reference."""

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import psycopg
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from bench.bulk import memory, sample, shop, sides, spark, speed, turns
from bench.bulk.by_hand import CUTS, NAMES, POSTGRES
from bench.bulk.library import EIGHT
from bench.bulk.server import load
from bench.bulk.server_memory import peak_of
from bench.bulk.variants import eighty
from bench.figures import NotMeasured
from bench.rules_by_hand import RULES
from tests.project.source import ROOT

SIZE = 2_000


@pytest.fixture(scope="module")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The files of a shop, generated for these tests alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shop, "BUILD", tmp_path_factory.mktemp("bulk"))
        yield shop.shop(SIZE)


def test_the_shop_has_the_rows_it_says_in_order_of_time(small_shop: Path) -> None:
    tables = sides.in_memory(SIZE)
    assert {name: len(table) for name, table in tables.items()} == {
        "customers": SIZE,
        "orders": 6 * SIZE,
        "lines": 12 * SIZE,
        "cart": 6 * SIZE,
        "consents": 2 * SIZE,
    }
    assert tables["orders"]["placed_at"].is_sorted()
    assert tables["lines"]["order_id"].is_sorted()
    assert tables["orders"]["customer_id"].null_count() > 0
    assert tables["orders"]["total"].sum() == tables["lines"]["amount"].sum()
    assert all((table[column] > CUTS["now"]).any() for table, column in _instants(tables))


def _instants(tables: dict[str, pl.DataFrame]) -> Iterator[tuple[pl.DataFrame, str]]:
    columns = {"orders": "placed_at", "lines": "placed_at", "cart": "happened_at", "consents": "decided_at"}
    return ((tables[name], column) for name, column in columns.items())


def test_a_shop_is_the_same_whenever_it_is_generated(small_shop: Path) -> None:
    for name, table in shop.generated(SIZE).items():
        assert table.equals(pq.read_table(small_shop / f"{name}.parquet")), name


def test_the_query_by_hand_answers_as_the_reference_and_tells_customers_apart(small_shop: Path) -> None:
    assert sample.check(SIZE, every=4) == SIZE // 4
    with sides.polars(SIZE) as polars:
        assert all(0 < count < SIZE for count in polars.by_hand())


@pytest.mark.parametrize("engine", [name for name in sides.ENGINES if name != "sql on postgresql"])
def test_every_engine_and_every_query_by_hand_gives_the_same_answers(small_shop: Path, engine: str) -> None:
    with sides.polars(SIZE) as polars, sides.ENGINES[engine](SIZE) as each:
        assert each.by_hand() == each.ours(EIGHT)() == polars.by_hand()


def test_postgresql_gives_them_too(small_shop: Path, postgres_url: str) -> None:
    address = sa.make_url(postgres_url).update_query_dict({"options": "-csearch_path=bench_bulk"})
    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("create schema bench_bulk")
        load(connection, small_shop)
    engine = sa.create_engine(address)
    with sides.polars(SIZE) as polars, engine.begin() as connection:
        each = sides.statements(connection, POSTGRES)
        assert each.by_hand() == each.ours(EIGHT)() == polars.by_hand()
        connection.execute(sa.text("drop schema bench_bulk cascade"))
    engine.dispose()


def test_the_eighty_are_ten_of_each_and_begin_with_the_eight(small_shop: Path) -> None:
    many = eighty()
    assert len({each.rule for each in many}) == len(many) == 80
    assert [each.rule for each in many][:8] == list(RULES.values())
    assert tuple(key.removesuffix("_0") for key in many.keys[:8]) == EIGHT.keys == NAMES
    with sides.polars(SIZE) as polars:
        assert polars.ours(many)()[:8] == polars.by_hand()


def test_a_duel_refuses_sides_of_different_answers() -> None:
    with pytest.raises(AssertionError, match="ours"):
        turns.duel(lambda: (1,), lambda: (2,), rounds=1)


def test_a_duel_divides_the_times_of_one_round() -> None:
    found = turns.Duel(ours=[(1, 2), (3, 4), (4, 8)], theirs=[(2, 2), (2, 2), (2, 2)])
    assert (found.ratio.middle, found.ratio.ends) == (1.5, (0.5, 2))
    assert found.processor_ratio.middle == 2


def test_growth_is_held_to_its_goal_at_the_largest_shop_only(small_shop: Path) -> None:
    found = {each.name: each for each in speed.growth((SIZE // 4, SIZE // 2, SIZE))}
    assert all(each.value > 0 for each in found.values())
    assert {name: each.goal for name, each in found.items() if "by hand" not in name} == {
        f"bulk/growth/{engine}, {times} x": goal
        for engine in ("frames on polars", "sql on duckdb", "arrays")
        for times, goal in ((2, None), (4, 1))
    }


def test_the_page_tells_the_goals_to_which_populations_are_held() -> None:
    page = (ROOT / "docs" / "reference" / "figures.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(bulk/[^`]+)` \|[^|]+\| at most (\S+) x \|$", page, flags=re.MULTILINE)
    most = speed.GROWTH[-1] // speed.GROWTH[0]
    held = [(f"time/{engine}", goal) for engine, goal in speed.GOALS.items()]
    held += [(f"memory/{engine}", memory.GOAL) for engine in (*memory.HERE, "sql on postgresql")]
    held += [(f"eighty rules/{engine}", speed.EIGHTY_GOAL) for engine in sides.ENGINES]
    held += [(f"growth/{engine}, {most} x", speed.GROWTH_GOAL) for engine in speed.GROWN]
    assert told == [(f"bulk/{name}", f"{goal:g}") for name, goal in held]


def test_the_memory_of_a_server_is_what_a_statement_takes(postgres_url: str) -> None:
    """Of one that puts 400,000 numbers into a hash table: their rows alone are 16 MB."""
    hashed = sa.text("select count(*) from generate_series(1, 400000) as a (n) join hashed using (n)")
    engine = sa.create_engine(postgres_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text("set work_mem = '256MB'"))
        connection.execute(sa.text("create table hashed as select generate_series(1, 400000) as n"))
        assert peak_of(connection, lambda: connection.execute(sa.text("select 1"))) < 8
        assert 16 < peak_of(connection, lambda: connection.execute(hashed)) < 160
        connection.rollback()
    engine.dispose()


def test_a_figure_that_lacks_what_it_needs_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    (found,) = spark.figures()
    assert isinstance(found, NotMeasured)
    assert "Java" in found.why
