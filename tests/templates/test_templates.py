"""Templates by key, medium and language; filled in, or refused with everything that is wrong."""

from datetime import UTC
from typing import Any

import pytest
from attrs import evolve

from retention.errors import ConfigurationError
from retention.permission.content import mismatch
from retention.permission.media import Medium
from retention.permission.messages import Button
from retention.templates import (
    Data,
    PlainRenderer,
    Renderer,
    Template,
    TemplateError,
    Templates,
    UnknownTemplate,
    UnrenderedTemplate,
    check,
)
from retention.templates.errors import Fault
from retention.templates.liquid import LiquidRenderer
from tests.templates.shop import DATA, SEOUL

HELLO = Template("hello", Medium.SMS, "{{ customer.name | josa: '은/는' }} 반갑습니다")


def text(templates: Templates, language: str | None, key: str = "hello", medium: Medium = Medium.SMS) -> str:
    return templates.render(key, medium=medium, language=language, data=DATA, zone=SEOUL).text


def test_the_language_that_is_nearest() -> None:
    said = {None: "any", "ko": "ko", "pt": "pt", "pt-BR": "br", "en": "en"}
    templates = Templates(
        [evolve(HELLO, text=words, language=language) for language, words in said.items()], language="en"
    )
    asked = {"ko": "ko", "ko-KR": "ko", "KO_kr": "ko", "pt-br": "br", "pt-PT": "pt", "fr": "en", None: "en"}
    assert {language: text(templates, language) for language in asked} == asked
    assert len(templates) == 5
    without = Templates([each for each in templates if each.language != "en"], language="en")
    assert text(without, "fr") == text(without, None) == "any"


def test_what_is_not_there() -> None:
    templates = Templates([evolve(HELLO, language="ko"), Template("bye", Medium.SMS, "a")])
    with pytest.raises(UnknownTemplate, match=r"no template is called 'helo'. Did you mean 'hello'\?"):
        text(templates, "ko", "helo")
    with pytest.raises(UnknownTemplate, match="'hello' is written for sms, not for email"):
        text(templates, "ko", medium=Medium.EMAIL)
    with pytest.raises(UnknownTemplate, match="'hello' for sms is in ko, and in no language"):
        text(templates, "en")
    assert templates.media("hello") == {Medium.SMS}
    assert templates.media("nothing") == frozenset()


def test_two_of_one_kind_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="two templates are 'hello' for sms in ko"):
        Templates([evolve(HELLO, language="ko"), evolve(HELLO, language="KO")])


def test_every_part_is_filled_in() -> None:
    mail = Template(
        "cart",
        Medium.EMAIL,
        "{{ cart.value }}",
        "{{ customer.name }}님",
        "<p>{{ customer.name }}</p>",
        buttons=[Button("{{ cart.items.0.name }} 보기", url="https://shop.example/{{ customer.name | url }}")],
    )
    made = Templates([mail]).render("cart", medium=Medium.EMAIL, data=DATA, zone=SEOUL)
    assert (made.text, made.subject, made.html) == ("12,900원", "김민지님", "<p>김민지</p>")
    assert made.buttons == (Button("사과 보기", "WL", "https://shop.example/%EA%B9%80%EB%AF%BC%EC%A7%80"),)
    assert made.template is None


SHIPPED = Template(
    "shipped",
    Medium.ALIMTALK,
    "#{고객명}님, #{상품} 출발! {{ stays }}",
    approved="SHIP_01",
    variables={"고객명": "{{ customer.name | default: '고객' }}"},
    buttons=(Button("배송 조회", "WL", "https://shop.example/{{ customer.name | url }}"),),
)


def test_an_approved_template_is_filled_to_the_letter() -> None:
    made = Templates([SHIPPED]).render("shipped", medium=Medium.ALIMTALK, data={**DATA, "상품": "사과"}, zone=SEOUL)
    assert made.text == "김민지님, 사과 출발! {{ stays }}"
    assert (made.template, dict(made.variables)) == ("SHIP_01", {"고객명": "김민지", "상품": "사과"})
    assert mismatch(SHIPPED.text, made.text, made.variables) is None


@pytest.mark.parametrize("value", [None, "", "#{상품}", [], {"a": 1}])
def test_a_variable_that_is_not_filled_sends_nothing(value: Any) -> None:
    with pytest.raises(UnrenderedTemplate, match=r"shipped #\{상품\}"):
        Templates([SHIPPED]).render("shipped", medium=Medium.ALIMTALK, data={**DATA, "상품": value}, zone=SEOUL)


def test_a_hole_is_never_sent() -> None:
    templates = Templates([evolve(HELLO, text="가격은\n {{ coupon.code }}원")])
    with pytest.raises(UnrenderedTemplate, match=r"hello text 2:2: the value is missing here") as caught:
        text(templates, None)
    assert (caught.value.template, caught.value.part, caught.value.line, caught.value.column) == ("hello", "text", 2, 2)


