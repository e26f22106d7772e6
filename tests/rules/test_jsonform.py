"""The JSON form: round trips, what may be written by hand, and what is refused with which words."""

import json
from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention.errors import RuleError, RuleTooLarge, UnknownName, WrongKind
from retention.money import won
from retention.rules.backends.jsonform import from_json, to_json
from retention.rules.limits import JSON_BYTES
from retention.rules.nodes import (
    Ago,
    All,
    Attribute,
    Compare,
    Events,
    Follows,
    IsIn,
    Literal,
    Missing,
    Not,
    Rule,
    Scalar,
)
from retention.schema import STANDARD
from retention.spans import Duration, Months, Span, calendar_days, days, hours, months, this_week, today, weeks
from retention.testing.rules import EXTENDED, rules
from tests.rules.examples import COUNT, JOINED, KOREAN, VIP

VIP_JSON = {"op": "has", "left": {"attribute": "tags"}, "right": "vip"}
COUNT_JSON = {"op": ">=", "left": {"count": "orders"}, "right": 3}


def document(rule: object) -> dict[str, Any]:
    return {"retention": 1, "rule": rule}


def compared(right: object) -> dict[str, Any]:
    return document({"op": "<", "left": {"count": "orders"}, "right": right})


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(rules(EXTENDED))
def test_every_rule_comes_back_equal(rule: Rule) -> None:
    written = to_json(rule)
    assert from_json(written, EXTENDED) == rule
    assert from_json(json.dumps(written)) == rule
    assert from_json(json.dumps(written, ensure_ascii=False).encode()) == rule
    assert to_json(from_json(written)) == written


@given(st.fractions(max_denominator=10**20).filter(lambda number: abs(number) < 10**20))
def test_every_number_comes_back_exactly(number: Fraction) -> None:
    rule = Compare("<", COUNT, Literal(number))
    assert from_json(json.dumps(to_json(rule))) == rule


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=1e-20, max_value=1e20))
def test_a_float_means_its_shortest_decimal(number: float) -> None:
    assert from_json(compared(number)) == Compare("<", COUNT, Literal(Fraction(repr(number))))
    assert from_json(json.dumps(compared(number))) == from_json(compared(number))


@pytest.mark.parametrize(
    ("written", "number"),
    [("0.1", Fraction(1, 10)), ("1e3", 1000), ("3.0", 3), ("-2.50", Fraction(-5, 2)), ("1E-2", Fraction(1, 100))],
)
def test_decimals_in_json_text_are_exact(written: str, number: Scalar) -> None:
    source = f'{{"retention": 1, "rule": {{"op": "<", "left": {{"count": "orders"}}, "right": {written}}}}}'
    assert from_json(source) == Compare("<", COUNT, Literal(number))


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ({"weeks": 2}, weeks(2)),
        ({"days": 7}, days(7)),
        ({"hours": 36}, hours(36)),
        ({"minutes": 90}, Duration(5_400_000_000)),
        ({"seconds": 5}, Duration(5_000_000)),
        ({"microseconds": 1}, Duration(1)),
        ({"months": 3}, months(3)),
        ({"years": 2}, Months(24)),
        ({"calendar_days": 1}, today()),
        ({"calendar_days": 30}, calendar_days(30)),
        ("today", today()),
        ("this_week", this_week()),
    ],
)
def test_spans_can_be_written_in_any_unit(written: object, span: Span) -> None:
    rule = from_json(document({"op": "<", "left": {"attribute": "joined_at"}, "right": {"ago": written}}))
    assert rule == Compare("<", JOINED, Ago(span))


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ({"all": []}, All(())),
        ({"value": {"attribute": "country"}, "in": ("KR",)}, IsIn(Attribute("country"), ("KR",))),
        ({"missing": {"attribute": "city"}}, Missing(Attribute("city"))),
        ({"op": "<", "left": {"count": {"from": "orders"}}, "right": 3}, Compare("<", COUNT, Literal(3))),
        (
            {"events": {"from": "views", "pick": -1}, "followed_by": "orders", "within": {"hours": 1}},
            Follows(Events("views", pick=-1), Events("orders"), hours(1)),
        ),
        ({"op": "<", "left": {"money": [1, "KRW"]}, "right": 3}, Compare("<", Literal(won(1)), Literal(3))),
        ({"op": "<", "left": {"fraction": [2, 4]}, "right": 3}, Compare("<", Literal(Fraction(1, 2)), Literal(3))),
    ],
)
def test_what_people_write_is_read(written: object, rule: Rule) -> None:
    assert from_json(document(written)) == rule


