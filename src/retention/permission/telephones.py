"""Telephone numbers as people write them, brought to their digits with the calling code.

National numbers begin with 0, which is left out abroad, in most countries. Those that differ are data here (ITU-T
E.164, national numbering plans).
"""

from collections.abc import Mapping
from typing import Final

_KEEPS_ZERO: Final = frozenset({"39", "378"})
"""Where the 0 belongs to the number: Italy, San Marino."""

_PREFIXES: Final[Mapping[str, tuple[str, ...]]] = {"36": ("06",), "370": ("0", "8")}
"""What else than 0 national numbers begin with that is left out abroad: Hungary, Lithuania."""

_WHOLE: Final[Mapping[str, frozenset[int]]] = {
    **dict.fromkeys(("1", "30"), frozenset({10})),
    **dict.fromkeys(("34", "48", "351", "352", "420"), frozenset({9})),
    **dict.fromkeys(("45", "47", "356", "357", "371"), frozenset({8})),
    **dict.fromkeys(("354", "423"), frozenset({7})),
    "39": frozenset({9, 10}),
    "372": frozenset({7, 8}),
}
"""How many digits a national number has where nothing stands before it."""


def digits_of(text: str, calling_code: str | None) -> str:
    """All digits, with the calling code if the number has one or ``calling_code`` says which; empty without digits."""
    abroad = text.startswith(("+", "00"))
    digits = "".join(str(int(each)) for each in text.replace("(0)", "" if abroad else "0") if each.isdecimal())
    if abroad:
        digits = digits if text.startswith("+") else digits.removeprefix("00")
    if calling_code is None or not digits:
        return digits
    return _abroad(digits, calling_code) if abroad else _at_home(digits, calling_code)


def _abroad(digits: str, code: str) -> str:
    """A 0 that was left between the calling code and the number is none of its digits."""
    return code + _without_zero(digits.removeprefix(code), code) if digits.startswith(code) else digits


def _at_home(digits: str, code: str) -> str:
    if len(digits) in _WHOLE.get(code, ()):
        return code + digits
    for prefix in _PREFIXES.get(code, ("0",)):
        if digits.startswith(prefix):
            return code + (digits if code in _KEEPS_ZERO else digits.removeprefix(prefix))
    return digits


def _without_zero(digits: str, code: str) -> str:
    return digits if code in _KEEPS_ZERO else digits.removeprefix("0")
