"""Headers of e-mails: RFC 8058, RFC 3834, and that nobody's text begins a header of its own."""

from datetime import timedelta

import pytest

from retention.errors import ConfigurationError
from retention.permission.content import automatic_headers, checked_headers, may_answer, one_click_headers
from retention.permission.content.email import control_at, is_one_click
from retention.permission.media import MessageKind
from tests.permission.content.shop import LINK, NOW


def test_marketing_carries_one_https_address_and_the_one_click() -> None:
    """RFC 8058, section 3.1."""
    assert one_click_headers(MessageKind.MARKETING, LINK) == {
        "List-Unsubscribe": f"<{LINK}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


@pytest.mark.parametrize("kind", [each for each in MessageKind if each is not MessageKind.MARKETING])
def test_other_kinds_carry_neither(kind: MessageKind) -> None:
    assert one_click_headers(kind, LINK) == {}


@pytest.mark.parametrize(
    "address",
    [
        *("http://shop.example/u", "mailto:u@shop.example", "https://", "https://shop.example/a b", "javascript:x"),
        *(
            "https://shop.example/u>, <https://evil.example",
            "https://shop.example/u\r\nBcc: a@b",
            "https://상점.example/u",
        ),
        *("https://shop.example/" + "u" * 900, "https://user@shop.example/", "https://shop.example/a,b<", ""),
    ],
)
def test_what_is_no_plain_https_address_gives_no_header(address: str) -> None:
    assert not is_one_click(address)
    assert one_click_headers(MessageKind.MARKETING, address) == {}


@pytest.mark.parametrize("address", [LINK, "https://shop.example:8443/u?t=a.b-c_d~e%20&k=1#x", "https://shop.example"])
def test_what_is_one(address: str) -> None:
    assert is_one_click(address)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("봄 세일", None),
        ("a\r\nBcc: b", 1),
        ("a\nb", 1),
        ("\x00", 0),
        ("a\x85", 1),
        ("a\u2028", 1),
        ("ab\ud800", 2),
        ("a\tb", 1),
    ],
)
def test_controls_are_found(text: str, at: int | None) -> None:
    assert control_at(text) == at


def test_headers_are_checked_by_name_and_value() -> None:
    assert checked_headers({"X-Shop": "봄"}) == {"X-Shop": "봄"}
    with pytest.raises(ConfigurationError, match="X-Shop holds a line end") as caught:
        checked_headers({"X-Shop": "secret\r\nBcc: a@b"})
    assert "secret" not in str(caught.value)
    for name in ("X Shop", "X-Shop:", "", "X\r\nY", "머리"):
        with pytest.raises(ConfigurationError, match="name of a header"):
            checked_headers({name: "a"})


def test_automatic_answers_say_what_they_are() -> None:
    """RFC 3834, sections 5 and 3.1.5."""
    assert automatic_headers("auto-generated") == {"Auto-Submitted": "auto-generated"}
    assert automatic_headers("auto-replied", answers="<2@x>", references="<1@x>") == {
        "Auto-Submitted": "auto-replied",
        "In-Reply-To": "<2@x>",
        "References": "<1@x> <2@x>",
    }
    with pytest.raises(ConfigurationError):
        automatic_headers("auto-replied", answers="<2@x>\r\nBcc: a@b")


@pytest.mark.parametrize(
    "header",
    [
        ("Auto-Submitted", "auto-replied"),
        ("auto-submitted", " Auto-Generated; x=y"),
        ("Precedence", "bulk"),
        ("Precedence", "JUNK"),
        ("Precedence", "list"),
        ("List-Id", "<news.shop.example>"),
        ("List-Unsubscribe", "<https://x.example>"),
        ("Return-Path", "<>"),
        ("X-Auto-Response-Suppress", "All"),
    ],
)
def test_what_is_automatic_is_never_answered(header: tuple[str, str]) -> None:
    """RFC 3834, section 2."""
    assert not may_answer([("Subject", "hello"), header], return_path="minji@x.example", now=NOW)


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "<>",
        "MAILER-DAEMON@x.example",
        "owner-news@x.example",
        "news-request@x.example",
        *(f"{each}@x.example" for each in ("no-reply", "noreply", "no_reply", "No.Reply", "noreply1", "noreply+1")),
        *(f"{each}@x.example" for each in ("do_not_reply", "donotreply", "do-not-reply", "dont-reply", "noreply.kr")),
        *(f"{each}@x.example" for each in ("orders-noreply", "shop.no-reply", "mailerdaemon", "mailer_daemon")),
        *(f"{each}@x.example" for each in ("postmaster", "bounces+minji=shop.example", "bounce2")),
    ],
)
def test_robots_are_never_answered(sender: str) -> None:
    assert not may_answer([], return_path=sender, now=NOW)


@pytest.mark.parametrize("name", ["minji", "casinoreply", "noreplyer", "reply", "ebounce", "requests", "owner"])
def test_people_whose_names_are_like_a_robots_are_answered(name: str) -> None:
    assert may_answer([], return_path=f"{name}@x.example", now=NOW)


def test_an_address_of_many_separators_costs_nothing() -> None:
    assert may_answer([], return_path="-" * 100_000 + "no" * 10_000 + "@x.example", now=NOW)


def test_no_with_a_parameter_is_no() -> None:
    """RFC 3834, section 5.1."""
    assert may_answer([("Auto-Submitted", "no; owner=minji")], return_path="minji@x.example", now=NOW)


def test_people_are_answered_once_in_seven_days() -> None:
    said = [("Auto-Submitted", "no"), ("Precedence", "first-class"), ("Return-Path", "<minji@x.example>")]
    assert may_answer(said, return_path="<minji@x.example>", now=NOW)
    for days, answered in ((6, False), (7, True)):
        at = NOW - timedelta(days=days)
        assert may_answer(said, return_path="minji@x.example", answered_at=at, now=NOW) is answered
