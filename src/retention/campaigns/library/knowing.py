"""Campaigns that know what a customer has, and what goes with it."""

from collections.abc import Iterable
from typing import Any

from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Happens
from retention.campaigns.library.parts import AN_HOUR, EMAIL, MARKETING, gift, morning, send
from retention.campaigns.own import OfEntry, SinceEntry
from retention.campaigns.steps import AskStaff, Send, Tag, Wait
from retention.permission.media import MessageKind
from retention.rules import Orders, Purchases, RowRule, orders, purchases, restock_requests
from retention.rules import segment as member_of
from retention.spans import Duration, days


def vip_recognition(
    segment: str = "high-value", *, channels: Iterable[str] = EMAIL, coupon: str | None = None, call: bool = False
) -> Campaign:
    """Tags who enters ``segment`` (``catalogue.high_value()``) as ``vip`` and thanks them, once in a life.

    Template ``vip-thanks``. ``call`` also opens a ticket, so that somebody of the shop gets in touch.
    """
    ask: tuple[AskStaff, ...] = (AskStaff("call", topic="vip", words="Thank this customer in person"),) if call else ()
    return Campaign(
        "vip-recognition",
        kind=MARKETING,
        entry=Enters(segment=segment),
        steps=(Tag("tag", "vip"), *gift(coupon, None), morning(), send("vip-thanks", channels), *ask),
    )


def cross_sell(
    key: str,
    bought: RowRule[Purchases],
    offered: RowRule[Purchases],
    *,
    channels: Iterable[str] = EMAIL,
    after: Duration = days(7),
    pause: Duration = days(60),
    counting: Orders = orders,
) -> Campaign:
    """Offers who bought the one what goes with it, unless they have it: a grinder to who buys beans.

    Template ``cross-sell``, with ``key`` in its data. ``counting`` is asked of the order of what was bought; what is
    offered counts as bought in whatever order.
    """
    order = purchases.where(bought).any() & counting.any()
    message = Send("cross-sell", template="cross-sell", channels=tuple(channels), expires=days(1), data={"offer": key})
    return Campaign(
        f"cross-sell-{key}",
        kind=MARKETING,
        entry=Happens(event=order),
        again="after exit",
        pause=pause,
        goal=purchases.where(offered).any(),
        leave=OfEntry(~order),
        steps=(Wait("arrive", after), morning(), message),
    )


def replenishment(
    segment: str = "replenishment-due",
    *,
    channels: Iterable[str] = EMAIL,
    again_after: Duration = days(4),
    pause: Duration = days(14),
    counting: Orders = orders,
) -> Campaign:
    """Reminds who enters ``segment`` (``catalogue.replenishment_due(…)``) that something has run out; twice, unless
    they order.

    Templates ``running-low``, ``run-out``.
    """
    return Campaign(
        "replenishment",
        kind=MARKETING,
        entry=Enters(segment=segment),
        again="after entry",
        pause=pause,
        goal=SinceEntry(counting.any()),
        steps=(
            morning(),
            send("running-low", channels),
            Wait("order", again_after),
            morning("another-morning"),
            send("run-out", channels),
        ),
    )


def restock(*, channels: Iterable[str] = EMAIL, expires: Duration = days(2)) -> Campaign:
    """Tells who asked that a product is back: when the shop sets the request's status to ``told``.

    Template ``back-in-stock``. It is marketing, and the one message that the customer asked for: it says so
    (``asked_for``) and the gate knows what follows. One message per product, however often they asked: what the shop
    tells of within an hour is one return.
    """
    message = Send("back-in-stock", template="back-in-stock", channels=tuple(channels), expires=expires, asked_for=True)
    told = restock_requests.where(restock_requests.status == "told")
    return Campaign(
        "restock",
        kind=MARKETING,
        entry=Happens(event=told.any(), each="product_id"),
        again="after exit",
        pause=AN_HOUR,
        steps=(message,),
    )


def tier_change(
    segment: str,
    *,
    template: str = "tier-reached",
    channels: Iterable[str] = EMAIL,
    kind: MessageKind = MessageKind.SERVICE,
    **more: Any,
) -> Campaign:
    """Tells who enters ``segment``, made of ``customer.grade``, what the grade gives them.

    Template ``tier-reached``. A service message, because it tells of what the customer has; give ``kind`` for one that
    advertises. Not who has left the segment by the morning. ``more`` goes to the Campaign.
    """
    return Campaign(
        f"tier-{segment}",
        kind=kind,
        entry=Enters(segment=segment),
        again="each crossing",
        steps=(morning(), send(template, channels, expires=days(3))),
        **{"leave": ~member_of(segment), **more},
    )
