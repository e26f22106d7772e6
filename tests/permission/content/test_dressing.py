"""Dressing: label and footer as the country asks, once."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from retention.permission.content import ContentRules, dressed, measure, problems
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


BODIES = st.text(st.sampled_from("가나 a.,!\n(광고)<p>&봄상점02-123-4567"), min_size=1, max_size=30)


@given(
    BODIES,
    st.sampled_from([KOREA, AMERICA, SINGAPORE, NOWHERE]),
    st.sampled_from([Medium.SMS, Medium.EMAIL, Medium.PUSH]),
)
def test_twice_is_once(text: str, rules: ContentRules, medium: Medium) -> None:
    once = dress(Content(text=text, subject=text, html=f"<p>{text.replace('<', '')}</p>"), medium, rules)
    assert dress(once, medium, rules) == once


@given(st.text(st.sampled_from("가나 a.,!\n"), min_size=1, max_size=30).filter(str.strip))
def test_what_was_dressed_shows_all_it_must(text: str) -> None:
    content = Content(text=text, subject="이번 주", html=f"<p>{text}</p>")
    for medium, capabilities in ((Medium.SMS, LMS), (Medium.EMAIL, EMAIL)):
        said = content if medium is Medium.EMAIL else Content(text=text)
        draft = a_draft(dress(said, medium), unsubscribe=LINK)
        assert problems(draft, capabilities, POLICY, KOREA) == ()
