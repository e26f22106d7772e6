"""Numbers that WhatsApp knows customers by."""

import re
from typing import Final

from retention.channels.errors import InvalidAddress

_INTERNATIONAL: Final = re.compile(r"[1-9][0-9]{7,14}")  # E.164 without its plus


def international(address: str) -> str:
    """A telephone number with its country's code, as digits: +82 10-1234-5678 becomes 821012345678.

    Raises InvalidAddress.
    """
    digits = re.sub(r"[ .()-]", "", address) if len(address) <= 32 else ""
    digits = digits.removeprefix("+")
    if not _INTERNATIONAL.fullmatch(digits):
        raise InvalidAddress(
            "this is not a telephone number with a country's code", hint="Give one such as +82 10 1234 5678"
        )
    return digits


def is_north_american(digits: str) -> bool:
    """Whether a number has the code 1, which the United States share with Canada and others: it does not say which."""
    return digits.startswith("1")
