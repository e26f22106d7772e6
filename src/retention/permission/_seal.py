"""What proves that a message went through the gate. An import contract lets only the gate make one."""

from typing import final


@final
class Seal:
    """Held by every outbound message."""

    __slots__ = ()
