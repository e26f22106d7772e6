"""What renders templates: a protocol, and the core's own renderer, which knows placeholders and nothing else."""

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from html import escape
from typing import Any, Protocol, assert_never, final

from retention.errors import nearest
from retention.templates.errors import Fault, UnrenderedTemplate, place
from retention.templates.filters import FILTERS
from retention.templates.html_places import unsafe_places
from retention.templates.limits import OUTPUT_BYTES, utf8_length
from retention.templates.placeholders import DEFAULT, Path, Placeholder, Text, parse
from retention.templates.values import Data, Unwritable, written


class Renderer(Protocol):
    """What a host may put in the place of the core's renderer."""

    def faults(self, source: str, known: Data | None, *, html: bool) -> Sequence[Fault]:
        """Everything wrong with a source, before it is saved. ``known`` is data like that which will be filled in;
        a name that it lacks is a fault, and so is a value in it that cannot be written so. None: neither is looked
        at."""
        ...

    def render(self, source: str, data: Data, *, html: bool, zone: tzinfo) -> str:
        """The source, filled in. With ``html`` every value is escaped. ``data`` holds mappings, lists and plain values.

        Raises UnrenderedTemplate, with line and column, and never with a value.
        """
        ...


@final
class PlainRenderer:
    """``{{ path | default: "..." }}`` and the filters of ``filters``."""

    def faults(self, source: str, known: Data | None, *, html: bool) -> Sequence[Fault]:
        parsed = parse(source)
        found = list(parsed.faults)
        if known is not None:
            found += [fault for each in parsed.placeholders if (fault := _unknown(each, known)) is not None]
        if html:
            found += unsafe_places(source, [(each.begin, each.end) for each in parsed.placeholders])
        if known is not None and not found:
            found += [fault for each in parsed.placeholders if (fault := _unwritable(each, known)) is not None]
        return sorted(found, key=lambda each: each.position)

    def render(self, source: str, data: Data, *, html: bool, zone: tzinfo) -> str:
        parsed = parse(source)
        if parsed.faults:
            raise _unrendered(source, parsed.faults[0].position, parsed.faults[0].words)
        pieces, size = list[str](), 0
        for part in parsed.parts:
            match part:
                case Text(text):
                    pieces.append(text)
                case Placeholder():
                    text = _filled(source, part, data, zone)
                    pieces.append(escape(text) if html else text)
                case _:
                    assert_never(part)
            size += utf8_length(pieces[-1])
            if size > OUTPUT_BYTES:
                raise UnrenderedTemplate(f"what comes out is larger than {OUTPUT_BYTES // 1024} KiB")
        return "".join(pieces)


def looked_up(data: Data, names: Sequence[str]) -> tuple[bool, Any]:
    """Whether the data has such a name, and the value there."""
    value: Any = data
    for name in names:
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return False, None
    return True, value


def unknown_name(data: Data, names: Sequence[str]) -> str | None:
    """In words which of the names the data lacks, and the nearest that it has; None if it has them all.

    Below a value that is missing, or in a list that is empty, anything may be.
    """
    for depth in range(1, len(names) + 1):
        has, above = looked_up(data, names[: depth - 1])
        if not has or above is None or above == []:
            return None
        if looked_up(data, names[:depth])[0] or (isinstance(above, list) and names[depth - 1].isdecimal()):
            continue
        known = above if isinstance(above, Mapping) else ()
        near = nearest(names[depth - 1], known)
        there = f"did you mean {near!r}?" if near else f"known: {', '.join(sorted(known)[:12]) or 'nothing'}"
        return f"nothing is called {'.'.join(names[:depth])!r}: {there}"
    return None


def _unknown(placeholder: Placeholder, known: Data) -> Fault | None:
    if isinstance(placeholder.value, Text):
        return None
    words = unknown_name(known, placeholder.value.names)
    return None if words is None else Fault(placeholder.begin, "unknown-variable", words)


def _unwritable(placeholder: Placeholder, known: Data) -> Fault | None:
    """What cannot be written as it is in the example. What the example lacks may be there later."""
    if _value(placeholder, known) is None:
        return None
    try:
        _written(placeholder, known, UTC)
    except Unwritable as error:
        return Fault(placeholder.begin, "unwritable", error.words)
    return None


def _filled(source: str, placeholder: Placeholder, data: Data, zone: tzinfo) -> str:
    try:
        return _written(placeholder, data, zone)
    except Unwritable as error:
        names = placeholder.value.names if isinstance(placeholder.value, Path) else ()
        unknown = unknown_name(data, names)
        words = error.words if unknown is None else f"{error.words}; {unknown}"
        raise _unrendered(source, placeholder.begin, words) from None


def _written(placeholder: Placeholder, data: Data, zone: tzinfo) -> str:
    value = _value(placeholder, data)
    for each in placeholder.filters:
        if each.name == DEFAULT:
            value = each.arguments[0] if value in (None, "") else value
        elif value is not None:
            value = FILTERS[each.name].apply(value, each.arguments, zone)
    return written(value)


def _value(placeholder: Placeholder, data: Data) -> Any:
    match placeholder.value:
        case Text(text):
            return text
        case Path(names):
            return looked_up(data, names)[1]
        case _:
            assert_never(placeholder.value)


def _unrendered(source: str, position: int, words: str) -> UnrenderedTemplate:
    line, column = place(source, position)
    return UnrenderedTemplate(words, line=line, column=column)
