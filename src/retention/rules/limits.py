"""How large a rule may be; checked before anything is built, so that nobody's text can cost more than it should."""

from typing import Final

from retention.errors import RuleTooLarge
from retention.rules.nodes import Node
from retention.rules.walk import Size, measure

WRITTEN: Final = Size(nodes=1_000, depth=32, items=10_000)
"""What one rule may hold as it is written; ``items`` are the options of all its lists together."""

RESOLVED: Final = Size(nodes=20_000, depth=96, items=200_000)
"""What a rule may have grown to when all its references are resolved: sharing would otherwise double at each step."""

TEXT_BYTES: Final = 64 * 1024
"""UTF-8 bytes of a rule in the query language."""

JSON_BYTES: Final = 256 * 1024
"""Bytes of a rule as JSON text, which is wordier: 10,000 list items of 24 characters each still fit."""

DIGITS: Final = 40
"""Decimal digits of a number in a rule, above and below the fraction bar each."""


def check_size(root: Node, limits: Size = WRITTEN, path: str = "rule") -> None:
    """Raises RuleTooLarge when a tree passes a limit; stops looking there, whatever its depth or sharing."""
    size = measure(root, stop=limits)
    for what, limit, found in (
        ("nodes", limits.nodes, size.nodes),
        ("depth", limits.depth, size.depth),
        ("list items", limits.items, size.items),
    ):
        if found > limit:
            raise RuleTooLarge(what, limit, found, path=path)
