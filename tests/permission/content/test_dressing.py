"""Dressing: label and footer as the country asks, once."""

from html import escape
from typing import get_args
from unicodedata import normalize

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from retention.permission import SHIPPED
from retention.permission.capabilities import Capabilities
from retention.permission.content import ContentRules, Shown, dressed, measure, problems
from retention.permission.content.visible import readable
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Button, Content
from retention.permission.policy import Policy, Sender
from tests.permission.content.shop import (
    AMERICA,
    EMAIL,
    KOREA,
    LINK,
    LMS,
    NOW,
    NOWHERE,
    POLICY,
    SENDER,
    SINGAPORE,
    a_draft,
)


def dress(
    content: Content, medium: Medium, rules: ContentRules = KOREA, kind: MessageKind = MessageKind.MARKETING
) -> Content:
    return dressed(content, kind, medium, rules=rules, sender=SENDER, unsubscribe=LINK)


def test_a_korean_text_gets_label_sender_contact_and_free_refusal() -> None:
    """Network Act art. 50(4) and (6), Decree annex 6."""
    made = dress(Content(text="봄 세일"), Medium.SMS)
    assert made.text == "(광고)봄상점 봄 세일\n02-123-4567\n무료수신거부 080-123-4567"
    assert measure(made.text, "bytes in cp949") <= 90


def test_a_korean_mail_gets_the_label_in_the_subject() -> None:
    made = dress(Content(text="봄 세일", subject="이번 주", html="<body><p>봄 &amp; 세일</p></BODY>"), Medium.EMAIL)
    assert made.subject == "(광고)이번 주"
    assert made.text == f"봄 세일\n\n봄상점\n02-123-4567\n수신거부 {LINK}"
    assert made.html == (
        f'<body><p>봄 &amp; 세일</p><p>봄상점<br>02-123-4567<br><a href="{LINK}">수신거부</a></p></BODY>'
    )


def test_an_american_mail_gets_the_postal_address() -> None:
    """CAN-SPAM, 15 U.S.C. 7704(a)(5)."""
    made = dress(Content(text="Sale", subject="This week", html="<p>Sale</p>"), Medium.EMAIL, AMERICA)
    assert made.subject == "This week"
    assert "1 Main Street\nSpringfield" in made.text
    assert "1 Main Street Springfield" in readable(made.html or "")


def test_singapore_labels_the_subject() -> None:
    """Spam Control Act, second schedule."""
    assert dress(Content(text="Sale", subject="Now"), Medium.EMAIL, SINGAPORE).subject == "<ADV> Now"


def test_a_title_above_a_korean_text_gets_the_label() -> None:
    assert dress(Content(text="봄 세일", subject="특가"), Medium.SMS).subject == "(광고)특가"
    assert dress(Content(text="봄 세일", subject="특가"), Medium.PUSH).subject == "(광고)특가"
    assert dress(Content(text="Sale", subject="Now"), Medium.PUSH, SINGAPORE).subject == "Now"


def test_other_kinds_stay_as_they_are() -> None:
    content = Content(text="주문 A-1이 출발했습니다", subject="출발", html="<p>출발</p>")
    for kind in MessageKind:
        if kind is not MessageKind.MARKETING:
            assert dress(content, Medium.EMAIL, KOREA, kind) == content


def test_an_approved_text_is_not_touched() -> None:
    content = Content(text="승인된 글", template="T1", variables={"a": "b"}, buttons=(Button("보기", url=LINK),))
    for medium in (Medium.ALIMTALK, Medium.BRAND_MESSAGE, Medium.WHATSAPP):
        assert dress(content, medium) == content


def test_from_kakao_to_sms_it_loses_its_template_and_gets_the_label_of_an_sms() -> None:
    content = Content(
        text="봄 세일", template="T1", variables={"a": "b"}, buttons=(Button("보기", url=LINK), Button("추가", "AC"))
    )
    made = dress(content, Medium.SMS)
    assert made.text == f"(광고)봄상점 봄 세일\n보기: {LINK}\n02-123-4567\n무료수신거부 080-123-4567"
    assert (made.template, dict(made.variables), made.buttons) == (None, {}, ())
    told = dress(content, Medium.SMS, kind=MessageKind.TRANSACTIONAL)
    assert told.text == f"봄 세일\n보기: {LINK}"


