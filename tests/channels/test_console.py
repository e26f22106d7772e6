"""What a developer sees, and what their terminal is not made to do."""

from io import BytesIO, StringIO, TextIOWrapper

from attrs import evolve

from retention.channels.console import ConsoleChannel
from retention.channels.protocol import Unknown
from retention.permission.media import Medium
from retention.permission.messages import Button, Content
from retention.testing.messages import outbound


def _shown(content: Content) -> str:
    stream = StringIO()
    ConsoleChannel(stream).send(
        [evolve(outbound(), content=content, headers={"List-Unsubscribe": "<https://a.example>"})]
    )
    return stream.getvalue()


def test_everything_that_is_read_is_shown() -> None:
    content = Content(
        text="한 줄\n두 줄",
        subject="주문 🎉",
        buttons=(Button("보기", url="https://shop.example"), Button("채널 추가")),
    )
    assert _shown(content).splitlines() == [
        "email to anna@example.com (transactional)",
        "List-Unsubscribe: <https://a.example>",
        "Subject: 주문 🎉",
        "| 한 줄",
        "| 두 줄",
        "[보기] https://shop.example",
        "[채널 추가]",
        "",
    ]


def test_a_terminal_is_given_no_orders() -> None:
    shown = _shown(Content(text="\x1b]0;owned\x07\x9b2J\b", subject="\x1b[31mred\r\nSubject: other"))
    assert [each for each in shown if not each.isprintable() and each != "\n"] == []
    assert "\\x1b[31mred\\r\\nSubject: other" in shown


def test_a_stream_that_cannot_write_the_letters_leaves_it_unknown() -> None:
    latin = TextIOWrapper(BytesIO(), encoding="latin-1")
    message = outbound(medium=Medium.PUSH, content=Content(text="한글"))
    assert isinstance(ConsoleChannel(latin, medium=Medium.PUSH).send([message])[0], Unknown)
