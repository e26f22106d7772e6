"""The text of a message: the template that fits channel and language, rendered and dressed."""

from datetime import datetime

from retention.campaigns.effects import SendMessage
from retention.channels.protocol import Channel
from retention.permission.content.dressing import dressed
from retention.permission.messages import Content
from retention.permission.where import country_of
from retention.shell.shop import Shop
from retention.spans import local
from retention.storage.shop.records import Shopper
from retention.templates.values import visible


def content(
    shop: Shop, effect: SendMessage, shopper: Shopper, channel: Channel, unsubscribe: str | None, now: datetime
) -> Content:
    """Raises what the renderer raises for a template that asks for what is not there."""
    assert shop.templates is not None, "the shop was checked"
    assert shop.policy is not None, "the shop was checked"
    customer, medium = shopper.customer, channel.capabilities.medium
    data = {"customer": visible(customer), **effect.data}
    zone = shop.zone_of(customer) or shop.zone
    found = shop.templates.render(effect.template, medium=medium, language=customer.language, data=data, zone=zone)
    country = country_of(shop.person_of(customer), shop.policy)  # as the gate will ask
    rules, sender = shop.jurisdictions.of(country).content(local(now, zone).date()), shop.policy.sender_in(country)
    return dressed(found, effect.kind, medium, rules=rules, sender=sender, unsubscribe=unsubscribe)
