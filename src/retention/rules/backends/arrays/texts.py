"""Texts by number: every column of text keeps its distinct texts once, sorted, and a code for each cell."""

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from math import isinf
from typing import Any, Final, Self, TypeAlias, final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from retention.errors import ConfigurationError, FactError

Codes: TypeAlias = NDArray[np.int32]

NO_TEXT: Final = -1
"""The code of a missing text."""


@final
@frozen(eq=False, repr=False)
class Texts:
    """Distinct texts in order of code point, as UTF-8 one after the other; the code of a text is its place.

    Text ``code`` is ``letters[ends[code]:ends[code + 1]]``. Codes compare as their texts do.
    """

    letters: NDArray[np.uint8]
    ends: NDArray[np.int64]
    _kept: dict[tuple[str, str], Any] = field(factory=dict, init=False)

    @classmethod
    def of(cls, ordered: Sequence[str]) -> Self:
        """The dictionary of texts that are sorted and distinct already."""
        encoded = [each.encode() for each in ordered]
        ends = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=ends[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), ends)

    def __len__(self) -> int:
        return len(self.ends) - 1

    def __getitem__(self, code: int) -> str:
        return _decoded(self._bytes(code))

    def _bytes(self, code: int) -> bytes:
        if code >= len(self):
            raise IndexError(code)
        return self.letters[self.ends[code] : self.ends[code + 1]].tobytes()

    def words(self) -> list[str]:
        """All of them, in order."""
        letters, ends = self.letters.tobytes(), pairwise(self.ends.tolist())
        if letters.isascii():
            text = letters.decode()
            return [text[start:end] for start, end in ends]
        return [_decoded(letters[start:end]) for start, end in ends]

    def place(self, text: str) -> int:
        """How many of the texts come before ``text``. Cost: the logarithm of their number."""
        return bisect_left(_Encoded(self), text.encode("utf-8", "surrogatepass"))

    def find(self, text: str) -> int:
        """The code of a text, NO_TEXT if it is not among them."""
        place = self.place(text)
        return place if place < len(self) and self[place] == text else NO_TEXT

    def cells(self, codes: Codes) -> list[str | None]:
        """The texts of some cells."""
        if len(codes) < len(self) // 4:
            return [None if code < 0 else self[code] for code in codes.tolist()]
        words: list[str | None] = [*self.words(), None]
        return [words[code] for code in codes.tolist()]

    def folded(self) -> "tuple[Texts, Codes]":
        """The casefolded texts, and of each code here the code there. Made once and kept."""
        found: tuple[Texts, Codes] = self._once(("folded", ""), lambda: _mapped(self.words()))
        return found

    def buckets(self, salt: str) -> NDArray[np.int64]:
        """Of each text the bucket number under a salt. Made once and kept."""
        found: NDArray[np.int64] = self._once(("bucket", salt), lambda: _buckets(self.words(), salt))
        return found

    def _once(self, key: tuple[str, str], make: Callable[[], Any]) -> Any:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def codes_in(self, other: "Texts") -> Codes:
        """Of each text here its code in another dictionary, NO_TEXT if it is not there; one NO_TEXT more at the end."""
        found = np.full(len(self) + 1, NO_TEXT, np.int32)
        mine = {text: code for code, text in enumerate(self.words())}
        for code, text in enumerate(other.words()):
            if text in mine:
                found[mine[text]] = code
        return found

    def with_words(self, words: Iterable[str]) -> "tuple[Texts, Codes | None]":
        """These and more texts, and of each old code the new one (None if they stay), one NO_TEXT more at the end.

        Costs a copy of the letters if there is a new text, and the logarithm of their number for each given.
        """
        new = sorted(word for word in set(words) if self.find(word) < 0)
        if not new:
            return self, None
        places = np.array([self.place(word) for word in new], np.int64)
        added = Texts.of(new)
        pieces: list[NDArray[np.uint8]] = []
        start = 0
        for number, place in enumerate(places.tolist()):
            end = int(self.ends[place])
            pieces += [self.letters[start:end], added.letters[added.ends[number] : added.ends[number + 1]]]
            start = end
        lengths = np.insert(np.diff(self.ends), places, np.diff(added.ends))
        ends = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
        old = np.arange(len(self) + 1)
        moved = (old + np.searchsorted(places, old, side="right")).astype(np.int32)
        moved[-1] = NO_TEXT
        return Texts(np.concatenate((*pieces, self.letters[start:])), ends), moved


