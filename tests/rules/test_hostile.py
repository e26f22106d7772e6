"""Whatever is thrown at the two forms, the answer is a rule or an error that helps."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention.errors import RuleError, RuleTooLarge, UnknownName
from retention.rules.backends import jsonform, text
from retention.rules.nodes import Rule
from retention.rules.validate import validate
from retention.schema import STANDARD
from tests.hostile_rules import Hostile, golden_rules, hostile_rules

TEXTS = [written for written, _ in golden_rules()]
DOCUMENTS = [document for _, document in golden_rules()]
PIECES = st.one_of(
    st.sampled_from(["(", ")", "[", "]", " and ", " not ", '"', ".", "orders", " 7 days", " ago", "-", "§", "in", ":"]),
    st.text(max_size=3),
)


def test_there_are_over_a_thousand() -> None:
    assert len(hostile_rules()) >= 1_000
    assert {each.form for each in hostile_rules()} == {"json", "text"}


@pytest.mark.parametrize("hostile", hostile_rules(), ids=lambda each: f"{each.form}: {each.about}"[:60])
def test_it_is_refused_with_its_place_and_a_repair(hostile: Hostile) -> None:
    with pytest.raises(RuleError) as caught:
        hostile.read()
    error = caught.value
    assert error.path or error.source is not None
    assert error.hint
    if hostile.form == "text" and not isinstance(error, RuleTooLarge):
        assert error.source is not None
    if error.source is not None:
        assert 0 <= error.position <= len(error.source)
    assert str(error).encode()  # can be logged and sent
    assert len(str(error)) < 1_000
    if hostile.suggestion is not None:
        assert isinstance(error, UnknownName)
        assert error.nearest == hostile.suggestion


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(TEXTS))
def test_a_changed_text_is_a_valid_rule_or_a_rule_error(data: st.DataObject, good: str) -> None:
    source = good
    for _ in range(data.draw(st.integers(1, 3))):
        begin = data.draw(st.integers(0, len(source)))
        end = data.draw(st.integers(begin, min(len(source), begin + 8)))
        source = source[:begin] + data.draw(PIECES) + source[end:]
    found = answer(text.parse, source)
    if isinstance(found, RuleError):
        assert found.source == source
        assert 0 <= found.position <= len(source)
    else:
        validate(found)
        assert text.parse(text.to_text(found)) == found


@settings(max_examples=300)
@given(st.text(max_size=200))
def test_any_text_is_a_rule_or_a_rule_error(source: str) -> None:
    assert isinstance(answer(text.parse, f"§{source}"), RuleError)
    found = answer(text.parse, source)
    assert str(found) if isinstance(found, RuleError) else text.parse(text.to_text(found)) == found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(DOCUMENTS))
def test_a_changed_document_is_a_rule_or_an_error(data: st.DataObject, good: dict[str, Any]) -> None:
    changed = _changed(data, good)
    for source in (changed, json.dumps(changed)):
        found = answer(jsonform.from_json, source, STANDARD)
        if isinstance(found, RuleError):
            assert found.path
        else:
            assert jsonform.from_json(jsonform.to_json(found)) == found


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(source: bytes) -> None:
    with pytest.raises(RuleError):
        jsonform.from_json(source)


def answer(read: Callable[..., Rule], *given: Any) -> Rule | RuleError:
    """What a reader says; anything but a rule or a RuleError goes through and fails the test."""
    try:
        return read(*given)
    except RuleError as error:
        return error


def _changed(data: st.DataObject, found: Any) -> Any:
    """The document with something else at one place in it."""
    if isinstance(found, dict) and found and data.draw(st.integers(0, 5)):
        key = data.draw(st.sampled_from(sorted(found)))
        return {**found, key: _changed(data, found[key])}
    if isinstance(found, list) and found and data.draw(st.integers(0, 5)):
        place = data.draw(st.integers(0, len(found) - 1))
        return [*found[:place], _changed(data, found[place]), *found[place + 1 :]]
    return data.draw(JSON | st.sampled_from(["at", "orders", 3, {"count": "orders"}, {"column": "at"}]))