@pytest.mark.parametrize(
    "source",
    [
        "{{ customer }}",
        "{{ customer.name | money }}",
        "{{ customer.name | date: '%Y' }}",
        "{{ customer.name | number }}",
        "{{ customer.points | money }}",
        "{{ customer.birthday | date: '%H' }}",
        "{{ customer.joined_at }}",
    ],
)
@pytest.mark.parametrize("renderer", [PlainRenderer(), LiquidRenderer()], ids=["plain", "liquid"])
def test_an_error_shows_no_value(source: str, renderer: Renderer) -> None:
    templates = Templates([evolve(HELLO, text=source)], renderer=renderer)
    with pytest.raises(UnrenderedTemplate) as caught:
        text(templates, None)
    assert not any(each in f"{caught.value!s} {caught.value!r}" for each in ("민지", "1996", "1200"))
    assert caught.value.line == 1
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_buttons_that_kakao_would_not_take_are_told_when_authoring() -> None:
    filled_in = Button("{{ customer.name }} 님의 주문", "WL", "https://shop.example/#{상품}")
    many = evolve(SHIPPED, buttons=(filled_in, Button("가" * 15), *(Button("가"),) * 4))
    found = check(many, known=None, renderer=PlainRenderer())
    assert [(each.part, each.code, each.column) for each in found] == [
        ("text", "too-many-buttons", 1),
        ("text", "button-label-length", 1),
        ("button 1 url", "template-unfilled", 22),
    ]
    assert "button 2" in found[1].words
    assert found[2].words == "what #{상품} stands for is written as in other texts here: {{ ... }}"


def test_templates_that_are_wrong_say_everything_at_once() -> None:
    mail = Template("mail", Medium.EMAIL, "{{ a", html="<a href={{ a }}>", buttons=(Button("{{ b | c }}"),))
    talk = Template("talk", Medium.ALIMTALK, "#{a}")
    long = evolve(SHIPPED, text="가" * 1_001, approved="x" * 21)
    with pytest.raises(TemplateError) as caught:
        Templates([mail, talk, long, evolve(HELLO, subject="a\nb")])
    assert [(each.template, each.part, each.code, each.line, each.column) for each in caught.value.problems] == [
        ("mail", "text", "syntax", 1, 1),
        ("mail", "html", "unsafe-place", 1, 9),
        ("mail", "button 1", "unknown-filter", 1, 8),
        ("mail", "subject", "subject-missing", 1, 1),
        ("talk", "text", "template-missing", 1, 1),
        ("shipped", "text", "too-long", 1, 1),
        ("shipped", "text", "template-code-length", 1, 1),
        ("shipped", "variable 고객명", "unknown-variable", 1, 1),
        ("hello", "subject", "header-injection", 1, 2),
    ]
    assert "mail html 1:9: a value stands here where HTML is not escaped" in str(caught.value)
    assert "9 problems" in str(caught.value)


@pytest.mark.parametrize("renderer", [PlainRenderer(), LiquidRenderer()], ids=["plain", "liquid"])
@pytest.mark.parametrize(
    "source",
    ["{{ customer }}", "{{ customer.joined_at }}", "{{ customer.name | date: '%Y' }}", "{{ customer.points | money }}"],
)
def test_what_could_never_be_written_is_told_when_authoring(source: str, renderer: Renderer) -> None:
    template = evolve(HELLO, text=f"안녕\n{source}{{{{ coupon | money }}}}")
    assert [(each.code, each.line) for each in check(template, known=DATA, renderer=renderer)] == [("unwritable", 2)]
    assert check(template, known=None, renderer=renderer) == ()


def test_what_has_nothing_to_read_is_told_when_authoring() -> None:
    blank = Template("blank", Medium.EMAIL, "\n", subject=" ", html="<p>a</p>")
    found = check(blank, known=None, renderer=PlainRenderer())
    assert [(each.part, each.code) for each in found] == [("text", "empty"), ("subject", "subject-missing")]


@pytest.mark.parametrize("renderer", [PlainRenderer(), LiquidRenderer()], ids=["plain", "liquid"])
def test_unknown_names_are_errors_when_authoring(renderer: Renderer) -> None:
    template = evolve(HELLO, text="{{ customer.name }}\n{{ customer.nmae }}{{ shop }}")
    found = check(template, known=DATA, renderer=renderer)
    assert [(each.code, each.line) for each in found] == [("unknown-variable", 2)] * 2
    assert "did you mean 'name'" in found[0].words
    assert check(template, known=None, renderer=renderer) == ()
    assert Templates([template], renderer=renderer).check(DATA) == found
    assert [each.words for each in Templates([SHIPPED]).check(DATA)] == [
        "nothing is called '상품': known: cart, coupon, customer"
    ]


def test_what_the_example_may_hold() -> None:
    with pytest.raises(UnrenderedTemplate):
        check(HELLO, known={"customer": object()}, renderer=PlainRenderer())


class Shouting:
    """A renderer of a host."""

    def faults(self, source: str, known: Data | None, *, html: bool) -> list[Fault]:
        return [Fault(0, "quiet", "says nothing")] if not source else []

    def render(self, source: str, data: Data, *, html: bool, zone: Any) -> str:
        return f"{source.upper()} {data['a']} {zone}"


def test_a_host_brings_its_own_renderer() -> None:
    templates = Templates([Template("a", Medium.SMS, "hi")], renderer=Shouting())
    assert templates.render("a", medium=Medium.SMS, data={"a": 1}, zone=UTC).text == "HI 1 UTC"
    with pytest.raises(TemplateError, match="says nothing"):
        Templates([Template("a", Medium.SMS, "")], renderer=Shouting())
