"""A fold over the kinds of a closed union cannot forget one: its default arm is one that mypy proves unreachable."""

import ast
from typing import get_args

import pytest

from retention import spans
from retention.campaigns import effects, entries, steps, triggers, walking
from retention.channels import protocol
from retention.loyalty import checkout
from retention.loyalty.coupons import benefits as coupon_benefits
from retention.loyalty.coupons import coupon
from retention.loyalty.coupons import occasions as coupon_occasions
from retention.loyalty.ledger import commands
from retention.loyalty.ledger import terms as ledger_terms
from retention.loyalty.programme import dates, occasions
from retention.loyalty.tiers import benefits as tier_benefits
from retention.loyalty.tiers import evaluation, schedule, tier
from retention.permission import consents, jurisdictions, messages, platforms, reasons, verdicts
from retention.rules import nodes
from retention.rules.backends.sets import plan, storage, terms
from retention.segments import membership
from retention.templates import placeholders
from tests.project.source import SourceFile, python_files

CLOSED = {
    each.__name__
    for union in (
        nodes.Node,
        nodes.AnniversaryWindow,
        spans.Span,
        membership.Cause,
        terms.Term,
        terms.Test,
        plan.Step,
        storage.Form,
        commands.Command,
        commands.Move,
        ledger_terms.Terms,
        occasions.Occasion,
        coupon_occasions.IssuedOn,
        coupon_benefits.Worth,
        coupon.Valid,
        tier_benefits.Benefit,
        schedule.Schedule,
        schedule.Window,
        schedule.Grace,
        checkout.Answer,
        jurisdictions.Rule,
        platforms.PlatformRule,
        reasons.Finding,
        verdicts.Verdict,
        placeholders.Part,
        steps.Step,
        entries.Entry,
        triggers.Trigger,
        effects.Effect,
        walking.Move,
        protocol.Outcome,
    )
    for each in get_args(union)
}

WORDS = {
    word
    for words in (
        commands.Uncovered,
        evaluation.Downgrade,
        evaluation.Verdict,
        tier.Need,
        schedule.Unit,
        dates.OrderEvent,
        consents.State,
        messages.OnUnknown,
    )
    for word in get_args(words)
}
"""Of closed lists of words that were checked when they came in."""


def forgetful_arms(tree: ast.AST) -> list[int]:
    """Lines of the default arms, in matches over one closed union, that do anything but `assert_never(subject)`.

    One that goes on to the `parts(subject)` of a term may stay: what lies in every term is written out there.
    """
    return [
        case.pattern.lineno
        for match in ast.walk(tree)
        if isinstance(match, ast.Match) and any(_names_a_kind(case.pattern) for case in match.cases)
        for case in match.cases
        if isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None
        if not _is_assert_never(case.body) and not _goes_on_to_parts(match.subject, case.body)
    ]


def _names_a_kind(pattern: ast.pattern) -> bool:
    if isinstance(pattern, ast.MatchOr):
        return any(map(_names_a_kind, pattern.patterns))
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
        return _names_a_kind(pattern.pattern)
    if isinstance(pattern, ast.MatchValue) and isinstance(pattern.value, ast.Constant):
        return pattern.value.value in WORDS
    return isinstance(pattern, ast.MatchClass) and ast.unparse(pattern.cls).rpartition(".")[2] in CLOSED


def _is_assert_never(body: list[ast.stmt]) -> bool:
    return len(body) == 1 and ast.unparse(body[0]).startswith("assert_never(")


def _goes_on_to_parts(subject: ast.expr, body: list[ast.stmt]) -> bool:
    asked = f"parts({ast.unparse(subject)})"
    calls = (ast.unparse(each) for statement in body for each in ast.walk(statement) if isinstance(each, ast.Call))
    return len(body) == 1 and asked in calls


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
        ("case Tally():\n  pass\n case _:\n  return None", [4]),
        ("case Pass():\n  pass\n case _:\n  return None", [4]),
        ("case Naive():\n  pass\n case _:\n  return None", [4]),
        ("case Tally():\n  pass\n case _:\n  for each in parts(x):\n   f(each)", []),
        ("case Tally():\n  pass\n case _:\n  return any(map(f, parts(x)))", []),
        ("case Tally():\n  pass\n case _:\n  return any(map(f, parts(y)))", [4]),
        ("case c.Earn():\n  pass\n case _:\n  return None", [4]),
        ("case AtOnce():\n  pass\n case _:\n  return None", [4]),
        ("case Birthday() | FirstPurchase():\n  pass\n case _:\n  assert_never(x)", []),
        ("case 'debt' | 'charge':\n  pass\n case _:\n  return None", [4]),
        ("case 'debt':\n  pass\n case _:\n  assert_never(x)", []),
        ("case 'a word':\n  pass\n case _:\n  return None", []),
        ("case int():\n  pass\n case _:\n  return None", []),
    ],
)
def test_a_forgetful_arm_is_found(arms: str, lines: list[int]) -> None:
    assert forgetful_arms(ast.parse(f"match x:\n {arms}")) == lines
