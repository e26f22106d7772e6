"""Templates that want memory, time or depth: each is refused, and none of them needs much to be."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from retention.templates import PlainRenderer, Renderer, UnrenderedTemplate
from retention.templates.limits import OUTPUT_BYTES, SOURCE_BYTES
from retention.templates.liquid import LiquidRenderer
from tests.templates.shop import SEOUL

PLAIN, LIQUID = PlainRenderer(), LiquidRenderer()
DATA = {"a": "a" * 1_000, "big": "가" * 30_000, "list": ["x"] * 500, "long": list(range(5_000))}
BOTH = pytest.mark.parametrize("renderer", [PLAIN, LIQUID], ids=["plain", "liquid"])


@contextmanager
def at_most(megabytes: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < megabytes * 1_000_000


def refused(renderer: Renderer, source: str) -> UnrenderedTemplate:
    with at_most(40), pytest.raises(UnrenderedTemplate) as caught:
        renderer.render(source, DATA, html=True, zone=SEOUL)
    return caught.value


@BOTH
def test_a_source_has_at_most_64_kib(renderer: Renderer) -> None:
    fits = "가" * (SOURCE_BYTES // 3)
    assert renderer.render(fits, {}, html=False, zone=SEOUL) == fits
    assert "64 KiB" in str(refused(renderer, fits + "가"))
    assert [each.code for each in renderer.faults(fits + "가", None, html=True)] == ["too-large"]


@BOTH
def test_a_result_has_at_most_100_kib(renderer: Renderer) -> None:
    assert len(renderer.render("{{ a }}" * 102, DATA, html=True, zone=SEOUL)) == 102_000 < OUTPUT_BYTES
    assert "100 KiB" in str(refused(renderer, "{{ a }}" * 103))
    assert "100 KiB" in str(refused(renderer, "{{ big }}{{ big }}"))  # bytes, not characters


@BOTH
def test_placeholders_are_counted_before_they_are_read(renderer: Renderer) -> None:
    assert [each.code for each in renderer.faults("{{ a }}" * 1_001, None, html=False)] == ["too-large"]
    assert renderer.faults("{{ a }}" * 1_000, None, html=False) == []


@BOTH
@pytest.mark.parametrize(
    "piece",
    [
        "{{",
        "{%",
        "{{ '",
        "}}",
        "{{ a | ",
        "<",
        '<a "',
        "<!--",
        "<a {{ a }}",
        "{{ a }}<",
        "{",
        "%}",
        "<script>",
        "{{ a.",
        "{{-",
        "{% #",
    ],
)
def test_what_is_never_closed_is_read_once(renderer: Renderer, piece: str) -> None:
    """A reader that looked for the end from each beginning would take minutes."""
    source = piece * (SOURCE_BYTES // len(piece))
    for html in (False, True):
        found = renderer.faults(source, None, html=html)
        assert all(0 <= each.position <= len(source) for each in found)


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in long %}x{% endfor %}",
        "{% for i in list %}x{% endfor %}" * 3,  # 1,500 rounds in a row
        "{% for i in list %}{% for j in list %}x{% endfor %}{% endfor %}",
        "{% for i in list %}{% for j in list limit: 2 %}x{% endfor %}{% endfor %}",
        "{% for i in list %}{% if true %}{% for j in list %}{% endfor %}{% endif %}{% endfor %}",
    ],
)
def test_loops_go_round_a_thousand_times_all_together(source: str) -> None:
    assert "1,000 times" in str(refused(LIQUID, source))


def test_a_thousand_rounds_are_allowed() -> None:
    source = "{% for i in list %}x{% endfor %}" * 2
    assert LIQUID.render(source, DATA, html=False, zone=SEOUL) == "x" * 1_000


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in (1..1000000000) %}x{% endfor %}",
        "{% for i in (1..1000000000) reversed %}{% endfor %}",
        "{% assign r = (1..1000000000) | join %}",
        "{% assign x = a %}{% for i in list %}{% capture x %}{{ x }}{{ x }}{% endcapture %}{% endfor %}",
        "{% assign x = 2 %}{% for i in list %}{% assign x = x | times: x %}{% endfor %}",
        "{% assign x = a %}{% for i in list %}{% assign x = x | append: x %}{% endfor %}",
        "{{ a | replace: '', a | replace: '', a }}",
        "{{ long | join: big }}",
        "{{ list | join: a }}",
        "{% for i in list %}" + "{% assign z = big | upcase | downcase %}" * 20 + "{% endfor %}",
        "{% for i in list %}" + "{% if big == big %}{% endif %}" * 400 + "{% endfor %}",
        "{{ 1 | plus: 1e999999999 }}",
        "{{ " + "9" * 900 + " | plus: " + "9" * 90 + " | money }}",
        "{{ a | truncate: 99999999999999999999, big | truncate: 9, big }}{{ big }}{{ big }}",
    ],
)
def test_nothing_grows(source: str) -> None:
    refused(LIQUID, source)


@pytest.mark.parametrize(
    "source",
    [
        "{% if a %}" * 200 + "{% endif %}" * 200,
        "{% if a %}" * 400,
        "{% for i in list %}" * 30 + "{% endfor %}" * 30,
        "{{ a" + "[a" * 300 + "]" * 300 + " }}",
        "{% if " + " and ".join(["a"] * 180) + " %}x{% endif %}",
        "{% if " + "(" * 400 + "a" + ")" * 400 + " %}x{% endif %}",
    ],
)
def test_depth_ends_in_an_answer(source: str) -> None:
    found = LIQUID.faults(source, None, html=False)
    assert all(each.code in {"syntax", "too-large"} for each in found)
    try:
        made = LIQUID.render(source, DATA, html=False, zone=SEOUL)
    except UnrenderedTemplate:
        return
    assert made == "x"
    assert found == []


def test_an_expression_has_at_most_a_thousand_characters() -> None:
    for source in (
        "{{ a | default: '" + "x" * 1_000 + "' }}",
        "{% if " + " and ".join(["a"] * 300) + " %}x{% endif %}",
    ):
        assert "at most 1000 characters" in LIQUID.faults(source, None, html=False)[0].words
