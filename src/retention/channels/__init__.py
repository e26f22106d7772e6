"""Ways out: what a channel is, and those that come with the library.

Others are imported from their modules: ``retention.channels.smtp``; ``webhook``, ``korea`` and ``whatsapp`` with the
extra ``http``; ``apprise_bridge`` with the extra ``apprise``.
"""

from retention.channels.console import ConsoleChannel
from retention.channels.errors import BatchTooLarge, ChannelError, ForgedWebhook, InvalidAddress, MalformedWebhook
from retention.channels.memory import MemoryChannel
from retention.channels.protocol import Accepted, CanQuery, Channel, Outcome, Receipt, Rejected, Status, Unknown

__all__ = [
    "Accepted",
    "BatchTooLarge",
    "CanQuery",
    "Channel",
    "ChannelError",
    "ConsoleChannel",
    "ForgedWebhook",
    "InvalidAddress",
    "MalformedWebhook",
    "MemoryChannel",
    "Outcome",
    "Receipt",
    "Rejected",
    "Status",
    "Unknown",
]