class _Encoded(Sequence[bytes]):
    """The texts as bytes, which are in the same order, for bisection."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, code: Any) -> Any:
        return self._texts._bytes(code)


def _decoded(letters: bytes) -> str:
    try:
        return letters.decode()
    except UnicodeDecodeError:
        hint = "Save the snapshot again, into a new folder"
        raise ConfigurationError("a text of the snapshot is no UTF-8: its files are damaged", hint=hint) from None


def is_infinite(cell: object) -> bool:
    """An infinite number says as little as NaN, and databases take it for missing too."""
    return cell.is_infinite() if isinstance(cell, Decimal) else isinstance(cell, float) and isinf(cell)


def is_missing(cell: object) -> bool:
    """None, NaN and NaT: what is no number or time is not even equal to itself; and NA of pandas, which cannot tell."""
    if cell is None:
        return True
    try:
        unequal: object = cell != cell  # noqa: PLR0124
    except (TypeError, ValueError, ArithmeticError):  # the decimal sNaN
        return False
    if isinstance(unequal, bool | np.bool_):
        return bool(unequal)
    return type(cell).__name__ == "NAType"


def encode(cells: Sequence[Any], path: str = "") -> tuple[Codes, Texts]:
    """Codes and dictionary of texts; None and NaN are missing. Raises FactError for what is no text."""
    try:
        distinct = dict.fromkeys(cells)
    except TypeError:  # a list, say, which cannot be hashed
        raise _no_text(cells, path) from None
    missing = [each for each in distinct if is_missing(each)]
    for each in missing:
        del distinct[each]
    if not all(isinstance(each, str) for each in distinct):
        raise _no_text(cells, path)
    ordered = sorted(distinct)
    codes: dict[Any, int] = {text: code for code, text in enumerate(ordered)}
    codes.update(dict.fromkeys(missing, NO_TEXT))
    try:
        return np.fromiter(map(codes.__getitem__, cells), np.int32, len(cells)), Texts.of(ordered)
    except UnicodeEncodeError:
        hint = "Decode the bytes as UTF-8 before they come in"
        raise FactError(path, "has half of a surrogate pair", got="", hint=hint) from None


def _no_text(cells: Sequence[Any], path: str) -> FactError:
    row, got = next((row, cell) for row, cell in enumerate(cells) if not isinstance(cell, str) and not is_missing(cell))
    return FactError(f"{path}[{row}]", "is not text", got=got, hint="Give str, or None for what is missing")


def encode_numbers(cells: NDArray[Any]) -> tuple[Codes, Texts]:
    """Codes and dictionary of whole numbers as decimal texts."""
    if cells.size and (cells.min() < 0 or cells.max() >= _TENS[-1]):
        return encode(list(map(str, cells.tolist())))
    numbers, places = _distinct(cells.astype(np.int64))
    lengths = 1 + np.searchsorted(_TENS, numbers, side="right")
    width = int(lengths.max(initial=1))
    aligned = numbers * 10 ** (width - lengths)  # 7 as 700: in order of their texts; of equal ones the shorter is first
    order = np.argsort(aligned, kind="stable")
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    digits = np.empty((len(order), width), np.uint8)
    rest = aligned[order]
    for place in reversed(range(width)):
        above = rest // 10
        digits[:, place] = rest - above * 10 + ord("0")
        rest = above
    ends = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths[order])))
    return rank[places], Texts(digits[np.arange(width) < lengths[order][:, np.newaxis]], ends)


def _distinct(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """The distinct numbers in order, and of each given its place; without sorting where they lie close together."""
    first, last = (int(numbers.min()), int(numbers.max())) if numbers.size else (0, -1)
    if last - first > _DENSE * numbers.size:
        found, places = np.unique(numbers, return_inverse=True)
        return found, places
    above = numbers - first
    seen = np.zeros(last - first + 1, np.bool_)
    seen[above] = True
    return np.flatnonzero(seen) + first, (np.cumsum(seen, dtype=np.int32) - np.int32(1))[above]


_DENSE: Final = 8
_TENS: Final = 10 ** np.arange(1, 19)


def _mapped(words: list[str]) -> tuple[Texts, Codes]:
    codes, texts = encode([word.casefold() for word in words])
    return texts, codes


def _buckets(words: list[str], salt: str) -> NDArray[np.int64]:
    start = hashlib.sha256(f"{salt}\0".encode())
    numbers = np.empty(len(words), np.int64)
    for code, word in enumerate(words):
        digest = start.copy()
        digest.update(word.encode())
        numbers[code] = int.from_bytes(digest.digest()[:4], "big")
    return numbers
