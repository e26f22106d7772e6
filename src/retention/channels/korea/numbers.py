"""Korean telephone numbers."""

import re
from typing import Final

from retention.channels.errors import InvalidAddress
from retention.errors import ConfigurationError

_MOBILE: Final = re.compile(r"01[016789][0-9]{7,8}")
_SENDER: Final = re.compile(r"[0-9]{8,12}")


def mobile(address: str) -> str:
    """A Korean mobile number as digits from 0: +82 10-1234-5678 becomes 01012345678. Raises InvalidAddress."""
    digits = re.sub(r"[ .()-]", "", address) if len(address) <= 32 else ""
    for country in ("+82", "0082", "82"):
        if digits.startswith(country):
            digits = "0" + digits.removeprefix(country).removeprefix("0")
            break
    if not _MOBILE.fullmatch(digits):
        raise InvalidAddress("this is not a Korean mobile number", hint="Give one such as +82 10 1234 5678")
    return digits


def sender(number: str) -> str:
    """A number that the account has registered as its sender's, as digits. Raises ConfigurationError."""
    digits = re.sub(r"[ .()-]", "", number)
    if not _SENDER.fullmatch(digits):
        raise ConfigurationError("the sender number is not a Korean telephone number", hint="Give sender='02-123-4567'")
    return digits
