"""What goes wrong with channels. What is wrong with how they were put together is a ConfigurationError instead."""

from retention.errors import RetentionError


class ChannelError(RetentionError):
    """The root of what goes wrong between a channel and its provider."""

    code = "channel"


class InvalidAddress(ChannelError, ValueError):
    """An address that no provider of that medium can deliver to. The message does not repeat it."""

    code = "invalid-address"


class ForgedWebhook(ChannelError):
    """A webhook whose signature is missing, wrong or too old; nothing of it was read."""

    code = "forged-webhook"


class MalformedWebhook(ChannelError):
    """A webhook that is signed rightly and cannot be understood."""

    code = "malformed-webhook"


class BatchTooLarge(ChannelError, ValueError):
    """More messages in one call than the channel's capabilities say; none of them was sent."""

    code = "batch-too-large"

    def __init__(self, channel: str, limit: int, found: int) -> None:
        self.channel = channel
        self.limit = limit
        self.found = found
        super().__init__(
            f"the channel {channel!r} was given {found} messages where at most {limit} are allowed",
            hint="Give them in batches of capabilities.batch",
        )
