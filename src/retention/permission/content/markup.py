"""Where an HTML mail leads, and what in it runs or loads something by itself."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

_VALUE: Final = r"\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))"
_LINK: Final = re.compile(
    r"\b(?:href|src|action|formaction|background|poster|cite|longdesc|lowsrc|dynsrc|manifest|codebase)" + _VALUE,
    re.IGNORECASE,
)
_LINKS: Final = re.compile(r"\b(?:srcset|imagesrcset|ping|archive)" + _VALUE, re.IGNORECASE)
_BETWEEN_LINKS: Final = re.compile(r"[\s,]+")
_ACTS_BY_ITSELF: Final = re.compile(
    r"<(?:animate\w*|applet|base|embed|frame|frameset|iframe|object|script|set)(?![\w.-])", re.IGNORECASE
)
_HTTP_EQUIV: Final = re.compile(r"\bhttp-equiv" + _VALUE, re.IGNORECASE)
_IGNORED: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028\u2029\u2060\ufeff]")
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.\-]*):", re.IGNORECASE)

SAFE_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "sms", "cid"})
"""Where a link may lead. An app's own scheme is added by nobody: links to apps are https links."""


def is_safe(address: str) -> bool:
    """True of an address without a scheme, and of one with a scheme that runs nothing.

    Spaces and control characters, which browsers skip, are skipped: ``java\\tscript:`` is a script.
    """
    found = _SCHEME.match(_IGNORED.sub("", address))
    return found is None or found[1].lower() in SAFE_SCHEMES


def unsafe_links(html: str) -> list[int]:
    """Where links lead to what runs a program or holds a document: ``javascript:``, ``data:``, ``vbscript:`` and any
    scheme that is not known to be harmless. By the characters before each."""
    return sorted(at for at, each in _links(html) if not all(map(is_safe, each)))


def unsafe_tags(html: str) -> list[int]:
    """Where tags do something that nobody clicked on: run a program, load another document (``embed``, ``iframe``,
    ``object``), go to another page (``meta`` with ``refresh``), turn all links round (``base``) or write attributes
    (``set`` and ``animate`` of SVG)."""
    refreshing = (each.start() for each in _HTTP_EQUIV.finditer(html) if _written(each).strip().lower() == "refresh")
    return sorted([*(each.start() for each in _ACTS_BY_ITSELF.finditer(html)), *refreshing])


def _links(html: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The addresses of each attribute, and where it stands. Of a list the whole stands first: what browsers skip may
    stand where the list is cut."""
    for found in _LINK.finditer(html):
        yield found.start(), (_written(found),)
    for found in _LINKS.finditer(html):
        whole = _written(found)
        yield found.start(), (whole, *filter(None, _BETWEEN_LINKS.split(whole)))


def _written(value: re.Match[str]) -> str:
    return unescape(value[1] or value[2] or value[3] or "")
