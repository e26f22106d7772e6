"""Rows in a rule's text: how they are narrowed, and what concludes them."""

from abc import abstractmethod
from typing import Final, cast

from retention.errors import UnknownName
from retention.rules.backends.text import lowering
from retention.rules.backends.text.constants import ConstantParser
from retention.rules.backends.text.cursor import Item, RuleItem, ValueItem
from retention.rules.backends.text.tokens import Token
from retention.rules.backends.text.words import CONCLUSIONS, NARROWINGS
from retention.rules.kinds import REDUCIBLE, aggregate_kind, require
from retention.rules.nodes import Aggregate, Compare, Events, Literal, Reduction, Rule
from retention.rules.validate import check_pick
from retention.schema import Kind
from retention.spans import Span

_ON_ROWS: Final = (*NARROWINGS, *CONCLUSIONS)
_ON_COLUMNS: Final = (*REDUCIBLE, "nth")


class RowParser(ConstantParser):
    """A collection's name and what comes after it."""

    @abstractmethod
    def either(self) -> Item:
        """A whole rule, or a value that stands alone."""

    @abstractmethod
    def as_rule(self, item: Item) -> RuleItem:
        """The item if it is a rule or a flag."""

    @abstractmethod
    def as_value(self, item: Item) -> ValueItem:
        """The item if it is a value."""

    @abstractmethod
    def sum(self, first: ValueItem | None = None) -> Item:
        """A sum; its beginning may have been read."""

    @abstractmethod
    def ago(self, span: Span, start: int) -> ValueItem:
        """The instant a span ago, the span being read."""

    @abstractmethod
    def followed(self, first: Events, start: int) -> RuleItem:
        """What follows some rows that were not made into a value."""

    def selection(self, token: Token) -> Events:
        """rows = NAME { where | "." narrowing }"""
        if token.text not in self.schema.collections:
            with self.located(token.start, token.end):
                raise UnknownName("collection", token.text, (*self.schema.collections, "customer"))
        events = Events(token.text)
        while True:
            self.count_node()
            if self.at_sign("["):
                events = _narrowed(events, self._row_rule(token.text))
            elif self.at_sign(".") and self.peek(1).text in NARROWINGS and self.peek(2).is_sign("("):
                self.take()
                events = self._narrowing(events)
            else:
                return events

    def _row_rule(self, collection: str) -> Rule:
        """where = "[" rule "]"

        Plain names inside are columns.
        """
        self.take()
        outside, self.rows = self.rows, collection
        with self.deeper():
            rule = self.as_rule(self.either()).rule
        self.rows = outside
        self.expect("]")
        return rule

    def _narrowing(self, events: Events) -> Events:
        """
        narrowing = ( "within" | "older_than" ) "(" span ")" | ( "since" | "after" | "before" ) "(" sum ")"
                  | "between" "(" window ")" | ( "first" | "last" | "all" ) "(" ")" | "nth" "(" whole ")"
        """
        name = self.take()
        self.expect("(")
        outside, self.rows = self.rows, None  # what a window is compared with is the customer's, not the row's
        self.count_node(3)  # a comparison of the rows' instant with another
        narrowed = self._narrowed_by(name, events)
        self.rows = outside
        self.expect(")")
        return narrowed

    def _narrowed_by(self, name: Token, events: Events) -> Events:
        match name.text:
            case "within":
                return _narrowed(events, *lowering.within(lowering.AT, self.span()))
            case "older_than":
                return _narrowed(events, lowering.older_than(lowering.AT, self.span()))
            case "since":
                return _narrowed(events, Compare(">=", lowering.AT, self._an_instant().value))
            case "after":
                return _narrowed(events, Compare(">", lowering.AT, self._an_instant().value))
            case "before":
                return _narrowed(events, Compare("<", lowering.AT, self._an_instant().value))
            case "between":
                return _narrowed(events, *self._between())
            case "all":
                return Events(events)
            case "first" | "last":
                return _picked(events, 1 if name.text == "first" else -1)
        start = self.peek().start
        pick = self.whole_number()
        with self.located(start, self.end):
            check_pick(pick)
        return _picked(events, pick)

    def _between(self) -> tuple[Rule, Rule]:
        """window = span "," span | sum "," sum"""
        start = self.peek().start
        if self.at_span():
            recent = self.span()
            if self.skip(","):
                old = self.span()
                with self.located(start, self.end):
                    lowering.check_order(recent, old)
                return lowering.between_spans(lowering.AT, recent, old)
            first = self._an_instant(self.ago(recent, start))
        else:
            first = self._an_instant()
        self.expect(",")
        last = self._an_instant()
        return Compare(">=", lowering.AT, first.value), Compare("<", lowering.AT, last.value)

    def _an_instant(self, first: ValueItem | None = None) -> ValueItem:
        with self.deeper():
            item = self.as_value(self.sum(first))
        with self.located(item.start, item.end):
            require(item.kind, Kind.INSTANT, "can be compared with the rows' instants")
        return item

    def of_rows(self, token: Token) -> Item:
        """of-rows = rows "." CONCLUSION "(" ")" | rows "." NAME "." REDUCTION "(" ")" | sequence"""
        events = self.selection(token)
        if not self.at_sign("."):
            return self.followed(events, token.start)
        self.take()
        name = self.take()
        if self.at_sign("("):
            return self._concluded(events, name, token.start)
        column = self.column_name(events.collection, name)
        if name.is_word(*_ON_ROWS) and column not in self.schema.collection(events.collection).columns:
            raise self.wrong(f"{name.text} lacks its brackets", name.start, name.end, f"Write `{name.text}()`")
        with self.located(name.start, name.end):
            self.schema.collection(events.collection).column(column)
        if not (self.at_sign(".") and self.peek(2).is_sign("(")):
            problem = f"{token.text}.{name.text} is as many values as there are rows"
            hint = "Make one value of it: .sum(), .distinct(), .last()"
            if self.at_sign(".") and self.peek(1).is_word(*_ON_COLUMNS):
                hint = f"Write `{self.peek(1).text}()`"
            raise self.wrong(problem, token.start, name.end, hint)
        self.take()
        return self._reduced(events, column, token.start)

    def _concluded(self, events: Events, name: Token, start: int) -> Item:
        if name.text not in CONCLUSIONS:
            with self.located(name.start, name.end):
                raise UnknownName(f"function of {events.collection}", name.text, _ON_ROWS)
        self.take()
        self.expect(")")
        count = self.value(Aggregate("count", events), Kind.NUMBER, start)
        if name.text == "count":
            return count
        if name.text == "any":
            return self.rule(Compare(">=", count.value, Literal(1)), start)
        return self.rule(Compare("==", count.value, Literal(0)), start)

    def _reduced(self, events: Events, column: str, start: int) -> ValueItem:
        name = self.take()
        if name.text not in _ON_COLUMNS:
            with self.located(name.start, name.end):
                raise UnknownName("function of a column", name.text, _ON_COLUMNS)
        self.expect("(")
        if name.text == "nth":
            value = Aggregate("first", self._narrowed_by(name, events), column)
        else:
            value = Aggregate(cast(Reduction, name.text), events, column)
        self.expect(")")
        with self.located(start, self.end):
            kind = aggregate_kind(value, self.schema)
        return self.value(value, kind, start)

    def column_name(self, collection: str, token: Token) -> str:
        """``placed_at`` is the shop's name for an order's ``at``; in backticks it is a column of that name."""
        return "at" if collection == "orders" and token.is_word("placed_at") else token.text


def _narrowed(events: Events, *rules: Rule) -> Events:
    """Fewer rows, in one step with what narrowed them before unless one row has been picked already."""
    if events.pick is not None:
        return Events(events, lowering.conjunction(None, rules))
    return Events(events.source, lowering.conjunction(events.where, rules))


def _picked(events: Events, pick: int) -> Events:
    return Events(events, pick=pick) if events.pick is not None else Events(events.source, events.where, pick)
