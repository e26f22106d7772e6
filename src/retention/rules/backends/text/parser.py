"""Rules in a rule's text: logic, comparisons, and the words that stand for them.

A hand-written recursive descent: one function for each rule of the grammar, which its docstring gives. Brackets may
hold a rule or a value; which of them it is shows when they have been read, so nothing is read twice and time grows with
the length of the text. Names and kinds are checked as they are met, where the mistake can be underlined.
"""

from typing import Final, cast

from retention.rules.backends.text import lowering
from retention.rules.backends.text.cursor import Item, RuleItem, ValueItem
from retention.rules.backends.text.values import ValueParser
from retention.rules.backends.text.words import OPERATORS
from retention.rules.kinds import check_comparison, require
from retention.rules.nodes import (
    FALSE,
    TRUE,
    All,
    Anniversary,
    AnniversaryWindow,
    AnyOf,
    Apply,
    AtLeast,
    Compare,
    Comparison,
    Events,
    Follows,
    IsIn,
    LeapDay,
    Literal,
    Missing,
    MonthDays,
    Named,
    NearDays,
    NearMonths,
    Not,
    Reference,
    Rule,
)
from retention.rules.validate import check_count, check_window, check_words
from retention.schema import Kind
from retention.spans import Span

_SIGNS: Final = ("==", "!=", "<=", ">=", "<", ">")
_COMPARE: Final = 'Compare it: orders.count() >= 3, customer.country == "KR", customer.birthday is missing'


