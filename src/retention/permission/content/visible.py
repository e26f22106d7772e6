"""What a reader sees of an HTML mail, and which links can be followed, read in one pass.

Left out are comments, titles, scripts, templates, fields to write in, and elements that are hidden where they stand:
by ``hidden`` or by a ``style`` of ``display: none``, ``visibility: hidden`` or ``opacity: 0``. Style sheets are not
read.
"""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Final, final

from attrs import frozen

_PIECE: Final = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    r"|<(?P<name>/?[a-z][^\s/>]*)(?P<attributes>(?:[^>=]+|=\s*\"[^\"]*(?:\"|\Z)|=\s*'[^']*(?:'|\Z)|=)*)(?:>|\Z)"
    r"|<[!?/][^>]*(?:>|\Z)"
    r"|(?P<text>(?:[^<]+|<(?![a-z!?/]))+)",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE: Final = re.compile(r"([^\s=/>\"']+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]*)))?")
_RAW: Final = {
    name: re.compile(rf"</{name}(?=[\s/>])|\Z", re.IGNORECASE)
    for name in ("script", "style", "title", "template", "textarea")
}
"""Of these nothing counts as shown, and what looks like a tag in them is none."""

_EMPTY: Final = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
"""These have no end."""

_HIDING: Final = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*[0.]+%?)\s*(?:!|;|$)",
    re.IGNORECASE,
)
_UNSEEN: Final = re.compile(r"[\s\u00ad\u034f\u200b-\u200f\u2060\ufeff]+")


@final
@frozen
class Piece:
    """A text, decoded, or a tag by its ``name``, ``/a`` for one that closes; ``at`` is where it begins."""

    at: int
    name: str
    text: str
    attributes: Mapping[str, str]


def readable(html: str) -> str:
    """The text that a reader sees, in one line."""
    return " ".join(" ".join(each.text for each in pieces(html)).split())


def followed(html: str) -> Iterator[str]:
    """Where the links lead that a reader can see: those around a text, or around a picture that has one."""
    leads_to: str | None = None
    for each in pieces(html):
        if each.name in {"a", "/a"}:
            leads_to = each.attributes.get("href")
        elif leads_to is not None and _UNSEEN.sub("", _read(each)):
            yield leads_to.strip()


def pieces(html: str) -> Iterator[Piece]:
    """The texts and tags that are not hidden, in order."""
    at, hidden, depth = 0, "", 0
    while found := _PIECE.match(html, at):
        begin, at = at, found.end()
        name = (found["name"] or "").lower()
        if name in _RAW:
            at = _RAW[name].search(html, at).start()  # type: ignore[union-attr]  # the end is found at the latest
        elif hidden:
            depth += (name == hidden) - (name == "/" + hidden)
            hidden = hidden if depth else ""
        else:
            attributes = _attributes("" if name.startswith("/") else found["attributes"] or "")
            piece = Piece(begin, name, unescape(found["text"] or ""), attributes)
            if not _is_hidden(piece.attributes):
                yield piece
            elif name not in _EMPTY:
                hidden, depth = name, 1


def _read(piece: Piece) -> str:
    """The words of a text, or those in the place of a picture."""
    return piece.attributes.get("alt", "") if piece.name == "img" else piece.text


def _attributes(written: str) -> Mapping[str, str]:
    """By name, decoded. Of two with one name browsers take the first."""
    found = dict[str, str]()
    for each in _ATTRIBUTE.finditer(written):
        found.setdefault(each[1].lower(), unescape(each[2] or each[3] or each[4] or ""))
    return found


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return "hidden" in attributes or _HIDING.search(attributes.get("style", "")) is not None
