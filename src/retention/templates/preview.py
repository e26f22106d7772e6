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
    clocks of ``zone``. Without one the preview says whether the channel can carry the content, and that nobody has
    asked the gate: label, consent and hours are looked at by it alone."""
    shown = content if not isinstance(verdict, Allowed) else verdict.message.content
    length, words = _length(shown, capabilities)
    said = _unasked(shown, capabilities) if verdict is None else _said(verdict, zone)
    return Preview(content=shown, length=length, lines=(*_printed(shown, capabilities), "-" * 20, *words, *said))


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
    return length, [f"{length} of {limit.limit} {limit.unit}"]


def _unasked(content: Content, capabilities: Capabilities) -> list[str]:
    reasons = tuple(unfit(content, capabilities))
    cannot = ["would not be sent:", *_reasons(reasons)] if reasons else []
    return [*cannot, "not asked of the gate: label, sender, opt-out, consent, hours, how often"]


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
