"""A fold over the kinds of a closed union cannot forget one: its default arm is one that mypy proves unreachable."""

import ast
from typing import get_args

import pytest

from retention import spans
from retention.rules import nodes
from retention.segments import membership
from tests.project.source import SourceFile, python_files

CLOSED = {
    each.__name__
    for union in (nodes.Node, nodes.AnniversaryWindow, spans.Span, membership.Cause)
    for each in get_args(union)
}


def forgetful_arms(tree: ast.AST) -> list[int]:
    """Lines of the default arms, in matches over one closed union, that do anything but `assert_never(subject)`."""
    return [
        case.pattern.lineno
        for match in ast.walk(tree)
        if isinstance(match, ast.Match) and any(_names_a_kind(case.pattern) for case in match.cases)
        for case in match.cases
        if isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None
        if not _is_assert_never(case.body)
    ]


def _names_a_kind(pattern: ast.pattern) -> bool:
    if isinstance(pattern, ast.MatchOr):
        return any(map(_names_a_kind, pattern.patterns))
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
        return _names_a_kind(pattern.pattern)
    return isinstance(pattern, ast.MatchClass) and ast.unparse(pattern.cls).rpartition(".")[2] in CLOSED


def _is_assert_never(body: list[ast.stmt]) -> bool:
    return len(body) == 1 and ast.unparse(body[0]).startswith("assert_never(")


@pytest.mark.parametrize("source", python_files("src"), ids=lambda each: each.name)
def test_every_default_arm_is_assert_never(source: SourceFile) -> None:
    assert forgetful_arms(source.tree) == []


@pytest.mark.parametrize(
    ("arms", "lines"),
    [
        ("case Not():\n  pass\n case _:\n  assert_never(x)", []),
        ("case Not():\n  pass\n case _:\n  return None", [4]),
        ("case nodes.Not() | All():\n  pass\n case other:\n  return other", [4]),
        ("case Months() as it:\n  pass\n case _:\n  y = 1\n  assert_never(x)", [4]),
        ("case Not():\n  pass\n case _ if x:\n  return None", []),
        ("case int():\n  pass\n case _:\n  return None", []),
    ],
)
def test_a_forgetful_arm_is_found(arms: str, lines: list[int]) -> None:
    assert forgetful_arms(ast.parse(f"match x:\n {arms}")) == lines
