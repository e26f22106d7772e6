"""Where in an HTML source a value may stand: as text, or inside the quotes of an attribute that runs nothing."""

import re
from collections.abc import Iterable
from typing import Final

from retention.templates.errors import Fault

_MARK: Final = "\ue000"
_OPENS: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)|<[!?]")
_COMMENT: Final = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))", re.DOTALL)
_RAW: Final = ("script", "style", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext")
_TEXT_ALONE: Final = ("title", "textarea")
"""In these "<" and quotes are letters like others, up to the closing tag."""
_ATTRIBUTE: Final = re.compile(r"([A-Za-z][A-Za-z0-9:_\-]*)\s{0,20}=\s{0,20}\Z")
_WORDS: Final = (
    "a value stands here where HTML is not escaped: put it into the text, or into the quotes of an attribute"
    " other than style and on..."
)


def unsafe_places(html: str, spans: Iterable[tuple[int, int]]) -> list[Fault]:
    """A fault for each value, by its characters in the source, that stands in a tag outside of quotes, in an attribute
    that runs or styles something, in a script, a style sheet or a comment. Escaping cannot help there."""
    return [Fault(at, "unsafe-place", _WORDS) for at in _Scan(_masked(html, spans)).unsafe]


def _masked(html: str, spans: Iterable[tuple[int, int]]) -> str:
    """The source with a mark in the place of each value, no longer and no shorter."""
    pieces, last = [], 0
    for begin, end in sorted(spans):
        pieces += [html[last:begin].replace(_MARK, " "), _MARK, "x" * (end - begin - 1)]
        last = end
    return "".join([*pieces, html[last:].replace(_MARK, " ")])


class _Scan:
    """One pass over the source, tag by tag."""

    def __init__(self, masked: str) -> None:
        self._html = masked
        self.unsafe: list[int] = []
        at = 0
        while (at := masked.find("<", at)) >= 0:
            at = self._after_tag(at)

    def _after_tag(self, at: int) -> int:
        if comment := _COMMENT.match(self._html, at):
            return self._all_unsafe(at, comment.end())
        opens = _OPENS.match(self._html, at)
        if opens is None:
            self._unsafe_name(at)
            return at + 1
        end = self._tag(at, opens.end())
        name = (opens[1] or "").lower()
        if name in (*_RAW, *_TEXT_ALONE) and self._html[at + 1] != "/":
            closing = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(self._html, end)
            closes = closing.start() if closing else len(self._html)
            return closes if name in _TEXT_ALONE else self._all_unsafe(end, closes)
        return end

    def _unsafe_name(self, at: int) -> None:
        """A value right after "<" would be the name of a tag."""
        if self._html.startswith((_MARK, "/" + _MARK), at + 1):
            self.unsafe.append(self._html.index(_MARK, at))

    def _tag(self, begin: int, at: int) -> int:
        """The end of the tag; values outside of quotes are unsafe, and in quotes if the attribute is."""
        since = at
        while at < len(self._html):
            letter = self._html[at]
            if letter == ">":
                return at + 1
            if letter in "\"'":
                end = self._end_of(letter, at + 1)
                if not _is_quiet(self._html[since:at]):
                    self._all_unsafe(at, end)
                at = since = end
            else:
                if letter == _MARK:
                    self.unsafe.append(at)
                at += 1
        return at

    def _all_unsafe(self, begin: int, end: int) -> int:
        at = begin
        while (at := self._html.find(_MARK, at, end)) >= 0:
            self.unsafe.append(at)
            at += 1
        return end

    def _end_of(self, closing: str, at: int) -> int:
        found = self._html.find(closing, at)
        return len(self._html) if found < 0 else found + len(closing)


def _is_quiet(before: str) -> bool:
    """True if what stands before the quotes is an attribute that neither runs nor styles anything."""
    found = _ATTRIBUTE.search(before[-100:])
    name = found[1].lower() if found else "on"
    return not name.startswith("on") and name not in {"style", "srcdoc"}
