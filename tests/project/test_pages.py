"""The docs name everything, link to what exists, and show commands that work."""

import re
import tomllib
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import get_args

import pytest

import retention
from retention.errors import RetentionError
from retention.rules import nodes
from tests.project.source import ROOT, pages

NODE_KINDS = sorted(each.__name__ for each in (*get_args(nodes.Node), *get_args(nodes.AnniversaryWindow)))


def sections(page: Path) -> dict[str, str]:
    """The text below each heading, up to the next heading of any depth."""
    parts = re.split(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {heading.strip().strip("`"): text for heading, text in zip(parts[1::2], parts[2::2], strict=True)}


def error_classes() -> list[type[RetentionError]]:
    """The root and all below it, in whichever module they are."""
    for module in walk_packages(retention.__path__, "retention."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    found: set[type[RetentionError]] = set()
    waiting = [RetentionError]
    while waiting:
        found.add(each := waiting.pop())
        waiting.extend(each.__subclasses__())
    return sorted((each for each in found if each.__module__.startswith("retention")), key=lambda each: each.__name__)


@pytest.mark.parametrize("kind", NODE_KINDS)
def test_every_node_kind_has_a_heading_and_an_executed_example(kind: str) -> None:
    assert "```python" in sections(ROOT / "docs/reference/nodes.md")[kind]


@pytest.mark.parametrize("error", error_classes(), ids=lambda each: each.__name__)
def test_every_error_is_documented_with_its_code(error: type[RetentionError]) -> None:
    assert f"`{error.code}`" in sections(ROOT / "docs/reference/errors.md")[error.__name__]


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [each.code for each in error_classes()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("page", pages(), ids=lambda each: str(each.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_can_be_reached_from_the_first() -> None:
    index = (ROOT / "docs" / "why.md").read_text(encoding="utf-8")
    rest = [str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")]
    assert [page for page in rest if page != "why.md" and f"]({page})" not in index] == []


@pytest.mark.parametrize("page", pages(), ids=lambda each: str(each.relative_to(ROOT)))
def test_every_make_command_that_is_shown_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    shown = set(re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert shown <= targets


@pytest.mark.parametrize("page", pages(), ids=lambda each: str(each.relative_to(ROOT)))
def test_every_block_is_one_that_the_tests_run_or_that_is_not_a_program(page: Path) -> None:
    languages = re.findall(
        r"^```(\S*)[^\n]*\n.*?^```$", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    assert set(languages) <= {"python", "console", "json", "sh", "text", "ebnf"}


def test_every_extra_is_explained() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    page = (ROOT / "docs" / "roadmap.md").read_text(encoding="utf-8")
    assert [extra for extra in extras if f"`{extra}`" not in page] == []
