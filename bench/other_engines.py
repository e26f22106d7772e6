"""Three of the benchmark rules in two published rule engines, over the same customers as plain dictionaries."""

from collections.abc import Callable
from typing import Any

import rule_engine
from json_logic import jsonLogic

from bench.population import NOW
from bench.rules_by_hand import Record

SHARED = ("dormant", "high value", "three orders")

_NOW = NOW.timestamp()
_QUARTER = _NOW - 90 * 86_400

_RULE_ENGINE = {
    "dormant": "orders.length > 0 and $max([o['at'] for o in orders if o['at'] <= now]) <= quarter",
    "high value": "$sum([o['total'] for o in orders if o['at'] <= now]) >= 500000",
    "three orders": "[o for o in orders if o['at'] <= now].length >= 3",
}

_PLACED = {"filter": [{"var": "orders"}, {"<=": [{"var": "at"}, _NOW]}]}
_LAST = {"max": [{"var": "current.at"}, {"var": "accumulator"}]}
_TOTAL = {"+": [{"var": "current.total"}, {"var": "accumulator"}]}
_ONE_MORE = {"+": [1, {"var": "accumulator"}]}

_JSON_LOGIC: dict[str, Any] = {
    "dormant": {
        "and": [
            {"some": [{"var": "orders"}, {"<=": [{"var": "at"}, _NOW]}]},
            {"<=": [{"reduce": [_PLACED, _LAST, 0]}, _QUARTER]},
        ]
    },
    "high value": {">=": [{"reduce": [_PLACED, _TOTAL, 0]}, 500_000]},
    "three orders": {">=": [{"reduce": [_PLACED, _ONE_MORE, 0]}, 3]},
}


def as_dictionary(record: Record) -> dict[str, Any]:
    """The facts that the three rules need, as JSON has them: instants are seconds, amounts numbers."""
    orders = [{"at": order.at.timestamp(), "total": order.total.minor} for order in record.orders]
    return {"orders": orders, "now": _NOW, "quarter": _QUARTER}


def with_rule_engine() -> dict[str, Callable[[dict[str, Any]], bool]]:
    """The rules in ``rule-engine``, parsed once."""
    return {name: rule_engine.Rule(text).matches for name, text in _RULE_ENGINE.items()}


def with_json_logic() -> dict[str, Callable[[dict[str, Any]], bool]]:
    """The rules in ``json-logic``, which interprets them at each call."""

    def interpreted(rule: Any) -> Callable[[dict[str, Any]], bool]:
        return lambda facts: bool(jsonLogic(rule, facts))

    return {name: interpreted(rule) for name, rule in _JSON_LOGIC.items()}
