"""An explanation as a tree of lines: verdicts on the left, what was seen on the right, the rest underneath."""

import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from unicodedata import combining, east_asian_width

from attrs import frozen

from retention.rules.backends.explanation import Explanation, Witness
from retention.rules.backends.observations import instant_text

_LEAST_WIDTH = 40
_MOST_WITNESSES = 3
_DIM, _BOLD, _GREEN, _RED, _PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[32m", "\x1b[31m", "\x1b[0m"


@frozen
class _Line:
    """One line before it is laid out: the tree's branches, a verdict's mark, text, and what was seen."""

    branches: str
    text: str
    mark: str = ""
    seen: str = ""
    colour: str = _DIM


def render(explanation: Explanation, width: int, *, colour: bool) -> str:
    """See ``Explanation.render``."""
    width = max(width, _LEAST_WIDTH)
    lines = [_Line("", f"as of {_as_of(explanation.as_of)}"), *_tree(explanation, "", "")]
    starts = [_width(line.branches + line.mark + line.text) for line in lines if line.seen]
    column = min(max(starts, default=0) + 2, width * 3 // 5)
    return "\n".join(text for line in lines for text in _laid_out(line, width, column, colour))


def _tree(node: Explanation, first: str, rest: str) -> Iterator[_Line]:
    """The lines of a part; ``first`` stands before its own line, ``rest`` before all that follow."""
    alone = len(node.observed) == 1
    seen = " · ".join(each.shown if alone else f"{each.words} {each.shown}" for each in node.observed)
    mark, colour = ("✓ ", _GREEN) if node.holds else ("✗ ", _RED)
    yield _Line(first, _printable(": ".join(filter(None, (node.words, node.joint)))), mark, _printable(seen), colour)
    under = rest + ("│ " if node.parts else "  ")
    for detail in _details(node, is_root=not first):
        yield _Line(under, _printable(detail))
    for place, part in enumerate(node.parts, 1):
        last = place == len(node.parts)
        yield from _tree(part, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))


def _printable(text: str) -> str:
    """The text with what could move a terminal's cursor shown as what it is; words and ids come from anywhere."""
    return text if text.isprintable() else "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def _details(node: Explanation, *, is_root: bool) -> Iterator[str]:
    if node.witnesses:
        yield _witnesses(node.witnesses, node.as_of)
    spell = _spell(node)
    if spell:
        yield spell
    if node.flips and (is_root or not node.parts):
        yield f"would be {'false' if node.holds else 'true'} with {', or '.join(node.flips)}"


def _spell(node: Explanation) -> str:
    if not node.timed:
        return "since when and until when is not known"
    zone = node.as_of.tzinfo or UTC
    since = f"since {instant_text(node.since, zone)}" if node.since else ""
    until = f"until {instant_text(node.until, zone)}" if node.until else ""
    return ", ".join(filter(None, (since, until)))


def _witnesses(witnesses: tuple[Witness, ...], as_of: datetime) -> str:
    zone = as_of.tzinfo or UTC
    latest = witnesses[-_MOST_WITNESSES:]
    more = f" and {len(witnesses) - len(latest):,} before" if len(witnesses) > len(latest) else ""
    return ", ".join(f"{each.collection} {each.id} ({instant_text(each.at, zone)})" for each in reversed(latest)) + more


def _as_of(as_of: datetime) -> str:
    return f"{instant_text(as_of, as_of.tzinfo or UTC)} {as_of.tzname() or ''}".strip()


# Layout. --------------------------------------------------------------------------------------------------------------


def _laid_out(line: _Line, width: int, column: int, colour: bool) -> Iterator[str]:
    paint = _painted if colour else _unpainted
    used = _width(line.branches + line.mark + line.text)
    hanging = line.branches.replace("├─ ", "│  ").replace("└─ ", "   ") + "  "
    if line.seen and used < column and column + _width(line.seen) <= width:
        gap = " " * (column - used)
        yield paint(line.branches, _DIM) + paint(line.mark, line.colour) + line.text + gap + paint(line.seen, _BOLD)
        return
    inside = max(width - _width(line.branches + line.mark), _LEAST_WIDTH // 2)
    texts = textwrap.wrap(line.text, inside, break_on_hyphens=False) or [""]
    whole = paint(texts[0], _PLAIN if line.mark else _DIM)
    yield paint(line.branches, _DIM) + paint(line.mark, line.colour) + whole
    for more in texts[1:]:
        yield paint(hanging, _DIM) + paint(more, _PLAIN if line.mark else _DIM)
    for more in textwrap.wrap(line.seen, inside) if line.seen else ():
        yield paint(hanging + "  ", _DIM) + paint(more, _BOLD)


def _painted(text: str, colour: str) -> str:
    return f"{colour}{text}{_PLAIN}" if text and colour != _PLAIN else text


def _unpainted(text: str, colour: str) -> str:
    return text


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in text)
