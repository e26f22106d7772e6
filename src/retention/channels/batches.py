"""How many messages one call may carry."""

from collections.abc import Sequence

from retention.channels.errors import BatchTooLarge
from retention.channels.protocol import Channel
from retention.permission.messages import Outbound


def require_batch(channel: Channel, batch: Sequence[Outbound]) -> None:
    """Raises BatchTooLarge for more messages than the channel's capabilities say."""
    limit = channel.capabilities.batch
    if len(batch) > limit:
        raise BatchTooLarge(channel.id, limit, len(batch))
