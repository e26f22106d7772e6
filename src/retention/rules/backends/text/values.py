"""Values in a rule's text: everything that can be compared."""

from abc import abstractmethod

from retention.errors import RuleError, UnknownName
from retention.rules.backends.text import lowering
from retention.rules.backends.text.cursor import Item, RuleItem, ValueItem, small_letters
from retention.rules.backends.text.rows import RowParser
from retention.rules.backends.text.tokens import Token
from retention.rules.backends.text.words import FUNCTIONS, RESERVED
from retention.rules.kinds import arithmetic_kind, function_kind, require, scalar_kind
from retention.rules.nodes import (
    Ago,
    Apply,
    Arithmetic,
    Attribute,
    Column,
    Function,
    Literal,
    Operation,
    Shift,
)
from retention.schema import Kind
from retention.spans import Span, is_whole_days


class ValueParser(RowParser):
    """From sums down to names. Whatever may also be a rule (brackets, ``orders.any()``) comes back as an Item."""

    @abstractmethod
    def word_construct(self) -> RuleItem | None:
        """A rule that begins with words of its own, if one begins here."""

    def as_value(self, item: Item) -> ValueItem:
        """The item if it is a value."""
        if isinstance(item, ValueItem):
            return item
        raise self.wrong_kind("a value is expected here, not a rule", item.start, item.end, "Join rules with and, or")

    # Arithmetic. ------------------------------------------------------------------------------------------------------

    def sum(self, first: ValueItem | None = None) -> Item:
        """sum = product { ( "+" | "-" ) ( span | product ) }"""
        left: Item = first if first is not None else self.product()
        links = 0
        while self.at_sign("+", "-"):
            self.check_chain(links := links + 1)
            value = self.as_value(left)
            sign = self.take().text
            if self.at_span():
                left = self._moved(value, sign)
            else:
                left = self._calculated(value, "+" if sign == "+" else "-", self.as_value(self.product()))
        return left

    def product(self) -> Item:
        """product = postfixed { ( "*" | "/" ) postfixed }"""
        left = self.postfixed()
        links = 0
        while self.at_sign("*", "/"):
            self.check_chain(links := links + 1)
            value = self.as_value(left)
            sign = self.take().text
            left = self._calculated(value, "*" if sign == "*" else "/", self.as_value(self.postfixed()))
        return left

    def postfixed(self) -> Item:
        """postfixed = primary { "." FUNCTION "(" [ STRING ] ")" }"""
        item = self.primary()
        links = 0
        while self.at_sign("."):
            self.check_chain(links := links + 1)
            value = self.as_value(item)
            self.take()
            item = self._applied(value)
        return item

    def one_value(self) -> ValueItem:
        """A sum that is a value."""
        return self.as_value(self.sum())

    def _calculated(self, left: ValueItem, operation: Operation, right: ValueItem) -> ValueItem:
        with self.located(left.start, right.end):
            kind = arithmetic_kind(operation, (left.kind, right.kind))
        return self.value(Arithmetic(operation, left.value, right.value), kind, left.start)

    def _moved(self, value: ValueItem, sign: str) -> ValueItem:
        span = self.moving_span()
        with self.located(value.start, self.end):
            require(value.kind, Kind.INSTANT, "is moved by a span")
        return self.value(Shift(value.value, span, 1 if sign == "+" else -1), Kind.INSTANT, value.start)

    def _applied(self, item: ValueItem) -> ValueItem:
        name = self.take()
        if name.text == "count" and item.kind is Kind.LABELS:  # as the handles call it
            function: Function = "size"
        elif name.is_name() and name.text in FUNCTIONS:
            function = FUNCTIONS[name.text]
        else:
            with self.located(name.start, name.end):
                raise UnknownName(f"function of {item.kind.value}", name.text, ("count", *FUNCTIONS))
        self.expect("(")
        salt = self.a_string('.bucket("spring sale")') if function == "bucket" else ""
        self.expect(")")
        return self._function(function, item, salt)

    def _function(self, function: Function, item: ValueItem, argument: str = "") -> ValueItem:
        with self.located(item.start, self.end):
            kind = function_kind(function, item.kind)
        return self.value(Apply(function, item.value, argument), kind, item.start)

    # What a value begins with. ----------------------------------------------------------------------------------------

    def primary(self) -> Item:
        """primary = constant | moment | "(" rule ")" | attribute | NAME | of-rows | worded"""
        token = self.peek()
        if token.is_sign("("):
            return self._bracketed()
        if (word := self.word_construct()) is not None:
            return word
        if self.at_span() or token.is_word("now", "start"):
            return self.moment()
        if self.at_constant():
            constant = self.constant()
            return self.value(Literal(constant), scalar_kind(constant), token.start)
        if token.is_word("customer"):
            return self._of_customer()
        if token.kind == "quoted" or (token.kind == "name" and token.text not in RESERVED):
            return self._named()
        raise self.expected("a value or a rule")

    def moment(self) -> ValueItem:
        """moment = "now" | span "ago" | "start" "of" span"""
        start = self.peek().start
        if self.at_word("now"):
            self.take()
            return self.value(lowering.NOW, Kind.INSTANT, start)
        if self.at_word("start"):
            self.take()
            self.expect_word("of")
            span = self.span()
            if not is_whole_days(span):
                hint = "Write 7 days ago, or start of 7 calendar days"
                raise self.wrong("only whole local days have a start", start, self.end, hint)
            return self.value(Ago(span), Kind.INSTANT, start)
        return self.ago(self.span(), start)

    def ago(self, span: Span, start: int) -> ValueItem:
        """The instant that ``span "ago"`` means, the span being read."""
        if is_whole_days(span):
            hint = f"Write start of {self.source[start : self.end]}, or within {self.source[start : self.end]}"
            raise self.wrong("whole local days are no instant", start, self.end, hint)
        self.expect_word("ago", hint="A span is measured back from now: 7 days ago; or within 7 days")
        return self.value(Ago(span), Kind.INSTANT, start)

    def _bracketed(self) -> Item:
        start = self.take().start
        with self.deeper():
            inner = self.either()
        self.expect(")")
        if isinstance(inner, RuleItem):
            return RuleItem(inner.rule, start, self.end)
        return ValueItem(inner.value, inner.kind, start, self.end)

    def _of_customer(self) -> ValueItem:
        """attribute = "customer" "." NAME

        ``customer.bucket("salt")`` is a bucket of the id.
        """
        start = self.take().start
        self.expect(".", hint="Write an attribute: customer.country")
        name = self.take()
        if name.text == "bucket" and self.skip("("):
            salt = self.a_string('customer.bucket("spring sale")')
            self.expect(")")
            return self._function("bucket", self.value(Attribute("id"), Kind.TEXT, start), salt)
        with self.located(name.start, name.end):
            kind = self.schema.attribute(name.text).kind
        return self.value(Attribute(name.text), kind, start)

    def _named(self) -> Item:
        """A column of the enclosing rows, or rows: what follows the name tells."""
        token = self.take()
        if self._begins_rows():
            return self.of_rows(token)
        if self.rows is None:
            raise self._lonely(token)
        name = self.column_name(self.rows, token)
        columns = self.schema.collection(self.rows).columns
        elsewhere = name in self.schema.attributes or name in self.schema.collections or small_letters(token)
        if name not in columns and elsewhere:
            raise self._lonely(token)
        with self.located(token.start, token.end):
            kind = self.schema.collection(self.rows).column(name).kind
        return self.value(Column(name), kind, token.start)

    def _begins_rows(self) -> bool:
        if self.at_sign("."):
            method = self.peek(2).is_sign("(")
            return not (method and self.peek(1).text in FUNCTIONS)
        return self.at_sign("[") or self.at_word("followed") or self.at_words("not", "followed")

    def _lonely(self, token: Token) -> RuleError:
        """The error for a plain name that is no column, because there are no rows around it or because they lack it."""
        if token.text in self.schema.collections:
            hint = f"Ask something of them: {token.text}.count(), {token.text}.any()"
            return self.wrong(f"{token.text} are rows, not a value", token.start, token.end, hint)
        if token.text in self.schema.attributes:
            hint = f"Write customer.{token.text}"
            return self.wrong(f"{token.text} stands alone", token.start, token.end, hint)
        if hint := small_letters(token):
            return self.wrong(f'"{token.text}" is no word of the language', token.start, token.end, hint)
        unknown = UnknownName("collection", token.text, (*self.schema.collections, "customer"))
        return unknown.in_text(self.source, token.start, token.end - token.start)
