"""No constant of a rule is ever written into a statement: what is written there is known, database by database."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

import pytest

from retention import Rule
from retention.errors import RuleCurrencyMismatch, UnmappedName, UnsupportedRule
from retention.rules import customer, orders
from retention.rules.backends.sets.storage import Form, Stored
from tests.conformance.vectors import vectors
from tests.project.asked import FEW_TYPES, PLAIN, compiled, keeping
from tests.project.capabilities import CHAPTERS

_BUCKET_OF_MYSQL: Final = frozenset({"256", "8", "16", "10"})
_LABELS_AS_JSON: Final = frozenset({"''", "'null'", "'['", "']'", """'","'"""})
_MOMENT_OF_SQLITE: Final = frozenset(
    {"'%s'", "'unixepoch'", "'.%06d'", "'000000'", "'.000000'", "18", "1", "6", "19", "21", "1000000"}
)
_FLAGS: Final = frozenset({"0", "1"})
_WIDE: Final = frozenset({"38"})
_HALVES: Final = frozenset({"0", "2"})

WRITTEN: Final[Mapping[str, frozenset[str]]] = {
    "postgresql+psycopg": frozenset(
        {"0", "1", "'1 microsecond'", "1000000", "'24 hours'", "'null'", "''"}  # counts, spans, labels
        | {"'x'", "'UTF8'", "'hex'", "4", "32"}  # the random bucket
        | _HALVES
    ),
    "sqlite": frozenset({"'%m'", "'%d'", "x''"}) | _MOMENT_OF_SQLITE | _LABELS_AS_JSON | _FLAGS,
    "duckdb": frozenset({"0", "''", "'NULL'", "'0x'", "8", "'24 hours'"}),
    "mysql": _BUCKET_OF_MYSQL | _FLAGS | {"65"} | _HALVES,
    "mariadb": _BUCKET_OF_MYSQL | _FLAGS | {"65"} | _HALVES,
    "trino": _WIDE | {"0"},
    "bigquery": frozenset({"0"}),
    "snowflake": _WIDE | {"0"},
    "cockroachdb+psycopg": _HALVES,
}
"""The literals that belong to the statements themselves. Of a rule none may be here, whatever it says."""

_TOKENS: Final = re.compile(
    r"""%\(\w+(?::[\w<>, ()]+?)?\)s | %s | \$\d+ | \?  # parameters
    | "[^"]*" | `[^`]*` | [^\W\d]\w*(?!') | (?P<literal>\w?'(?:[^']|'')*' | \d+(?:\.\d+)?)""",
    flags=re.VERBOSE,
)


def literals(statement: str) -> set[str]:
    """The texts and numbers in a statement, as they are written."""
    return {found["literal"] for found in _TOKENS.finditer(statement) if found["literal"]}


@cache
def rules() -> tuple[tuple[Rule, Form | None], ...]:
    """Every capability and every conformance vector."""
    known = [(each.rule, each.form) for chapter in CHAPTERS.values() for each in chapter]
    return (*known, *((Rule(each.rule), None) for each in vectors()))


def usual(url: str) -> Stored:
    """How a shop keeps its values there."""
    return FEW_TYPES if url in ("sqlite", "mysql", "mariadb") else PLAIN


def statements(url: str) -> Iterator[str]:
    """The statements for all rules that this database and this shop can be asked."""
    ask = compiled(f"{url}://")
    for rule, form in rules():
        try:
            yield str(ask(rule, keeping(usual(url), form)))
        except (UnsupportedRule, UnmappedName, RuleCurrencyMismatch):
            continue


@pytest.mark.parametrize("url", WRITTEN)
def test_only_what_belongs_to_the_statement_is_written_in_it(url: str) -> None:
    said = list(statements(url))
    assert len(said) >= 100
    found = set().union(*map(literals, said))
    assert found <= WRITTEN[url], found - WRITTEN[url]
    assert not WRITTEN[url] - found, "a literal that no statement has any more is not allowed either"


@pytest.mark.parametrize("url", WRITTEN)
def test_odd_constants_are_parameters_too(url: str) -> None:
    odd = (customer.country == "it's 77") & (orders.count() >= 4711) & (orders.item_count.max() != -(10**19))
    assert literals(str(compiled(f"{url}://")(odd, usual(url)))) <= {"0", "1"}


def test_literals_are_told_from_names_and_parameters() -> None:
    said = """SELECT "a 1", `b 2`, c3, x'00', 'it''s', 4, 5.5 FROM t WHERE d = %(e_6)s AND f = %(g:INT64)s AND h = $7
        AND i = ? AND j = %s AND k IN (__[POSTCOMPILE_l_8])"""
    assert literals(said) == {"x'00'", "'it''s'", "4", "5.5"}
