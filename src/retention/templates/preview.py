"""A preview: what would be sent, how long it is to the channel, and what the gate would say."""

from datetime import tzinfo
from typing import assert_never, final

from attrs import field, frozen

from retention.permission.capabilities import Capabilities
from retention.permission.content.fitting import unfit
from retention.permission.content.lengths import UnencodableCharacter, measure
from retention.permission.messages import Content
from retention.permission.verdicts import Allowed, Deferred, Reason, Refused, Verdict


@final
@frozen(kw_only=True)
class Preview:
    """What a message would look like; ``str()`` prints it. ``length`` is in the channel's unit, None where it has
    none or the text cannot be written in it."""

    content: Content = field(repr=False)
    length: int | None
    lines: tuple[str, ...] = field(repr=False)

    def __str__(self) -> str:
        return "\n".join(self.lines)


def preview(content: Content, capabilities: Capabilities, *, zone: tzinfo, verdict: Verdict | None = None) -> Preview:
    """The content as that channel would send it. ``verdict`` is what the gate said of it; its instant is printed on the
    clocks of ``zone``. Without one only what the channel can carry is looked at, and the preview says so."""
    shown = content if not isinstance(verdict, Allowed) else verdict.message.content
    length, words = _length(shown, capabilities)
    said = _not_asked(shown, capabilities) if verdict is None else _said(verdict, zone)
    lines = (*_printed(shown, capabilities), "-" * 20, *words, *said)
    return Preview(content=shown, length=length, lines=lines)


def _printed(content: Content, capabilities: Capabilities) -> list[str]:
    title = [
        capabilities.medium.value if content.subject is None else f"{capabilities.medium.value}: {content.subject}"
    ]
    buttons = [f"[{each.label}]" + (f" {each.url}" if each.url else "") for each in content.buttons]
    return [*title, "-" * 20, *content.text.splitlines(), *buttons]


def _length(content: Content, capabilities: Capabilities) -> tuple[int | None, list[str]]:
    limit = capabilities.length
    if limit is None:
        return None, [f"{len(content.text)} characters"]
    try:
        length = measure(content.text, limit.unit)
    except UnencodableCharacter as error:
        return None, [str(error)]
    over = ", too long" if length > limit.limit else ""
    return length, [f"{length} of {limit.limit} {limit.unit}{over}"]


def _not_asked(content: Content, capabilities: Capabilities) -> list[str]:
    problems = tuple(unfit(content, capabilities))
    would = ["would not be sent:", *_reasons(problems)] if problems else []
    return [*would, "the gate was not asked: not about label, sender and refusal, consent, hours or caps"]


def _said(verdict: Verdict, zone: tzinfo) -> list[str]:
    match verdict:
        case Allowed():
            return ["would be sent"]
        case Deferred(until, reasons):
            return [f"would be deferred until {until.astimezone(zone):%Y-%m-%d %H:%M %Z}:", *_reasons(reasons)]
        case Refused(reasons):
            return ["would not be sent:", *_reasons(reasons)]
        case _:
            assert_never(verdict)


def _reasons(reasons: tuple[Reason, ...]) -> list[str]:
    return [f"  {each.code}: {each.words}" for each in reasons]
