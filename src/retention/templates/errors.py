"""What is wrong with templates: when they are written, when they are looked for, when they are filled in."""

from collections.abc import Iterable
from typing import final

from attrs import frozen

from retention.errors import ConfigurationError, RetentionError, nearest


@final
@frozen
class Fault:
    """Something wrong in a source: ``position`` counts characters from 0, ``code`` is stable and made for programs."""

    position: int
    code: str
    words: str


@final
@frozen(kw_only=True)
class Problem:
    """A fault of a template, and where it is. ``part`` is ``text``, ``subject``, ``html``, ``button 1`` or
    ``variable ...``; line and column count from 1."""

    template: str
    part: str
    line: int
    column: int
    code: str
    words: str

    def __str__(self) -> str:
        return f"{self.template} {self.part} {self.line}:{self.column}: {self.words}"


class TemplateError(ConfigurationError, ValueError):
    """Templates that cannot be used as they are written; ``problems`` lists everything wrong with them."""

    code = "template"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        several = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        listed = "".join(f"\n  {each}" for each in self.problems[:20])
        super().__init__(f"the templates have {several}:{listed}")


class UnknownTemplate(ConfigurationError, LookupError):
    """No template of that key, or none of it for that medium or language; ``nearest`` is the likeliest key."""

    code = "unknown-template"

    def __init__(self, key: str, known: Iterable[str], *, instead: str = "") -> None:
        self.key = key
        self.known = tuple(sorted(known))
        self.nearest = nearest(key, self.known)
        hint = f"Did you mean {self.nearest!r}?" if self.nearest else f"Known: {', '.join(self.known[:12])}"
        super().__init__(instead or f"no template is called {key!r}", hint=hint if not instead else "")


class UnrenderedTemplate(RetentionError, ValueError):
    """A template that could not be filled in with the data at hand: a value is missing, of the wrong kind, too much.

    ``words`` never hold a value: it may be a customer's.
    """

    code = "unrendered-template"

    def __init__(
        self, words: str, *, line: int = 0, column: int = 0, template: str = "", part: str = "", hint: str = ""
    ) -> None:
        self.words = words
        self.line = line
        self.column = column
        self.template = template
        self.part = part
        where = " ".join(filter(None, (template, part, f"{line}:{column}" if line else "")))
        super().__init__(f"{where}: {words}" if where else words, hint=hint)


def place(source: str, position: int) -> tuple[int, int]:
    """Line and column, from 1, of a position."""
    return source.count("\n", 0, position) + 1, position - source.rfind("\n", 0, position)
