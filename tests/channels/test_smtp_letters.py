"""What arrives: texts as they were written, headers that nobody can add to."""

import re
from email import message_from_bytes, policy
from hashlib import sha256
from typing import cast

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from retention.channels.protocol import Accepted, Rejected
from retention.channels.smtp.letters import problems, write
from retention.channels.smtp.names import is_own, message_id
from retention.permission.media import MessageKind
from retention.permission.messages import Content, Draft
from retention.testing.messages import NOW, outbound
from tests.channels.smtp_server import SmtpStand
from tests.channels.smtp_shop import SECRET, SENDER, channel_at, forged, send

INJECTIONS = (
    "\r\nBcc: eve@example.com",
    "\nBcc: eve@example.com",
    "\rBcc: eve@example.com",
    "\r\n\r\nBuy now",
    "\0",
    "\x85Bcc: eve",
    "\u2028Bcc: eve",
    "=?utf-8?q?x=0D=0ABcc:_eve@example.com?=",  # decoded when the header is set
    "=?utf-8?B?eA0KQmNjOiBldmVAZXhhbXBsZS5jb20=?=",
    "=?utf-7?q?+2AA-?=",  # half of a surrogate pair
    "=? \t?q?=0D=0A?=",
)


def test_korean_subjects_and_names_arrive(stand: SmtpStand) -> None:
    subject = "주문하신 커피가 출발했어요 ☕ " + "가나다라마바사" * 12
    send(stand, outbound(content=Content(text="감사합니다.\n곧 도착합니다. 🎉", subject=subject)))
    mail = stand.last
    assert mail["Subject"] == subject
    assert mail["From"].addresses[0].display_name == "커피 가게"
    assert mail["Reply-To"].addresses[0].display_name == "고객 센터"
    assert stand.taken[-1].text == "감사합니다.\n곧 도착합니다. 🎉\n"


def test_only_plain_bytes_go_over_the_wire(stand: SmtpStand) -> None:
    """No server needs 8BITMIME or SMTPUTF8, and no line is longer than RFC 5322, 2.1.1 lets it be."""
    html = f"<p>{'긴 줄 ' * 2_000}</p>"
    send(stand, outbound(content=Content(text="x" * 5_000, subject="제목", html=html)))
    data = stand.taken[-1].data
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")


def test_the_html_stands_beside_the_text(stand: SmtpStand) -> None:
    send(stand, outbound(content=Content(text="plain", subject="s", html="<b>굵게</b>")))
    assert [each.get_content_type() for each in stand.last.iter_parts()] == ["text/plain", "text/html"]
    assert _texts(stand.taken[-1].data) == ["plain\n", "<b>굵게</b>\n"]


def test_lines_of_dots_arrive_as_they_were(stand: SmtpStand) -> None:
    """RFC 5321, 4.5.2: a dot that begins a line is doubled; a lone one would end the message."""
    text = ".\n..\n.hidden\n\r\n.\r\nMAIL FROM:<eve@example.com>\r\n...end"
    outcomes = send(stand, outbound("m-1", content=Content(text=text, subject="dots")), outbound("m-2"))
    assert [type(each) for each in outcomes] == [Accepted, Accepted]
    assert stand.taken[0].text == text.replace("\r\n", "\n") + "\n"
    assert len(stand.taken) == 2


def test_the_id_follows_from_the_key_and_does_not_tell_it(stand: SmtpStand) -> None:
    first, again, other = send(stand, outbound("c-7/welcome"), outbound("c-7/welcome", attempt=2), outbound("c-8"))
    assert isinstance(first, Accepted)
    assert first == again != other
    assert re.fullmatch(r"[0-9a-f]{24}\.[0-9a-f]{32}@shop\.example", first.provider_id)
    assert first.provider_id[:24] not in sha256(b"c-7/welcome").hexdigest()
    assert {each.mail["Message-ID"] for each in stand.taken[:2]} == {f"<{first.provider_id}>"}


def test_the_same_message_is_the_same_bytes(stand: SmtpStand) -> None:
    message = outbound(content=Content(text="plain", subject="s", html="<b>bold</b>"))
    send(stand, message, message)
    assert stand.taken[0] == stand.taken[1]


