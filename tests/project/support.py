"""The page that says what runs where: `python -m tests.project.support` writes it."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from tests.project.asked import ARRAYS, DATABASES, FRAMES, WAREHOUSES, Engine
from tests.project.capabilities import CHAPTERS, Capability
from tests.project.source import ROOT

PAGE: Final = ROOT / "docs" / "reference" / "support.md"

INTRODUCTION: Final = """\
# What runs where

Made from the engines' own answers and checked by the tests: do not edit it, run `python -m tests.project.support`.

- **yes**: the customers are those that the in-memory engine names; the tests run it and compare.
- **compiles**: there is a statement for it; the tests have no such database to run it on.
- **not yet**: refused, but could be built.
- **never**: refused, since what lies underneath cannot do it exactly.

What is refused raises `UnsupportedRule` before any query runs; its `ever` is the word in the table. How values are kept
is said where it makes a difference; [tables](tables.md) has the choices, and says
[how large numbers may become](tables.md#large-numbers)."""

GROUPS: Final[tuple[tuple[str, Sequence[Engine]], ...]] = (
    (
        """\
## On databases

Through SQLAlchemy: [your database](../how-to/on-your-database.md). SQLite, MySQL and MariaDB are asked with wall
times in UTC and labels in JSON where the row says nothing else, since they know no aware instants and no lists.""",
        DATABASES,
    ),
    (
        """\
## On warehouses

Through SQLAlchemy and a package for each: [a warehouse](../how-to/on-a-warehouse.md).""",
        WAREHOUSES,
    ),
    (
        """\
## On data frames and arrays

Through narwhals: [data frames](../how-to/on-data-frames.md), [Spark](../how-to/on-a-cluster.md). Arrays are those of
[live counts](../how-to/live-counts.md).""",
        (*FRAMES, ARRAYS),
    ),
)


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for about, engines in GROUPS:
        parts += [about, *(_table(chapter, capabilities, engines) for chapter, capabilities in CHAPTERS.items())]
    return "\n\n".join(parts) + "\n"


def _table(chapter: str, capabilities: Sequence[Capability], engines: Sequence[Engine]) -> str:
    rows = [[chapter, *(each.title for each in engines)], ["---"] * (len(engines) + 1)]
    for words, forms in groupby(capabilities, lambda each: each.words):
        rows += _rows(words, list(forms), engines)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _rows(words: str, forms: Sequence[Capability], engines: Sequence[Engine]) -> Iterator[list[str]]:
    """One row if the form makes no difference, else one for each run of forms that are answered alike."""
    answered = [(each.kept, [engine.says(each) for engine in engines]) for each in forms]
    for answers, run in groupby(answered, lambda each: each[1]):
        kept = [each for each, _ in run]
        yield [words if len(kept) == len(forms) else f"{words}, kept as {' or '.join(kept)}", *answers]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
