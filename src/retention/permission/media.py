"""Media, and kinds of messages: what a message travels by, and what it is to the law."""

from enum import Enum
from typing import final


@final
class Medium(Enum):
    """What a message travels by. ``ALIMTALK`` and ``BRAND_MESSAGE`` are Kakao's; ``SMS`` is any text to a telephone."""

    EMAIL = "email"
    SMS = "sms"
    ALIMTALK = "alimtalk"
    BRAND_MESSAGE = "brand_message"
    PUSH = "push"
    WHATSAPP = "whatsapp"
    WEBHOOK = "webhook"

    @property
    def consent(self) -> str:
        """What customers call it when they consent: ``kakao`` for both of Kakao's, else its own value."""
        return "kakao" if self in (Medium.ALIMTALK, Medium.BRAND_MESSAGE) else self.value


@final
class MessageKind(Enum):
    """What a message is to the law; whoever writes it says so, and nothing infers it.

    Abandoned carts, restock, win-back and points for reviews are marketing unless the customer asked for that one
    message.
    """

    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"
    SERVICE = "service"
    LEGAL_NOTICE = "legal_notice"
