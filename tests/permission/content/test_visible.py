"""What a reader sees of an HTML mail: hidden texts and links that nobody can click on are not shown."""

from html import escape

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from retention.permission.content import problems
from retention.permission.content.visible import pieces, readable
from retention.permission.messages import Content
from tests.permission.content.shop import EMAIL, KOREA, LINK, POLICY, a_draft

SHOWN = "<p>봄상점 02-123-4567</p>"
LEADS = f"<a href='{LINK}'>수신거부</a>"


def codes(html: str) -> list[str]:
    content = Content(text=f"세일 봄상점 02-123-4567 {LINK}", subject="(광고) 세일", html=html)
    return [each.code for each in problems(a_draft(content, unsubscribe=LINK), EMAIL, POLICY, KOREA)]


@pytest.mark.parametrize(
    "link",
    [
        LEADS,
        f'<A class="a>b" HREF = "{LINK}" ><b>수신거부</b></A >',
        f"<a href={LINK}>수신거부</a>",
        f"<a href=' {LINK}\n'><span></span> 수신거부</a>",
        f"<a href='{escape(LINK).replace('/', '&#47;')}'>수신거부</a>",
        f"<a href='{LINK}'><img src=/x.png alt='수신거부'></a>",
        f"<a title='hidden' aria-hidden=true href='{LINK}' style='color:red;display:block'>수신거부</a>",
        f"<!--[if !mso]><!-->{LEADS}<!--<![endif]-->",
        f"<div style='display:none'><div>a</div>b</div>{LEADS}",
        f"<input type=hidden><img hidden>{LEADS}",
        f"<p>3 < 4 </3 <!doctype></p>{LEADS}",
    ],
)
def test_a_link_with_words_is_shown(link: str) -> None:
    assert codes(SHOWN + link) == []


@pytest.mark.parametrize(
    "link",
    [
        "",
        f"<!-- {LEADS} -->",
        f"<!-- {LEADS}",
        f"<img src='{LINK}'>",
        f"<link href='{LINK}'>",
        f"<a href='{LINK}'></a>수신거부",
        f"<a href='{LINK}'> \u200b&nbsp;&zwnj;</a>",
        f"<a href='{LINK}'><img src=/x.png></a>",
        f"<a href='{LINK}'><img src=/x.png alt=' '></a>",
        f"<a href='{LINK}'><span hidden>수신거부</span></a>",
        f"<a href='{LINK}x'>수신거부</a>",
        f"<a title='{LINK}' href=/>수신거부</a>",
        f"<a href='/'>{LINK}</a>",
        f"<a href=/ href='{LINK}'>수신거부</a>",
        f"<style>{LEADS}</style>",
        f"<title>{LEADS}</title>",
        f"<template>{LEADS}</template>",
        f"<textarea>{LEADS}</textarea>",
        f'<p title="a>{LEADS}',
        f"<div style='display:none'>{LEADS}</div>",
        f"<div STYLE='color:red; DISPLAY : none !important'><div></div>{LEADS}</div>",
        f"<div style='visibility:hidden;'>{LEADS}</div>",
        f"<div style='opacity:0'>{LEADS}</div>",
        f"<div hidden=until-found>{LEADS}</div>",
        f"<div hidden><div hidden></div>{LEADS}</div>",
        f'<p title="{escape(LEADS)}">a</p>',
        f'<p title="{LEADS}">a</p>',
    ],
)
def test_a_link_that_nobody_can_click_on_is_none(link: str) -> None:
    assert codes(SHOWN + link) == ["unsubscribe-link-missing"]


def test_a_footer_that_is_hidden_shows_nothing() -> None:
    assert codes(f"<p>세일</p><table style='display:none'><tr><td>{SHOWN}{LEADS}</table>") == [
        "sender-name-missing",
        "contact-missing",
        "unsubscribe-link-missing",
    ]


@pytest.mark.parametrize("end", ["", ".", ")", " 로", "\n다음", ").", "> ", '"', ", "])
def test_in_a_text_the_link_stands_by_itself(end: str) -> None:
    mail = a_draft(Content(text=f"봄상점 02-123-4567 수신거부:{LINK}{end}", subject="(광고) 세일"), unsubscribe=LINK)
    assert problems(mail, EMAIL, POLICY, KOREA) == ()


@pytest.mark.parametrize("longer", [f"{LINK}X/other", f"{LINK}.html", f"{LINK}/", f"{LINK}?a=b", f"/?to={LINK}"])
def test_a_longer_link_is_another_one(longer: str) -> None:
    mail = a_draft(Content(text="", subject="(광고) 세일"), unsubscribe=LINK)
    mail = evolve(mail, content=evolve(mail.content, text=f"봄상점 02-123-4567 {longer}"))
    assert [each.code for each in problems(mail, EMAIL, POLICY, KOREA)] == ["unsubscribe-link-missing"]


WORDS = st.text(st.sampled_from("가a <>&'\"=-!"), max_size=6)
HIDING = ["<!--{}-->", "<p hidden>{}</p>", "<b style='display:none'>{}</b>", "<style>{}</style>"]
SHOWING = ["{}", "<p>{}</p>", "<b title='>'>{}</b>", "<td style=color:red>{}", "<br hidden>{}<br/>"]


@given(st.lists(st.tuples(WORDS, st.sampled_from(SHOWING + HIDING)), max_size=8))
def test_the_words_outside_of_hidden_parts_are_read(parts: list[tuple[str, str]]) -> None:
    html = " ".join(around.format(escape(words)) for words, around in parts)
    shown = [words for words, around in parts if around in SHOWING]
    assert readable(html).split() == " ".join(shown).split()


PARTS = st.sampled_from(["<", ">", "/", "!", "-", "=", "'", '"', " ", "a", "<a href=", "<!--", " hidden", "<style>"])


@given(st.lists(PARTS).map("".join))
def test_every_piece_begins_after_the_one_before(html: str) -> None:
    found = [each.at for each in pieces(html)]
    assert found == sorted(set(found))


@pytest.mark.parametrize("part", ["<a ", "<!--", '<a x="', "<a =", "<", "<style>", "= '", "<p hidden>", "<a x='\""])
def test_broken_html_takes_no_longer_than_its_length(part: str) -> None:
    readable(part * 20_000)