def test_true_is_no_number() -> None:
    rule = from_json(compared(True))
    assert isinstance(rule, Compare)
    assert isinstance(rule.right, Literal)
    assert rule.right.value is True


def test_with_a_schema_the_rule_is_validated() -> None:
    unknown = document({"missing": {"attribute": "shoe_size"}})
    assert from_json(unknown) == Missing(Attribute("shoe_size"))
    assert from_json(unknown, EXTENDED) == Missing(Attribute("shoe_size"))
    with pytest.raises(UnknownName):
        from_json(unknown, STANDARD)
    with pytest.raises(WrongKind):
        from_json(compared("3"), STANDARD)


DOCUMENTS: list[tuple[object, str, str]] = [
    ([], "rule", "a document is expected, not a list"),
    ({}, "rule", "the object is empty"),
    ({"rule": VIP_JSON}, "rule", "the key 'retention' is missing"),
    ({"retention": 1}, "rule", "the key 'rule' is missing"),
    ({"retention": 1, "rule": VIP_JSON, "more": 1}, "rule", "no key is called 'more'"),
    ({"retention": 2, "rule": VIP_JSON}, "retention", "version is not known"),
    ({"retention": True, "rule": VIP_JSON}, "retention", "version is not known"),
    ({"retention": "1", "rule": VIP_JSON}, "retention", "version is not known"),
]


@pytest.mark.parametrize(("source", "path", "words"), DOCUMENTS)
def test_a_wrong_document_is_told_so(source: Any, path: str, words: str) -> None:
    with pytest.raises(RuleError, match=words) as caught:
        from_json(source)
    assert caught.value.path == path
    assert caught.value.hint


