"""Liquid: what marketers may write, and that it sees neither clock nor file nor object."""

import sys
from importlib import import_module

import pytest

from retention.errors import MissingExtra
from retention.templates import UnrenderedTemplate
from retention.templates.filters import FILTERS as OURS
from retention.templates.liquid import LiquidRenderer
from retention.templates.liquid.environment import FILTERS, Hardened
from retention.templates.liquid.source import TAGS
from retention.templates.renderer import PlainRenderer
from tests.templates.shop import DATA, SEOUL

LIQUID = LiquidRenderer()


def render(source: str, html: bool = False) -> str:
    return LIQUID.render(source, DATA, html=html, zone=SEOUL)


def faults(source: str) -> list[tuple[str, int]]:
    return [(each.code, each.position) for each in LIQUID.faults(source, DATA, html=False)]


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("{% if customer.grade == '골드' %}VIP{% else %}-{% endif %}", "VIP"),
        ("{% unless coupon %}없음{% endunless %}", "없음"),
        ("{% case customer.grade %}{% when '골드' %}1{% else %}2{% endcase %}", "1"),
        ("{% for i in cart.items %}{{ forloop.index }}.{{ i.name }} {% else %}-{% endfor %}", "1.사과 2.귤 "),
        ("{% for i in cart.items reversed %}{{ i.name }}{% break %}{% endfor %}", "귤"),
        ("{% assign n = customer.name | josa: '이/가' %}{{ n }}", "김민지가"),
        ("{% capture n %}{{ customer.name }}님{% endcapture %}{{ n }}", "김민지님"),
        ("a{%- # note -%} b{% comment %}x{% endcomment %}", "ab"),
        ("{{ customer.tags | join }} {{ customer.tags | size }}", "app, vip 2"),
        ("{{ customer.tags | join: '·' }}", "app·vip"),
        ("{{ cart.items.first.name }}{{ cart.items.size }}", "사과2"),
        ("{{ customer.points | plus: 1 | minus: 2 | at_most: 1000 | at_least: 5 | number }}", "1,000"),
        ("{{ 'ab' | upcase }}{{ 'AB' | downcase }}{{ 'ab' | capitalize }}{{ ' a ' | strip }}", "ABabAba"),
        ("{{ '안녕하세요' | truncate: 4 }}", "안..."),
        ("{{ coupon | default: 'x' }}{{ nothing | default: 'y' }}", "xy"),
        ("{{ coupon | josa: '은/는' | default: 'z' }}", "z"),
        ("{{ '' | josa: '은/는' | default: '고객은' }}", "고객은"),
        ("{{ cart.value }} {{ cart.value | money }} {{ true }}", "12,900원 12,900원 true"),
        ("{{ customer.joined_at | date: '%Y-%m-%d %H:%M' }}", "2026-03-01 00:30"),
    ],
)
def test_what_marketers_write(source: str, reads: str) -> None:
    assert render(source) == reads


@pytest.mark.parametrize(
    "source",
    [
        "{{ customer.name }}",
        "{{ customer.name | josa: '은/는' }}",
        "{{ customer.name | url }}",
        "{{ customer.points | number }}",
        "{{ customer.birthday }}",
        "{{ customer.joined_at | date: '%-m/%-d' }}",
        "{{ cart.value | money }}",
        "{{ coupon | default: 'x' }}",
    ],
)
@pytest.mark.parametrize("html", [False, True])
def test_what_the_core_reads_liquid_reads_alike(source: str, html: bool) -> None:
    assert render(source, html) == PlainRenderer().render(source, DATA, html=html, zone=SEOUL)


@pytest.mark.parametrize("name", ["now", "today"])
def test_there_is_no_clock(name: str) -> None:
    for source in (f"{{{{ {name} }}}}", f"{{{{ '{name}' | date: '%Y' }}}}", f"{{{{ {name} | date: '%Y' }}}}"):
        with pytest.raises(UnrenderedTemplate):
            render(source)


