"""Files and functions stay small enough to be read in one sitting."""

import ast
import re

import pytest

from tests.project.source import SourceFile, functions, python_files

SOURCES = python_files("src")
EVERYTHING = python_files("src", "tests", "bench", "demo")


@pytest.mark.parametrize("source", SOURCES, ids=lambda each: each.name)
def test_a_file_has_fewer_than_400_lines(source: SourceFile) -> None:
    assert len(source.text.splitlines()) < 400


@pytest.mark.parametrize("source", SOURCES, ids=lambda each: each.name)
def test_a_function_has_fewer_than_50_lines(source: SourceFile) -> None:
    lengths = {each.name: (each.end_lineno or 0) - each.lineno + 1 for each in functions(source.tree)}
    assert {name: length for name, length in lengths.items() if length >= 50} == {}


def test_the_median_function_is_short() -> None:
    lengths = sorted((each.end_lineno or 0) - each.lineno + 1 for file in SOURCES for each in functions(file.tree))
    assert lengths[len(lengths) // 2] <= 8
    assert lengths[len(lengths) * 9 // 10] <= 35


@pytest.mark.parametrize("source", SOURCES, ids=lambda each: each.name)
def test_a_file_is_named_for_the_idea_it_holds(source: SourceFile) -> None:
    assert not {"utils", "util", "helpers", "misc", "common", "base"} & set(source.path.with_suffix("").parts)


@pytest.mark.parametrize("source", EVERYTHING, ids=lambda each: each.name)
def test_nothing_is_left_for_later_in_the_code(source: SourceFile) -> None:
    marks = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "HA" + "CK")) + r")\b")
    assert marks.findall(source.text) == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda each: each.name)
def test_nothing_is_ever_evaluated_from_pickles_or_by_eval(source: SourceFile) -> None:
    called = {
        each.func.id for each in ast.walk(source.tree) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)
    }
    assert "eval" not in called
    assert "__import__" not in called


@pytest.mark.parametrize("source", SOURCES, ids=lambda each: each.name)
def test_the_source_ends_with_one_newline_and_has_no_tabs(source: SourceFile) -> None:
    assert "\t" not in source.text
    assert source.text == "" or (source.text.endswith("\n") and not source.text.endswith("\n\n"))
