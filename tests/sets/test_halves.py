"""Which way half of a minor unit goes: away from zero, on every engine, of floats and of decimals."""

from decimal import Decimal

import pyarrow as pa
import pytest
import sqlalchemy as sa

from retention import Money
from retention.rules.backends.sets.storage import Decimals, Major
from tests.sets.one_attribute import ENGINES, Attribute, asker, own

ROUNDED = {
    "0.125": 13,
    "0.375": 38,
    "-0.125": -13,
    "-0.375": -38,
    "0.124": 12,
    "0.126": 13,
    "2.000": 200,
    "12345678.625": 1234567863,
    "-0.004": 0,
    "0.005": 1,
}
"""The first eight are floats exactly."""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kept", ["floats", "decimals"])
def test_half_a_cent_goes_away_from_zero(engine: str, kept: str, postgres: sa.Engine) -> None:
    cells = {text: float(text) if kept == "floats" else Decimal(text) for text in ROUNDED}
    arrow, database = (pa.float64(), sa.Double()) if kept == "floats" else (pa.decimal128(14, 3), sa.Numeric(14, 3))
    ask = asker(engine, Attribute("wallet", cells, Major(), arrow, database), postgres)
    near = {minor + by for minor in ROUNDED.values() for by in (-1, 0, 1)}
    who = {minor: ask(own.wallet == Money(minor, "USD")) for minor in near}
    assert {text: minor for minor, texts in who.items() for text in texts} == ROUNDED


@pytest.mark.parametrize("engine", ENGINES)
def test_half_of_the_last_decimal_goes_away_from_zero(engine: str, postgres: sa.Engine) -> None:
    if engine == "arrays":
        pytest.skip("refuses what is finer than was said")
    cells = {"1": 0.125, "2": -0.125, "3": 0.375, "4": -0.375, "5": 3.0}
    ask = asker(engine, Attribute("size", cells, Decimals(2), pa.float64(), sa.Double()), postgres)
    for who, size in {"1": "0.13", "2": "-0.13", "3": "0.38", "4": "-0.38", "5": "3"}.items():
        assert ask(own.size == Decimal(size)) == {who}
