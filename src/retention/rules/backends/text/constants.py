"""Constants and spans in a rule's text."""

import json
from fractions import Fraction
from typing import Final

from retention.currencies import EXPONENTS
from retention.errors import UnknownName
from retention.money import Money
from retention.rules.backends.text.cursor import Cursor, shortened
from retention.rules.backends.text.long_lists import plain_options, plain_run
from retention.rules.backends.text.tokens import Token
from retention.rules.backends.text.words import CALENDAR_UNITS, MONTHS, PERIODS, RESERVED, UNIT_NAMES, UNITS, singular
from retention.rules.kinds import scalar_kind
from retention.rules.limits import DIGITS
from retention.rules.nodes import Scalar
from retention.rules.validate import check_text
from retention.rules.written import plain, read_date, read_decimal, read_instant
from retention.schema import Kind
from retention.spans import Duration, LocalDays, Months, MovingSpan, Span

_SPANS: Final = "Write 7 days, 36 hours, 3 months, 7 calendar days, today or this month"
_LITERALS: Final = 'Options are constants: 3, 30000 KRW, "KR", true, 2026-03-01'
_OPTIONS: Final = {
    Kind.NUMBER: "numbers: 3, 2.5",
    Kind.AMOUNT: "amounts of money: 30000 KRW",
    Kind.TEXT: 'texts in double quotes: "KR"',
    Kind.FLAG: "true or false",
    Kind.INSTANT: "instants: 2026-03-01T00:00:00Z",
    Kind.DATE: "dates: 2026-03-01",
    Kind.LABELS: "no labels: ask has",
}


