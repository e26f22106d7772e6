"""How long a text is to a platform: SMS segments, bytes in a character set, characters.

>>> segments("가" * 71)
Segments(encoding='UCS-2', units=71, count=2)
>>> measure("똠방각하", "bytes in cp949")
8
"""

import re
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias, assert_never, final
from unicodedata import name as character_name

from attrs import frozen

from retention.errors import RetentionError
from retention.permission.capabilities import Unit

Encoding: TypeAlias = Literal["cp949", "utf-8", "utf-16"]

KOREAN_SMS: Final = 90
"""Bytes in CP949 of a Korean short message."""

KOREAN_LMS: Final = 2_000
"""Bytes in CP949 of a Korean long message."""

# 3GPP TS 23.038, section 6.2.1: the default alphabet, and its extension table, whose characters take two units.
_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")

_REPLACEMENTS: Final = {
    "\u20a9": "\uffe6",  # won sign: the full-width one is in CP949
    "\u2014": "-",
    "\u2013": "-",
    "\u2212": "-",
    "\u201c": '"',
    "\u201d": '"',
    "\u2018": "'",
    "\u2019": "'",
    "\u2026": "...",
    "\u00a0": " ",
    "\u2022": "·",
    "\u00a9": "(c)",
}
_WON_BEFORE: Final = re.compile(
    "(?<![0-9])(?<![0-9][.,])\u20a9 ?"
    r"([0-9](?:[0-9,]*[0-9])?(?:\.[0-9]+)?)(?![.,]?[0-9]|[A-Za-z]| ?[십백천만억조원])"
)
"""An amount after whose digits 원 may stand: no digits touch it, and no 만 or 원 follows."""


class UnencodableCharacter(RetentionError, ValueError):
    """A character that the character set of a platform does not have; ``position`` counts characters from 0."""

    code = "unencodable-character"

    def __init__(self, position: int, character: str, encoding: str) -> None:
        self.position = position
        self.character = character
        self.encoding = encoding
        super().__init__(
            f"{described(character)} at position {position} cannot be written in {encoding}",
            hint="Write another character, or map the text first: retention.permission.content.mapped(text)",
        )


@final
@frozen
class Segments:
    """What a text is sent as: ``units`` are septets or 16-bit units, ``count`` the messages it is billed as."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    count: int


def measure(text: str, unit: Unit) -> int:
    """How long the text is. Raises UnencodableCharacter where the unit's character set lacks one of its characters."""
    match unit:
        case "characters":
            return len(text)
        case "bytes in cp949":
            return len(_encoded(text, "cp949"))
        case "bytes in utf-8":
            return len(_encoded(text, "utf-8"))
        case "sms segments":
            return segments(text).count
        case _:
            assert_never(unit)


def unencodable(text: str, encoding: Encoding) -> UnencodableCharacter | None:
    """The first character that the character set does not have, or None. CP949 is not Python's ``euc-kr``, which writes
    the syllables that KS X 1001 lacks as eight bytes that no telephone shows."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError as error:
        return UnencodableCharacter(error.start, text[error.start], encoding)
    return None


def segments(text: str) -> Segments:
    """The messages that the text is sent as (3GPP TS 23.038 and 23.040).

    One message holds 160 septets or 70 units; a part of a longer one 153 or 67. An escape pair and a surrogate pair
    are not split between two parts. Raises UnencodableCharacter for half of a surrogate pair.
    """
    if all(each in _BASIC or each in _EXTENSION for each in text):
        return _divided("GSM-7", [2 if each in _EXTENSION else 1 for each in text], 160, 153)
    _encoded(text, "utf-16")
    return _divided("UCS-2", [2 if each > "\uffff" else 1 for each in text], 70, 67)


def mapped(text: str, encoding: Literal["cp949", "gsm-7"] = "cp949") -> str:
    """The text with what the character set lacks replaced by what reads the same: ``₩12,900`` becomes ``12,900원``,
    a dash a hyphen, curly quotes straight ones. Where 원 may not stand right after the digits the sign itself is
    replaced: ``￦3.5만``. What has no such replacement stays, for ``measure`` to refuse.

    Nothing calls this on its own: whoever wants it calls it. For ``gsm-7`` only a text whose every character then
    fits is worth it; one that needs UCS-2 anyway is given back as it came.
    """
    if encoding == "gsm-7":
        changed = "".join(each if _in_gsm(each) else _REPLACEMENTS.get(each, each) for each in text)
        return changed if all(map(_in_gsm, changed)) else text
    text = _WON_BEFORE.sub(r"\1원", text)
    return "".join(each if unencodable(each, "cp949") is None else _REPLACEMENTS.get(each, each) for each in text)


def described(character: str) -> str:
    """A character by its code point and name, as ``U+20A9 (WON SIGN)``."""
    named = character_name(character, "")
    return f"U+{ord(character):04X} ({named})" if named else f"U+{ord(character):04X}"


def _in_gsm(character: str) -> bool:
    return character in _BASIC or character in _EXTENSION


def _encoded(text: str, encoding: Encoding) -> bytes:
    problem = unencodable(text, encoding)
    if problem is not None:
        raise problem
    return text.encode(encoding)


def _divided(encoding: Literal["GSM-7", "UCS-2"], widths: Iterable[int], whole: int, part: int) -> Segments:
    total, count, used = 0, 1, 0
    for width in widths:
        total += width
        if used + width > part:
            count, used = count + 1, 0
        used += width
    return Segments(encoding, total, 1 if total <= whole else count)
