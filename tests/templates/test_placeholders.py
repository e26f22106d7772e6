"""The core's placeholders: what is read, what is refused, and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.templates.placeholders import Applied, Path, Placeholder, Text, parse
from retention.templates.renderer import PlainRenderer, unknown_name
from tests.templates.shop import DATA, SEOUL

PLAIN = PlainRenderer()


def render(source: str, html: bool = False) -> str:
    return PLAIN.render(source, DATA, html=html, zone=SEOUL)


def faults(source: str) -> list[tuple[str, int]]:
    return [(each.code, each.position) for each in PLAIN.faults(source, DATA, html=False)]


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("", ""),
        ("안녕하세요", "안녕하세요"),
        ("{{ customer.name }}님", "김민지님"),
        ("{{customer.name}}{{customer.grade}}", "김민지골드"),
        ("{{ customer.name | josa: '은/는' }}", "김민지는"),
        ('{{ cart.value | money | josa: "을/를" }}', "12,900원을"),
        ("{{ cart.value }}", "12,900원"),
        ("{{ customer.points | number }}점", "1,200점"),
        ("{{ cart.items.1.name }}", "귤"),
        ("{{ coupon | default: '없음' }}", "없음"),
        ("{{ coupon | josa: '은/는' | default: '쿠폰은' }}", "쿠폰은"),
        ("{{ '' | josa: '은/는' | default: '고객은' }}", "고객은"),
        ("{{ coupon | default: '쿠폰' | josa: '은/는' }}", "쿠폰은"),
        ("{{ customer.name | default: '고객' }}", "김민지"),
        ("{{ missing.deep | default: '고객' }}", "고객"),
        ("{{ 'a}}b' }}", "a}}b"),
        ('{{ "it\'s" }}', "it's"),
        ("{ {x} }} { {", "{ {x} }} { {"),
        ("{{ customer.joined_at | date: '%Y-%m-%d %H:%M' }}", "2026-03-01 00:30"),  # on the clocks of the zone
        ("{{ customer.birthday | date: '%-m월 %-d일' }}", "11월 21일"),
        ("{{ '2026-02-28T15:30:00Z' | date: '%Y-%m-%d %H:%M' }}", "2026-03-01 00:30"),
        ("{{ '2026-02-28' | date: '%-d' }}", "28"),
        ("{{ customer.birthday }}", "1996-11-21"),
        ("{{ customer.name | url }}", "%EA%B9%80%EB%AF%BC%EC%A7%80"),
        ("{{ 'a b&c/d~-._1' | url }}", "a%20b%26c%2Fd~-._1"),
        ("{{ '%' | url }}", "%25"),
        ("{{ customer.points | money: 'USD' }}", "$12.00"),
    ],
)
def test_placeholders_are_filled_in(source: str, reads: str) -> None:
    assert render(source) == reads
    assert faults(source) == ([] if "missing" not in source else [("unknown-variable", 0)])


def test_what_was_parsed() -> None:
    assert parse("a {{ b.0 | default: 'x', -1 }}").parts == (
        Text("a "),
        Placeholder(Path(("b", "0")), (Applied("default", ("x", -1), 11),), 2, 30),
    )


@pytest.mark.parametrize(
    ("source", "code", "at"),
    [
        ("{{", "syntax", 0),
        ("ab {{ customer.name", "syntax", 3),
        ("{{ }}", "syntax", 3),
        ("{{ customer. }}", "syntax", 13),
        ("{{ customer.name | }}", "syntax", 19),
        ("{{ customer.name customer }}", "syntax", 17),
        ("{{ customer.name + 1 }}", "syntax", 17),
        ("{{ customer['name'] }}", "syntax", 11),
        ("{{ customer.__class__.x }}", "unknown-variable", 0),
        ("{{ 'open }}", "syntax", 3),
        ("{{ customer.name | shout }}", "unknown-filter", 19),
        ("{{ customer.name | josa }}", "syntax", 19),
        ("{{ customer.name | josa: '은/을' }}", "syntax", 19),
        ("{{ customer.name | default }}", "syntax", 19),
        ("{{ customer.joined_at | date: '%q' }}", "syntax", 24),
        ("{{ customer.joined_at | date: '%' }}", "syntax", 24),
        ("{{ cart.value | money: 'KWR' }}", "syntax", 16),
        ("{{ cart.value | number: 1 }}", "syntax", 16),
        ("{% if customer %}x{% endif %}", "syntax", 0),
        ("{{ custmer.name }}", "unknown-variable", 0),
        ("{{ customer.nmae }}", "unknown-variable", 0),
        ("{{ customer.name.first }}", "unknown-variable", 0),
        ("{{ cart.items.name }}", "unknown-variable", 0),
        ("{{ a" + " " * 2_000 + "}}", "syntax", 0),
    ],
)
def test_faults_have_a_code_and_a_place(source: str, code: str, at: int) -> None:
    assert faults(source)[0] == (code, at)


def test_all_faults_at_once() -> None:
    source = "{{ a | mony }} {{ b. }}\n{{ c | josa: '은/을' }} {{ customer.nmae }} {{"
    assert [code for code, _ in faults(source)] == [
        "unknown-variable",
        "unknown-filter",
        "syntax",
        "unknown-variable",
        "syntax",
        "unknown-variable",
        "syntax",
    ]


def test_the_nearest_name_is_said() -> None:
    assert "did you mean 'name'" in (unknown_name(DATA, ("customer", "nmae")) or "")
    assert "did you mean 'customer'" in PLAIN.faults("{{ custmer }}", DATA, html=False)[0].words
    assert "did you mean 'money'" in PLAIN.faults("{{ customer.name | mony }}", DATA, html=False)[0].words
    assert "did you mean '은/는'" in PLAIN.faults("{{ customer.name | josa: '은/을' }}", DATA, html=False)[0].words


def test_below_what_is_missing_in_the_example_anything_may_be() -> None:
    assert faults("{{ coupon.code | default: '-' }} {{ cart.items.7.name | default: '-' }}") == []
    assert unknown_name({"list": []}, ("list", "0", "name")) is None


@given(st.text(st.sampled_from("{}%|.:,'\"ab1 \n"), max_size=40))
def test_any_text_is_read_or_refused(source: str) -> None:
    parsed = parse(source)
    if not parsed.faults:
        assert (
            "".join(each.text if isinstance(each, Text) else source[each.begin : each.end] for each in parsed.parts)
            == source
        )
    for each in parsed.faults:
        assert 0 <= each.position <= len(source)


@given(st.text(max_size=60).filter(lambda each: "{{" not in each and "{%" not in each))
def test_text_without_placeholders_stays_as_it_is(source: str) -> None:
    assert render(source) == source
