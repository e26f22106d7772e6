"""What advertising must show its reader, looked for in what would be sent: label, sender, address, ways to refuse."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, assert_never
from unicodedata import normalize

from retention.permission.content.email import is_one_click
from retention.permission.content.labels import label_problem, names_sender, refuses_at_end
from retention.permission.content.rules import ContentRules, Shown
from retention.permission.content.visible import followed, readable
from retention.permission.media import Medium
from retention.permission.messages import Content
from retention.permission.policy import Sender
from retention.permission.verdicts import Reason

RFC_8058: Final = "RFC 8058, section 3.1"

_BEGUN_BEFORE: Final = re.compile(r"[A-Za-z0-9=/?&%]")
_GOES_ON: Final = re.compile(r"[.,;:!?'()\[\]]*[\w/%&=#~@+$*-]")

_IN_ORDER: Final[tuple[Shown, ...]] = ("sender name", "contact", "postal address", "unsubscribe link", "refusal")

_CODES: Final[Mapping[Shown, tuple[str, str]]] = {
    "sender name": ("sender-name-missing", "the sender's name is not shown where it must be"),
    "contact": ("contact-missing", "how to reach the sender is not shown"),
    "postal address": ("postal-address-missing", "the sender's postal address is not shown"),
    "unsubscribe link": ("unsubscribe-link-missing", "the link that ends such messages is not shown"),
    "refusal": ("refusal-missing", "it does not end with a way to refuse that costs nothing"),
}


def absent_in_text(
    text: str, needs: frozenset[Shown], *, rules: ContentRules, sender: Sender, unsubscribe: str | None
) -> tuple[Shown, ...]:
    """What a text does not show of what it must, in the order in which a footer would."""
    return _absent(needs, text, lambda link: _is_written(link, text), rules, sender, unsubscribe)


def absent_in_html(
    html: str, needs: frozenset[Shown], *, rules: ContentRules, sender: Sender, unsubscribe: str | None
) -> tuple[Shown, ...]:
    """What an HTML mail does not show of what it must. A link counts if there is something to click on."""
    return _absent(needs, readable(html), lambda link: link in followed(html), rules, sender, unsubscribe)


def unshown(
    content: Content, medium: Medium, *, rules: ContentRules, sender: Sender, unsubscribe: str | None
) -> Iterator[Reason]:
    """A reason for everything that marketing by that medium must show and this does not."""
    email = medium is Medium.EMAIL
    label, subject = rules.text_label, content.subject or ""
    if label is not None and not email:
        yield from _label_reasons(content.text, label, "text", rules.source)
    title_label = rules.title_label(medium)
    if title_label is not None and (email or subject.strip()):
        yield from _label_reasons(subject, title_label, "subject", rules.source)
    needs = rules.shown(medium)
    absent = set(absent_in_text(content.text, needs, rules=rules, sender=sender, unsubscribe=unsubscribe))
    if content.html is not None:
        absent |= set(absent_in_html(content.html, needs, rules=rules, sender=sender, unsubscribe=unsubscribe))
    if not email and label and "sender name" in needs and not names_sender(content.text, label, sender.name):
        absent.add("sender name")
    for each in _IN_ORDER:
        if each in absent:
            yield Reason(*_CODES[each], rules.source)
    if "refusal" in needs and not _is_free(sender.refusal, rules.free_refusals):
        free = ", ".join(rules.free_refusals)
        words = f"the sender's way to refuse begins with none of {free}, so it may cost something"
        yield Reason("refusal-not-free", words, rules.source)
    if email and (unsubscribe is None or not is_one_click(unsubscribe)):
        words = "marketing by e-mail needs one https address that ends it by one POST"
        yield Reason("unsubscribe-missing", words, RFC_8058)


def _is_free(way: str | None, free: tuple[str, ...]) -> bool:
    return way is None or not free or way.strip().startswith(free)


def _label_reasons(text: str, label: str, part: str, source: str | None) -> Iterator[Reason]:
    problem = label_problem(text, label)
    match problem:
        case "missing":
            yield Reason("label-missing", f"the {part} does not begin with {label}", source)
        case "look-alike":
            yield Reason("label-look-alike", f"the {part} begins with what only looks like {label}", source)
        case None:
            pass
        case _:
            assert_never(problem)


def _absent(
    needs: frozenset[Shown],
    text: str,
    leads_to: Callable[[str], bool],
    rules: ContentRules,
    sender: Sender,
    unsubscribe: str | None,
) -> tuple[Shown, ...]:
    seen = _one_line(text)
    way = sender.refusal
    shown: Mapping[Shown, bool] = {
        "sender name": _is_in(seen, sender.name),
        "contact": _is_in(seen, sender.contact),
        "postal address": _is_in(seen, sender.postal_address),
        "unsubscribe link": unsubscribe is not None and leads_to(unsubscribe),
        "refusal": way is not None and refuses_at_end(text, way, rules.refusal_words),
    }
    return tuple(each for each in _IN_ORDER if each in needs and not shown[each])


def _is_written(link: str, text: str) -> bool:
    """True if the link stands in the text by itself, not as a part of a longer one. Every message has a link of its
    own: a pattern of it would be compiled for each."""
    at = text.find(link)
    while at >= 0:
        if _BEGUN_BEFORE.match(text[max(0, at - 1) : at]) is None and _GOES_ON.match(text, at + len(link)) is None:
            return True
        at = text.find(link, at + 1)
    return False


def _is_in(seen: str, wanted: str | None) -> bool:
    return bool(wanted) and _one_line(wanted or "") in seen


def _one_line(text: str) -> str:
    return normalize("NFC", " ".join(text.split()))