def test_what_is_there_is_not_added_again() -> None:
    said = "(광고)[봄상점] 세일 문의 02-123-4567\n무료거부 0801234567"
    assert dress(Content(text=said), Medium.SMS).text == said
    assert dress(Content(text="(광고) 봄 세일"), Medium.SMS).text.startswith("(광고)봄상점 봄 세일")
    assert dress(Content(text="봄상점 세일"), Medium.SMS).text.startswith("(광고)봄상점 세일")


def test_a_refusal_that_is_there_stays_the_end() -> None:
    made = dress(Content(text="세일\n무료수신거부 080-123-4567"), Medium.SMS)
    assert made.text == "(광고)봄상점 세일\n02-123-4567\n무료수신거부 080-123-4567"


def test_a_label_that_looks_like_one_is_left_for_the_gate() -> None:
    made = dress(Content(text="[광고]봄상점 세일"), Medium.SMS)
    assert made.text.startswith("[광고]")
    assert "label-look-alike" in {each.code for each in problems(a_draft(made), LMS, POLICY, KOREA)}
    assert dress(Content(text="a", subject="(광 고) a"), Medium.EMAIL).subject == "(광 고) a"


def test_what_the_sender_has_not_given_is_not_made_up() -> None:
    bare = Sender(name="봄상점", contact="02-123-4567")
    made = dressed(Content(text="세일"), MessageKind.MARKETING, Medium.SMS, rules=KOREA, sender=bare)
    assert made.text == "(광고)봄상점 세일\n02-123-4567"
    found = problems(a_draft(made), LMS, Policy(sender=bare, country="KR"), KOREA)
    assert [each.code for each in found] == ["refusal-missing"]


def test_html_of_the_sender_is_escaped() -> None:
    sender = evolve(SENDER, name="봄 & <상점>")
    made = dressed(
        Content(text="a", subject="b", html="<p>a</p>"), MessageKind.MARKETING, Medium.EMAIL, rules=KOREA, sender=sender
    )
    assert "봄 &amp; &lt;상점&gt;" in (made.html or "")


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ("할인 무료거부 0801234567", "(광고)봄상점 할인\n02-123-4567\n무료거부 0801234567"),
        ("할인.  [무료 수신거부] 080-123-4567\n", "(광고)봄상점 할인.\n02-123-4567\n[무료 수신거부] 080-123-4567"),
        ("할인(무료거부 0801234567)", "(광고)봄상점 할인(무료거부 0801234567)\n02-123-4567\n무료수신거부 080-123-4567"),
    ],
)
def test_a_refusal_at_the_end_of_a_line_comes_after_what_is_added(said: str, made: str) -> None:
    assert dress(Content(text=said), Medium.SMS).text == made


def test_a_sentence_that_ends_with_the_way_alone_is_not_cut() -> None:
    europe = evolve(NOWHERE, texts=frozenset({"sender name", "refusal"}))
    assert dress(Content(text="문의 080-123-4567"), Medium.SMS, europe).text == (
        "문의 080-123-4567\n봄상점\nOpt out: 080-123-4567"
    )
    assert dress(Content(text="080-123-4567"), Medium.SMS, europe).text == "봄상점\n080-123-4567"


def test_buttons_come_before_the_refusal() -> None:
    content = Content(text="세일\n무료거부 0801234567", buttons=(Button("보기", url=LINK),))
    made = dress(content, Medium.SMS)
    assert made.text == f"(광고)봄상점 세일\n보기: {LINK}\n02-123-4567\n무료거부 0801234567"


@pytest.mark.parametrize("end", ["<!-- </body> -->", "<style></body></style>", "<p hidden></body></p>"])
def test_the_footer_is_put_where_it_is_seen(end: str) -> None:
    made = dress(Content(text="a", subject="b", html=f"<p>x</p>{end}"), Medium.EMAIL, AMERICA)
    assert (made.html or "").startswith(f"<p>x</p>{end}<p>봄상점<br>")
    assert problems(a_draft(made, unsubscribe=LINK), EMAIL, POLICY, AMERICA) == ()


@pytest.mark.parametrize("end", ["<!-- no end", '<p title="no end', "<p title='no end", "<p hidden>no end"])
def test_a_footer_that_nobody_would_see_is_not_put_there(end: str) -> None:
    html = f"<p>x</p>{end}"
    made = dress(Content(text="a", subject="b", html=html), Medium.EMAIL, AMERICA)
    assert made.html == html


def test_html_beside_a_text_that_is_no_mail_gets_the_footer_of_that_text() -> None:
    made = dress(Content(text="봄 세일", html="<p>봄 세일</p>"), Medium.WEBHOOK)
    assert made.html == "<p>봄 세일</p><p>봄상점<br>02-123-4567<br>무료수신거부 080-123-4567</p>"
    assert problems(a_draft(made), Capabilities(medium=Medium.WEBHOOK), POLICY, KOREA) == ()


