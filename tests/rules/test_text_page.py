"""The page on the query language says what the parser does."""

import re
from pathlib import Path

import pytest

from retention.rules.backends.text import parse, to_text
from retention.rules.backends.text.parser import RuleParser
from retention.rules.backends.text.words import CONCLUSIONS, FUNCTIONS, NARROWINGS, OPERATORS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "text.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def productions(written: str) -> dict[str, str]:
    """Right sides by left side; a production may go on over lines, and two may stand on one."""
    lines = re.sub(r"\n +\|", " |", written)
    lines = re.sub(r" ; (?=[a-z-]+ +=)", "\n", lines)
    found = re.findall(r"^ *([a-z-]+) += (.+?)$", lines, flags=re.MULTILINE)
    return {left: right.removesuffix(" ;").strip() for left, right in found}


def test_the_grammar_on_the_page_is_that_of_the_parser() -> None:
    docstrings = [getattr(RuleParser, name).__doc__ or "" for name in dir(RuleParser)]
    own: dict[str, str] = {}
    for each in docstrings:
        own |= productions(each)
    assert productions(block("ebnf")) == own


def test_the_grammar_uses_only_what_it_defines() -> None:
    grammar = productions(block("ebnf"))
    bare = [re.sub(r'"[^"]*"', "", right) for right in grammar.values()]
    assert {name for right in bare for name in re.findall(r"[a-z][a-z-]*", right)} <= set(grammar)


@pytest.mark.parametrize("line", block("text").splitlines())
def test_every_line_at_a_glance_is_a_rule_as_it_would_be_printed(line: str) -> None:
    assert to_text(parse(line)) == line


@pytest.mark.parametrize("word", sorted({*OPERATORS, *FUNCTIONS, *NARROWINGS, *CONCLUSIONS}))
def test_every_word_is_on_the_page(word: str) -> None:
    assert re.search(rf"\b{word}\b", PAGE)
