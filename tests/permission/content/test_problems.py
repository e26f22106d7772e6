"""Everything that is wrong with a draft, all at once, each with its code."""

import pytest
from attrs import evolve

from retention.permission.capabilities import Capabilities, Length
from retention.permission.content import ContentRules, problems
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Button, Content, Draft
from retention.permission.policy import ApprovedTemplate, Policy
from tests.permission.content.shop import (
    ALIMTALK,
    AMERICA,
    EMAIL,
    KOREA,
    LINK,
    LMS,
    NOWHERE,
    POLICY,
    SENDER,
    SINGAPORE,
    SMS,
    a_draft,
)

INFORM = MessageKind.TRANSACTIONAL
GOOD = "(광고)봄상점 세일 02-123-4567\n무료수신거부 080-123-4567"


def codes(draft: Draft, capabilities: Capabilities, rules: ContentRules = KOREA, policy: Policy = POLICY) -> list[str]:
    return [each.code for each in problems(draft, capabilities, policy, rules)]


def test_a_lawful_text_has_none() -> None:
    assert codes(a_draft(Content(text=GOOD)), SMS) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD.removeprefix("(광고)"), ["label-missing"]),
        (GOOD.replace("(광고)", "(광 고)"), ["label-look-alike", "sender-name-missing"]),
        (GOOD.replace("봄상점 ", ""), ["sender-name-missing"]),
        (GOOD.replace("봄상점 세일", "세일 봄상점"), ["sender-name-missing"]),
        (GOOD.replace("02-123-4567", ""), ["contact-missing"]),
        (GOOD + "\n감사합니다", ["refusal-missing"]),
        (GOOD.replace("무료", ""), ["refusal-missing"]),
    ],
)
def test_each_part_of_a_korean_advertisement_is_looked_for(text: str, expected: list[str]) -> None:
    """Network Act art. 50(4) and (6), Decree annex 6; the reason gives that source."""
    found = problems(a_draft(Content(text=text)), LMS, POLICY, KOREA)
    assert [each.code for each in found] == expected
    assert {each.source for each in found} == {"Network Act art. 50(4)"}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        (None, []),
        (" ", []),
        ("(광고) 특가 세일", []),
        ("특가 세일", ["label-missing"]),
        ("[광고] 특가 세일", ["label-look-alike"]),
    ],
)
def test_a_title_above_a_labelled_text_is_labelled_too(title: str | None, expected: list[str]) -> None:
    """Decree annex 6: the label is what is read first, and of an LMS or a push that is the title."""
    for capabilities in (LMS, Capabilities(medium=Medium.PUSH)):
        assert codes(a_draft(Content(text=GOOD, subject=title)), capabilities) == expected
        assert codes(a_draft(Content(text=f"봄상점 {LINK}", subject=title)), capabilities, AMERICA) == []
        assert codes(a_draft(Content(text=f"봄상점 {LINK}", subject=title)), capabilities, SINGAPORE) == []


def test_information_owes_none_of_it() -> None:
    for kind in MessageKind:
        if kind is not MessageKind.MARKETING:
            assert codes(a_draft(Content(text="주문이 출발했습니다"), kind), SMS) == []


def test_a_mail_is_looked_at_in_text_and_in_html() -> None:
    text = f"세일 봄상점 02-123-4567 {LINK}"
    shown = f'<p>세일 봄상점 02-123-4567 <a href="{LINK}">수신거부</a></p>'
    mail = a_draft(Content(text=text, subject="(광고) 세일", html=shown), unsubscribe=LINK)
    assert codes(mail, EMAIL) == []
    hidden = evolve(mail.content, html=f"<!-- 봄상점 --><style>02-123-4567</style>{LINK}")
    assert codes(evolve(mail, content=hidden), EMAIL) == [
        "sender-name-missing",
        "contact-missing",
        "unsubscribe-link-missing",
    ]
    assert codes(evolve(mail, content=evolve(mail.content, subject="세일")), EMAIL) == ["label-missing"]
    assert codes(evolve(mail, unsubscribe=None), EMAIL) == ["unsubscribe-link-missing", "unsubscribe-missing"]
    assert codes(evolve(mail, unsubscribe="http://shop.example"), EMAIL, NOWHERE) == ["unsubscribe-missing"]


