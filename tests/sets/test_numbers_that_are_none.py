"""NaN and infinite numbers are missing, wherever they can be kept."""

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from retention import Money
from retention.rules.backends.sets.storage import Decimals, Form, Major
from tests.sets.one_attribute import ENGINES, Attribute, asker, own

CELLS = {"nan": "NaN", "endless": "Infinity", "less": "-Infinity", "none": None, "one": "1.5"}
NONE = {"nan", "endless", "less", "none"}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("form", [Major(), Decimals(1)], ids=["amount", "number"])
def test_floats_that_are_no_numbers(engine: str, form: Form, postgres: sa.Engine) -> None:
    name = "wallet" if form == Major() else "size"
    cells = {who: None if cell is None else float(cell) for who, cell in CELLS.items()}
    _check(engine, Attribute(name, cells, form, pa.float64(), sa.Double()), postgres)


@pytest.mark.parametrize("kept", [sa.Numeric(12, 2), sa.Numeric(12, 1), sa.Numeric()], ids=repr)
def test_decimals_of_postgresql_that_are_no_numbers(kept: sa.Numeric[Any], postgres: sa.Engine) -> None:
    holds = NONE if kept.scale is None else {"nan", "none", "one"}  # a declared scale leaves no room for infinity
    cells = {who: None if cell is None else Decimal(cell) for who, cell in CELLS.items() if who in {*holds, "one"}}
    for name, form in (("wallet", Major()), ("size", Decimals(2))):
        _check("PostgreSQL", Attribute(name, cells, form, pa.null(), kept), postgres)


def _check(engine: str, told: Attribute, postgres: sa.Engine) -> None:
    value: Any = own.wallet if told.name == "wallet" else own.size
    some, much = (Money(100, "USD"), Money(10**12, "USD")) if told.name == "wallet" else (1, 10**12)
    ask = asker(engine, told, postgres)
    assert ask(value > some) == {"one"}
    assert ask(value > much) == ask(value < -some) == set()
    assert ask(value.is_missing()) == NONE & {*told.cells}
