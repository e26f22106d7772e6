"""Lines, names and scopes of a function being written."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, final

from attrs import define, field, frozen

from retention.schema import Schema


@final
@frozen
class Term:
    """An expression, and the condition under which it has a value; no condition means always."""

    expression: str
    present: str = ""

    def guarded(self, test: str) -> str:
        """A test of the expression that is false when the value is missing."""
        return f"({self.present} and {test})" if self.present else f"({test})"


@final
@frozen
class Trial:
    """What a piece of writing would add, not yet added."""

    result: str
    lines: list[tuple[int, str]]
    known: dict[Any, Any]


@final
@define
class Writer:
    """The function under construction.

    ``names`` is what the generated code finds by name: every constant of a rule is there, none is in the source. What
    has been computed is known in the block that computed it and in the blocks inside.
    """

    schema: Schema
    names: dict[str, Any]
    currency: str = ""
    row: str = ""  # the collection whose rows are being looked at, inside a where
    bound: list[str] = field(factory=list)
    _lines: list[tuple[int, str]] = field(factory=list)
    _depth: int = 0
    _known: dict[Any, Any] = field(factory=dict)
    _blocks: list[list[Any]] = field(factory=lambda: [[]])  # what each open block has added to what is known
    _cutoffs: dict[Any, str] = field(factory=dict)
    _constants: dict[tuple[type, Any], str] = field(factory=dict)
    _count: int = 0

    def fresh(self, prefix: str) -> str:
        """A name not used before."""
        self._count += 1
        return f"{prefix}{self._count}"

    def constant(self, value: Any) -> str:
        """The name under which generated code finds a constant."""
        key = (type(value), value)
        name = self._constants.get(key)
        if name is None:
            name = self._constants[key] = self.fresh("k")
            self.names[name] = value
        return name

    def cutoff(self, key: Any, expression: str) -> str:
        """The name of what is computed once for each instant, before any profile is seen."""
        name = self._cutoffs.get(key)
        if name is None:
            name = self._cutoffs[key] = self.fresh("c")
            self.bound.append(f"{name} = {expression}")
        return name

    def emit(self, line: str) -> None:
        self._lines.append((self._depth, line))

    def known(self, key: Any) -> Any:
        """What was remembered under the key in this block or one around it, else None."""
        return self._known.get(key)

    def remember(self, key: Any, value: Any) -> Any:
        self._known[key] = value
        self._blocks[-1].append(key)
        return value

    def _forget(self) -> dict[Any, Any]:
        """What the innermost block computed; from here on it is not known."""
        return {key: self._known.pop(key) for key in self._blocks.pop()}

    @contextmanager
    def block(self, opening: str) -> Iterator[None]:
        """Lines written inside are indented under ``opening``; what they compute is forgotten at the end."""
        self.emit(opening)
        self._depth += 1
        self._blocks.append([])
        yield
        self._forget()
        self._depth -= 1

    @contextmanager
    def rows_of(self, collection: str) -> Iterator[None]:
        """Columns written inside are cells of the row at hand; with no collection, columns have no meaning."""
        before, self.row = self.row, collection
        yield
        self.row = before

    def trial(self, write: Callable[[], str], given: Iterable[str] = ()) -> Trial:
        """What ``write`` would add where the tests in ``given`` are true. Hand it to ``adopt``, or drop it."""
        lines, self._lines = self._lines, []
        depth, self._depth = self._depth, 0
        self._blocks.append([])
        for test in given:
            if not self.is_true(test):
                self.remember(("true", test), True)
        self._blocks.append([])
        result = write()
        trial = Trial(result, self._lines, self._forget())
        self._forget()
        self._lines, self._depth = lines, depth
        return trial

    def is_true(self, test: str) -> bool:
        """True where a test around has already shown it."""
        return self.known(("true", test)) is not None

    def adopt(self, trial: Trial) -> str:
        self._lines += [(self._depth + depth, line) for depth, line in trial.lines]
        for key, value in trial.known.items():
            self.remember(key, value)
        return trial.result

    def body(self, indent: int) -> Iterator[str]:
        """The lines of the function, indented by so many steps."""
        return ("    " * (indent + depth) + line for depth, line in self._lines)
