"""Codes that people type: Crockford's base 32 and a check character.

Case does not matter, O is read as 0, I and L as 1, spaces and hyphens are skipped. The check character catches every
single wrong character and every exchange of two. It is of the same 32 letters, which all keyboards and addresses of
pages have, where Crockford's own (modulo 37) needs five signs more.

>>> code = COUPON_CODE.make(bytes(range(8)))
>>> spaced(code)
'0082-0C20-A1G7-F'
>>> COUPON_CODE.read("oo82 oc2o aig7 f") == code
True

Randomness comes in: give ``secrets.token_bytes``, or the bytes themselves.
"""

import hmac
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, Final, TypeAlias, final

from attrs import field, frozen

from retention.errors import ConfigurationError, FactError
from retention.loyalty.errors import ForgedCode

Entropy: TypeAlias = bytes | Callable[[int], bytes]
"""Random bytes, or what gives so many of them: ``secrets.token_bytes``."""

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES: Final = {letter: value for value, letter in enumerate(_ALPHABET)}
_FORGIVEN: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_LONGEST: Final = 128  # what is longer was not typed by a person
_MODULUS: Final = 0b100101  # x^5 + x^2 + 1, whose root generates all 31 other elements of the field of 32


@final
@frozen
class CodeKind:
    """A sort of code: so many random ``symbols`` of 5 bits each, and the check character."""

    name: str
    symbols: int

    @property
    def bits(self) -> int:
        return 5 * self.symbols

    def make(self, entropy: Entropy) -> str:
        """A new code, as it is stored. Raises FactError for less entropy than the code has room for."""
        number = int.from_bytes(_drawn(entropy, -(-self.bits // 8)), "big")
        values = [number >> 5 * place & 31 for place in reversed(range(self.symbols))]
        return "".join(_ALPHABET[value] for value in (*values, _check(values)))

    def read(self, typed: str) -> str:
        """The code as it is stored. Raises ForgedCode for one that was never made, before anybody looks it up."""
        text = folded(typed)
        if len(text) != self.symbols + 1:
            raise ForgedCode(self.name, f"{len(text)} characters where {self.symbols + 1} are expected")
        if any(letter not in _VALUES for letter in text):
            raise ForgedCode(self.name, "a character that codes do not have")
        *values, check = (_VALUES[letter] for letter in text)
        if _check(values) != check:
            raise ForgedCode(self.name, "the check character does not fit")
        return text


REFERRAL_CODE: Final = CodeKind("referral code", 10)
COUPON_CODE: Final = CodeKind("coupon code", 12)
GIFT_CARD_CODE: Final = CodeKind("gift card code", 16)


def folded(typed: str) -> str:
    """What was typed, freed of what people get wrong: case, O for 0, I and L for 1, spaces, hyphens."""
    if not isinstance(typed, str):
        raise FactError("code", "is not text", got=typed, hint="Give what was typed as a str")
    return typed[:_LONGEST].upper().translate(_FORGIVEN)


def spaced(code: str) -> str:
    """The code in groups of four, as people read it."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def _check(values: Iterable[int]) -> int:
    """The value that makes the polynomial of all values, check included, vanish at a generator of the field."""
    total = 0
    for value in values:
        total = _times_generator(total) ^ value
    return _times_generator(total)


def _times_generator(value: int) -> int:
    return value << 1 ^ _MODULUS if value & 16 else value << 1


def _drawn(entropy: Entropy, count: int) -> bytes:
    drawn = entropy(count) if callable(entropy) else entropy
    if not isinstance(drawn, bytes) or len(drawn) < count:
        hint = f"Give secrets.token_bytes, or secrets.token_bytes({count})"
        raise FactError("entropy", f"is not {count} random bytes or more", got=drawn, hint=hint)
    return drawn[:count]


def _secret_tuple(given: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(given)


def _secrets(self: Any, attribute: Any, given: Any) -> None:
    for secret in (given,) if attribute.name == "current" else given:
        if not isinstance(secret, bytes) or len(secret) < 32:
            problem = f"Keys.{attribute.name}: a key is at least 32 bytes, not {type(secret).__name__}"
            raise ConfigurationError(problem, hint="Keep secrets.token_bytes(32) where the host keeps its secrets")


@final
@frozen
class Keys:
    """The host's secret keys, for codes that are not stored as they are.

    A new key becomes ``current`` and the one before it goes to ``former``: what was hashed under that is still found.
    No ``repr`` shows a key. Raises ConfigurationError.
    """

    current: bytes = field(repr=False, validator=_secrets)
    former: tuple[bytes, ...] = field(default=(), repr=False, converter=_secret_tuple, validator=_secrets)

    def hashes(self, code: str) -> tuple[str, ...]:
        """The keyed hashes (HMAC-SHA256) under which a code may be stored; the first is that of the current key."""
        return tuple(_hmac(key, "stored", code).hex() for key in (self.current, *self.former))

    def entropy(self, subject: str) -> bytes:
        """Bytes that nobody without the key can tell from random ones, and the same ones whenever asked again.

        A code made of them for an issue's key is the same code when the event comes twice.
        """
        return _hmac(self.current, "entropy", subject)


def _hmac(key: bytes, purpose: str, text: str) -> bytes:
    return hmac.digest(key, f"{purpose}\0{text}".encode(), sha256)