class ConstantParser(Cursor):
    """Numbers, money, text, flags, instants, dates, spans, days of the year."""

    def at_constant(self) -> bool:
        """Whether a constant begins here; a number may also begin a span."""
        token = self.peek()
        return (
            token.kind in ("number", "string", "instant", "date")
            or token.is_word("true", "false")
            or (token.is_sign("-") and self.peek(1).kind == "number")
            or (token.is_word("fraction") and self.peek(1).is_sign("("))
        )

    def constant(self) -> Scalar:
        """constant = number | money | fraction | STRING | "true" | "false" | INSTANT | DATE"""
        token = self.peek()
        if token.kind == "string":
            return self.string()
        if token.kind in ("instant", "date"):
            return self._day_or_instant()
        if token.kind != "name":
            return self._number_or_money()
        return self._fraction() if token.text == "fraction" else self.take().text == "true"

    def string(self) -> str:
        """STRING = a JSON string"""
        token = self.take()
        try:
            text = json.loads(token.text)
        except json.JSONDecodeError as error:
            problem = f"the text cannot be read: {error.msg}"
            raise self.wrong(problem, token.start, token.end, 'Escape as JSON does: \\" \\\\ \\n \\u00e9') from None
        with self.located(token.start, token.end):
            check_text(text)
        return str(text)

    def a_string(self, example: str) -> str:
        """A STRING, which must come next."""
        if self.peek().kind != "string":
            raise self.expected("a text in double quotes", hint=f"Write {example}")
        return self.string()

    def options(self, kind: Kind) -> tuple[Scalar, ...]:
        """options = "[" [ constant { "," constant } ] "]" """
        self.expect("[", hint='Write in ["KR", "JP"]')
        found: list[Scalar] = []
        while not self.at_sign("]"):
            if found:
                self.expect(",", hint="Part the options with commas, and end them with ]")
            found += self._plain_options(kind) or [self._option(kind)]
        self.take()
        return tuple(found)

    def _option(self, kind: Kind) -> Scalar:
        if not self.at_constant():
            self.refuse_bare_text(kind)
            raise self.expected("a constant", hint=_LITERALS)
        start = self.peek().start
        constant = self.constant()
        self.count_options()
        self._check_option(kind, scalar_kind(constant), start, self.end)
        return constant

    def refuse_bare_text(self, kind: Kind) -> None:
        """Raises RuleSyntaxError if a name comes next that stands for nothing, where a text belongs."""
        token = self.peek()
        if kind not in (Kind.TEXT, Kind.LABELS) or token.kind != "name" or token.text in RESERVED:
            return
        columns = self.schema.collections[self.rows].columns if self.rows else {}
        after = self.peek(1)
        if after.is_sign(".") or after.is_sign("[") or token.text in {*columns, *self.schema.attributes}:
            return
        shown = shortened(token.text)
        if token.text not in self.schema.collections and not (self.rows == "orders" and token.text == "placed_at"):
            hint = f'Put text in double quotes: "{shown}"'
            raise self.wrong(f'"{shown}" is no value here', token.start, token.end, hint)

    def _plain_options(self, kind: Kind) -> list[Scalar]:
        """As many options as are plain texts or whole numbers, read in one go: a list may have thousands."""
        run = plain_run(kind, self.currency).match(self.source, self.peek().start)
        if run is None:
            return []
        if kind is not Kind.TEXT:
            self.count_options(run[0].count(","))
        found = plain_options(kind, run[0], self.currency)
        if kind is Kind.TEXT:  # in which a comma may be part of an option
            self.count_options(len(found))
        self.jump(run.end() - 1)  # at the last comma
        return found

    def _check_option(self, wanted: Kind, found: Kind, start: int, end: int) -> None:
        if found is not wanted:
            problem = f"{wanted.value} cannot be equal to {found.value}"
            raise self.wrong_kind(problem, start, end, f"List {_OPTIONS[wanted]}")

    # Numbers and money. -----------------------------------------------------------------------------------------------

    def _number_or_money(self) -> Scalar:
        """number = [ "-" ] NUMBER ; money = number CURRENCY"""
        start = self.peek().start
        sign = "-" if self.skip("-") else ""
        token = self.take()
        number = read_decimal(sign + token.text.replace("_", ""))
        if number is None:
            raise self.wrong(f"a number has more than {DIGITS} digits", token.start, token.end, "Round it")
        currency = self.peek()
        if not (currency.kind == "name" and _is_code(currency.text)):
            return number
        self.take()
        if currency.text not in EXPONENTS and currency.text.upper() in EXPONENTS:
            hint = f"Write {currency.text.upper()}"
            raise self.wrong("currencies are written in capitals", currency.start, currency.end, hint)
        return self._money(sign + token.text.replace("_", ""), currency, start)

    def _money(self, major: str, currency: Token, start: int) -> Money:
        with self.located(currency.start, currency.end):
            if currency.text not in EXPONENTS:
                raise UnknownName("currency", currency.text, EXPONENTS)
        with self.located(start, currency.end):
            money = Money.of(major, currency.text)
        self.check_currency(money, start)
        return money

    def _fraction(self) -> Scalar:
        """fraction = "fraction" "(" whole "," whole ")" """
        start = self.take().start
        self.expect("(")
        above = self.whole_number()
        self.expect(",", hint="Write fraction(1, 3) for a third")
        below = self.whole_number()
        self.expect(")")
        if below == 0:
            raise self.wrong("nothing can be divided by 0", start, self.end, "Divide by another number")
        return plain(Fraction(above, below))

    def whole_number(self) -> int:
        """whole = [ "-" ] NUMBER

        A number without a point.
        """
        start = self.peek().start
        sign = -1 if self.skip("-") else 1
        if self.peek().kind != "number":
            raise self.expected("a whole number")
        number = read_decimal(self.take().text.replace("_", ""))
        if not isinstance(number, int):
            raise self.wrong("a whole number is expected", start, self.end, "Use a smaller unit, or round it")
        return sign * number

    # Days, instants and spans. ----------------------------------------------------------------------------------------

    def _day_or_instant(self) -> Scalar:
        token = self.take()
        found = read_date(token.text) if token.kind == "date" else read_instant(token.text)
        if found is None:
            hint = "Write 2026-03-01 or 2026-03-01T09:00:00+09:00; end with Z for UTC"
            problem = "no calendar has this day" if token.kind == "date" else "this is no instant with its offset"
            raise self.wrong(problem, token.start, token.end, hint)
        return found

    def at_span(self) -> bool:
        """Whether a span begins here."""
        token, after = self.peek(), self.peek(1)
        if token.kind == "number":
            return after.is_name() and after.text in UNIT_NAMES
        return token.is_word("today") or (token.is_word("this") and after.is_word(*PERIODS))

    def span(self) -> Span:
        """span = whole UNIT | whole "calendar" "days" | "today" | "this" ( "week" | "month" | "year" )"""
        start = self.peek().start
        if self.at_word("today"):
            self.take()
            return LocalDays(1)
        if self.at_word("this"):
            self.take()
            return PERIODS[self.expect_word(*PERIODS).text]
        if self.peek().kind != "number":
            raise self.expected("a span of time", hint=_SPANS)
        count = self.whole_number()
        unit = self.peek()
        if not (unit.kind == "name" and unit.text in UNIT_NAMES):
            raise self.expected("a unit of time", sorted(UNIT_NAMES), _SPANS)
        self.take()
        with self.located(start, unit.end):
            if unit.text == "calendar":
                self.expect_word("days", "day")
                return LocalDays(count)
            name = singular(unit.text)
            if name in UNITS:
                return Duration(count * UNITS[name])
            return Months(count * CALENDAR_UNITS[name])

    def moving_span(self) -> MovingSpan:
        """A span that can be added to an instant: exact, or months."""
        start = self.peek().start
        span = self.span()
        if isinstance(span, (Duration, Months)):
            return span
        raise self.wrong("whole local days have no length that can be added", start, self.end, "Write 7 days")

    def month_day(self) -> tuple[int, int]:
        """day = MONTH whole"""
        name = self.peek()
        month = next((n for n, each in enumerate(MONTHS, 1) if name.kind == "name" and name.text[:3] == each), None)
        if month is None:
            raise self.expected("a month", MONTHS, hint="Write from Dec 20 to Jan 5")
        self.take()
        return month, self.whole_number()


def _is_code(text: str) -> bool:
    if len(text) != 3 or not text.isascii() or text.lower() in RESERVED:  # 3 AND 4 is no amount
        return False
    return text.isupper() or text.upper() in EXPONENTS
