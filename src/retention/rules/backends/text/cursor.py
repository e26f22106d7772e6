"""The parser's place in the text: what comes next, what was expected, what has been built so far."""

from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TypeAlias, final

from attrs import frozen

from retention.errors import (
    FactError,
    RuleCurrencyMismatch,
    RuleError,
    RuleSyntaxError,
    RuleTooLarge,
    WrongKind,
    nearest,
)
from retention.money import Money
from retention.rules.backends.text.tokens import Token, Tokens, unreadable
from retention.rules.backends.text.words import WORDS
from retention.rules.limits import WRITTEN
from retention.rules.nodes import Rule, Value
from retention.schema import Kind, Schema


@final
@frozen
class RuleItem:
    """A rule and where it stands. ``parts`` are those of a window, which join a chain of ``and`` one by one."""

    rule: Rule
    start: int
    end: int
    parts: tuple[Rule, ...] = ()


@final
@frozen
class ValueItem:
    """A value, its kind and where it stands."""

    value: Value
    kind: Kind
    start: int
    end: int


Item: TypeAlias = RuleItem | ValueItem


class Cursor:
    """Tokens, the schema, the collection of the enclosing ``where``, and the limits."""

    def __init__(self, source: str, schema: Schema) -> None:
        self.source = source
        self.schema = schema
        self.rows: str | None = None
        self._tokens = Tokens(source)
        self._next = self._tokens.read()
        self._ahead: deque[Token] = deque()
        self._end = 0
        self._depth = 0
        self._nodes = 0
        self._options = 0
        self.currency = schema.currency

    @property
    def end(self) -> int:
        """The place behind the token that was taken last."""
        return self._end

    def peek(self, ahead: int = 0) -> Token:
        """A token that is still to come."""
        if not ahead:
            return self._next
        while len(self._ahead) < ahead:
            self._ahead.append(self._tokens.read())
        return self._ahead[ahead - 1]

    def take(self) -> Token:
        """The next token."""
        token = self._next
        if token.kind == "unreadable":
            raise self.expected("something else")
        self._end = token.end
        self._next = self._ahead.popleft() if self._ahead else self._tokens.read()
        return token

    def jump(self, place: int) -> None:
        """Goes on reading at a place further on."""
        self._tokens.jump(place)
        self._ahead.clear()
        self._end = place
        self._next = self._tokens.read()

    def at_word(self, *words: str) -> bool:
        """Whether one of these words comes next, not in backticks."""
        return self._next.kind == "name" and self._next.text in words

    def at_words(self, first: str, second: str) -> bool:
        """Whether these two words come next."""
        return self.at_word(first) and self.peek(1).is_word(second)

    def at_sign(self, *signs: str) -> bool:
        """Whether one of these signs comes next."""
        return self._next.kind == "sign" and self._next.text in signs

    def skip(self, sign: str) -> bool:
        """Takes the sign if it comes next."""
        if self.at_sign(sign):
            self.take()
            return True
        return False

    def expect(self, sign: str, hint: str = "") -> Token:
        """Takes the sign, which must come next."""
        if not self.at_sign(sign):
            raise self.expected(f'"{sign}"', hint=hint)
        return self.take()

    def expect_word(self, *words: str, hint: str = "") -> Token:
        """Takes one of the words, which must come next."""
        if not self.at_word(*words):
            raise self.expected(" or ".join(f'"{word}"' for word in words), words, hint=hint)
        return self.take()

    # Mistakes. --------------------------------------------------------------------------------------------------------

    def expected(self, what: str, known: Collection[str] = (), hint: str = "") -> RuleSyntaxError:
        """The error for a token that cannot come next; the nearest of the known words is the hint."""
        token = self.peek()
        if token.kind == "unreadable":
            problem, repair = unreadable(token)
            return self.wrong(problem, token.start, token.end, repair)
        found = "the end" if token.kind == "end" else f'"{shortened(token.text)}"'
        likely = nearest(token.text, known) if token.is_name() else None
        usual = f"Go on with {what}" if token.kind == "end" else f"Put {what} in its place or before it"
        hint = small_letters(token) or (f"Did you mean {likely!r}?" if likely else hint or usual)
        return self.wrong(f"{what} is expected, not {found}", token.start, token.end, hint)

    def wrong(self, problem: str, start: int, end: int, hint: str = "") -> RuleSyntaxError:
        """The error for a part of the text."""
        return RuleSyntaxError(problem, source=self.source, position=start, length=end - start, hint=hint)

    def wrong_kind(self, problem: str, start: int, end: int, hint: str = "") -> WrongKind:
        """The error for an operand of the wrong kind."""
        return WrongKind(problem, hint=hint).in_text(self.source, start, end - start)

    @contextmanager
    def located(self, start: int, end: int) -> Iterator[None]:
        """Errors inside are told of this part of the text."""
        try:
            yield
        except RuleError as error:
            raise error if error.source is not None else error.in_text(self.source, start, end - start) from None
        except FactError as error:
            raise self.wrong(error.problem, start, end, error.hint) from None

    # Limits. ----------------------------------------------------------------------------------------------------------

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Inside one more pair of brackets, or one more ``not``."""
        self._depth += 1
        if self._depth > WRITTEN.depth:
            raise self._too_large("depth", WRITTEN.depth, self._depth)
        yield
        self._depth -= 1

    def count_options(self, several: int = 1) -> None:
        """One item of a list more, or several."""
        self._options += several
        if self._options > WRITTEN.items:
            raise self._too_large("list items", WRITTEN.items, self._options)

    def rule(self, rule: Rule, start: int, parts: tuple[Rule, ...] = ()) -> RuleItem:
        """A rule that ends here."""
        self.count_node()
        return RuleItem(rule, start, self._end, parts)

    def value(self, value: Value, kind: Kind, start: int) -> ValueItem:
        """A value that ends here."""
        self.count_node()
        return ValueItem(value, kind, start, self._end)

    def check_currency(self, money: Money, start: int) -> None:
        """Raises RuleCurrencyMismatch for a second currency, or another than the shop's."""
        expected = self.currency = self.currency or money.currency
        if money.currency != expected:
            error = RuleCurrencyMismatch(expected, money.currency)
            raise error.in_text(self.source, start, self._end - start)

    def check_chain(self, links: int) -> None:
        """Raises RuleTooLarge for more operators in a row than a tree may be deep."""
        if links > WRITTEN.depth:
            raise self._too_large("depth", WRITTEN.depth, links)

    def count_node(self, several: int = 1) -> None:
        """One node more, or several."""
        self._nodes += several
        if self._nodes > WRITTEN.nodes:
            raise self._too_large("nodes", WRITTEN.nodes, self._nodes)

    def _too_large(self, what: str, limit: int, found: int) -> RuleTooLarge:
        return RuleTooLarge(what, limit, found).in_text(self.source, self.peek().start)


def small_letters(token: Token) -> str:
    """The repair of a word of the language in capitals; empty for any other token."""
    word = token.text.lower()
    return f"Write `{word}`" if token.kind == "name" and word != token.text and word in WORDS else ""


def shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