def test_an_american_mail_shows_a_postal_address() -> None:
    """CAN-SPAM, 15 U.S.C. 7704(a)(5)."""
    mail = a_draft(Content(text=f"Sale 봄상점 {LINK}", subject="Sale"), unsubscribe=LINK)
    assert codes(mail, EMAIL, AMERICA) == ["postal-address-missing"]
    nowhere = Policy(sender=evolve(SENDER, postal_address=None), country="US")
    assert codes(mail, EMAIL, AMERICA, nowhere) == ["postal-address-missing"]
    there = evolve(mail, content=evolve(mail.content, text=f"{mail.content.text} 1 Main Street,\n"))
    assert codes(there, EMAIL, AMERICA) == ["postal-address-missing"]
    there = evolve(mail, content=evolve(mail.content, text=f"{mail.content.text} 1 Main Street   Springfield"))
    assert codes(there, EMAIL, AMERICA) == []


def test_length_and_character_set() -> None:
    assert codes(a_draft(Content(text="가" * 45), INFORM), SMS) == []
    assert codes(a_draft(Content(text="가" * 45 + "a"), INFORM), SMS) == ["too-long"]
    assert codes(a_draft(Content(text="가" * 1_000), INFORM), LMS) == []
    assert codes(a_draft(Content(text="가" * 1_000 + "a"), INFORM), LMS) == ["too-long"]
    found = problems(a_draft(Content(text="₩9,900"), INFORM), SMS, POLICY, KOREA)
    assert [(each.code, "U+20A9 (WON SIGN) at position 0" in each.words) for each in found] == [("unencodable", True)]
    only_length = evolve(SMS, encoding=None)
    assert codes(a_draft(Content(text="₩9,900"), INFORM), only_length) == ["unencodable"]
    only_encoding = evolve(SMS, length=None)
    assert codes(a_draft(Content(text="₩9,900"), INFORM), only_encoding) == ["unencodable"]
    titled = evolve(LMS, subject_length=Length(44, "bytes in cp949"))
    assert codes(a_draft(Content(text="a", subject="가" * 23), INFORM), titled) == ["too-long"]


def test_what_nobody_could_read() -> None:
    assert codes(a_draft(Content(text=" \n"), INFORM), SMS) == ["empty"]
    assert codes(a_draft(Content(text="a", subject=" "), INFORM), EMAIL) == ["subject-missing"]
    assert codes(a_draft(Content(text="a"), INFORM), EMAIL) == ["subject-missing"]


@pytest.mark.parametrize("end", ["\r\nBcc: a@b.example", "\n", "\r", "\x00", "\x0b", "\x85", "\u2028"])
def test_a_subject_begins_no_other_header(end: str) -> None:
    assert codes(a_draft(Content(text="a", subject=f"hello{end}"), INFORM), EMAIL) == ["header-injection"]


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:x",
        " javascript:x",
        "&#106;avascript:x",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
    ],
)
def test_links_run_nothing(link: str) -> None:
    mail = Content(text="a", subject="b", html=f'<a href="{link}">a</a><a href="{LINK}">b</a>')
    assert codes(a_draft(mail, INFORM), EMAIL) == ["unsafe-link"]
    buttons = Content(
        text="a", buttons=(Button("a", url=link.replace("&#106;", "j")), Button("앱", "AL", "myshop://home"))
    )
    assert codes(a_draft(buttons, INFORM), Capabilities(medium=Medium.PUSH, buttons=2)) == ["unsafe-link"]


