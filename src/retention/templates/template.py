"""One template: what is written once and filled in for each customer."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, final

from attrs import evolve, field, frozen

from retention.permission.content.approved import alimtalk_problems, variables
from retention.permission.content.email import control_at
from retention.permission.content.markup import unsafe_links, unsafe_tags
from retention.permission.media import Medium
from retention.permission.messages import Button, in_order
from retention.templates.errors import Fault, Problem, place
from retention.templates.renderer import Renderer, unknown_name
from retention.templates.values import Data, plain

_FILLED_IN: Final = re.compile(r"\{[{%]")
_LIQUID_TAG: Final = re.compile(r"\{%.*?%\}", re.DOTALL)


def _frozen(given: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(given))


@final
@frozen(hash=False)
class Template:
    """A template of one medium, in one language or in any (None).

    ``approved`` is the code of a template that the provider approved: ``text`` is then the approved text, to the
    letter, with ``#{name}`` for what is filled in. ``variables`` says what each of those names stands for, as a
    source of its own (``{"고객명": "{{ customer.name }}"}``); a name that is not in it is looked up in the data
    under itself. Labels and addresses of ``buttons`` are sources too.
    """

    key: str
    medium: Medium
    text: str
    subject: str | None = None
    html: str | None = None
    language: str | None = None
    approved: str | None = None
    buttons: tuple[Button, ...] = field(default=(), converter=in_order)
    variables: Mapping[str, str] = field(factory=dict, converter=_frozen)

    @property
    def sources(self) -> Mapping[str, str]:
        """The parts that the renderer renders, by what problems call them. An approved text is not among them."""
        given: dict[str, str | None] = {
            "text": None if self.approved else self.text,
            "subject": self.subject,
            "html": self.html,
            **{f"button {number}": each.label for number, each in enumerate(self.buttons, 1)},
            **{f"button {number} url": each.url for number, each in enumerate(self.buttons, 1)},
            **{f"variable {name}": source for name, source in self.variables.items()},
        }
        return {part: source for part, source in given.items() if source is not None}


def check(template: Template, *, known: Data | None, renderer: Renderer) -> tuple[Problem, ...]:
    """Everything wrong with a template, all at once, before it is saved.

    ``known`` is an example of the data that will be filled in (``visible(customer)`` of anybody): a name that it
    lacks is a problem, and so is a value in it that cannot be written so. None: neither is looked at.
    """
    example = None if known is None else plain(known)
    found = [
        _problem(template, part, source, fault)
        for part, source in template.sources.items()
        for fault in renderer.faults(source, example, html=part == "html")
    ]
    return tuple(found + [_problem(template, *each) for each in _of_medium(template, example)])


def _problem(template: Template, part: str, source: str, fault: Fault) -> Problem:
    line, column = place(source, fault.position)
    return Problem(
        template=template.key, part=part, line=line, column=column, code=fault.code, words=fault.words
    )  # fmt: skip


def _of_medium(template: Template, known: Data | None) -> Iterator[tuple[str, str, Fault]]:
    """What only some media ask for."""
    text, subject = template.text, template.subject
    if not text.strip():
        yield "text", text, Fault(0, "empty", "there is no text: the gate lets no such message through")
    if template.medium is Medium.EMAIL and not (subject or "").strip():
        yield "subject", "", Fault(0, "subject-missing", "an e-mail needs a subject")
    if subject is not None and (at := control_at(subject)) is not None:
        yield "subject", subject, Fault(at, "header-injection", "a subject has no line ends and no control characters")
    if template.medium is Medium.ALIMTALK and template.approved is None:
        yield "text", text, Fault(0, "template-missing", "Alimtalk sends only what was approved: give approved=code")
    if template.html is not None:
        yield from (("html", template.html, fault) for fault in _unsafe(template.html))
    if template.approved is not None:
        yield from _of_approved(template, template.approved, known)


def _unsafe(html: str) -> Iterator[Fault]:
    """What the gate would refuse whatever is filled in. Tags of Liquid may look like attributes: they are left out."""
    shown = _LIQUID_TAG.sub(lambda tag: " " * len(tag[0]), html)
    for at in unsafe_links(shown):
        yield Fault(at, "unsafe-link", "a link leads to what is no page, mail or telephone number")
    for at in unsafe_tags(shown):
        yield Fault(
            at, "unsafe-tag", "a tag runs, loads or leads somewhere by itself: a mail has text, pictures and links"
        )


def _measurable(button: Button) -> Button:
    """The button; with some label if its own is filled in, and may have any length."""
    return evolve(button, label="?") if _FILLED_IN.search(button.label) else button


def _of_approved(template: Template, code: str, known: Data | None) -> Iterator[tuple[str, str, Fault]]:
    text = template.text
    if template.medium is Medium.ALIMTALK:
        for reason in alimtalk_problems(code, text, tuple(map(_measurable, template.buttons))):
            yield "text", text, Fault(0, reason.code, reason.words)
    for part, source in template.sources.items():
        if part.startswith("button") and (found := variables(source)):
            words = f"what #{{{found[0]}}} stands for is written as in other texts here: {{{{ ... }}}}"
            yield part, source, Fault(source.index("#{"), "template-unfilled", words)
    names = variables(text)
    for name in template.variables:
        if name not in names:
            words = f"the text has no #{{{name}}}"
            yield f"variable {name}", "", Fault(0, "unknown-variable", words)
    for name in names:
        missing = None if known is None or name in template.variables else unknown_name(known, (name,))
        if missing is not None:
            yield "text", text, Fault(text.index(f"#{{{name}}}"), "unknown-variable", missing)
