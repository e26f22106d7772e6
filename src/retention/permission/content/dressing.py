"""Dressing: what the law wants around an advertisement, put around it. Doing it twice does it once."""

from collections.abc import Sequence
from html import escape
from typing import Final, final

from attrs import evolve, frozen

from retention.permission.content.labels import after_label, label_problem, names_sender, refusal_at, refuses_at_end
from retention.permission.content.rules import ContentRules, Shown
from retention.permission.content.showing import absent_in_html, absent_in_text
from retention.permission.content.visible import pieces
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
    needs = rules.shown(medium) if kind is MessageKind.MARKETING else frozenset[Shown]()
    footer = _Footer(needs, rules, sender, unsubscribe)
    plain = _without_platform(content, medium, footer)
    if kind is not MessageKind.MARKETING:
        return plain
    subject = _titled(plain.subject, rules.title_label(medium))
    html = None if plain.html is None else footer.under_html(plain.html)
    if medium is Medium.EMAIL:
        text = footer.under(plain.text, "\n\n")
    else:
        text = footer.under(_labelled(plain.text, rules, sender), "\n")
    return evolve(plain, subject=subject, text=text, html=html)


@final
@frozen
class _Footer:
    """The lines that a message has to end with, as far as they can be given.

    None is added that would not be shown, such as one after a comment without an end: it would be added for ever.
    """

    needs: frozenset[Shown]
    rules: ContentRules
    sender: Sender
    unsubscribe: str | None

    def under(self, text: str, gap: str) -> str:
        absent = self._absent_in_text(text)
        made = self.before_refusal(text, list(self._lines(absent).values()), gap)
        return made if len(self._absent_in_text(made)) < len(absent) else text

    def before_refusal(self, text: str, lines: Sequence[str], gap: str) -> str:
        """The text with more lines. If it has to end with a way to refuse, and does, it does so still."""
        way, words = self.sender.refusal, self.rules.refusal_words
        if not lines:
            return text
        if way is None or "refusal" not in self.needs or not refuses_at_end(text, way, words):
            return f"{text.rstrip()}{gap}" + "\n".join(lines)
        at = refusal_at(text, way, words)
        last = self._refusal() if at is None else text[at:].strip()
        body = text[:at].rstrip()
        return (body and body + gap) + "\n".join([*lines, last or ""])

    def under_html(self, html: str) -> str:
        """The HTML with a last paragraph, inside its body if it ends with one."""
        absent = self._absent_in_html(html)
        if not self._lines(absent):
            return html
        at = _end_of_body(html)
        made = f"{html[:at]}<p>{'<br>'.join(self._marked(absent))}</p>{html[at:]}"
        return html if self._lines(self._absent_in_html(made)) else made

    def _absent_in_text(self, text: str) -> tuple[Shown, ...]:
        return absent_in_text(text, self.needs, rules=self.rules, sender=self.sender, unsubscribe=self.unsubscribe)

    def _absent_in_html(self, html: str) -> tuple[Shown, ...]:
        return absent_in_html(html, self.needs, rules=self.rules, sender=self.sender, unsubscribe=self.unsubscribe)

    def _lines(self, absent: Sequence[Shown]) -> dict[Shown, str]:
        """What can be given of what is absent, line by line."""
        given: dict[Shown, str | None] = {
            "sender name": self.sender.name,
            "contact": self.sender.contact,
            "postal address": self.sender.postal_address,
            "unsubscribe link": self.unsubscribe and f"{self.rules.unsubscribe_words} {self.unsubscribe}".strip(),
            "refusal": self._refusal(),
        }
        return {each: line for each in absent if (line := given[each])}

    def _refusal(self) -> str | None:
        return self.sender.refusal and f"{self.rules.refusal_words[0]} {self.sender.refusal}".strip()

    def _marked(self, absent: Sequence[Shown]) -> list[str]:
        """The same lines as HTML. The link is under its words, and what has to be the end is said again."""
        words = escape(self.rules.unsubscribe_words.rstrip(": ") or "Unsubscribe")
        lines = {each: escape(line) for each, line in self._lines([*absent, *self.needs & {"refusal"}]).items()}
        if "unsubscribe link" in lines:
            lines["unsubscribe link"] = f'<a href="{escape(self.unsubscribe or "")}">{words}</a>'
        return list(lines.values())


def _end_of_body(html: str) -> int:
    at = len(html)
    for each in pieces(html):
        if each.name == "/body":
            at = each.at
        elif each.name != "/html" and (each.name or each.text.strip()):
            at = len(html)
    return at


def _without_platform(content: Content, medium: Medium, footer: _Footer) -> Content:
    """The content without what only the platforms of other media know."""
    if medium not in _WITHOUT_BUTTONS:
        return evolve(content, template=None, variables={})
    lines = [f"{each.label}: {each.url}" for each in content.buttons if each.url]
    text = footer.before_refusal(content.text, lines, "\n")
    return evolve(content, text=text, template=None, variables={}, buttons=())


def _labelled(text: str, rules: ContentRules, sender: Sender) -> str:
    label = rules.text_label
    problem = None if label is None else label_problem(text, label)
    if label is None or problem == "look-alike":
        return text
    if "sender name" not in rules.texts or names_sender(text, label, sender.name):
        return text if problem is None else label + text
    return f"{label}{sender.name} {after_label(text, label).lstrip()}"


def _titled(subject: str | None, label: str | None) -> str | None:
    """A title with its label. A blank one is none: the label alone would be nothing to read."""
    if label is None or subject is None or not subject.strip() or label_problem(subject, label) != "missing":
        return subject
    return label + subject
