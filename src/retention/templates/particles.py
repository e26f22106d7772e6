"""Korean particles: which of two forms follows a word, by the sound on which the word ends.

>>> with_particle("김민지", "은/는"), with_particle("서울", "으로/로"), with_particle("12,900원", "을/를")
('김민지는', '서울로', '12,900원을')
"""

import re
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, assert_never
from unicodedata import normalize

Ending: TypeAlias = Literal["vowel", "rieul", "consonant"]

_PAIRS: Final[Mapping[str, tuple[str, str, str]]] = {  # after a consonant, after a vowel, after who knows what
    "은/는": ("은", "는", "은(는)"),
    "이/가": ("이", "가", "이(가)"),
    "을/를": ("을", "를", "을(를)"),
    "과/와": ("과", "와", "와(과)"),
    "으로/로": ("으로", "로", "(으)로"),
}
PARTICLES: Final[Mapping[str, tuple[str, str, str]]] = {
    **_PAIRS,
    **{"/".join(reversed(pair.split("/"))): forms for pair, forms in _PAIRS.items()},
}
"""The pairs, in either order."""

_DIGITS: Final[tuple[Ending, ...]] = (  # 영 일 이 삼 사 오 육 칠 팔 구
    "consonant", "rieul", "vowel", "consonant", "vowel", "vowel", "consonant", "rieul", "rieul", "vowel",
)  # fmt: skip
_UNITS: Final[Mapping[str, Ending]] = {
    "%": "vowel", "g": "consonant", "kg": "consonant", "mg": "consonant",
    "m": "vowel", "cm": "vowel", "mm": "vowel", "km": "vowel", "l": "vowel", "ml": "vowel",
}  # fmt: skip
_SIGNS: Final[Mapping[str, Ending]] = {  # said after the number: 달러, 유로, 파운드, 엔, 원
    "$": "vowel", "€": "vowel", "£": "vowel", "¥": "consonant", "₩": "consonant", "￦": "consonant",
}  # fmt: skip
_LETTERS: Final = frozenset({"G", "M"})
"""No units after a number: 5G is the network, 3M the firm."""
_DOUBTFUL: Final = re.compile(r"[aeiouy][bcgkpt]\Z|([bgpt])\1\Z|ck\Z")
"""A stop after a vowel closes its syllable in some words (맥북) and gets one of its own in others (블로그)."""

_AFTER: Final = " \t\n.,!?~…·\"'“”‘’*_:;"
_OPENING: Final[Mapping[str, str]] = {")": "(", "]": "[", "}": "{", ">": "<", "）": "（", "」": "「", "』": "『",
                                      "》": "《", "〉": "〈", "】": "【", "〕": "〔"}  # fmt: skip
_NUMBER: Final = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?\Z")
_LATIN: Final = re.compile(r"[A-Za-z]+\Z")
_LOOKED_AT: Final = 200


def with_particle(word: str, pair: str) -> str:
    """The word and the form that follows it. Raises KeyError for a pair that is none of PARTICLES.

    A remark in brackets is not read: ``사과(대)는``. Numbers are read as numbers, amounts with their currency, Latin
    capitals letter by letter, other Latin words by their last letters: l, m, n, ng and le, me, ne end in a consonant.
    After anything else, and after b, c, g, k, p, t behind a vowel (App, MacBook), both forms are written, ``은(는)``,
    because nobody can know.
    """
    consonant, vowel, either = PARTICLES[pair]
    sound = ending(word)
    match sound:
        case "consonant":
            return word + consonant
        case "vowel":
            return word + vowel
        case "rieul":
            return word + (vowel if vowel == "로" else consonant)
        case None:
            return word + either
        case _:
            assert_never(sound)


def ending(word: str) -> Ending | None:
    """The sound on which the word ends when it is read in Korean; None if that cannot be told."""
    said = _said(normalize("NFC", word[-_LOOKED_AT:]))
    if not said:
        return None
    last = said[-1]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return "vowel" if final == 0 else "rieul" if final == 8 else "consonant"
    number = _NUMBER.search(said)
    if number:
        return _SIGNS.get(said[: number.start()].rstrip()[-1:]) or _of_number(number[0])
    return _of_latin(said)


def _said(word: str) -> str:
    """The word without what is not read at its end: marks, and remarks in brackets unless there is nothing else."""
    word = word.rstrip(_AFTER)
    while word and word[-1] in _OPENING:
        begin = word.rfind(_OPENING[word[-1]])
        before = word[:begin].rstrip(_AFTER + "([{<") if begin >= 0 else ""
        word = (before or word[begin + 1 : -1]).rstrip(_AFTER)
    return word


def _of_number(written: str) -> Ending:
    whole, point, _ = written.partition(".")
    digits = whole.replace(",", "")
    if point or digits.startswith("0") or not digits.endswith("0"):
        return _DIGITS[int(written[-1])]
    zeros = len(digits) - len(digits.rstrip("0"))
    return "vowel" if 12 <= zeros <= 15 else "consonant"


def _of_latin(said: str) -> Ending | None:
    found = _LATIN.search(said)
    letters = found[0] if found else said[-1:]
    before = said[: len(said) - len(letters)].rstrip()
    if before[-1:].isdigit() and letters.lower() in _UNITS and letters not in _LETTERS:
        return _UNITS[letters.lower()]
    if not found:
        return None
    if letters.isupper():
        return "rieul" if letters[-1] in "LR" else "consonant" if letters[-1] in "MN" else "vowel"
    if _DOUBTFUL.search(letters.lower()):
        return None
    word = letters.lower().removesuffix("e") if letters.lower().endswith(("le", "me", "ne")) else letters.lower()
    return "rieul" if word.endswith("l") else "consonant" if word.endswith(("m", "n", "ng")) else "vowel"