def test_marketing_carries_the_headers_of_one_click(stand: SmtpStand) -> None:
    """RFC 8058: both headers, and the address in one piece, however long."""
    link = f"https://shop.example/u/{'7f3a' * 60}"
    message = outbound(kind=MessageKind.MARKETING)
    assert set(message.headers) == {"List-Unsubscribe", "List-Unsubscribe-Post"}
    send(stand, evolve(message, headers={**message.headers, "List-Unsubscribe": f"<{link}>"}))
    assert stand.last["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"List-Unsubscribe: <{link}>\r\n".encode() in stand.taken[-1].data
    assert stand.last["Subject"].startswith("(광고)")


def test_other_mail_carries_no_such_header(stand: SmtpStand) -> None:
    send(stand)
    assert "List-Unsubscribe" not in stand.last


def test_each_reader_sees_only_himself(stand: SmtpStand) -> None:
    send(stand, outbound("m-1"), outbound("m-2", to="ben@example.com"))
    assert [each.recipients for each in stand.taken] == [("anna@example.com",), ("ben@example.com",)]
    assert b"ben" not in stand.taken[0].data
    assert b"anna" not in stand.taken[1].data


def test_a_domain_in_hangul_is_written_in_ascii(stand: SmtpStand) -> None:
    send(stand, outbound(to="anna@한국.kr"))
    assert stand.accepted == ["anna@xn--3e0b707e.kr"]


def test_bounces_go_to_their_own_mailbox(stand: SmtpStand) -> None:
    send(stand, bounces_to="bounces@shop.example")
    assert stand.taken[-1].sender == "bounces@shop.example"
    assert stand.last["From"].addresses[0].addr_spec == "news@shop.example"


def test_an_automatic_answer_has_no_envelope_sender(stand: SmtpStand) -> None:
    """RFC 3834, 3.3 (law.md, A5): so that two machines cannot answer each other for ever."""
    send(stand, forged(Content(text="We have got it.", subject="Re: hello"), Auto_Submitted="auto-replied"))
    assert stand.taken[-1].sender == "<>"
    send(stand, forged(Content(text="A notice.", subject="Notice"), Auto_Submitted="auto-generated"))
    assert stand.taken[-1].sender == "news@shop.example"


@pytest.mark.parametrize("injection", INJECTIONS)
def test_a_subject_adds_no_header(stand: SmtpStand, injection: str) -> None:
    [outcome] = send(stand, forged(Content(text="x", subject=f"Hello{injection}")))
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.retry_after, outcome.suppress) == ("header-injection", None, False)
    assert stand.connections == 0


@pytest.mark.parametrize("injection", [*INJECTIONS, "é", "x" * 2_000])
def test_a_header_of_the_gate_adds_no_other(stand: SmtpStand, injection: str) -> None:
    [outcome] = send(stand, forged(Content(text="x", subject="s"), List_Unsubscribe=f"<https://a.example/{injection}>"))
    assert isinstance(outcome, Rejected)
    assert outcome.code == "header-injection"
    assert stand.connections == 0


@pytest.mark.parametrize("name", ["Bcc", "To", "from", "SUBJECT", "Content-Type", "MIME-Version", "Return-Path"])
def test_a_header_of_the_gate_replaces_none_of_the_channels(stand: SmtpStand, name: str) -> None:
    outcome = send(stand, evolve(outbound(), headers={name: "eve@example.com"}))[0]
    assert isinstance(outcome, Rejected)
    assert outcome.code == "reserved-header"


@pytest.mark.parametrize("name", ["", "X Y", "X:", "X\r\nBcc", "é"])
def test_a_header_has_a_name_of_a_header(stand: SmtpStand, name: str) -> None:
    outcome = send(stand, evolve(outbound(), headers={name: "x"}))[0]
    assert isinstance(outcome, Rejected)
    assert outcome.code == "header-injection"


@pytest.mark.parametrize("address", ["anna@example.com\r\nDATA", "anna@example.com> SIZE=1", "eve", "a@b, c@d.example"])
def test_an_address_adds_no_command(stand: SmtpStand, address: str) -> None:
    outcome = send(stand, evolve(outbound(), address=address))[0]
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.retry_after) == ("invalid-address", None)
    assert address not in repr(outcome)
    assert stand.connections == 0


@pytest.mark.parametrize("part", ["text", "subject", "html"])
def test_half_of_a_surrogate_pair_cannot_be_sent(stand: SmtpStand, part: str) -> None:
    parts = {"text": "x", "subject": "s", "html": "h", part: "half \ud83d"}
    content = Content(text=parts["text"], subject=parts["subject"], html=parts["html"])
    outcome = send(stand, forged(content))[0]
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.retry_after) == ("unencodable", None)


def test_a_draft_is_checked_in_the_same_way() -> None:
    draft = Draft(
        key="m-1",
        kind=MessageKind.SERVICE,
        channel="email",
        customer="c-1",
        recipient="r-1",
        address="anna@example.com",
        content=Content(text="half \ud83d", subject="Hello\r\nBcc: eve@example.com"),
        planned_at=NOW,
        expires_at=NOW,
    )
    assert [each.code for each in channel_at(1).check(draft)] == ["header-injection", "unencodable"]


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=300) | st.text(
    ".\r\n \t=abc", max_size=99
)


@given(TEXTS, TEXTS, TEXTS)
def test_any_text_arrives_with_its_line_ends_as_mail_has_them(text: str, html: str, subject: str) -> None:
    content = Content(text=text, html=html, subject="".join(each for each in subject if each.isprintable()))
    assert list(problems(content, {})) == []
    data = write(content, {}, sender=SENDER, recipient="anna@example.com", reply_to=None, id="i@shop.example", at=NOW)
    assert data.isascii()
    assert re.sub(rb"\r\n", b"", data).count(b"\n") == 0
    assert _texts(data) == [_unix(text), _unix(html)]


def _unix(text: str) -> str:
    """Its lines as a mail program gives them back: each ended."""
    lines = text.encode().splitlines()
    return "".join(f"{each.decode()}\n" for each in lines) or "\n"


def _texts(data: bytes) -> list[str]:
    parts = [each for each in message_from_bytes(data, policy=policy.default).walk() if not each.is_multipart()]
    return [cast(bytes, each.get_payload(decode=True)).decode().replace("\r\n", "\n") for each in parts]


def test_ids_of_two_keys_and_of_two_secrets_differ() -> None:
    other = b"another, which is also long enough"
    ids = [message_id(key, "shop.example", secret) for key in ("a", "b") for secret in (SECRET, other)]
    assert len({each.partition(".")[0] for each in ids}) == 4
    assert [is_own(each, SECRET) for each in ids] == [True, False, True, False]
