"""What is shown to hosts imports by the doors that hosts use, and never from behind them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.source import ROOT

BEHIND = ("retention.shell", "retention.storage.shop")
IMPORTS = re.compile(r"^(?:>>> |\.\.\. )?\s*(?:from|import)\s+([\w.]+)(?:\s+import\s+\(?([^()\n]*))?", re.MULTILINE)
EXAMPLES = [each for each in (ROOT / "examples").rglob("*") if each.suffix in (".md", ".py")]
SHOWN = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *EXAMPLES])


def imported(text: str) -> Iterator[str]:
    """Every module and name that an import of a page or a file speaks of, dotted."""
    for module, names in IMPORTS.findall(text):
        yield module
        yield from (f"{module}.{name.strip().split(' ')[0]}" for name in names.split(","))


def behind(text: str) -> list[str]:
    return [each for each in imported(text) if any(f"{each}.".startswith(f"{door}.") for door in BEHIND)]


@pytest.mark.parametrize("shown", SHOWN, ids=lambda each: str(each.relative_to(ROOT)))
def test_a_host_is_shown_only_what_it_may_rely_on(shown: Path) -> None:
    assert behind(shown.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "from retention.shell.tokens import Tokens",
        ">>> from retention.storage.shop import memory",
        "... import retention.shell",
        "    from retention import shell",
        "from retention.storage import memory, shop",
    ],
)
def test_every_way_to_write_it_is_found(line: str) -> None:
    assert behind(f"import os\n{line}\n") != []


def test_the_doors_themselves_are_let_through() -> None:
    assert behind("from retention.storage.sql import SqlShopStore\nfrom retention.engine import Retention\n") == []