@pytest.mark.parametrize(
    "tag",
    [
        *("include 'x'", "render 'x'", "liquid echo 1", "raw", "tablerow i in cart.items", "cycle 1, 2", "increment i"),
        *("decrement i", "ifchanged", "echo 1", "doc", "layout 'x'", "extends 'x'", "block x"),
        *("macro x", ""),
    ],
)
def test_other_tags_do_not_exist(tag: str) -> None:
    source = f"a {{% {tag} %}}"
    assert faults(source)[0] == ("syntax", 2)
    with pytest.raises(UnrenderedTemplate, match="is not allowed"):
        render(source)


@pytest.mark.parametrize(
    "name",
    [
        *("append", "prepend", "replace", "remove", "slice", "split", "concat"),
        *("map", "where", "sort", "reverse", "times", "divided_by", "round"),
        *("escape", "escapejs", "safe", "url_encode", "base64_encode", "strip_html", "newline_to_br"),
    ],
)
def test_other_filters_do_not_exist(name: str) -> None:
    assert faults(f"{{{{ customer.name | {name} }}}}") == [("unknown-filter", 19)]
    with pytest.raises(UnrenderedTemplate):
        render(f"{{{{ customer.name | {name} }}}}")


def test_what_exists_is_what_is_listed() -> None:
    environment = Hardened(True, SEOUL, False)
    assert set(environment.filters) == FILTERS
    assert set(OURS) < FILTERS
    assert {each for each in environment.tags if each.isalpha() and each.islower()} <= TAGS | {
        "content",
        "output",
        "illegal",
    }


@pytest.mark.parametrize(
    ("source", "code", "at"),
    [
        ("{{ customer.name", "syntax", 0),
        ("a {% if customer", "syntax", 2),
        ("{% if customer %}", "syntax", 0),
        ("{% for i in (1..3) %}{{ i }}{% endfor %}", "syntax", 0),
        ("{% assign a = (1..9) %}", "syntax", 0),
        ("{{ custmer.name }}", "unknown-variable", 3),
        ("{{ customer.nmae }}", "unknown-variable", 3),
        ("{% if custmer %}{% endif %}", "unknown-variable", 6),
        ("{{ customer.name | shout }}", "unknown-filter", 19),
        ("{% for i in cart.items %}{{ i.nmae }}{% endfor %}", "unknown-variable", 28),
        ("{{ customer.name | josa: '은/을' }}", "syntax", 19),
        ("{{ customer.name | josa }}", "syntax", 19),
        ("{{ cart.items.first.nmae }}", "unknown-variable", 3),
    ],
)
def test_faults_have_a_code_and_a_place(source: str, code: str, at: int) -> None:
    assert faults(source)[0] == (code, at)


def test_a_pair_in_quotes_may_hold_points() -> None:
    assert faults("{{ coupon | default: 'a..b' }}") == []


@pytest.mark.parametrize(
    "source",
    [
        "{{ nothing }}",
        "{{ nothing | upcase }}",
        "{% if nothing %}{% endif %}",
        "{% for i in nothing %}{% endfor %}",
        "{{ customer[customer.name] }}",
        "{{ coupon }}",
        "{{ coupon | upcase }}",
        "{{ coupon.code }}",
        "{{ cart }}",
    ],
)
def test_what_is_not_in_the_data_is_an_error_and_never_a_hole(source: str) -> None:
    with pytest.raises(UnrenderedTemplate) as caught:
        render(source)
    assert "민지" not in str(caught.value)


def test_objects_have_no_attributes_here() -> None:
    for name in ("__class__", "__init__", "format", "minor", "currency"):
        with pytest.raises(UnrenderedTemplate):
            render(f"{{{{ cart.value.{name} }}}}")


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [
        each for each in sys.modules if each == "liquid" or each.startswith(("liquid.", "retention.templates.liquid"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *_: None)
    with pytest.raises(MissingExtra, match=r"pip install 'shop-retention\[liquid\]'"):
        import_module("retention.templates.liquid")