REFUSED: list[tuple[object, str, str]] = [
    (3, "rule", "a rule is expected, not a number"),
    (None, "rule", "not null"),
    ({}, "rule", "the object is empty"),
    ({"op": "<", "left": {}, "right": 1}, "rule.left", "the object is empty"),
    ({"value": 3, "in": [{}]}, "rule.in[0]", "the object is empty"),
    ("orders", "rule", "not text"),
    ([VIP_JSON], "rule", "not a list"),
    ({1: 2}, "rule", "a key is not text"),
    ({"count": "orders"}, "rule", "a rule is expected here, not a value"),
    ({"op": "<", "left": VIP_JSON | {"all": []}, "right": 1}, "rule.left", "no key is called 'all'"),
    ({"op": "<", "left": {"all": []}, "right": 1}, "rule.left", "a value is expected here, not a rule"),
    ({"op": "<", "left": 3}, "rule", "the key 'right' is missing"),
    ({"op": 3, "left": 3, "right": 3}, "rule.op", "a comparison is expected, not a number"),
    ({"op": "<", "left": None, "right": 3}, "rule.left", "a constant is expected, not null"),
    ({"op": "<", "left": [3], "right": 3}, "rule.left", "a constant is expected, not a list"),
    ({"op": "<", "left": {"attribute": 3}, "right": 3}, "rule.left.attribute", "text is expected, not a number"),
    ({"op": "<", "left": {"column": None}, "right": 3}, "rule.left.column", "text is expected"),
    ({"op": "<", "left": {"sum": 1, "of": "orders"}, "right": 3}, "rule.left.sum", "text is expected"),
    ({"op": "<", "left": {"sum": "total"}, "right": 3}, "rule.left", "the key 'of' is missing"),
    ({"op": "<", "left": {"count": 3}, "right": 3}, "rule.left.count", "a collection is expected, not a number"),
    ({"op": "<", "left": {"count": {"where": VIP_JSON}}, "right": 3}, "rule.left.count", "'from' is missing"),
    ({"op": "<", "left": {"count": {"from": 3}}, "right": 3}, "rule.left.count.from", "a collection is expected"),
    ({"op": "<", "left": {"count": {"from": "x", "pick": 0}}, "right": 3}, "rule.left.count.pick", "count from 1"),
    ({"op": "<", "left": {"count": {"from": "x", "pick": 1.5}}, "right": 3}, "rule.left.count.pick", "whole number"),
    ({"op": "<", "left": {"bucket": {"attribute": "id"}, "salt": 3}, "right": 3}, "rule.left.salt", "text is expected"),
    ({"op": "<", "left": {"bucket": {"attribute": "id"}}, "right": 3}, "rule.left", "'salt' is missing"),
    ({"all": VIP_JSON}, "rule.all", "a list is expected, not an object"),
    ({"any": [VIP_JSON, 3]}, "rule.any[1]", "a rule is expected"),
    ({"not": []}, "rule.not", "a rule is expected"),
    ({"at_least": -1, "of": []}, "rule.at_least", "from 0 up"),
    ({"at_least": True, "of": []}, "rule.at_least", "a number is expected, not true or false"),
    ({"at_least": 1}, "rule", "'of' is missing"),
    ({"value": 3, "in": 3}, "rule.in", "a list is expected"),
    ({"value": 3, "in": [3, None]}, "rule.in[1]", "a constant is expected"),
    ({"in": []}, "rule", "'value' is missing"),
    ({"segment": ""}, "rule.segment", "not empty"),
    ({"segment": 3}, "rule.segment", "text is expected"),
    ({"named": " ", "rule": VIP_JSON}, "rule.named", "not empty"),
    ({"named": "x"}, "rule", "'rule' is missing"),
    ({"anniversary": 3}, "rule", "'window' is missing"),
    ({"anniversary": 3, "window": 3}, "rule.window", "a window is expected"),
    ({"anniversary": 3, "window": {"days": [0]}}, "rule.window.days", "two items are expected, not 1"),
    ({"anniversary": 3, "window": {"days": [0, "7"]}}, "rule.window.days[1]", "a number is expected"),
    ({"anniversary": 3, "window": {"days": [1, 0]}}, "rule.window", "ends before it begins"),
    ({"anniversary": 3, "window": {"months": [0, 0.5]}}, "rule.window.months[1]", "whole number"),
    ({"anniversary": 3, "window": {"from": [2, 30], "to": [3, 1]}}, "rule.window", "month and day"),
    ({"anniversary": 3, "window": {"from": [2, 3]}}, "rule.window", "'to' is missing"),
    ({"events": "views", "within": {"days": 1}}, "rule", "'followed_by' is missing"),
    ({"events": "views", "followed_by": "orders", "within": "today"}, "rule.within", "no length"),
    ({"op": "<", "left": 3, "right": {"shift": 3}}, "rule.right", "'by' is missing"),
    ({"op": "<", "left": 3, "right": {"shift": 3, "by": "today"}}, "rule.right.by", "no length"),
    ({"op": "<", "left": 3, "right": {"ago": 7}}, "rule.right.ago", "a span is expected, not a number"),
    ({"op": "<", "left": 3, "right": {"ago": {}}}, "rule.right.ago", "the object is empty"),
    ({"op": "<", "left": 3, "right": {"ago": {"days": 1, "hours": 1}}}, "rule.right.ago", "one unit"),
    ({"op": "<", "left": 3, "right": {"ago": {"days": 0.5}}}, "rule.right.ago.days", "whole number"),
    ({"op": "<", "left": 3, "right": {"ago": {"days": -1}}}, "rule.right.ago", "is negative"),
    ({"op": "<", "left": 3, "right": {"ago": {"days": 10**9}}}, "rule.right.ago", "a thousand years"),
    ({"op": "<", "left": 3, "right": {"fraction": [1, 0]}}, "rule.right.fraction", "divided by 0"),
    ({"op": "<", "left": 3, "right": {"fraction": [1, 2, 3]}}, "rule.right.fraction", "two items"),
    ({"op": "<", "left": 3, "right": {"fraction": [1, 0.5]}}, "rule.right.fraction[1]", "whole number"),
    ({"op": "<", "left": 3, "right": {"money": 3}}, "rule.right.money", "a list is expected"),
    ({"op": "<", "left": 3, "right": {"money": [0.5, "KRW"]}}, "rule.right.money[0]", "whole number"),
    ({"op": "<", "left": 3, "right": {"money": [10**20, "KRW"]}}, "rule.right.money[0]", "64 bits"),
    ({"op": "<", "left": 3, "right": {"instant": "2026-03-01T09:00:00"}}, "rule.right.instant", "offset"),
    ({"op": "<", "left": 3, "right": {"instant": "2026-02-30T09:00:00Z"}}, "rule.right.instant", "offset"),
    ({"op": "<", "left": 3, "right": {"instant": "2026-02-01T09:00:00+25:00"}}, "rule.right.instant", "offset"),
    ({"op": "<", "left": 3, "right": {"date": "2026-3-1"}}, "rule.right.date", "not a date"),
    ({"op": "<", "left": 3, "right": {"date": "2026-02-29"}}, "rule.right.date", "not a date"),
    ({"op": "<", "left": 3, "right": {"date": "2026-03-01", "x": 1}}, "rule.right", "no key is called 'x'"),
    ({"op": "<", "left": 3, "right": float("nan")}, "rule.right", "NaN and infinity"),
    ({"op": "<", "left": 3, "right": float("-inf")}, "rule.right", "NaN and infinity"),
    ({"op": "<", "left": 3, "right": 10**40}, "rule.right", "40 digits"),
    ({"op": "<", "left": 3, "right": 1e-300}, "rule.right", "40 digits"),
    ({"op": "<", "left": 3, "right": "\ud83d"}, "rule.right", "half a character"),
    ({"op": "<", "left": 3, "right": {"attribute": "\ud83d"}}, "rule.right.attribute", "half a character"),
    ({"op": "<", "left": 3, "\udc00": 4}, "rule", "half a character"),
]


