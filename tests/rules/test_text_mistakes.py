"""How mistakes in the query language are shown: the kind of error, the place, the repair."""

import pytest

from retention.errors import RuleError, RuleSyntaxError, UnknownName, WrongKind
from retention.rules.backends.text import parse
from retention.schema import STANDARD

MISTAKES: list[tuple[str, str, str]] = [
    # text, what is underlined, words of the message
    ("", "", "a value or a rule is expected, not the end"),
    ("orders.count() >= ", "", "a value or a rule is expected, not the end"),
    ("not", "", "not the end"),
    ("orders.count() = 3", "=", "Write =="),
    ("orders.any() && cart.any()", "&", "Write and"),
    ("orders.any() | cart.any()", "|", "Write or"),
    ("!orders.any()", "!", "Write not"),
    ("customer.country == 'KR'", "'", "double quotes"),
    ("customer.country == “KR”", "“", "straight double quotes"),
    ('customer.country == "KR', '"', "not closed"),
    ('customer.country == "K\nR"', '"', "not closed"),
    ('customer.country == "\\x"', '"\\x"', "cannot be read"),
    ('customer.country == "\\ud83d"', '"\\ud83d"', "half a character"),
    ('customer.country == "a\tb"', '"a\tb"', "cannot be read"),
    ("customer.country in {}", "{", "square brackets"),
    ("orders.total.sum() > ₩5", "₩", "after the number"),
    ("orders.count() > 5%", "%", "0.1 for 10 %"),
    ("orders.count() > 5 \x00", "\x00", "has no meaning here"),
    ("`orders.count() > 5", "`", "not closed"),
    ('customer.country equals "KR"', "equals", 'customer.country == "KR"'),
    ('customer.country contians "KR"', "contians", "Did you mean 'contains'"),
    ("customer.§", "§", "has no meaning here"),
    ("orders.any() cart.any()", "cart", "Join rules with and, or"),
    ("orders.any())", ")", "an operator or the end is expected"),
    ("(orders.any()", "", '")" is expected'),
    ('orders[status == "paid"', "", '"]" is expected'),
    ("1 < orders.count() < 3", "<", "cannot be chained"),
    ("orders.total >= 3 KRW", "orders.total", "as many values as there are rows"),
    ("orders >= 3", "orders", "orders are rows, not a value"),
    ("orders.within(7 days)", "orders.within(7 days)", "neither a value nor a rule"),
    ('country == "KR"', "country", "Write customer.country"),
    ('orders[country == "KR"].any()', "country", "Write customer.country"),
    ("orders[cart == 1].any()", "cart", "cart are rows"),
    ("customer == 3", "==", "Write an attribute"),
    ("orders.count() > 7 days", "", '"ago" is expected'),
    ("orders.at.last() > today", "today", "Write start of today"),
    ("orders.at.last() > start of 7 days", "start of 7 days", "whole local days"),
    ("orders.at.last() within 7", "", "a unit of time"),
    ("orders.at.last() within days", "days", "a span of time"),
    ("orders.at.last() within 7.5 days", "7.5", "whole number"),
    ("orders.at.last() within 9999999 days", "9999999 days", "more than a thousand years"),
    ("orders.at.last() older then 3 days", "then", "'than'"),
    ("orders.at.last() within 3 dyas", "dyas", "'days'"),
    ("orders.at.last() between 1 day and 7 days", "", "Write between 1 day and 7 days ago"),
    ("orders.at.last() between 7 days and 1 day ago", "7 days and 1 day ago", "always empty"),
    ("orders.between(3 months, 1 month).any()", "3 months, 1 month", "always empty"),
    ("orders.at.last() + today > now", "today", "no length"),
    ("customer.birthday is null", "null", "is missing"),
    ("customer.birthday is mising", "mising", "'missing'"),
    ("customer.birthday returns tomorrow", "tomorrow", "is expected"),
    ("customer.birthday returns from Dez 1 to Jan 5", "Dez", "Did you mean 'Dec'"),
    ("customer.birthday returns from Feb 30 to Mar 5", "returns from Feb 30 to Mar 5", "month and day"),
    ("customer.birthday returns in days 3 to 1", "returns in days 3 to 1", "ends before it begins"),
    ("views followed by purchases", "", '"within" is expected'),
    ("views followed by purchases.count() within 3 days", ".", '"within" is expected'),
    ("views followed by 3 within 3 days", "3", "a collection is expected"),
    ("views followed by purchases within today", "today", "no length"),
    ("at least 2 of (orders.any(), cart.any())", ",", "Part the rules with ;"),
    ("at least 2.5 of (orders.any())", "2.5", "whole number"),
    ("at least -1 of (orders.any())", "at least -1", "from 0 up"),
    ("at least of (orders.any())", "of", "a whole number is expected"),
    ("segment(dormant)", "dormant", "double quotes"),
    ('segment(" ")', 'segment(" ")', "not empty"),
    ("segment", "", 'segment("dormant")'),
    ('"": (orders.any())', '""', "not empty"),
    ('"x": orders.any()', "orders", '"(" is expected'),
    ('customer.country in ["KR", ]', "]", "a constant is expected"),
    ('customer.country in ["KR" "JP"]', '"JP"', "commas"),
    ('customer.country in "KR"', '"KR"', 'in ["KR", "JP"]'),
    ('customer.country in ["KR", customer.city]', "customer", "Options are constants"),
    ('customer.country in ["KR",', "", "a constant is expected"),
    ("orders.nth(0).any()", "0", "count from 1"),
    ("orders.nth(x).any()", "x", "a whole number"),
    ("orders.count() > fraction(1, 0)", "fraction(1, 0)", "divided by 0"),
    ("orders.count() > " + "9" * 41, "9" * 41, "40 digits"),
    ("orders.total.sum() > 1.5 KRW", "1.5 KRW", "more decimals"),
    ("orders.total.sum() > 99999999999999999999 KRW", "99999999999999999999 KRW", "64 bits"),
    ("orders.total.sum() > 5 krw", "krw", "Write KRW"),
    ("customer.birthday > 2026-02-30", "2026-02-30", "no calendar has this day"),
    ("customer.joined_at > 2026-03-01T09:00:00", "2026-03-01T09:00:00", "offset"),
    ("orders.any() AND visits.any()", "AND", "Write `and`"),
    ("orders.count() >= 2 AND visits.any()", "AND", "Write `and`"),
    ("orders.any() OR visits.any()", "OR", "Write `or`"),
    ("NOT orders.any()", "NOT", "Write `not`"),
    ('orders[NOT status == "paid"].any()', "NOT", "Write `not`"),
    ('orders[status == "paid" And total > 3 KRW].any()', "And", "Write `and`"),
    ("orders.count >= 2", "count", "Write `count()`"),
    ("orders.last.total >= 2 KRW", "last", "Write `last()`"),
    ("orders.total.sum >= 2 KRW", "orders.total", "Write `sum()`"),
    ("customer.country == KR", "KR", 'Put text in double quotes: "KR"'),
    ("customer.country != KR", "KR", 'Put text in double quotes: "KR"'),
    ("customer.country in [KR, JP]", "KR", 'Put text in double quotes: "KR"'),
    ("customer.city contains soul", "soul", 'Put text in double quotes: "soul"'),
    ("customer.city starts with soul", "soul", 'Put text in double quotes: "soul"'),
    ("customer.tags has vip", "vip", 'Put text in double quotes: "vip"'),
    ("orders[status == paid].any()", "paid", 'Put text in double quotes: "paid"'),
    ("customer.country == city", "city", "Write customer.city"),
    ("customer.joined_at > 2026-03-01T25:00:00Z", "2026-03-01T25:00:00Z", "offset"),
]


