"""A storage, a message and a customer's own collection, for plugins to bring and to be told of."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from retention.campaigns.effects import SendMessage
from retention.permission.media import Medium, MessageKind
from retention.rules import Collection, NumberField
from retention.storage.shop.port import Work
from retention.storage.shop.records import Parcel
from retention.testing.messages import NOW


class Lessons(Collection):
    minutes = NumberField()


class Nowhere:
    """A storage that nobody opens."""

    tenant = "nowhere"

    @contextmanager
    def work(self) -> Iterator[Work]:
        raise NotImplementedError
        yield


def parcel() -> Parcel:
    effect = SendMessage(
        key="k-1",
        campaign="welcome",
        version=1,
        step="hello",
        kind=MessageKind.SERVICE,
        template="hello",
        channels=("email",),
        planned_at=NOW,
        expires_at=NOW + timedelta(days=1),
        topic=None,
        tags=frozenset(),
        priority=0,
        on_unknown="retry",
        asked_for=False,
    )
    return Parcel(
        key="k-1",
        customer="c-1",
        effect=effect,
        channel="email",
        medium=Medium.EMAIL,
        draft=None,
        status="sent",
        planned_at=NOW,
        due_at=NOW,
    )
