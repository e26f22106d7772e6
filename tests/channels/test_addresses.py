"""Which addresses are taken, and in which form."""

import pytest

from retention.channels.addresses import mailbox, printable
from retention.channels.errors import InvalidAddress


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("anna@example.com", "anna@example.com"),
        ("Anna.B+news@EXAMPLE.com", "Anna.B+news@example.com"),
        ("anna@mail.example.co.kr", "anna@mail.example.co.kr"),
        ("o'hara_1@x-y.example", "o'hara_1@x-y.example"),
        ("anna@한국.kr", "anna@xn--3e0b707e.kr"),
        ("anna@XN--3E0B707E.kr", "anna@xn--3e0b707e.kr"),
        (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
    ],
)
def test_a_mailbox_has_one_form(address: str, form: str) -> None:
    assert mailbox(address) == form


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "@example.com",
        "anna@",
        "anna@home",
        "anna@@example.com",
        ".anna@example.com",
        "anna.@example.com",
        "an..na@example.com",
        '"an na"@example.com',
        "anna@[192.0.2.1]",
        "anna@192.0.2.1",
        "anna@-x.example",
        "anna@x-.example",
        "anna@example..com",
        "anna@example.com.",
        " anna@example.com",
        "anna@example.com\n",
        "Anna <anna@example.com>",
        "안나@example.com",
        f"{'a' * 65}@example.com",
        f"a@{'b' * 64}.example",
        f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 70}.example",
        f"anna@{'한' * 62}.{'국' * 62}.{'한' * 62}.kr",
        "anna@\ud800.example",
    ],
)
def test_what_is_no_mailbox_is_refused(address: str) -> None:
    with pytest.raises(InvalidAddress, match="not an e-mail address") as caught:
        mailbox(address)
    assert caught.value.__context__ is None, "what is behind it might repeat the address"


@pytest.mark.parametrize("address", ["token", "https://example.com/x?y=z", "가나다", "x" * 2_048])
def test_any_printable_address_is_taken_as_it_is(address: str) -> None:
    assert printable(address) == address


@pytest.mark.parametrize("address", ["", " ", "a b", "a\n", "\x00", "a\u2028", "\ud800", "x" * 2_049])
def test_what_cannot_be_printed_is_refused(address: str) -> None:
    with pytest.raises(InvalidAddress, match="not an address"):
        printable(address)
