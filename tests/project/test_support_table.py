"""The table of what runs where is what the engines say today, and leaves out nothing that they may be asked."""

from collections.abc import Iterator
from typing import Literal, get_args

import pytest

from retention import Rule
from retention.errors import ConfigurationError, UnsupportedRule
from retention.rules import nodes, orders
from retention.rules.backends.sets import storage, terms
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.reading import Part, parts
from retention.rules.backends.sets.storage import Json, Stored
from retention.rules.walk import iter_nodes
from tests.project.asked import ARRAYS, DATABASES, FRAMES, PLAIN, WAREHOUSES, Engine, keeping, layout_of
from tests.project.capabilities import AS_OF, CHAPTERS, Capability
from tests.project.support import PAGE, page
from tests.sets import engines

CAPABILITIES = [each for chapter in CHAPTERS.values() for each in chapter]
ANY_ORDER = Capability("any order", orders.any())


def test_the_page_is_what_the_engines_say() -> None:
    """If it is not: look at what has changed, then write it with `python -m tests.project.support`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_kind_of_node_is_asked_for() -> None:
    gone_before_lowering = {nodes.Named, nodes.Reference}
    asked = {type(node) for each in CAPABILITIES for node in iter_nodes(each.rule.node)}
    assert set(get_args(nodes.Node)) - asked == gone_before_lowering


def test_every_kind_of_term_is_asked_for() -> None:
    asked = {type(part) for each in CAPABILITIES for part in lowered(each)}
    assert {*get_args(terms.Term), *get_args(terms.Test)} - asked == set()


def lowered(capability: Capability) -> Iterator[Part]:
    """All parts of what a capability becomes; none of one that no engine has."""
    try:
        waiting: list[Part] = [lower(capability.rule.node, AS_OF, layout_of(keeping(PLAIN, capability.form)))]
    except UnsupportedRule:
        return
    while waiting:
        yield (part := waiting.pop())
        waiting.extend(parts(part))


def test_every_form_is_asked_for_but_that_of_numbers() -> None:
    asked = {type(each.form) for each in CAPABILITIES}
    assert set(get_args(storage.Form)) - asked == {storage.Decimals}


def test_yes_is_promised_only_of_engines_that_the_tests_run() -> None:
    run = {each.name for each in (*engines.DATABASES, *engines.FRAMES, engines.SPARK, engines.ARRAYS)}
    assert run == {name for each in (*DATABASES, *FRAMES, ARRAYS) for name in each.agrees}
    assert [each.title for each in (*DATABASES, *WAREHOUSES, *FRAMES, ARRAYS) if not each.agrees] == [
        *("MySQL", "MariaDB"),
        *("Trino", "BigQuery", "Snowflake", "CockroachDB"),
    ]


def test_an_engine_that_no_test_runs_only_compiles() -> None:
    assert Engine("unseen", lambda rule, stored: None).says(ANY_ORDER) == "compiles"


def test_mariadb_says_what_mysql_says() -> None:
    mysql, mariadb = (each for each in DATABASES if each.title in ("MySQL", "MariaDB"))
    said = {each.words: mysql.says(each) for each in CAPABILITIES}
    assert {each.words: mariadb.says(each) for each in CAPABILITIES} == said
    assert list(said.values()).count("compiles") > len(said) * 2 // 3


@pytest.mark.parametrize("ever", ["not yet", "never"])
def test_a_refusal_is_shown_as_it_was_meant(ever: Literal["not yet", "never"]) -> None:
    def refuse(rule: Rule, stored: Stored) -> None:
        raise UnsupportedRule("no", ever=ever)

    assert Engine("refusing", refuse).says(ANY_ORDER) == ever


def test_another_error_is_not_taken_for_a_refusal() -> None:
    def fail(rule: Rule, stored: Stored) -> None:
        raise ConfigurationError("broken")

    with pytest.raises(ConfigurationError, match="broken"):
        Engine("broken", fail).says(ANY_ORDER)


def test_an_engine_is_asked_of_the_form_that_a_capability_is_about() -> None:
    asked: list[Stored] = []
    engine = Engine(
        "listening", lambda rule, stored: asked.append(stored), usual=Stored(instants=storage.Epoch()), agrees=("x",)
    )
    assert engine.says(Capability("labels", orders.any(), Json(), "JSON")) == "yes"
    assert asked == [Stored(instants=storage.Epoch(), labels=Json())]
