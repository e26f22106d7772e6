"""Whether a platform can carry what would be sent: length, character set, buttons, links, approved templates."""

from collections.abc import Iterator

from retention.errors import nearest
from retention.permission.capabilities import Capabilities, Length
from retention.permission.content.approved import Mismatch, alimtalk_problems, mismatch
from retention.permission.content.email import control_at
from retention.permission.content.lengths import UnencodableCharacter, measure, unencodable
from retention.permission.content.markup import is_safe, unsafe_links, unsafe_tags
from retention.permission.media import Medium
from retention.permission.messages import Button, Content, Draft
from retention.permission.policy import ApprovedTemplate, Policy
from retention.permission.verdicts import Reason


def unfit(content: Content, capabilities: Capabilities) -> Iterator[Reason]:
    """A reason for everything in the content that the channel cannot carry as it is."""
    if not content.text.strip():
        yield Reason("empty", "there is no text")
    if capabilities.medium is Medium.EMAIL and not (content.subject or "").strip():
        yield Reason("subject-missing", "an e-mail needs a subject")
    if content.subject is not None and (at := control_at(content.subject)) is not None:
        words = f"the subject has a line end or a control character at position {at}"
        yield Reason("header-injection", words, "RFC 5322, section 2.2")
    yield from _too_long(content.text, "text", capabilities, capabilities.length)
    if content.subject is not None:
        yield from _too_long(content.subject, "subject", capabilities, capabilities.subject_length)
    if content.html is not None and (count := len(unsafe_links(content.html))):
        yield Reason("unsafe-link", f"{count} of the links lead to what is no page, mail or telephone number")
    if content.html is not None and (count := len(unsafe_tags(content.html))):
        yield Reason("unsafe-tag", f"{count} of the tags run, load or lead somewhere by themselves")
    yield from _buttons(content, capabilities)


def unapproved(draft: Draft, capabilities: Capabilities, policy: Policy) -> Iterator[Reason]:
    """A reason for everything by which the draft is not what the provider approved."""
    content, code = draft.content, draft.content.template
    if code is None:
        if capabilities.needs_template:
            yield Reason("template-missing", "the channel takes only templates that its provider approved")
        return
    template = policy.templates.get(code)
    if template is None:
        near = nearest(code, policy.templates)
        meant = f"; did you mean {near!r}?" if near else ""
        yield Reason("template-unknown", f"no template of the code {code!r} was approved{meant}")
        return
    if draft.kind not in template.kinds:
        yield Reason("template-kind", f"the template {code!r} was not approved for {draft.kind.value} messages")
    yield from _unlike("the text", code, mismatch(template.text, content.text, content.variables))
    yield from _unlike_buttons(template, content.buttons)
    if capabilities.medium is Medium.ALIMTALK:
        yield from alimtalk_problems(code, content.text, content.buttons)


def _unlike_buttons(template: ApprovedTemplate, buttons: tuple[Button, ...]) -> Iterator[Reason]:
    """What fills a variable of an address is written otherwise there than in the text, so it is not compared."""
    code, approved = template.code, template.buttons
    if len(buttons) != len(approved):
        words = f"{len(buttons)} buttons where the template {code!r} has {len(approved)}"
        yield Reason("template-different", words)
        return
    for place, (one, other) in enumerate(zip(approved, buttons, strict=True), 1):
        if one.kind != other.kind:
            yield Reason(
                "template-different", f"button {place} is not of the kind that the template {code!r} has there"
            )
        yield from _unlike(f"the label of button {place}", code, mismatch(one.label, other.label, {}))
        yield from _unlike(f"the address of button {place}", code, mismatch(one.url or "", other.url or "", {}))


def _unlike(what: str, code: str, unlike: Mismatch | None) -> Iterator[Reason]:
    if unlike is None:
        return
    if unlike.why == "unfilled":
        yield Reason("template-unfilled", f"{what} has a variable of the template {code!r} that is not filled")
    else:
        words = f"{what} is not that of the template {code!r} from position {unlike.position} on"
        yield Reason("template-different", words)


def _too_long(text: str, part: str, capabilities: Capabilities, length: Length | None) -> Iterator[Reason]:
    problem = None if capabilities.encoding is None else unencodable(text, capabilities.encoding)
    try:
        found = 0 if length is None else measure(text, length.unit)
    except UnencodableCharacter as error:
        problem, found = problem or error, 0
    if problem is not None:
        yield Reason("unencodable", f"{part}: {problem.problem}")
    if length is not None and found > length.limit:
        yield Reason("too-long", f"{part}: {found} {length.unit} where the channel takes {length.limit}")


def _buttons(content: Content, capabilities: Capabilities) -> Iterator[Reason]:
    if len(content.buttons) > capabilities.buttons:
        words = f"{len(content.buttons)} buttons where the channel takes {capabilities.buttons}"
        yield Reason("too-many-buttons", words)
    for place, button in enumerate(content.buttons, 1):
        if button.kind != "AL" and button.url is not None and not is_safe(button.url):
            yield Reason("unsafe-link", f"button {place} leads to what is no page, mail or telephone number")