def test_a_blank_subject_stays_one() -> None:
    assert dress(Content(text="a", subject=" "), Medium.EMAIL).subject == " "


ODD = Sender(
    name=normalize("NFD", "[봄]상점 & <b>"), contact="a  @봄\n", postal_address="1 Main\t\tStreet", refusal="Reply STOP"
)
SENDERS = [SENDER, ODD, evolve(SENDER, contact="080-123-4567"), Sender(name=" ", contact="")]
COUNTRIES = [SHIPPED.of(each).content(NOW.date()) for each in ("KR", "US", "DE", "CA", "JP", "AU", "BR")]
EVERYTHING = frozenset(get_args(Shown))
RULES = [*COUNTRIES, SINGAPORE, NOWHERE, ContentRules(texts=EVERYTHING, email=EVERYTHING, refusal_words=("끝:", ""))]

PARTS = [
    *("가", "나다", " ", "\n", ".", "(", "<", ">", "&", "광고", "(광고)", "[광고]", normalize("NFD", "(광고)봄")),
    *(
        "봄상점",
        "[봄]상점 & <b>",
        "02-123-4567",
        "080-123-4567",
        "0801234567",
        "무료거부 ",
        "무료수신거부",
        "Opt out: ",
    ),
    *("Reply STOP", LINK, LINK + "x", "1 Main Street", "Springfield"),
]
TAGS = [
    *("<p>", "</p>", "<body>", "</body>", "</BODY >", "<!--", "-->", "<!-- </body> -->", "<div hidden>", "</div>"),
    *(
        "<title>",
        "</title>",
        "<style></body></style>",
        f"<a href='{LINK}'>",
        "</a>",
        "<img alt='a'>",
        "<p title='",
        '<p title="',
    ),
]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=8).map("".join)
HTMLS = st.lists(st.sampled_from(PARTS + TAGS), max_size=10).map("".join)
CONTENTS = st.builds(
    Content,
    text=TEXTS,
    subject=st.none() | TEXTS,
    html=st.none() | HTMLS,
    buttons=st.sampled_from([(), (Button("보기", url=LINK), Button("추가", "AC"))]),
)


@given(CONTENTS, st.sampled_from(RULES), st.sampled_from(Medium), st.sampled_from(SENDERS), st.none() | st.just(LINK))
@example(Content(text="a", subject="b", html='<p title="'), RULES[-1], Medium.EMAIL, SENDER, LINK)
def test_twice_is_once(
    content: Content, rules: ContentRules, medium: Medium, sender: Sender, unsubscribe: str | None
) -> None:
    def dress_it(given: Content) -> Content:
        return dressed(
            given, MessageKind.MARKETING, medium, rules=rules, sender=sender, unsubscribe=unsubscribe
        )  # fmt: skip

    once = dress_it(content)
    assert dress_it(once) == once


CLOSED = st.sampled_from(
    [
        "{}",
        "<p>{}</p>",
        "<p><b>{}</p>",
        "<!--{}</body>-->",
        "<div hidden>{}</div>",
        "<style>{}</body></style>",
        "</body>{}",
    ]
)


@given(CONTENTS, st.lists(st.tuples(CLOSED, TEXTS)), st.sampled_from(RULES), st.sampled_from(Medium))
@example(Content(text="할인 무료거부 0801234567"), [], COUNTRIES[0], Medium.SMS)
@example(Content(text="할인 080-123-4567\n\n"), [], COUNTRIES[2], Medium.SMS)
@example(Content(text="할인", subject="Sale"), [("<!--{}</body>-->", "")], COUNTRIES[1], Medium.EMAIL)
def test_what_was_dressed_shows_all_it_must(
    content: Content, html: list[tuple[str, str]], rules: ContentRules, medium: Medium
) -> None:
    """Unless there is nothing to dress, or what only looks like a label comes first."""
    written = "".join(around.format(escape(text)) for around, text in html)
    made = dress(evolve(content, html=written), medium, rules)
    capabilities = Capabilities(medium=medium, buttons=5)
    found = {each.code for each in problems(a_draft(made, unsubscribe=LINK), capabilities, POLICY, rules)}
    if "label-look-alike" in found:
        found -= {"label-look-alike", "sender-name-missing"}
    if not (content.subject or "").strip():
        found -= {"subject-missing", "label-missing"}
    assert found <= {"empty", "header-injection", "template-missing"}
