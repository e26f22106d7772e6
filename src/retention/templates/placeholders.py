"""The core's own language: text with placeholders, ``{{ path | filter: "argument" | default: "..." }}``.

template    = { text | "{{" value { "|" filter } "}}" }
value       = name { "." ( name | digits ) } | quoted
filter      = name [ ":" argument { "," argument } ]
argument    = quoted | [ "-" ] digits
"""

import re
from functools import lru_cache
from typing import Final, TypeAlias, final

from attrs import frozen

from retention.errors import nearest
from retention.templates.errors import Fault
from retention.templates.filters import FILTERS
from retention.templates.limits import EXPRESSION_CHARACTERS, EXPRESSIONS, SOURCE_BYTES, utf8_length

Argument: TypeAlias = str | int
DEFAULT: Final = "default"

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<end>\}\})|(?P<quoted>\"[^\"]*\"|'[^']*')|(?P<name>[^\W\d]\w*)|(?P<digits>-?[0-9]{1,18})|(?P<mark>[|.:,]))"
)


@final
@frozen
class Text:
    """What is written as it is."""

    text: str


@final
@frozen
class Path:
    """Where a value is: names of mappings, and places in lists from 0."""

    names: tuple[str, ...]


@final
@frozen
class Applied:
    """A filter with its arguments."""

    name: str
    arguments: tuple[Argument, ...]
    at: int


@final
@frozen
class Placeholder:
    """A value, and the filters that it goes through. ``begin`` and ``end`` are its characters in the source."""

    value: Path | Text
    filters: tuple[Applied, ...]
    begin: int
    end: int


Part: TypeAlias = Text | Placeholder


@final
@frozen
class Parsed:
    """A source taken apart, and everything wrong with it."""

    parts: tuple[Part, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        return tuple(each for each in self.parts if isinstance(each, Placeholder))


class _Wrong(Exception):
    def __init__(self, fault: Fault, resume: int) -> None:
        self.fault = fault
        self.resume = resume
        super().__init__(fault.words)


@lru_cache(maxsize=512)
def parse(source: str) -> Parsed:
    """The parts of a source. Faults are collected, not raised: a placeholder with one is left out."""
    if utf8_length(source) > SOURCE_BYTES:
        return Parsed((), (Fault(0, "too-large", f"the source is larger than {SOURCE_BYTES // 1024} KiB"),))
    parts: list[Part] = []
    faults = [*_tags(source)]
    at, seen = 0, 0
    while (begin := source.find("{{", at)) >= 0:
        parts.append(Text(source[at:begin]))
        seen += 1
        if seen > EXPRESSIONS:
            return Parsed((), (*faults, Fault(begin, "too-large", f"there are more than {EXPRESSIONS} placeholders")))
        try:
            placeholder = _Reader(source, begin).placeholder()
            parts.append(placeholder)
            at = placeholder.end
            faults += _faults_of_filters(placeholder)
        except _Wrong as wrong:
            faults.append(wrong.fault)
            at = wrong.resume
    parts.append(Text(source[at:]))
    return Parsed(
        tuple(each for each in parts if each != Text("")), tuple(sorted(faults, key=lambda each: each.position))
    )


def _tags(source: str) -> list[Fault]:
    at = source.find("{%")
    words = "tags need the renderer of retention.templates.liquid; without it there are only {{ placeholders }}"
    return [Fault(at, "syntax", words)] if at >= 0 else []


def _faults_of_filters(placeholder: Placeholder) -> list[Fault]:
    return [fault for each in placeholder.filters if (fault := _fault_of(each)) is not None]


def _fault_of(applied: Applied) -> Fault | None:
    if applied.name == DEFAULT:
        ok = len(applied.arguments) == 1
        return None if ok else Fault(applied.at, "syntax", 'default takes what to write instead: default: "..."')
    known = FILTERS.get(applied.name)
    if known is None:
        near = nearest(applied.name, (*FILTERS, DEFAULT))
        meant = f"did you mean {near!r}?" if near else f"there are {', '.join((*FILTERS, DEFAULT))}"
        return Fault(applied.at, "unknown-filter", f"no filter is called {applied.name!r}: {meant}")
    if not known.least <= len(applied.arguments) <= known.most:
        return Fault(applied.at, "syntax", f"{applied.name} takes {known.takes}")
    wrong = known.wrong(applied.arguments)
    return None if wrong is None else Fault(applied.at, "syntax", wrong)


class _Reader:
    """Reads one placeholder by recursive descent; each method reads one rule of the grammar."""

    def __init__(self, source: str, begin: int) -> None:
        self._source = source
        self._begin = begin
        self._last = min(len(source), begin + EXPRESSION_CHARACTERS)
        self._at = begin + 2
        self._token = self._read()

    def placeholder(self) -> Placeholder:
        """ "{{" value { "|" filter } "}}" """
        value = self._value()
        filters = []
        while self._is("mark", "|"):
            self._next()
            filters.append(self._filter())
        if not self._is("end"):
            raise self._wrong("expected a filter after |, or }}")
        return Placeholder(value, tuple(filters), self._begin, self._at)

    def _value(self) -> Path | Text:
        """name { "." ( name | digits ) } | quoted"""
        if self._is("quoted"):
            return Text(self._take()[1:-1])
        names = [self._name("expected a name or quoted text")]
        while self._is("mark", "."):
            self._next()
            names.append(self._take() if self._is("digits") else self._name("expected a name after the point"))
        return Path(tuple(names))

    def _filter(self) -> Applied:
        """name [ ":" argument { "," argument } ]"""
        at = self._token.start("name") if self._is("name") else self._at
        name, arguments = self._name("expected the name of a filter after |"), []
        if self._is("mark", ":"):
            self._next()
            arguments.append(self._argument())
            while self._is("mark", ","):
                self._next()
                arguments.append(self._argument())
        return Applied(name, tuple(arguments), at)

    def _argument(self) -> Argument:
        """quoted | [ "-" ] digits"""
        if self._is("digits"):
            return int(self._take())
        if self._is("quoted"):
            return self._take()[1:-1]
        raise self._wrong("expected quoted text or a whole number")

    def _name(self, expected: str) -> str:
        if not self._is("name"):
            raise self._wrong(expected)
        return self._take()

    def _is(self, kind: str, text: str | None = None) -> bool:
        return self._token.lastgroup == kind and text in (None, self._token[kind])

    def _take(self) -> str:
        taken = self._token[self._token.lastgroup or 0]
        self._next()
        return taken

    def _next(self) -> None:
        self._token = self._read()

    def _read(self) -> re.Match[str]:
        found = _TOKEN.match(self._source, self._at, self._last)
        if found is None:
            raise self._unread()
        self._at = found.end()
        return found

    def _wrong(self, words: str) -> _Wrong:
        return self._resuming(Fault(self._token.start(self._token.lastgroup or 0), "syntax", words))

    def _unread(self) -> _Wrong:
        rest = self._source[self._at : self._last]
        if "}}" not in rest:
            return _Wrong(Fault(self._begin, "syntax", "this placeholder is never closed by }}"), self._begin + 2)
        at = self._at + len(rest) - len(rest.lstrip())
        return self._resuming(
            Fault(at, "syntax", "this cannot be read: a placeholder has names, filters and quoted text")
        )

    def _resuming(self, fault: Fault) -> _Wrong:
        """The fault, and the place after the placeholder, where reading goes on."""
        close = self._source.find("}}", fault.position)
        return _Wrong(fault, len(self._source) if close < 0 else close + 2)
