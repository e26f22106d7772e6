"""Every example as it was written down once: both forms, both directions, for ever."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from retention.rules import nodes
from retention.rules.backends import jsonform, text
from retention.rules.validate import validate
from retention.rules.walk import iter_nodes
from retention.spans import Span
from tests.rules.examples import EXAMPLES

FOLDER = Path(__file__).parents[1] / "golden" / "rules"
NAMES = sorted(EXAMPLES)


def golden(name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_example_is_written_as_the_golden_json(name: str) -> None:
    assert jsonform.to_json(EXAMPLES[name]) == golden(name)["json"]


@pytest.mark.parametrize("name", NAMES)
def test_the_golden_json_is_read_as_the_example(name: str) -> None:
    assert jsonform.from_json(json.dumps(golden(name)["json"])) == EXAMPLES[name]


@pytest.mark.parametrize("name", NAMES)
def test_the_example_is_printed_as_the_golden_text(name: str) -> None:
    assert text.to_text(EXAMPLES[name]) == golden(name)["text"]


@pytest.mark.parametrize("name", NAMES)
def test_the_golden_text_is_parsed_as_the_example(name: str) -> None:
    assert text.parse(str(golden(name)["text"])) == EXAMPLES[name]


@pytest.mark.parametrize("name", NAMES)
def test_the_example_is_valid(name: str) -> None:
    validate(EXAMPLES[name])


def test_every_golden_file_belongs_to_an_example() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == NAMES


def test_every_kind_of_node_span_and_window_has_a_golden_file() -> None:
    kinds = {*get_args(nodes.Node), *get_args(nodes.AnniversaryWindow), *get_args(Span)}
    assert kinds - {type(part) for rule in EXAMPLES.values() for part in parts(rule)} == set()


def test_every_operator_and_function_has_a_golden_file() -> None:
    words = {
        *get_args(nodes.Comparison),
        *get_args(nodes.Operation),
        *get_args(nodes.Function),
        *get_args(nodes.Reduction),
        *get_args(nodes.LeapDay),
    }
    used = {part for rule in EXAMPLES.values() for part in parts(rule) if isinstance(part, str)}
    assert words - used == set()


def test_every_type_of_constant_has_a_golden_file() -> None:
    used = {type(part) for rule in EXAMPLES.values() for part in parts(rule)}
    assert set(get_args(nodes.Scalar)) - used == set()


def parts(rule: nodes.Rule) -> Iterator[object]:
    """The nodes of a rule and what they hold, one level deep."""
    for node in iter_nodes(rule):
        yield node
        for name in type(node).__attrs_attrs__:
            yield getattr(node, name.name)
