"""Messages to customers' own chat rooms."""

from retention_chatroom.channel import ChatroomChannel

__all__ = ["ChatroomChannel"]
