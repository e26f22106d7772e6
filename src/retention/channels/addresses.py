"""Addresses, brought to the one form that a provider takes. An error never repeats one."""

import re
from typing import Final

from retention.channels.errors import InvalidAddress

_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_LONGEST_LOCAL: Final = 64  # RFC 5321, 4.5.3.1.1
_LONGEST_MAILBOX: Final = 254  # RFC 5321, 4.5.3.1.3: a path of 256 with its brackets
_LONGEST_PLAIN: Final = 2048


def mailbox(address: str) -> str:
    """An e-mail address with its domain in lower case and in ASCII (``anna@한국.kr`` becomes ``anna@xn--3e0b707e.kr``).

    Refused is what the standards allow and no shop's customer has: quoted local parts, domains in brackets or of one
    word. So are local parts beyond ASCII, since many servers cannot carry them. Raises InvalidAddress.
    """
    local, at, domain = address.rpartition("@") if len(address) <= _LONGEST_MAILBOX else ("", "", "")
    if not at or not _LOCAL.fullmatch(local) or len(local) > _LONGEST_LOCAL:
        raise _invalid("an e-mail address", "Give one such as name@example.com, in ASCII before the @")
    found = f"{local}@{_domain(domain)}"
    if len(found) > _LONGEST_MAILBOX:
        raise _invalid("an e-mail address", "It is too long")
    return found


def printable(address: str) -> str:
    """Any address of 1 to 2,048 characters without spaces and without what cannot be printed. Raises InvalidAddress."""
    if not 0 < len(address) <= _LONGEST_PLAIN or not address.isprintable() or " " in address:
        raise _invalid("an address", f"Give 1 to {_LONGEST_PLAIN:,} printable characters without spaces")
    return address


def _domain(domain: str) -> str:
    try:
        found = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        found = ""
    labels = found.split(".")
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise _invalid("an e-mail address", "Its domain is not one such as example.com")
    return found


def _invalid(what: str, hint: str) -> InvalidAddress:
    return InvalidAddress(f"this is not {what}", hint=hint)
