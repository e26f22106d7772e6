"""What an HTML mail shows and where it leads, read in one pass. Nothing here builds HTML from what a customer wrote."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

_HIDDEN: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|title)\b[^<>]*>.*?(?:</\1|\Z)", re.DOTALL | re.IGNORECASE
)
_TAG: Final = re.compile(r"<[^<>]*>")
_LINK: Final = re.compile(
    r"\b(href|src|action|formaction|background|poster|srcset|xlink:href)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))",
    re.IGNORECASE,
)
_IGNORED: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028\u2029\u2060\ufeff]")
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.\-]*):", re.IGNORECASE)

SAFE_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "sms", "cid"})
"""Where a link may lead. An app's own scheme is added by nobody: links to apps are https links."""


def readable(html: str) -> str:
    """The text that a reader sees, in one line."""
    return " ".join(unescape(_TAG.sub(" ", _HIDDEN.sub(" ", html))).split())


def links(html: str) -> Iterator[str]:
    """Every address that a tag leads to or loads, decoded."""
    for found in _LINK.finditer(html):
        yield unescape(found[2] or found[3] or found[4] or "")


def is_safe(address: str) -> bool:
    """True of an address without a scheme, and of one with a scheme that runs nothing.

    Spaces and control characters, which browsers skip, are skipped: ``java\\tscript:`` is a script.
    """
    found = _SCHEME.match(_IGNORED.sub("", address))
    return found is None or found[1].lower() in SAFE_SCHEMES


def unsafe_links(html: str) -> int:
    """How many links lead to what runs a program or holds a document: ``javascript:``, ``data:``, ``vbscript:`` and any
    scheme that is not known to be harmless."""
    return sum(not is_safe(each) for each in links(html))