@pytest.mark.parametrize(("source", "underlined", "words"), MISTAKES)
def test_a_mistake_is_underlined(source: str, underlined: str, words: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse(source)
    error = caught.value
    assert words in str(error)
    assert error.source == source
    assert source[error.position : error.position + error.length] == underlined
    assert isinstance(error, RuleSyntaxError) or error.code == "rule"


UNKNOWN: list[tuple[str, str, str | None]] = [
    ("oders.count() >= 3", "oders", "orders"),
    ("order.count() >= 2", "order", "orders"),
    ('custmer.country == "KR"', "custmer", "customer"),
    ('customer.contry == "KR"', "contry", "country"),
    ("orders.cuont() >= 3", "cuont", "count"),
    ("orders.whithin(3 days).any()", "whithin", "within"),
    ("orders.totl.sum() > 3", "totl", "total"),
    ("orders.total.summ() > 3", "summ", "sum"),
    ('orders[statsu == "paid"].any()', "statsu", "status"),
    ('customer.city.casefolded() == "x"', "casefolded", "casefold"),
    ("orders.total.sum() > 3 KWR", "KWR", "KRW"),
    ("orders.total.sum() > 3 QQQ", "QQQ", None),
    ("views followed by purchase within 3 days", "purchase", "purchases"),
    ("`order s`.count() > 3", "`order s`", "orders"),
]


@pytest.mark.parametrize(("source", "underlined", "nearest"), UNKNOWN)
def test_an_unknown_name_is_underlined_and_the_nearest_is_told(
    source: str, underlined: str, nearest: str | None
) -> None:
    with pytest.raises(UnknownName) as caught:
        parse(source)
    error = caught.value
    assert error.nearest == nearest
    assert error.known
    assert source[error.position : error.position + error.length] == underlined


WRONG: list[tuple[str, str]] = [
    ('orders.count() >= "3"', 'orders.count() >= "3"'),
    ("orders.total.sum() >= 500000", "orders.total.sum() >= 500000"),
    ("orders.status.sum() > 3", "orders.status.sum()"),
    ("customer.country", "customer.country"),
    ("orders.any() and customer.city", "customer.city"),
    ("customer.city or orders.any()", "customer.city"),
    ("not customer.city", "customer.city"),
    ("orders.any() + 1 > 3", "orders.any()"),
    ("3 < (orders.any() and cart.any())", "(orders.any() and cart.any())"),
    ("(orders.any()) > 3", "(orders.any())"),
    ("orders.any() * 3 > 3", "orders.any()"),
    ('(orders.any()).casefold() == "x"', "(orders.any())"),
    ("customer.city + 1 > 3", "customer.city + 1"),
    ("customer.birthday + 7 days > 2026-03-01", "customer.birthday + 7 days"),
    ('orders.count().casefold() == "x"', "orders.count().casefold()"),
    ("orders.count() within 7 days", "orders.count()"),
    ("orders.count() older than 7 days", "orders.count()"),
    ("orders.count() before 7", "orders.count()"),
    ("customer.joined_at after 7", "7"),
    ("orders.count() between 1 day and 7 days ago", "orders.count()"),
    ("orders.count() on 2026-03-01", "orders.count()"),
    ("customer.joined_at on 3", "customer.joined_at on 3"),
    ("customer.joined_at returns today", "customer.joined_at"),
    ('customer.city has "x"', 'customer.city has "x"'),
    ('customer.city has any of ["x"]', "customer.city"),
    ("customer.tags has any of [3]", "3"),
    ('customer.tags in ["x"]', "customer.tags"),
    ('customer.country in ["KR", 3, "JP"]', "3"),
    ('orders.count() in [1, 2, "3", 4]', '"3"'),
    ("orders.count() in [1, 2.5, 3 KRW]", "3 KRW"),
    ("customer.tags == customer.tags", "customer.tags == customer.tags"),
    ("orders.after(3).any()", "3"),
    ("orders.between(2026-01-01, 2026-02-01).any()", "2026-01-01"),
    ("orders[purchases.count()].any()", "purchases.count()"),
]


@pytest.mark.parametrize(("source", "underlined"), WRONG)
def test_a_wrong_kind_is_underlined(source: str, underlined: str) -> None:
    with pytest.raises(WrongKind) as caught:
        parse(source)
    error = caught.value
    assert source[error.position : error.position + error.length] == underlined


def test_two_currencies_are_underlined() -> None:
    source = "orders.total.sum() > 5 KRW and orders.total.max() > 5 USD"
    with pytest.raises(RuleError, match="is in USD where KRW is expected") as caught:
        parse(source)
    assert source[caught.value.position :] == "5 USD"
    with pytest.raises(RuleError, match="is in KRW where USD is expected"):
        parse(source, STANDARD.extend(currency="USD"))


def test_the_message_shows_the_line_and_marks_the_place() -> None:
    with pytest.raises(UnknownName) as caught:
        parse("orders.count() >= 3\n  and order.any()\n  or never")
    assert str(caught.value).splitlines() == [
        "no collection is called 'order'. Did you mean 'orders'?",
        "      and order.any()",
        "          ~~~~^",
    ]
