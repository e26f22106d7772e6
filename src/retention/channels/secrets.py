"""What a secret must be before anything is believed because of it: an empty one, or a short one, can be tried out."""

from typing import Final

from retention.errors import ConfigurationError

_BYTES: Final = 32  # as many as SHA-256 gives
_CHARACTERS: Final = 16


def require_key(key: bytes, whose: str) -> bytes:
    """A key that the shop has made for itself. Raises ConfigurationError for one under 32 bytes."""
    if not isinstance(key, bytes) or len(key) < _BYTES:
        raise ConfigurationError(
            f"{whose} is not {_BYTES} bytes or more", hint="Make one with secrets.token_bytes(32) and keep it"
        )
    return key


def require_shared(secret: str, whose: str) -> str:
    """A secret that a provider has too, as text. Raises ConfigurationError for one under 16 characters, blanks at its
    ends not counted."""
    if not isinstance(secret, str) or len(secret.strip()) < _CHARACTERS:
        raise ConfigurationError(
            f"{whose} is not {_CHARACTERS} characters or more",
            hint="Give the whole secret that the provider knows; with a short one anybody could write in its name",
        )
    return secret