class RuleParser(ValueParser):
    """Reads one rule."""

    def whole(self) -> Rule:
        """The rule that the whole text is."""
        rule = self.as_rule(self.either()).rule
        if self.peek().kind != "end":
            known = () if self.peek().text in self.schema.collections else OPERATORS
            raise self.expected("an operator or the end", known, hint="Join rules with and, or")
        return rule

    def either(self) -> Item:
        """rule = both { "or" both }"""
        first = self.both()
        if not self.at_word("or"):
            return first
        found = [self.as_rule(first)]
        while self.at_word("or"):
            self.take()
            found.append(self.as_rule(self.both()))
        return self.rule(AnyOf(tuple(each.rule for each in found)), first.start)

    def both(self) -> Item:
        """both = negated { "and" negated }"""
        first = self.negated()
        if not self.at_word("and"):
            return first
        found = [self.as_rule(first)]
        while self.at_word("and"):
            self.take()
            found.append(self.as_rule(self.negated()))
        return self.rule(All(tuple(part for each in found for part in each.parts or (each.rule,))), first.start)

    def negated(self) -> Item:
        """negated = "not" negated | test"""
        if not self.at_word("not"):
            return self.test()
        start = self.take().start
        with self.deeper():
            inner = self.as_rule(self.negated())
        return self.rule(Not(inner.rule), start)

    def as_rule(self, item: Item) -> RuleItem:
        """The item if it is a rule; a flag is one that asks whether it is true."""
        if isinstance(item, RuleItem):
            return item
        if item.kind is not Kind.FLAG:
            if self.peek().kind == "unreadable":  # x = 3, x & y: that is the mistake
                raise self.expected("an operator")
            problem = f"a rule is expected here, not {item.kind.value} alone"
            raise self.wrong_kind(problem, item.start, item.end, _COMPARE)
        return self.rule(Compare("==", item.value, Literal(True)), item.start)

    # Tests of values. -------------------------------------------------------------------------------------------------

    def test(self) -> Item:
        """test = sum [ SIGN sum | word-test ]"""
        left = self.sum()
        if self.at_sign(*_SIGNS):
            found = self._compared(self.as_value(left))
            self._refuse_chain()
            return found
        if self.peek().kind != "name" or self.at_word("and", "or"):
            return left
        if isinstance(left, RuleItem):
            return left
        return self._word_test(left)

    def _compared(self, left: ValueItem) -> RuleItem:
        sign = self.take().text
        self.refuse_bare_text(left.kind)
        right = self.one_value()
        if sign == "!=":
            return self.rule(Not(self._comparison("==", left, right)), left.start)
        return self.rule(self._comparison(cast(Comparison, sign), left, right), left.start)

    def _refuse_chain(self) -> None:
        token = self.peek()
        if self.at_sign(*_SIGNS):
            hint = "Write x between 3 and 5, or two comparisons joined with and"
            raise self.wrong("comparisons cannot be chained", token.start, token.end, hint)

    def _comparison(self, operator: Comparison, left: ValueItem, right: ValueItem) -> Compare:
        with self.located(left.start, right.end):
            check_comparison(operator, left.kind, right.kind)
        return Compare(operator, left.value, right.value)

    def _word_test(self, left: ValueItem) -> Item:
        """word-test = [ "not" ] membership | presence | text-test | labels-test | instant-test | anniversary"""
        word = self.peek()
        if self.at_words("not", "in"):
            self.take()
            inside = self._is_in(left)
            return self.rule(Not(inside.rule), left.start)
        match word.text:
            case "in":
                return self._is_in(left)
            case "is":
                return self._presence(left)
            case "contains" | "starts" | "ends":
                return self._text_test(left)
            case "has":
                return self._has(left)
            case "within" | "older" | "between" | "before" | "after" | "on":
                return self._instant_test(left)
            case "returns" | "returned":
                return self._anniversary(left)
        raise self.expected("a comparison", OPERATORS, hint=_COMPARE)

    def _is_in(self, left: ValueItem) -> RuleItem:
        """membership = "in" options"""
        self.take()
        with self.located(left.start, left.end):
            check_comparison("==", left.kind, left.kind)
        return self.rule(IsIn(left.value, self.options(left.kind)), left.start)

    def _presence(self, left: ValueItem) -> RuleItem:
        """presence = "is" ( "missing" | "present" )"""
        self.take()
        missing = Missing(left.value)
        word = self.expect_word("missing", "present", hint="Write is missing, is present, or == for equal")
        return self.rule(missing if word.text == "missing" else Not(missing), left.start)

    def _text_test(self, left: ValueItem) -> RuleItem:
        """text-test = ( "contains" | "starts" "with" | "ends" "with" ) sum"""
        word = self.take()
        if word.text != "contains":
            self.expect_word("with")
        self.refuse_bare_text(left.kind)
        if word.text == "contains":
            return self.rule(self._comparison("contains", left, self.one_value()), left.start)
        operator: Comparison = "starts_with" if word.text == "starts" else "ends_with"
        return self.rule(self._comparison(operator, left, self.one_value()), left.start)

    def _has(self, left: ValueItem) -> RuleItem:
        """labels-test = "has" sum | "has" ( "any" | "all" ) "of" options"""
        self.take()
        if not (self.at_words("any", "of") or self.at_words("all", "of")):
            self.refuse_bare_text(left.kind)
            return self.rule(self._comparison("has", left, self.one_value()), left.start)
        word = self.take().text
        self.take()
        with self.located(left.start, left.end):
            check_comparison("has", left.kind, Kind.TEXT)
        tests = tuple(Compare("has", left.value, Literal(each)) for each in self.options(Kind.TEXT))
        if len(tests) == 1:
            return self.rule(tests[0], left.start)
        return self.rule(AnyOf(tests), left.start) if word == "any" else self.rule(All(tests), left.start, tests)

    # Instants. --------------------------------------------------------------------------------------------------------

    def _instant_test(self, left: ValueItem) -> RuleItem:
        """instant-test = "within" span | "older" "than" span | between | ( "before" | "after" | "on" ) sum"""
        word = self.take()
        match word.text:
            case "between":
                return self._between_test(left)
            case "within":
                self._require_instant(left, "is within a span")
                return self._window(left, lowering.within(left.value, self.span()))
            case "older":
                self.expect_word("than")
                self._require_instant(left, "is older than a span")
                return self.rule(lowering.older_than(left.value, self.span()), left.start)
            case "on":
                self._require_instant(left, "is on a day")
                day = ValueItem(Apply("local_date", left.value), Kind.DATE, left.start, left.end)
                return self.rule(self._comparison("==", day, self.one_value()), left.start)
        right = self.one_value()
        for side in (left, right):
            if side.kind not in (Kind.INSTANT, Kind.DATE):
                self._require_instant(side, f"is {word.text} another")
        return self.rule(self._comparison("<" if word.text == "before" else ">", left, right), left.start)

    def _between_test(self, left: ValueItem) -> RuleItem:
        """between = "between" ( span "and" span "ago" | sum "and" sum )"""
        start = self.peek().start
        low: ValueItem | None = None
        if self.at_span():
            recent = self.span()
            if self.at_word("and"):
                return self._between_spans(left, recent, start)
            low = self.ago(recent, start)
        low = self.as_value(self.sum(low))
        self.expect_word("and")
        high = self.one_value()
        last: Comparison = "<" if left.kind is Kind.INSTANT else "<="
        return self._window(left, (self._comparison(">=", left, low), self._comparison(last, left, high)))

    def _between_spans(self, left: ValueItem, recent: Span, start: int) -> RuleItem:
        self.take()
        old = self.span()
        self.expect_word("ago", hint="Write between 1 day and 7 days ago")
        self._require_instant(left, "is between two spans ago")
        with self.located(start, self.end):
            lowering.check_order(recent, old)
        return self._window(left, lowering.between_spans(left.value, recent, old))

    def _window(self, left: ValueItem, parts: tuple[Rule, ...]) -> RuleItem:
        return self.rule(parts[0] if len(parts) == 1 else All(parts), left.start, parts)

    def _require_instant(self, item: ValueItem, what: str) -> None:
        with self.located(item.start, item.end):
            require(item.kind, Kind.INSTANT, what)

    def _anniversary(self, left: ValueItem) -> RuleItem:
        """anniversary = ( "returns" | "returned" ) returning [ "leap" ( "feb28" | "mar1" | "skip" ) ]"""
        start = self.peek().start
        window = self._anniversary_window()
        leap: LeapDay = "feb28"
        if self.at_word("leap"):
            self.take()
            leap = cast(LeapDay, self.expect_word("feb28", "mar1", "skip").text)
        with self.located(start, self.end):
            check_window(window)
        with self.located(left.start, left.end):
            require(left.kind, Kind.DATE, "returns every year")
        return self.rule(Anniversary(left.value, window, leap), left.start)

    def _anniversary_window(self) -> AnniversaryWindow:
        """
        returning = "today" | "this" "month" | "within" whole "days" | "from" day "to" day
                  | "in" ( "days" | "months" ) whole "to" whole
        """
        back = self.take().text == "returned"
        word = self.expect_word("within") if back else self.expect_word("today", "this", "within", "in", "from")
        match word.text:
            case "today":
                return NearDays(0, 0)
            case "this":
                self.expect_word("month")
                return NearMonths(0, 0)
            case "within":
                count = self.whole_number()
                self.expect_word("days", "day")
                return NearDays(-count, 0) if back else NearDays(0, count)
            case "in":
                unit = self.expect_word("days", "months").text
                first = self.whole_number()
                self.expect_word("to")
                last = self.whole_number()
                return NearDays(first, last) if unit == "days" else NearMonths(first, last)
        begin = self.month_day()
        self.expect_word("to")
        return MonthDays(begin, self.month_day())

    # Rules that begin with words. -------------------------------------------------------------------------------------

    def word_construct(self) -> RuleItem | None:
        """worded = "always" | "never" | segment | named | at-least | ( "all" | "any" ) "of" several"""
        token = self.peek()
        if token.is_word("always", "never"):
            self.take()
            return self.rule(TRUE if token.text == "always" else FALSE, token.start)
        if token.is_word("segment"):
            return self._segment()
        if token.kind == "string" and self.peek(1).is_sign(":"):
            return self._worded()
        if self.at_words("at", "least"):
            return self._at_least()
        if self.at_words("all", "of") or self.at_words("any", "of"):
            self.take()
            self.take()
            rules = self._several()
            return self.rule(All(rules) if token.text == "all" else AnyOf(rules), token.start)
        return None

    def _segment(self) -> RuleItem:
        """segment = "segment" "(" STRING ")" """
        start = self.take().start
        self.expect("(", hint='Write segment("dormant")')
        key = self.a_string('segment("dormant")')
        self.expect(")")
        with self.located(start, self.end):
            check_words(key, "a segment's key")
        return self.rule(Reference(key), start)

    def _worded(self) -> RuleItem:
        """named = STRING ":" "(" rule ")" """
        start = self.peek().start
        name = self.string()
        with self.located(start, self.end):
            check_words(name, "a name")
        self.expect(":")
        self.expect("(", hint='Write "regulars": (orders.count() >= 3)')
        with self.deeper():
            inner = self.as_rule(self.either())
        self.expect(")")
        return self.rule(Named(name, inner.rule), start)

    def _at_least(self) -> RuleItem:
        """at-least = "at" "least" whole "of" several"""
        start = self.take().start
        self.take()
        count = self.whole_number()
        with self.located(start, self.end):
            check_count(count)
        self.expect_word("of")
        return self.rule(AtLeast(count, self._several()), start)

    def _several(self) -> tuple[Rule, ...]:
        """several = "(" [ rule { ";" rule } ] ")" """
        self.expect("(", hint="Write the rules as (a; b; c)")
        found: list[Rule] = []
        with self.deeper():
            while not self.at_sign(")"):
                if found:
                    self.expect(";", hint="Part the rules with ;")
                found.append(self.as_rule(self.either()).rule)
        self.expect(")")
        return tuple(found)

    def followed(self, first: Events, start: int) -> RuleItem:
        """sequence = rows [ "not" ] "followed" "by" rows "within" span"""
        if not (self.at_word("followed") or self.at_words("not", "followed")):
            hint = f"Ask something of them: {first.collection}.count(), {first.collection}.any()"
            raise self.wrong("rows are neither a value nor a rule", start, self.end, hint)
        missed = self.at_word("not")
        if missed:
            self.take()
        self.take()
        self.expect_word("by")
        name = self.peek()
        if not name.is_name():
            raise self.expected("a collection")
        self.take()
        then = self.selection(name)
        self.expect_word("within", hint="Write views followed by purchases within 3 days")
        return self.rule(Follows(first, then, self.moving_span(), missed), start)
