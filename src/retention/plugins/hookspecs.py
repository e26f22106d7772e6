"""The hooks, each with the signature that a plugin's function of that name has. A plugin may leave out arguments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import pluggy

from retention.campaigns.effects import GrantPoints, IssueCoupon, OpenTicket, SetTag
from retention.channels.protocol import Channel, Receipt
from retention.rules.handles.collection import Collection
from retention.rules.handles.fields import Attributes
from retention.segments.membership import Direction
from retention.storage.shop.port import ShopStore
from retention.storage.shop.records import Parcel

PROJECT: Final = "retention"

hookspec: Final = pluggy.HookspecMarker(PROJECT)
hookimpl: Final = pluggy.HookimplMarker(PROJECT)
"""Marks a plugin's functions."""


@hookspec
def retention_storage() -> ShopStore | None:
    """Where the shop's facts, consents and messages are kept. At most one plugin answers."""


@hookspec
def retention_channels() -> Sequence[Channel]:  # type: ignore[empty-body]  # pluggy reads it
    """Ways out, besides the host's own."""


@hookspec
def retention_fields() -> Sequence[Collection | Attributes]:  # type: ignore[empty-body]  # pluggy reads it
    """Collections and attributes of customers that rules may speak of, as handles."""


@hookspec
def retention_membership_changed(customer: str, segment: str, direction: Direction, at: datetime) -> None:
    """A customer entered or left a segment at ``at`` (UTC). Called when it is stored."""


@hookspec
def retention_effect_stored(customer: str, effect: GrantPoints | IssueCoupon | SetTag | OpenTicket) -> None:
    """A campaign gave points or a coupon, set a tag, or opened a ticket, whose words are in the effect. Called when it
    is stored."""


@hookspec
def retention_message_changed(parcel: Parcel) -> None:
    """A message was planned, put off, sent, refused or given up: ``parcel.status``. Called when it is stored."""


@hookspec
def retention_message_reported(parcel: Parcel, receipt: Receipt) -> None:
    """A provider told what became of a message, for the first time. Called when it is stored."""