@pytest.mark.parametrize(("rule", "path", "words"), REFUSED)
def test_what_is_no_rule_is_told_with_its_path(rule: object, path: str, words: str) -> None:
    with pytest.raises(RuleError, match=words) as caught:
        from_json(document(rule))
    assert caught.value.path == path
    assert caught.value.hint


UNKNOWN: list[tuple[object, str, str | None]] = [
    ({"alle": [VIP_JSON]}, "rule", "all"),
    ({"op": "=>", "left": 3, "right": 3}, "rule.op", ">="),
    ({"op": "startswith", "left": "a", "right": "b"}, "rule.op", "starts_with"),
    ({"op": "<", "lef": 3, "right": 3}, "rule", "left"),
    ({"all": [COUNT_JSON | {"note": "x"}]}, "rule.all[0]", None),
    ({"op": "<", "left": {"counts": "orders"}, "right": 3}, "rule.left", "count"),
    ({"op": "<", "left": {"op": "**", "left": 3, "right": 3}, "right": 3}, "rule.left.op", "*"),
    ({"op": "<", "left": {"count": {"from": "x", "were": 1}}, "right": 3}, "rule.left.count", "where"),
    ({"op": "<", "left": 3, "right": {"money": [3, "KWR"]}}, "rule.right.money[1]", "KRW"),
    ({"op": "<", "left": 3, "right": {"ago": {"day": 3}}}, "rule.right.ago", "days"),
    ({"op": "<", "left": 3, "right": {"ago": "this_moth"}}, "rule.right.ago", "this_month"),
    ({"value": 3, "in": [{"mony": [3, "KRW"]}]}, "rule.in[0]", "money"),
    ({"anniversary": 3, "window": {"day": [0, 7]}}, "rule.window", "days"),
    ({"anniversary": 3, "window": {"days": [0, 7]}, "leap": "feb29"}, "rule.leap", "feb28"),
]


@pytest.mark.parametrize(("rule", "path", "nearest"), UNKNOWN)
def test_an_unknown_word_is_told_with_the_nearest(rule: object, path: str, nearest: str | None) -> None:
    with pytest.raises(UnknownName) as caught:
        from_json(document(rule))
    assert (caught.value.path, caught.value.nearest) == (path, nearest)
    assert caught.value.known


