"""Tables of text: the first columns to the left, numbers to the right."""

from collections.abc import Sequence
from unicodedata import east_asian_width


def table(rows: Sequence[Sequence[str]], *, left: int = 1) -> str:
    """Rows as lines; the first ``left`` columns begin under each other, the others end under each other."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            _padded(cell, width, place < left) for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _padded(cell: str, width: int, to_the_left: bool) -> str:
    space = " " * (width - _width(cell))
    return cell + space if to_the_left else space + cell


def _width(text: str) -> int:
    """Columns of a terminal: letters of Korean, Chinese and Japanese take two."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)
