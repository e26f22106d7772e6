"""A message written as an e-mail (RFC 5322): all of its bytes follow from what is given."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from hashlib import sha256
from typing import Any, Final

from retention.permission.messages import Content
from retention.permission.verdicts import Reason

_NAME: Final = re.compile(r"[!-9;-~]+")  # RFC 5322, 3.6.8
_VALUE: Final = re.compile(r"[\t -~]{0,900}")  # with its name it fits a line of 998
_BREAK: Final = re.compile("[\0-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")  # what may end a line somewhere
_ENCODED: Final = re.compile(r"=\?[^?]*\?[bq]\?", re.IGNORECASE)
"""An encoded word (RFC 2047, section 2), which is decoded when a header is set: it may hold line ends, and so headers
and a whole text of somebody else's."""
_OWN: Final = frozenset(
    {"from", "to", "cc", "bcc", "sender", "subject", "date", "message-id", "reply-to", "return-path"}
)
_FOLDED: Final = frozenset({"from", "to", "subject", "reply-to"})


class _Policy(EmailPolicy):
    """Headers that the gate requires stay in one line. Folded, a long List-Unsubscribe would become encoded words, in
    which no mail program finds the address."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in _FOLDED or name.lower().startswith("content-"):
            return super().fold_binary(name, value)
        return f"{name}: {value}\r\n".encode("ascii")


_POLICY: Final = _Policy(linesep="\r\n", cte_type="7bit")


def problems(content: Content, headers: Mapping[str, str]) -> Iterator[Reason]:
    """Why it cannot be written as an e-mail."""
    subject = content.subject or ""
    if _BREAK.search(subject):
        yield Reason("header-injection", "the subject has a line end or a control character in it", "RFC 5322, 2.2")
    if _ENCODED.search(subject):
        yield Reason("header-injection", "the subject has an encoded word in it", "RFC 2047, 2")
    for number, (name, value) in enumerate(headers.items()):
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value) or _ENCODED.search(value):
            yield Reason("header-injection", f"header {number + 1} cannot be written in one line", "RFC 5322, 2.2")
        elif name.lower() in _OWN or name.lower().startswith(("content-", "mime-")):
            yield Reason("reserved-header", f"header {number + 1} is one that the channel writes itself")
    for part, text in (("subject", subject), ("text", content.text), ("html", content.html or "")):
        if not _is_encodable(text):
            yield Reason("unencodable", f"the {part} has half of a surrogate pair in it", "RFC 3629, 3")


def is_plain(name: str) -> bool:
    """Whether it can stand as the name of a sender."""
    return not _BREAK.search(name) and not _ENCODED.search(name)


def write(
    content: Content,
    headers: Mapping[str, str],
    *,
    sender: Address,
    recipient: str,
    reply_to: Address | None,
    id: str,
    at: datetime,
) -> bytes:
    """The e-mail, with CRLF and without a byte above 127. What ``problems`` finds must have been refused before."""
    mail = EmailMessage(_POLICY)
    mail["From"] = sender
    mail["To"] = Address(addr_spec=recipient)
    mail["Subject"] = content.subject or ""
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{id}>"
    if reply_to is not None:
        mail["Reply-To"] = reply_to
    for name, value in headers.items():
        mail[name] = value
    mail.set_content(content.text, cte=_encoding(content.text))
    if content.html is not None:
        mail.add_alternative(content.html, subtype="html", cte=_encoding(content.html))
        mail.set_boundary(_digest(f"{id}\n{content.text}\n{content.html}"))  # no text contains its own digest
    return mail.as_bytes()


def _encoding(text: str) -> str:
    """Either one survives every server, and neither lets a control character through."""
    return "quoted-printable" if text.isascii() else "base64"


def _is_encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
