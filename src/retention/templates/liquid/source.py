"""A Liquid source looked at before it is parsed: its size, its tags, the length of what stands between braces."""

import re
from collections.abc import Iterator
from typing import Final

from retention.templates.errors import Fault
from retention.templates.limits import EXPRESSION_CHARACTERS, EXPRESSIONS, SOURCE_BYTES, utf8_length

TAGS: Final = frozenset(
    {"if", "elsif", "else", "endif", "unless", "endunless", "case", "when", "endcase"}
    | {"for", "endfor", "break", "continue", "assign", "capture", "endcapture", "comment", "endcomment", "#"}
)

_OPENS: Final = re.compile(r"\{\{|\{%")
_NAME: Final = re.compile(r"\{%-?\s*(#|\w*)")
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")


def faults_of_source(source: str) -> list[Fault]:
    """Everything that is refused unparsed."""
    if utf8_length(source) > SOURCE_BYTES:
        return [Fault(0, "too-large", f"the source is larger than {SOURCE_BYTES // 1024} KiB")]
    found = list[Fault]()
    for seen, (begin, end) in enumerate(_expressions(source), 1):
        if seen > EXPRESSIONS:
            return [*found, Fault(begin, "too-large", f"there are more than {EXPRESSIONS} placeholders and tags")]
        if end < 0:
            return [*found, Fault(begin, "syntax", f"{source[begin : begin + 2]} is never closed")]
        found += _faults_of(source[begin:end], begin)
    return found


def spans(source: str) -> list[tuple[int, int]]:
    """Where the values of a source stand, braces included."""
    return [(begin, end) for begin, end in _expressions(source) if source.startswith("{{", begin)]


def without_tags(source: str) -> str:
    """The source with spaces in the place of its tags, as long as before."""
    pieces, last = list[str](), 0
    for begin, end in _expressions(source):
        if source.startswith("{%", begin):
            pieces += [source[last:begin], " " * (end - begin)]
            last = end
    return "".join([*pieces, source[last:]])


def _expressions(source: str) -> Iterator[tuple[int, int]]:
    """Begin and end of each placeholder and tag; the end is -1 for one that is never closed, which is the last."""
    at = 0
    while (opens := _OPENS.search(source, at)) is not None:
        close = source.find("}}" if opens[0] == "{{" else "%}", opens.end())
        yield opens.start(), -1 if close < 0 else close + 2
        if close < 0:
            return
        at = close + 2


def _faults_of(expression: str, at: int) -> Iterator[Fault]:
    if len(expression) > EXPRESSION_CHARACTERS:
        yield Fault(at, "too-large", f"one placeholder or tag has at most {EXPRESSION_CHARACTERS} characters")
    if ".." in _QUOTED.sub("", expression):
        yield Fault(at, "syntax", "ranges such as (1..10) are not allowed: give a list in the data")
    name = _NAME.match(expression)
    if name is not None and name[1] not in TAGS:
        yield Fault(at, "syntax", f"the tag {name[1][:30]!r} is not allowed: there are {', '.join(sorted(TAGS))}")
