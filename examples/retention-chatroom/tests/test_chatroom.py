"""The channel keeps the contract, and reads the chat server's answers rightly."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from chat_server import ChatServer, chat_server
from retention_chatroom import ChatroomChannel
from retention_chatroom.channel import refusal

from retention.channels import Accepted, Channel, Outcome, Rejected, Unknown
from retention.permission import Content, Medium
from retention.plugins import Plugins
from retention.testing.channels import Addresses, ChannelContract
from retention.testing.messages import outbound

ROOMS = tuple(letter * 26 for letter in "abc")


class TestChatroom(ChannelContract):
    @pytest.fixture
    def provider(self) -> Iterator[ChatServer]:
        with chat_server() as server:
            yield server

    @pytest.fixture
    def channel(self, provider: ChatServer) -> Channel:
        return ChatroomChannel(provider.url, timeout=timedelta(milliseconds=300))

    @pytest.fixture
    def addresses(self) -> Addresses:
        return Addresses(
            valid=ROOMS, invalid=("A" * 26, "a" * 25, "../" + "a" * 23, "https://chat.example.com/hooks/x")
        )


@pytest.mark.parametrize(
    ("status", "retry_after", "outcome"),
    [
        (404, None, Rejected(reason="the room is gone", suppress=True, code="404")),
        (413, None, Rejected(reason="the chat server refused the message", code="413")),
        (429, "7", Rejected(reason="the chat server is busy", retry_after=timedelta(seconds=7), code="429")),
        (503, "soon", Rejected(reason="the chat server is busy", retry_after=timedelta(seconds=60), code="503")),
        (302, None, Unknown("the chat server answered 302")),
        (500, None, Unknown("the chat server answered 500")),
    ],
)
def test_each_answer_has_its_meaning(status: int, retry_after: str | None, outcome: Outcome) -> None:
    assert refusal(status, retry_after) == outcome


def test_the_text_arrives_as_it_was_written() -> None:
    with chat_server() as server:
        message = outbound(to=ROOMS[0], medium=Medium.WEBHOOK, content=Content(text='"주문"이\n출발했어요 🎉'))
        assert list(ChatroomChannel(server.url).send([message])) == [Accepted("m-1")]
        assert server.texts == ['"주문"이\n출발했어요 🎉']


def test_a_server_that_is_not_there_is_tried_later() -> None:
    with chat_server() as server:
        gone = ChatroomChannel(server.url)
    [outcome] = gone.send([outbound(to=ROOMS[0], medium=Medium.WEBHOOK)])
    assert isinstance(outcome, Rejected)
    assert outcome.retry_after == timedelta(minutes=1)


def test_it_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    plugins = Plugins()
    assert "chatroom" in plugins.load_entry_points()
    assert plugins.channels() == ()
    monkeypatch.setenv("CHATROOM_SERVER", "https://chat.example.com")
    assert [each.id for each in plugins.channels()] == ["chatroom"]
