"""Products of more than 64 bits, which some libraries keep and others wrap round without a word."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from retention import Segment
from retention.frames import Decimals, Frames, Major, Stored, rows
from retention.money import usd
from retention.rules import Rule, orders, visits
from retention.rules import nodes as n

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
LARGE = 3_000_000_019

LIBRARIES = {
    "polars": pl.DataFrame,
    "pandas": pd.DataFrame,
    "pyarrow": pa.table,
}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("more", [0, 1])
def test_products_beyond_64_bits_do_not_wrap_round(library: str, more: int) -> None:
    """``id bucket / id bucket`` beside a constant: 2**32 times a numerator of more than 32 bits."""
    frame = LIBRARIES[library]
    bucket = n.Apply("bucket", n.Attribute("id"), "spring")
    above = n.Compare(">=", n.Arithmetic("/", n.Literal(10), bucket), n.Literal(Fraction(10 * LARGE + more, 7)))
    frames = Frames(customers=rows(frame({"id": ["c1", "c2", "c3"]}), id="id"))
    found = Segment("above", Rule(above)).filter(frames, AS_OF)
    assert len(found) == 0
    found = Segment("below", ~Rule(above)).filter(frames, AS_OF)
    assert len(found) == 3


def test_decimals_that_are_all_zero_are_read() -> None:
    kept = pd.DataFrame({"id": ["o1"], "of": ["c1"], "at": [AS_OF], "total": [Decimal("0.0000")]})
    frames = Frames(
        customers=rows(pd.DataFrame({"id": ["c1"]}), id="id"),
        orders=rows(kept, customer="of", id="id", at="at", total="total"),
        stored=Stored(amounts=Major()),
        currency="USD",
    )
    assert len(Segment("free", orders.total.sum() == usd(0)).filter(frames, AS_OF)) == 1


def test_refunds_of_orders_that_pandas_knows_nothing_of() -> None:
    """A column without a single text has another type than one with some."""
    kept = pd.DataFrame({"id": ["o1"], "of": ["c1"], "at": [AS_OF], "total": [100]})
    given = pd.DataFrame({"id": ["r1"], "order": [None], "of": ["c1"], "at": [AS_OF], "amount": [10]})
    frames = Frames(
        customers=rows(pd.DataFrame({"id": ["c1"]}), id="id"),
        orders=rows(kept, customer="of", id="id", at="at", total="total"),
        refunds=rows(given, customer="of", id="id", at="at", order_id="order", amount="amount"),
        currency="USD",
    )
    assert len(Segment("kept", orders.refunded.sum() == usd(0)).filter(frames, AS_OF)) == 1


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("places", [6, 9])
def test_a_mean_of_more_than_a_float_can_say_is_no_error(library: str, places: int) -> None:
    """PyArrow refuses to make a float of a whole number that it cannot say to the last digit."""
    frame = LIBRARIES[library]
    seconds = [9_007_199.254740993, 1.0]
    told = {"of": ["c1", "c1"], "id": ["1", "2"], "at": [AS_OF, AS_OF], "for": seconds}
    frames = Frames(
        customers=rows(frame({"id": ["c1"]}), id="id"),
        visits=rows(frame(told), customer="of", id="id", at="at", seconds="for"),
        stored=Stored(numbers=Decimals(places)),
    )
    assert len(Segment("long", visits.seconds.mean() >= 4_503_600).filter(frames, AS_OF)) == 1
    assert len(Segment("longer", visits.seconds.mean() >= 4_503_601).filter(frames, AS_OF)) == 0
    assert len(Segment("apart", visits.seconds.max() / visits.seconds.min() >= 9_007_199).filter(frames, AS_OF)) == 1


@pytest.mark.parametrize("library", LIBRARIES)
def test_an_instant_of_rows_that_a_mean_has_chosen_is_an_instant(library: str) -> None:
    """A mean is compared by multiplying, and the instant of what it chose is not."""
    frame = LIBRARIES[library]
    mean = n.Aggregate("mean", n.Events("orders"), "total")
    chosen = n.Events("orders", n.Compare("<=", mean, n.Literal(usd(5))))
    first = n.Compare("<=", n.Aggregate("min", chosen, "at"), n.Literal(AS_OF))
    kept = frame({"id": ["o1", "o2"], "of": ["c1", "c2"], "at": [AS_OF, AS_OF], "total": [100, 900]})
    frames = Frames(
        customers=rows(frame({"id": ["c1", "c2"]}), id="id"),
        orders=rows(kept, customer="of", id="id", at="at", total="total"),
        currency="USD",
    )
    assert list(Segment("first", Rule(first)).filter(frames, AS_OF)["id"]) in (["c1"], [pa.scalar("c1")])
