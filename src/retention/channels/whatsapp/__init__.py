"""WhatsApp, through Meta's Cloud API. Needs the extra ``http``."""

from importlib.util import find_spec

from retention.errors import MissingExtra

if find_spec("httpx") is None:
    raise MissingExtra("retention.channels.whatsapp", "httpx", "http")

from retention.channels.whatsapp.channel import WhatsAppChannel
from retention.channels.whatsapp.webhooks import Inbound, answer_challenge, read_inbound

__all__ = ["Inbound", "WhatsAppChannel", "answer_challenge", "read_inbound"]