TEXTS: list[tuple[str | bytes, str, str]] = [
    ("", "line 1, column 1", "not JSON"),
    ('{"retention": 1,\n "rule": }', "line 2, column 10", "not JSON"),
    ("{'retention': 1}", "line 1, column 2", "not JSON"),
    (b"\xff\xfe", "byte 0", "not UTF-8"),
    ('{"retention": 1, "rule": {"not": {"all": [], "all": []}}}', "rule.not", "the key 'all' comes twice"),
    ('{"retention": 1, "rule": {}, "rule": {}}', "rule", "the key 'rule' comes twice"),
    (json.dumps(compared(float("nan"))), "rule.right", "NaN"),
    (json.dumps(compared(float("inf"))), "rule.right", "NaN and infinity"),
    (json.dumps(compared(10**41)), "rule.right", "40 digits"),
    (json.dumps(compared(0.5)).replace("0.5", "1e999999999"), "rule.right", "40 digits"),
    (json.dumps(compared(0.5)).replace("0.5", "0." + "3" * 90), "rule.right", "40 digits"),
    (json.dumps(compared("\ud83d")), "rule.right", "half a character"),
]


@pytest.mark.parametrize(("source", "path", "words"), TEXTS)
def test_what_json_alone_would_let_through_is_refused(source: str | bytes, path: str, words: str) -> None:
    with pytest.raises(RuleError, match=words) as caught:
        from_json(source)
    assert caught.value.path == path
    assert caught.value.hint


def nested(levels: int) -> dict[str, Any]:
    rule = VIP_JSON
    for _ in range(levels):
        rule = {"not": rule}
    return document(rule)


def test_depth_is_limited() -> None:
    assert from_json(nested(30)) == from_json(json.dumps(nested(30)))
    for source in (nested(31), json.dumps(nested(31))):
        with pytest.raises(RuleTooLarge, match="depth") as caught:
            from_json(source)
        assert caught.value.path == "rule" + ".not" * 31 + ".left"


def test_an_object_that_holds_itself_is_only_deep() -> None:
    ring: dict[str, Any] = {}
    ring["not"] = ring
    with pytest.raises(RuleTooLarge, match="depth"):
        from_json(document(ring))


@pytest.mark.parametrize("opening", ["[", '{"not":', '{"all":[', '[{"a":'])
def test_bottomless_brackets_are_refused_before_they_are_parsed(opening: str) -> None:
    with pytest.raises(RuleTooLarge, match="brackets inside each other"):
        from_json(opening * 20_000)


def test_brackets_in_texts_do_not_count() -> None:
    assert from_json(compared("[" * 1_000)) == from_json(json.dumps(compared("[" * 1_000)))
    assert from_json(json.dumps(compared('\\"[{' * 1_000))) == from_json(compared('\\"[{' * 1_000))


def test_nodes_are_limited() -> None:
    several = document({"all": [VIP_JSON] * 333})
    assert isinstance(from_json(several), All)
    with pytest.raises(RuleTooLarge, match="nodes") as caught:
        from_json(document({"all": [VIP_JSON] * 334}))
    assert caught.value.path == "rule.all[333]"
    with pytest.raises(RuleTooLarge, match="nodes"):
        from_json(document({"all": [VIP_JSON] * 1_000_000}))


def test_list_items_are_limited() -> None:
    assert from_json(document({"value": {"attribute": "city"}, "in": ["x"] * 10_000}))
    with pytest.raises(RuleTooLarge, match="list items") as caught:
        from_json(document({"all": [{"value": {"attribute": "city"}, "in": ["x"] * 5_001}] * 2}))
    assert caught.value.path == "rule.all[1].in"


def test_the_length_of_json_text_is_limited() -> None:
    padding = " " * (JSON_BYTES - len(json.dumps(document(VIP_JSON))))
    assert from_json(json.dumps(document(VIP_JSON)) + padding) == VIP
    with pytest.raises(RuleTooLarge, match="bytes"):
        from_json(json.dumps(document(VIP_JSON)) + padding + " ")


def test_a_tree_that_no_engine_would_run_is_not_written() -> None:
    rule: Rule = KOREAN
    for _ in range(100_000):
        rule = Not(rule)
    with pytest.raises(RuleTooLarge, match="depth"):
        to_json(rule)


def test_an_instant_without_a_zone_is_not_written() -> None:
    with pytest.raises(RuleError, match="no zone"):
        to_json(Compare("<", JOINED, Literal(datetime(2026, 3, 1))))


@pytest.mark.parametrize("constant", [0.5, None, b"x"])
def test_what_is_no_constant_is_not_written(constant: Any) -> None:
    with pytest.raises(WrongKind, match=type(constant).__name__):
        to_json(Compare("<", COUNT, Literal(constant)))
