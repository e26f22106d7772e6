"""Segments as columns beside the customer's id."""

from collections.abc import Iterable

from retention.errors import ConfigurationError


def require_columns(id: str, keys: Iterable[str]) -> None:
    """Raises ConfigurationError for keys that databases take for one column: most of them do not tell capitals from
    small letters, and answer with one of the two."""
    named = {id.casefold(): id}
    for key in keys:
        other = named.setdefault(key.casefold(), key)
        if key.casefold() == id.casefold():
            raise ConfigurationError(
                f"{key!r} names the column of the customer's id, {id!r}", hint="Give the segment another key"
            )
        if other != key:
            raise ConfigurationError(
                f"{other!r} and {key!r} are one column to a database", hint="Give one of the segments another key"
            )
