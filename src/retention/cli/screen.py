"""Words, tables and progress on a terminal, or in a log where nothing may move."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from textwrap import fill
from time import monotonic
from typing import Final, Literal, TextIO, TypeAlias, final
from unicodedata import combining, east_asian_width

from attrs import frozen

Style: TypeAlias = Literal["", "bold", "dim", "green", "red", "yellow", "cyan"]
Advance: TypeAlias = Callable[[int, int | None], None]

_CODES: Final = {"bold": "1", "dim": "2", "green": "32", "red": "31", "yellow": "33", "cyan": "36"}
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_SILENCE: Final = 10.0  # seconds between two lines of progress where nothing can move


@final
@frozen
class Column:
    """A column of a table. Numbers go to the right; the one column that ``gives`` is cut when the line is too long."""

    title: str
    align: Literal["left", "right"] = "left"
    style: Style = ""
    gives: bool = False


@final
class Screen:
    """Where the command prints: ``live`` if lines can be redrawn, ``colour`` if escape codes are understood."""

    def __init__(self, out: TextIO, *, width: int = 100, colour: bool = False, live: bool = False) -> None:
        self.out = out
        self.width = width
        self.colour = colour
        self.live = live

    def styled(self, text: str, style: Style) -> str:
        """The text in a style, or as it is where there is no colour."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.colour and style and text.strip() else text

    def line(self, text: str = "", style: Style = "") -> None:
        """One line, or several, as they are."""
        print(self.styled(text, style), file=self.out)

    def heading(self, text: str, aside: str = "") -> None:
        """A title with a rule under it, after an empty line."""
        text = visible(text)
        aside = clip(aside, max(8, self.width - cells_wide(text) - 2))
        plain = f"{text}  {aside}" if aside else text
        self.line()
        self.line(self.styled(text, "bold") + (f"  {self.styled(aside, 'dim')}" if aside else ""))
        self.line("─" * min(self.width, max(24, cells_wide(plain))), "dim")

    def note(self, text: str) -> None:
        """A remark, wrapped and quiet."""
        self.line(fill(text, self.width), "dim")

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Aligned columns under dim titles. Costs one pass over the rows for the widths."""
        titles = [column.title for column in columns]
        widths = [max(map(cells_wide, cells)) for cells in zip(titles, *rows, strict=True)]
        self._give(columns, widths)
        if any(titles):
            self.line(self._row(columns, widths, titles, title=True))
        for row in rows:
            self.line(self._row(columns, widths, row))

    def _give(self, columns: Sequence[Column], widths: list[int]) -> None:
        excess = sum(widths) + 2 * (len(widths) - 1) - self.width
        for place, column in enumerate(columns):
            if column.gives and excess > 0:
                widths[place] = max(8, widths[place] - excess)

    def _row(self, columns: Sequence[Column], widths: Sequence[int], row: Sequence[str], *, title: bool = False) -> str:
        parts = []
        for column, width, text in zip(columns, widths, row, strict=True):
            padded = pad(clip(text, width), width, column.align)
            parts.append(self.styled(padded, "dim" if title else column.style))
        return "  ".join(parts).rstrip()

    @contextmanager
    def progress(self, what: str, unit: str = "") -> Iterator[Advance]:
        """``advance(done, total)`` moves a bar on a terminal, and elsewhere writes a line when one is due."""
        moving = _moving_bar() if self.live else None
        if moving is not None:
            with moving(self.out, self.width, what, unit) as advance:
                yield advance
            return
        log = _Log(self, what, unit)
        yield log.advance
        log.end()


def _moving_bar() -> Callable[[TextIO, int, str, str], AbstractContextManager[Advance]] | None:
    """None where rich, of the extra ``cli``, is not installed."""
    try:
        from retention.cli.bars import moving_bar
    except ImportError:
        return None
    return moving_bar


@final
class _Log:
    """Progress as lines: the first after a silence, the last at the end."""

    def __init__(self, screen: Screen, what: str, unit: str) -> None:
        self._screen = screen
        self._what = what
        self._unit = unit
        self._begun = self._spoken = monotonic()
        self._done = 0

    def advance(self, done: int, total: int | None) -> None:
        self._done = done
        now = monotonic()
        if now - self._spoken >= _SILENCE:
            self._spoken = now
            self._say(f"{done:,} of {total:,}" if total else f"{done:,}", "…")

    def end(self) -> None:
        self._say(f"{self._done:,}", f" in {monotonic() - self._begun:.1f} s")

    def _say(self, amount: str, tail: str) -> None:
        unit = self._unit.removesuffix("s") if amount == "1" else self._unit
        self._screen.line(f"  {self._what}: {amount} {unit}".rstrip() + tail, "dim")
        self._screen.out.flush()


def cells_wide(text: str) -> int:
    """Columns that the text takes on a terminal: Hangul and Han letters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def visible(text: str) -> str:
    """The text with what could move the cursor or colour the screen shown as what it is: ids come from anywhere."""
    return text if text.isprintable() else "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def clip(text: str, width: int) -> str:
    """The text, cut with an ellipsis where it is wider than ``width``."""
    text = visible(text)
    if cells_wide(text) <= width:
        return text
    while text and cells_wide(text) > width - 1:
        text = text[:-1]
    return text + "…"


def pad(text: str, width: int, align: Literal["left", "right"] = "left") -> str:
    """The text filled with spaces to ``width`` columns."""
    space = " " * (width - cells_wide(text))
    return text + space if align == "left" else space + text


def bar(share: float, width: int) -> str:
    """A bar of that share of ``width``, to an eighth of a column; anything above nothing shows."""
    eighths = max(round(share * width * 8), 1 if share > 0 else 0)
    full, part = divmod(min(eighths, width * 8), 8)
    return "█" * full + (_EIGHTHS[part] if part else "")
