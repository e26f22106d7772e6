"""What a customer is told because of a consent, where the law asks for it: the result of every consent and
withdrawal."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import final

from attrs import evolve, frozen

from retention.campaigns.carrying import nameless
from retention.campaigns.effects import SendMessage
from retention.permission.duties import Duty, duties
from retention.permission.media import MessageKind
from retention.permission.person import Consent
from retention.shell.shop import NOTICES, Shop
from retention.spans import local, midnight, utc
from retention.storage.shop.records import Shopper


@final
@frozen(kw_only=True)
class ResultNotices:
    """The notice of a result, by the first of ``channels`` that can carry it. The template reads ``consent.act``,
    ``consent.medium``, ``consent.at`` and ``consent.purpose`` beside ``customer``; it promotes nothing."""

    template: str
    channels: tuple[str, ...]


def owed(
    shop: Shop, notices: ResultNotices, shopper: Shopper, consents: Iterable[Consent], now: datetime
) -> list[SendMessage]:
    """Those that are in time still, planned before or not: their keys are always the same."""
    assert shop.policy is not None, "the shop was checked"
    person = evolve(shop.person_of(shopper.customer), consents=tuple(consents))
    found = duties(person, policy=shop.policy, now=now, jurisdictions=shop.jurisdictions)
    today = local(now, shop.zone).date()
    return [
        _notice(shop, notices, each, shopper.customer.id, now)
        for each in found
        if each.what == "result notice" and each.last_day >= today
    ]


def _notice(shop: Shop, notices: ResultNotices, duty: Duty, customer: str, now: datetime) -> SendMessage:
    line = duty.consent
    return SendMessage(
        key=f"{NOTICES}:{duty.key}:{nameless(customer)}",
        campaign=NOTICES,
        version=1,
        step=duty.what,
        kind=MessageKind.LEGAL_NOTICE,
        template=notices.template,
        channels=notices.channels,
        planned_at=utc(now),
        expires_at=midnight(duty.last_day + timedelta(days=1), shop.zone),
        topic=None,
        tags=frozenset(),
        priority=0,
        on_unknown="retry",
        asked_for=False,
        data={"consent": {"act": line.act, "medium": line.medium, "at": line.at, "purpose": line.purpose}},
    )
