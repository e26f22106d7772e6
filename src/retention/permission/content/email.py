"""Headers of e-mails: one-click unsubscribing (RFC 8058), automatic answers (RFC 3834), and no header of anybody
else's."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

from retention.errors import ConfigurationError
from retention.permission.media import MessageKind
from retention.spans import utc

UNSUBSCRIBE: Final = "List-Unsubscribe"
UNSUBSCRIBE_POST: Final = "List-Unsubscribe-Post"

ANSWERED_AGAIN_AFTER: Final = timedelta(days=7)
"""Nobody gets two automatic answers within it (RFC 3834, section 2; the custom of vacation programs, RFC 5230)."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,76}")
_ONE_CLICK: Final = re.compile(r"https://[A-Za-z0-9.\-]{1,253}(?::[0-9]{1,5})?(?:[/?#][!#-;=?-\[\]_a-z~]*)?")
_LONGEST_ADDRESS: Final = 900
"""A line of a mail holds 998 octets (RFC 5322, section 2.1.1)."""

_ROBOTS: Final = re.compile(
    r"(?:(?:.*[._+-])?(?:no|do[._-]?not|dont)[._-]?reply[0-9]*"
    r"|(?:mailer[._-]?daemon|postmaster|bounces?|listserv|majordomo)[0-9]*"
    r"|owner-.*|.*-(?:request|owner|relay))"
    r"(?:[._+=-].*)?"
)
"""Local parts, in small letters, behind which is nobody (RFC 3834, section 2; RFC 5230, section 4.6)."""


def control_at(text: str) -> int | None:
    """Where the first character is that ends a header or hides in one: line ends, controls, halves of surrogate
    pairs."""
    found = _CONTROL.search(text)
    return None if found is None else found.start()


def is_one_click(address: str) -> bool:
    """True of an https address that can stand in ``List-Unsubscribe``: ASCII, no space, no bracket, at most 900
    long."""
    return len(address) <= _LONGEST_ADDRESS and _ONE_CLICK.fullmatch(address) is not None


def one_click_headers(kind: MessageKind, unsubscribe: str | None) -> Mapping[str, str]:
    """The headers by which a mail client unsubscribes (RFC 8058, section 3.1): exactly one https address, for marketing
    alone; transactional mail carries none. Without a usable address there are none, and the gate refuses the mail."""
    if kind is not MessageKind.MARKETING or unsubscribe is None or not is_one_click(unsubscribe):
        return {}
    return {UNSUBSCRIBE: f"<{unsubscribe}>", UNSUBSCRIBE_POST: "List-Unsubscribe=One-Click"}


def automatic_headers(
    what: Literal["auto-replied", "auto-generated"], answers: str | None = None, references: str = ""
) -> Mapping[str, str]:
    """The headers of an automatic answer or notice (RFC 3834, section 5). ``answers`` is the Message-ID of what is
    answered and ``references`` the References of it. The envelope's sender is empty: SMTP's ``MAIL FROM:<>``."""
    headers: dict[str, str] = {"Auto-Submitted": what}
    if answers is not None:
        headers |= {"In-Reply-To": answers, "References": f"{references} {answers}".strip()}
    return checked_headers(headers)


def may_answer(
    headers: Iterable[tuple[str, str]],
    *,
    return_path: str,
    answered_at: datetime | None = None,
    now: datetime,
) -> bool:
    """Whether a mail may be answered automatically (RFC 3834, section 2).

    ``return_path`` is the envelope's sender, empty for a bounce, ``answered_at`` when that sender was last answered
    so. Never answered: what is automatic itself, bulk, junk or from a list, and what robots send.
    """
    if answered_at is not None and utc(now, "now") < utc(answered_at, "answered_at") + ANSWERED_AGAIN_AFTER:
        return False
    sender = return_path.strip().removeprefix("<").removesuffix(">").lower()
    if not sender or _ROBOTS.fullmatch(sender.partition("@")[0]):
        return False
    return not any(_is_automatic(name.strip().lower(), value.strip().lower()) for name, value in headers)


def checked_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers, if none of them can begin another. Raises ConfigurationError, which names the header, not its
    value."""
    for name, value in headers.items():
        if not _NAME.fullmatch(name):
            raise ConfigurationError(
                "the name of a header has characters that no header has", hint="Use A-Z and hyphens"
            )
        if control_at(value) is not None:
            hint = "Take line ends and control characters out of what it is made of"
            raise ConfigurationError(f"the header {name} holds a line end or a control character", hint=hint)
    return headers


def _is_automatic(name: str, value: str) -> bool:
    match name:
        case "auto-submitted":
            return value.partition(";")[0].strip() != "no"
        case "precedence":
            return value in {"bulk", "junk", "list"}
        case "return-path":
            return value.replace(" ", "") in {"", "<>"}
        case "x-auto-response-suppress":
            return value not in {"", "none"}
        case other:
            return other.startswith("list-")
