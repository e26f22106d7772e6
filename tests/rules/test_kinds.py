"""Which kinds values have, and which operators fit them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast, get_args

import pytest

from retention.errors import RuleError, UnknownName, WrongKind
from retention.money import won
from retention.rules.kinds import COMPARABLE, FUNCTIONS, REDUCIBLE, check_comparison, kind_of, scalar_kind
from retention.rules.nodes import (
    Aggregate,
    Ago,
    Apply,
    Arithmetic,
    Attribute,
    Column,
    Comparison,
    Events,
    Function,
    Literal,
    Operation,
    Reduction,
    Scalar,
    Shift,
    Value,
)
from retention.schema import STANDARD, Kind
from retention.spans import days

SAMPLES: dict[Kind, Value] = {
    Kind.NUMBER: Literal(3),
    Kind.AMOUNT: Literal(won(3)),
    Kind.TEXT: Literal("a"),
    Kind.FLAG: Literal(True),
    Kind.INSTANT: Ago(days(1)),
    Kind.DATE: Literal(date(2026, 3, 1)),
    Kind.LABELS: Attribute("tags"),
}


@pytest.mark.parametrize(
    ("constant", "kind"),
    [
        (3, Kind.NUMBER),
        (Fraction(1, 3), Kind.NUMBER),
        (True, Kind.FLAG),
        ("3", Kind.TEXT),
        (won(3), Kind.AMOUNT),
        (datetime(2026, 3, 1, tzinfo=UTC), Kind.INSTANT),
        (date(2026, 3, 1), Kind.DATE),
    ],
)
def test_a_constant_has_a_kind(constant: Scalar, kind: Kind) -> None:
    assert scalar_kind(constant) is kind


@pytest.mark.parametrize("constant", [0.1, Decimal("0.1"), None, b"x", ("a",), {"a"}])
def test_what_is_no_constant_is_refused(constant: object) -> None:
    with pytest.raises(WrongKind, match=type(constant).__name__) as caught:
        scalar_kind(constant, "rule.left")
    assert caught.value.path == "rule.left"


def test_every_kind_has_a_sample_of_that_kind() -> None:
    assert {kind: kind_of(value, STANDARD) for kind, value in SAMPLES.items()} == {kind: kind for kind in Kind}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (Aggregate("count", Events("orders")), Kind.NUMBER),
        (Aggregate("distinct", Events("orders"), "status"), Kind.NUMBER),
        (Aggregate("mean", Events("orders"), "total"), Kind.AMOUNT),
        (Aggregate("last", Events(Events("purchases"), pick=1), "tags"), Kind.LABELS),
        (Aggregate("max", Events("orders"), "delivered_at"), Kind.INSTANT),
        (Apply("casefold", Attribute("city")), Kind.TEXT),
        (Apply("size", Attribute("tags")), Kind.NUMBER),
        (Apply("bucket", Attribute("id"), "x"), Kind.NUMBER),
        (Apply("local_date", Attribute("joined_at")), Kind.DATE),
        (Shift(Attribute("joined_at"), days(1)), Kind.INSTANT),
    ],
)
def test_a_value_has_a_kind(value: Value, kind: Kind) -> None:
    assert kind_of(value, STANDARD) is kind


def test_a_column_has_the_kind_that_its_collection_says() -> None:
    assert kind_of(Column("amount"), STANDARD, "purchases") is Kind.AMOUNT
    assert kind_of(Column("amount"), STANDARD, "points") is Kind.NUMBER


@pytest.mark.parametrize("operation", get_args(Operation))
@pytest.mark.parametrize("left", Kind)
@pytest.mark.parametrize("right", Kind)
def test_arithmetic_is_of_numbers_and_amounts(operation: Operation, left: Kind, right: Kind) -> None:
    number, amount = Kind.NUMBER, Kind.AMOUNT
    allowed = {
        "+": {(number, number): number, (amount, amount): amount},
        "-": {(number, number): number, (amount, amount): amount},
        "*": {(number, number): number, (amount, number): amount, (number, amount): amount},
        "/": {(number, number): number, (amount, number): amount, (amount, amount): number},
    }[operation]
    value = Arithmetic(operation, SAMPLES[left], SAMPLES[right])
    if (left, right) in allowed:
        assert kind_of(value, STANDARD) is allowed[left, right]
    else:
        with pytest.raises(WrongKind, match="no meaning"):
            kind_of(value, STANDARD)


@pytest.mark.parametrize("operator", get_args(Comparison))
@pytest.mark.parametrize("left", Kind)
@pytest.mark.parametrize("right", Kind)
def test_comparisons_take_the_kinds_that_the_language_says(operator: Comparison, left: Kind, right: Kind) -> None:
    if operator == "==":
        fits = left is right and left is not Kind.LABELS
    elif operator in ("<", "<=", ">", ">="):
        fits = left is right and left in (Kind.NUMBER, Kind.AMOUNT, Kind.INSTANT, Kind.DATE)
    elif operator == "has":
        fits = (left, right) == (Kind.LABELS, Kind.TEXT)
    else:
        fits = (left, right) == (Kind.TEXT, Kind.TEXT)
    if fits:
        check_comparison(operator, left, right)
    else:
        with pytest.raises(WrongKind, match=f"{left.value} {operator} {right.value}") as caught:
            check_comparison(operator, left, right, "rule")
        assert caught.value.hint


@pytest.mark.parametrize("function", sorted(REDUCIBLE))
@pytest.mark.parametrize("kind", Kind)
def test_aggregates_take_the_kinds_that_the_language_says(function: Reduction, kind: Kind) -> None:
    allowed = {
        "sum": {Kind.NUMBER, Kind.AMOUNT},
        "mean": {Kind.NUMBER, Kind.AMOUNT},
        "min": {Kind.NUMBER, Kind.AMOUNT, Kind.INSTANT, Kind.DATE},
        "max": {Kind.NUMBER, Kind.AMOUNT, Kind.INSTANT, Kind.DATE},
        "distinct": set(Kind) - {Kind.LABELS},
    }.get(function, set(Kind))
    schema = STANDARD.extend(collections={"things": {"cell": kind}})
    value = Aggregate(function, Events("things"), "cell")
    if kind in allowed:
        assert kind_of(value, schema) is (Kind.NUMBER if function == "distinct" else kind)
    else:
        with pytest.raises(WrongKind, match=f"has no {function}"):
            kind_of(value, schema)


@pytest.mark.parametrize("function", get_args(Function))
@pytest.mark.parametrize("kind", Kind)
def test_functions_take_one_kind(function: Function, kind: Kind) -> None:
    takes, gives = FUNCTIONS[function]
    value = Apply(function, SAMPLES[kind])
    if kind is takes:
        assert kind_of(value, STANDARD) is gives
    else:
        with pytest.raises(WrongKind, match=f"has {function}"):
            kind_of(value, STANDARD)


def test_every_word_of_the_language_has_its_kinds() -> None:
    assert set(COMPARABLE) == set(get_args(Comparison))
    assert {*REDUCIBLE, "count"} == set(get_args(Reduction))
    assert set(FUNCTIONS) == set(get_args(Function))


@pytest.mark.parametrize(
    ("value", "path", "nearest"),
    [
        (Attribute("contry"), "rule", "country"),
        (Aggregate("count", Events("oders")), "rule", "orders"),
        (Aggregate("sum", Events("orders"), "totl"), "rule", "total"),
        (Arithmetic("+", Literal(1), Aggregate("sum", Events("points"), "amont")), "rule.right", "amount"),
        (Apply("casefold", Attribute("cty")), "rule.casefold", "city"),
        (Shift(Attribute("joined"), days(1)), "rule.shift", "joined_at"),
        (Aggregate(cast(Any, "sums"), Events("orders"), "total"), "rule", "sum"),
        (Apply(cast(Any, "case_fold"), Attribute("city")), "rule", "casefold"),
    ],
)
def test_an_unknown_name_is_told_with_its_path_and_the_nearest(value: Value, path: str, nearest: str) -> None:
    with pytest.raises(UnknownName) as caught:
        kind_of(value, STANDARD, path="rule")
    assert (caught.value.path, caught.value.nearest) == (path, nearest)


def test_an_unknown_column_is_told_with_the_collections_own() -> None:
    with pytest.raises(UnknownName) as caught:
        kind_of(Column("statu"), STANDARD, "orders", "rule")
    assert caught.value.nearest == "status"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Column("total"), "outside of a where"),
        (Aggregate("count", Events("orders"), "total"), "count takes no column"),
        (Aggregate("sum", Events("orders")), "sum needs a column"),
    ],
)
def test_a_value_that_cannot_be_asked_is_refused(value: Value, words: str) -> None:
    with pytest.raises(RuleError, match=words) as caught:
        kind_of(value, STANDARD, path="rule.left")
    assert caught.value.path == "rule.left"
    assert caught.value.hint


def test_only_an_instant_is_moved() -> None:
    with pytest.raises(WrongKind, match="only instant is moved by a span, not date"):
        kind_of(Shift(Attribute("birthday"), days(1)), STANDARD)