@pytest.mark.parametrize(
    "attribute",
    [
        *("href", "src", "SRC", "action", "formaction", "background", "poster", "xlink:href", "srcset", "imagesrcset"),
        *("ping", "cite", "longdesc", "lowsrc", "dynsrc", "manifest", "codebase", "archive"),
    ],
)
@pytest.mark.parametrize("address", ["javascript:x", "data:text/html,x", "&#106;ava&#9;script:x", "vbscript:x"])
def test_no_attribute_with_an_address_runs_anything(attribute: str, address: str) -> None:
    for written in (f'{attribute}="{address}"', f"{attribute} = '{address}'", f"{attribute}={address}"):
        mail = Content(text="a", subject="b", html=f"<img {written} alt=x>")
        assert codes(a_draft(mail, INFORM), EMAIL) == ["unsafe-link"]


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        ("/small.png 1x, https://shop.example/w_200,h_100/big.png 2x", []),
        ("/small.png 480w,/big.png 800w", []),
        ("/small.png 1x, javascript:x 2x", ["unsafe-link"]),
        ("/small.png 1x,data:image/svg+xml,x 2x", ["unsafe-link"]),
        ("da\nta:text/html,x 1x", ["unsafe-link"]),
    ],
)
def test_each_address_of_a_list_is_looked_at(addresses: str, expected: list[str]) -> None:
    mail = Content(text="a", subject="b", html=f'<img srcset="{addresses}">')
    assert codes(a_draft(mail, INFORM), EMAIL) == expected


@pytest.mark.parametrize(
    "tag",
    [
        '<meta http-equiv="refresh" content="0;url=https://elsewhere.example">',
        "<META content='0' HTTP-EQUIV = ' Refresh '>",
        "<meta title='>' http-equiv=&#114;efresh content=0>",
        '<base href="https://elsewhere.example/">',
        "<base\nhref=//elsewhere.example>",
        '<base/href="//elsewhere.example">',
        '<object data="https://elsewhere.example/x.swf"></object>',
        "<EMBED src=/x.swf>",
        "<applet code=x>",
        "<iframe srcdoc='x'></iframe>",
        "<frameset><frame src=/x></frameset>",
        "<svg><a><set attributeName=href to=x></a></svg>",
        "<svg><a><animateTransform attributeName=href to=x /></a></svg>",
        "<script src=/x.js></script>",
        "<script>",
    ],
)
def test_no_tag_does_anything_by_itself(tag: str) -> None:
    mail = Content(text="a", subject="b", html=f"<p>a</p>{tag}<a href='{LINK}'>b</a>")
    assert codes(a_draft(mail, INFORM), EMAIL) == ["unsafe-tag"]


@pytest.mark.parametrize(
    "tag",
    [
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">',
        "<meta name=viewport content='width=device-width'>",
        "<basefont color=red>",
        "<p>base, embed and object are words; 3 &lt; <b>4</b></p>",
        "<!--[if mso]><v:rect fill=t></v:rect><![endif]-->",
    ],
)
def test_what_mails_are_made_of_may_stay(tag: str) -> None:
    assert codes(a_draft(Content(text="a", subject="b", html=f"{tag}<p>a</p>"), INFORM), EMAIL) == []


@pytest.mark.parametrize("link", [LINK, "/cart", "#top", "mailto:a@b.example", "tel:02-123-4567", "cart?x=a:b"])
def test_pages_mail_and_telephones_are_links(link: str) -> None:
    mail = Content(text="a", subject="b", html=f"<a href='{link}'>a</a>")
    assert codes(a_draft(mail, INFORM), EMAIL) == []


def test_buttons_that_the_channel_has_no_room_for() -> None:
    content = Content(text="a", buttons=(Button("a"), Button("b")))
    assert codes(a_draft(content, INFORM), Capabilities(medium=Medium.PUSH, buttons=1)) == ["too-many-buttons"]


SHIPPED = ApprovedTemplate("shipped", "#{이름}님, 출발했습니다")
APPROVED = Policy(sender=SENDER, country="KR", templates=(SHIPPED,))


