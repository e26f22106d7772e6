"""Dressing: what the law wants around an advertisement, put around it. Doing it twice does it once."""

from html import escape
from typing import Final

from attrs import evolve

from retention.permission.content.labels import after_label, label_problem, names_sender, refuses_at_end
from retention.permission.content.rules import ContentRules, Shown
from retention.permission.content.showing import absent_in_html, absent_in_text
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Content
from retention.permission.policy import Sender

_APPROVED: Final = frozenset({Medium.ALIMTALK, Medium.BRAND_MESSAGE, Medium.WHATSAPP})
"""Media whose providers approve templates: an approved text goes out to the letter, so nothing is put around it."""

_WITHOUT_BUTTONS: Final = frozenset({Medium.SMS, Medium.EMAIL})


def dressed(
    content: Content,
    kind: MessageKind,
    medium: Medium,
    *,
    rules: ContentRules,
    sender: Sender,
    unsubscribe: str | None = None,
) -> Content:
    """The content as it goes out by that medium, with the label and the footer that marketing needs there.

    What is there already is not added again. A text that falls back from Kakao to SMS loses its template, its
    buttons become lines with their links, and it gets the label and the free refusal of an SMS. What the sender has
    not given (a postal address, a way to refuse) cannot be added, and a label that only looks right is left: the
    gate says both.
    """
    if content.template is not None and medium in _APPROVED:
        return content
    plain = _without_platform(content, medium)
    if kind is not MessageKind.MARKETING:
        return plain
    needs = rules.shown(medium)
    if medium is Medium.EMAIL:
        return _email(plain, needs, rules, sender, unsubscribe)
    text = _labelled(plain.text, rules, sender)
    absent = absent_in_text(text, needs, rules=rules, sender=sender, unsubscribe=unsubscribe)
    return evolve(plain, text=_with_lines(text, _lines(absent, rules, sender, unsubscribe), "\n", rules, sender))


def _without_platform(content: Content, medium: Medium) -> Content:
    """The content without what only the platforms of other media know."""
    if medium not in _WITHOUT_BUTTONS:
        return evolve(content, template=None, variables={})
    lines = [f"{each.label}: {each.url}" for each in content.buttons if each.url]
    return evolve(content, text="\n".join([content.text, *lines]), template=None, variables={}, buttons=())


def _labelled(text: str, rules: ContentRules, sender: Sender) -> str:
    label = rules.text_label
    if label is None or label_problem(text, label) == "look-alike":
        return text
    if "sender name" not in rules.texts or names_sender(text, label, sender.name):
        return label + after_label(text, label)
    return f"{label}{sender.name} {after_label(text, label).lstrip()}"


def _email(
    content: Content, needs: frozenset[Shown], rules: ContentRules, sender: Sender, unsubscribe: str | None
) -> Content:
    subject, label = content.subject, rules.subject_label
    if subject is not None and label is not None and label_problem(subject, label) == "missing":
        subject = label + subject
    absent = absent_in_text(content.text, needs, rules=rules, sender=sender, unsubscribe=unsubscribe)
    text = _with_lines(content.text, _lines(absent, rules, sender, unsubscribe), "\n\n", rules, sender)
    html = content.html
    if html is not None:
        absent = absent_in_html(html, needs, rules=rules, sender=sender, unsubscribe=unsubscribe)
        html = _with_paragraph(html, _marked(absent, rules, sender, unsubscribe))
    return evolve(content, subject=subject, text=text, html=html)


def _lines(
    absent: tuple[Shown, ...], rules: ContentRules, sender: Sender, unsubscribe: str | None
) -> list[tuple[Shown, str]]:
    """The lines of a footer, of what can be given."""
    given: dict[Shown, str | None] = {
        "sender name": sender.name,
        "contact": sender.contact,
        "postal address": sender.postal_address,
        "unsubscribe link": unsubscribe and f"{rules.unsubscribe_words} {unsubscribe}".strip(),
        "refusal": sender.refusal and f"{rules.refusal_words[0]} {sender.refusal}".strip(),
    }
    return [(each, line) for each in absent if (line := given[each])]


def _marked(absent: tuple[Shown, ...], rules: ContentRules, sender: Sender, unsubscribe: str | None) -> list[str]:
    """The same lines as HTML; the link is under its words."""
    words = escape(rules.unsubscribe_words.rstrip(": ") or "Unsubscribe")
    return [
        f'<a href="{escape(unsubscribe or "")}">{words}</a>' if what == "unsubscribe link" else escape(line)
        for what, line in _lines(absent, rules, sender, unsubscribe)
    ]


def _with_lines(text: str, lines: list[tuple[Shown, str]], gap: str, rules: ContentRules, sender: Sender) -> str:
    """The text and its footer. A line that refuses already stays the last one."""
    if not lines:
        return text
    footer = "\n".join(line for _, line in lines)
    body, _, last = text.rstrip().rpartition("\n")
    if body and sender.refusal and refuses_at_end(last, sender.refusal, rules.refusal_words):
        return f"{body}{gap}{footer}\n{last}"
    return f"{text.rstrip()}{gap}{footer}"


def _with_paragraph(html: str, lines: list[str]) -> str:
    """The HTML with a last paragraph, inside its body if it has one."""
    if not lines:
        return html
    paragraph = f"<p>{'<br>'.join(lines)}</p>"
    at = html.lower().rfind("</body")
    return html + paragraph if at < 0 else html[:at] + paragraph + html[at:]
