"""A shop that sends mail to the stand."""

from datetime import timedelta
from email.headerregistry import Address
from typing import Any

from attrs import evolve

from retention.channels.protocol import Outcome
from retention.channels.smtp import SmtpChannel, SmtpServer
from retention.permission.messages import Content, Outbound
from retention.testing.messages import NOW, outbound
from tests.channels.smtp_server import SmtpStand

SENDER = Address("커피 가게", addr_spec="news@shop.example")
SECRET = b"of the shop, that mail comes back to"
REPLIES = Address("고객 센터", addr_spec="help@shop.example")


def channel_at(port: int, *, bounces_to: str | None = None, **options: Any) -> SmtpChannel:
    """To a server on this machine, in the clear unless the ``options`` of the server say otherwise."""
    given = {"security": "none", "timeout": timedelta(milliseconds=500), **options}
    server = SmtpServer(host="127.0.0.1", port=port, **given)
    return SmtpChannel(server, sender=SENDER, clock=lambda: NOW, secret=SECRET, reply_to=REPLIES, bounces_to=bounces_to)


def send(stand: SmtpStand, *messages: Outbound, **options: Any) -> list[Outcome]:
    """A plain message if none is given."""
    return list(channel_at(stand.port, **options).send(messages or (outbound(),)))


def forged(content: Content, **headers: str) -> Outbound:
    """What the gate would not let through, as if it had: the channel must hold by itself."""
    return evolve(outbound(), content=content, headers={name.replace("_", "-"): each for name, each in headers.items()})