def test_alimtalk_sends_what_was_approved() -> None:
    """Kakao compares the text to the letter (law.md A2)."""
    good = Content(text="민지님, 출발했습니다", template="shipped", variables={"이름": "민지"})
    assert codes(a_draft(good, INFORM), ALIMTALK, policy=APPROVED) == []
    assert codes(a_draft(evolve(good, variables={}), INFORM), ALIMTALK, policy=APPROVED) == []

    def said(content: Content, kind: MessageKind = INFORM) -> list[str]:
        return codes(a_draft(content, kind), ALIMTALK, NOWHERE, APPROVED)

    assert said(evolve(good, template=None)) == ["template-missing"]
    assert said(evolve(good, template="shiped")) == ["template-unknown"]
    assert said(evolve(good, text="민지님, 출발했습니다!")) == ["template-different"]
    assert said(evolve(good, text=SHIPPED.text)) == ["template-unfilled"]
    assert said(evolve(good, variables={"이름": ""})) == ["template-unfilled"]
    assert said(good, MessageKind.MARKETING) == ["template-kind"]
    assert said(evolve(good, buttons=(Button("가" * 15),))) == ["template-different", "button-label-length"]
    found = problems(a_draft(evolve(good, template="shiped"), INFORM), ALIMTALK, APPROVED, NOWHERE)
    assert "did you mean 'shipped'" in found[0].words


TRACK = Button("배송 조회", url="https://shop.example/t/#{번호}?c=#{이름}")
HELP = Button("#{이름}님 문의", "BK")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ((("배송 조회", "WL", "https://shop.example/t/A-1?c=%EB%AF%BC"), ("민지님 문의", "BK", None)), []),
        ((), ["template-different"]),
        ((("배송 조회", "WL", "https://shop.example/t/A-1?c=1"),), ["template-different"]),
        ((("50% 할인", "WL", "https://shop.example/t/A-1?c=1"), ("민지님 문의", "BK", None)), ["template-different"]),
        ((("배송 조회", "WL", "https://ad.example/t/A-1?c=1"), ("민지님 문의", "BK", None)), ["template-different"]),
        ((("배송 조회", "WL", None), ("민지님 문의", "BK", None)), ["template-different"]),
        ((("배송 조회", "AL", "https://shop.example/t/A-1?c=1"), ("민지님 문의", "BK", None)), ["template-different"]),
        ((("배송 조회", "WL", "https://shop.example/t/A-1?c=1"), ("민지님 문의", "BK", LINK)), ["template-different"]),
        ((("민지님 문의", "BK", None), ("배송 조회", "WL", "https://shop.example/t/1?c=1")), ["template-different"]),
        ((("배송 조회", "WL", TRACK.url), ("민지님 문의", "BK", None)), ["template-unfilled"]),
        ((("배송 조회", "WL", "https://shop.example/t/?c="), ("민지님 문의", "BK", None)), ["template-different"]),
    ],
)
def test_buttons_are_those_that_were_approved(
    sent: tuple[tuple[str, str, str | None], ...], expected: list[str]
) -> None:
    """Kakao compares labels, kinds and addresses too; a variable is filled as an address writes it (law.md A2)."""
    policy = evolve(APPROVED, templates=(evolve(SHIPPED, buttons=[TRACK, HELP]),))
    content = Content(
        text="민지님, 출발했습니다",
        template="shipped",
        variables={"이름": "민지"},
        buttons=tuple(Button(*each) for each in sent),
    )
    found = problems(a_draft(content, INFORM), ALIMTALK, policy, NOWHERE)
    assert list(dict.fromkeys(each.code for each in found)) == expected
    assert not any("shop.example" in each.words or "할인" in each.words for each in found)


def test_no_reason_repeats_what_was_written() -> None:
    secret = "김민지 010-1234-5678 ₩"
    content = Content(text=secret * 40, subject=f"{secret}\r\nx", html=f'<a href="javascript:{secret}">{secret}</a>')
    found = problems(a_draft(content), evolve(EMAIL, length=SMS.length, encoding="cp949"), POLICY, KOREA)
    assert len(found) >= 6
    assert all("민지" not in each.words and "5678" not in each.words for each in found)
