"""The bridge to Apprise: one recipient of an allowed service, nothing claimed that Apprise does not say."""

from collections.abc import Iterator

import pytest

from retention.channels.apprise_bridge import AppriseChannel
from retention.channels.errors import InvalidAddress
from retention.channels.protocol import Accepted, Rejected, Unknown
from retention.errors import ConfigurationError
from retention.permission.media import Medium
from retention.permission.messages import Content
from tests.channels.sendable import sendable
from tests.channels.servers.local import LocalServer, Reply, Request
from tests.channels.servers.notified import Notified

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # by Apprise, before 3.13


@pytest.fixture
def server() -> Iterator[Notified]:
    with Notified() as server:
        yield server


def url(server: LocalServer, path: str = "anna") -> str:
    return f"{server.url.replace('http', 'json', 1)}/{path}"


def test_the_host_makes_the_url_of_a_recipient(server: Notified) -> None:
    channel = AppriseChannel(schemes={"json"}, to_url=lambda token: url(server, token))
    content = Content(text="안녕하세요", subject="소식")
    [outcome] = channel.send([sendable(to="anna", medium=Medium.PUSH, content=content)])
    assert isinstance(outcome, Accepted)
    [request] = server.requests
    assert request.path == "/anna"
    assert "안녕하세요".encode("unicode_escape") in request.body or "안녕하세요".encode() in request.body


def test_it_promises_nothing(server: Notified) -> None:
    capabilities = AppriseChannel(schemes={"json"}).capabilities
    assert capabilities.receipts == frozenset()
    assert capabilities.idempotent_for is None
    assert not capabilities.can_query


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_what_the_service_does_not_confirm_is_unknown(status: int) -> None:
    with LocalServer(lambda request: Reply(status)) as server:
        [outcome] = AppriseChannel(schemes={"json"}).send([sendable(to=url(server), medium=Medium.PUSH)])
    assert isinstance(outcome, Unknown)


def test_redirects_are_not_followed_though_the_address_asks_for_it() -> None:
    with LocalServer(lambda request: Reply()) as elsewhere:

        def answer(request: Request) -> Reply:
            return Reply(307, headers={"location": elsewhere.url})

        with LocalServer(answer) as server:
            address = f"{url(server)}?redirect=yes"
            [outcome] = AppriseChannel(schemes={"json"}).send([sendable(to=address, medium=Medium.PUSH)])
            assert len(server.requests) == 1
        assert elsewhere.requests == []
    assert isinstance(outcome, Unknown)


@pytest.mark.parametrize(
    "address",
    ["xml://127.0.0.1/", "dbus://", "syslog://", "tgram://123456789:abcdefg_hijklmnop/1/2", "json://", "anna", ""],
    ids=["not allowed", "a desktop", "a log", "two recipients", "no host", "no url", "nothing"],
)
def test_an_address_is_one_recipient_of_an_allowed_service(address: str) -> None:
    channel = AppriseChannel(schemes={"json", "tgram"})
    with pytest.raises(InvalidAddress) as caught:
        channel.validate_address(address)
    assert "abcdefg" not in str(caught.value)
    [outcome] = channel.send([sendable(to=address, medium=Medium.PUSH)])
    assert outcome == Rejected(reason="not an address of a service that is allowed")


def test_no_service_is_allowed_unless_named() -> None:
    with pytest.raises(ConfigurationError):
        AppriseChannel(schemes=set())


def test_others_who_use_apprise_keep_their_logs(server: Notified, caplog: pytest.LogCaptureFixture) -> None:
    from apprise import Apprise

    caplog.set_level(0)
    AppriseChannel(schemes={"json"}).send([sendable(to=url(server), medium=Medium.PUSH)])
    assert [each for each in caplog.records if each.name == "apprise"] == []
    assert Apprise.instantiate("json://") is None
    assert [each for each in caplog.records if each.name == "apprise"] != []
