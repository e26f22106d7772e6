"""Nothing that comes from a customer is ever HTML."""

from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.permission.media import Medium
from retention.templates import PlainRenderer, Renderer, Template, Templates, UnrenderedTemplate
from retention.templates.errors import TemplateError
from retention.templates.liquid import LiquidRenderer
from tests.templates.shop import SEOUL

RENDERERS = [PlainRenderer(), LiquidRenderer()]
SOURCE = '<p title="{{ a }}">{{ a }} {{ b | josa: "은/는" }}<a href="https://shop.example/?q={{ a | url }}">go</a></p>'
HOSTILE = st.text(st.sampled_from("<>&\"'=/ abscript:on{}%\n\x00가"), max_size=30) | st.sampled_from(
    [
        '"><script>alert(1)</script>',
        "' onload='x",
        "</p><img src=x onerror=y>",
        "<!--",
        "]]>",
        "&lt;b&gt;",
        "{{ a }}",
        "{% if %}",
    ]
)


class Seen(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.text = ""
        self.title = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.title = dict(attrs).get("title") or self.title

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("renderer", RENDERERS, ids=["plain", "liquid"])
@given(a=HOSTILE.filter(bool), b=HOSTILE.filter(bool))
def test_the_tags_are_those_of_the_author(renderer: Renderer, a: str, b: str) -> None:
    made = renderer.render(SOURCE, {"a": a, "b": b}, html=True, zone=SEOUL)
    seen = Seen(made)
    assert seen.tags == [("p", ("title",)), ("a", ("href",))]
    assert seen.title == a
    assert seen.text.startswith(f"{a} {b}")
    for raw in "<>\"'":
        assert made.count(raw) == SOURCE.replace('"은/는"', "").count(raw)


@pytest.mark.parametrize("renderer", RENDERERS, ids=["plain", "liquid"])
@given(a=HOSTILE.filter(bool))
def test_plain_text_is_not_escaped(renderer: Renderer, a: str) -> None:
    assert renderer.render("{{ a }}!", {"a": a}, html=False, zone=SEOUL) == f"{a}!"


FORMS = [
    "{{ a | upcase }}",
    "{{ a | truncate: 9 }}",
    "{{ a | strip | capitalize }}",
    "{{ n | default: a }}",
    "{{ l | join: ' / ' }}",
    "{{ l | first }}{{ l | last }}",
    "{% for i in l %}{{ i }}{% endfor %}",
    "{% assign b = a %}{{ b }}",
    "{% case a %}{% when '1' %}{% else %}{{ a }}{% endcase %}",
    "{% capture c %}{{ a }}{% endcapture %}{{ c | downcase }}",
    "{% capture c %}{{ a }}{% endcapture %}{{ c | josa: '을/를' }}{{ c | url }}",
]


@pytest.mark.parametrize("form", FORMS)
@given(a=HOSTILE.filter(bool))
def test_no_filter_of_liquid_makes_text_into_html(form: str, a: str) -> None:
    made = LiquidRenderer().render(f"<b>{form}</b>", {"a": a, "l": [a, a], "n": None}, html=True, zone=SEOUL)
    assert Seen(made).tags == [("b", ())]
    assert made.count("<") == 2
    if form == FORMS[0]:
        assert unescape(made[3:-4]) == a.upper()


UNSAFE = [
    *("<a href={{ a }}>x</a>", "<a {{ a }}>x</a>", "<{{ a }}>", "</{{ a }}>", "<a onclick=\"f('{{ a }}')\">x</a>"),
    *("<p style='color: {{ a }}'>x</p>", "<script>var a = '{{ a }}'</script>", "<style>p { color: {{ a }} }</style>"),
    *(
        "<!-- {{ a }} -->",
        "<!-- {{ a }}",
        "<SCRIPT>{{ a }}",
        "<a href='x'{{ a }}>",
        "<a ONLOAD = '{{ a }}'>",
        "<a '{{ a }}'>",
        "<p {{ a }}='x'>",
    ),
    *('<iframe srcdoc="{{ a }}"></iframe>', "<!doctype {{ a }}>"),
    *('<!--><a onclick="-->{{ a }}">', '<!---><a onclick="-->{{ a }}">', '<!-- x --!><a onclick="-->{{ a }}">'),
    *("<noscript><p title='</noscript><b {{ a }}>'>", "<xmp>{{ a }}</xmp>"),
    *(
        "<textarea><a title='</textarea><b {{ a }}>'>",
        "<title><a title='</title><b {{ a }}>'>",
        "<title></titles><a title='</title><b {{ a }}>'>",
    ),
]
SAFE = [
    *(
        "<p>{{ a }}</p>",
        '<a href="{{ a }}">x</a>',
        "<a href='/x?{{ a }}' title = \"{{ a }}\">{{ a }}</a>",
        "a < {{ a }}",
        "<b>x</b> > {{ a }}",
    ),
    *(
        "<script>var x = 1</script>{{ a }}",
        "<!-- x -->{{ a }}",
        "<style>p {}</style><p>{{ a }}",
        "<p title='>'>{{ a }}</p>",
        "{{ a }}",
        "<br/>{{ a }}",
    ),
    *("<title>{{ a }}</title>{{ a }}", "<!-->{{ a }}", "<!-- x --!>{{ a }}", "<title><a '</title>{{ a }}"),
]


@pytest.mark.parametrize("renderer", RENDERERS, ids=["plain", "liquid"])
@pytest.mark.parametrize("source", UNSAFE)
def test_where_escaping_cannot_help_a_value_is_refused(renderer: Renderer, source: str) -> None:
    found = renderer.faults(source, None, html=True)
    assert [each.code for each in found] == ["unsafe-place"]
    assert source.startswith("{{", found[0].position)
    assert renderer.faults(source, None, html=False) == []


@pytest.mark.parametrize("renderer", RENDERERS, ids=["plain", "liquid"])
@pytest.mark.parametrize("source", SAFE)
def test_where_it_helps_a_value_may_stand(renderer: Renderer, source: str) -> None:
    assert renderer.faults(source, None, html=True) == []


def test_tags_of_liquid_are_no_tags_of_html() -> None:
    source = "<a {% if a == \"x>\" %}title='{{ a }}'{% endif %} href='/'>{{ a }}</a>"
    assert LiquidRenderer().faults(source, None, html=True) == []


@pytest.mark.parametrize(
    ("html", "code", "column"),
    [
        ("<p>{{ a }}</p><a href='javascript:x'>go</a>", "unsafe-link", 18),
        ("<img srcset='/a.png 1x, data:image/png,x 2x'>", "unsafe-link", 6),
        ("<form action=vbscript:x>", "unsafe-link", 7),
        ("<a href='{% if a %}javascript:x{% endif %}'>go</a>", "unsafe-link", 4),
        ("{% if a %}<base href='/'>{% endif %}", "unsafe-tag", 11),
        ("<meta http-equiv=refresh content=0>", "unsafe-tag", 7),
    ],
)
def test_what_the_gate_would_refuse_whatever_is_filled_in_is_refused_when_it_is_written(
    html: str, code: str, column: int
) -> None:
    with pytest.raises(TemplateError) as caught:
        Templates([Template("t", Medium.EMAIL, "x", "x", html=html)], renderer=LiquidRenderer())
    [problem] = caught.value.problems
    assert (problem.part, problem.line, problem.column, problem.code) == ("html", 1, column, code)


def test_what_only_liquid_reads_is_no_link() -> None:
    html = "{% assign href = 'note: x' %}<a href=\"{{ href | default: 'x:y' }}\">{{ href }}</a>"
    assert len(Templates([Template("t", Medium.EMAIL, "x", "x", html=html)], renderer=LiquidRenderer())) == 1


@pytest.mark.parametrize("address", ["javascript:alert(1)", " java\nscript:x", "data:text/html,<b>", "VBScript:x"])
def test_no_value_makes_a_link_into_a_program(address: str) -> None:
    templates = Templates([Template("t", Medium.EMAIL, "x", "x", html='<a href="{{ link }}">go</a>')])
    with pytest.raises(UnrenderedTemplate, match="t html: a link leads to") as caught:
        templates.render("t", medium=Medium.EMAIL, data={"link": address}, zone=SEOUL)
    assert address not in str(caught.value)
    made = templates.render("t", medium=Medium.EMAIL, data={"link": "https://shop.example/?a=1&b=2"}, zone=SEOUL)
    assert made.html == '<a href="https://shop.example/?a=1&amp;b=2">go</a>'
