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
    "m": "vowel", "cm": "vowel", "mm": "vowel", "km": "vowel", "l": "vowel", "ml": "vowel", "L": "vowel",
}  # fmt: skip
"""A capital alone is a letter (5G, 3M), but for the litre."""

_VOWELS: Final = frozenset("aeiou")
_SHORT: Final[Mapping[str, Ending | None]] = {"c": "consonant", **dict.fromkeys("ptkbg")}
"""Letters that close a vowel before them, or may."""

_AFTER: Final = " \t\n.,!?~…·\"'“”‘’*_:;"
_OPENING: Final[Mapping[str, str]] = {")": "(", "]": "[", "}": "{", ">": "<", "）": "（", "」": "「", "』": "『",
                                      "》": "《", "〉": "〈", "】": "【", "〕": "〔"}  # fmt: skip
_NUMBER: Final = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?\Z")
_LATIN: Final = re.compile(r"[A-Za-z]+\Z")
_LOOKED_AT: Final = 200


def with_particle(word: str, pair: str) -> str:
    """The word and the form that follows it. Raises KeyError for a pair that is none of PARTICLES.

    A remark in brackets is not read: ``사과(대)는``. Numbers are read as numbers, Latin capitals letter by letter,
    other Latin words by their last letters: l, m, n, ng, le, me, ne, ck and ac, ec, ic, oc, uc end in a consonant.
    After a vowel with p, t, k, b or g (App ends in a consonant, iPad and Week do not) and after anything else both
    forms are written, ``은(는)``, because nobody can know. Nothing stays nothing.
    """
    if not word:
        return word
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
        return _of_number(number[0])
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
    unit = letters if len(letters) == 1 else letters.lower()
    if before[-1:].isdigit() and unit in _UNITS:
        return _UNITS[unit]
    if not found:
        return None
    if letters.isupper():
        return "rieul" if letters[-1] in "LR" else "consonant" if letters[-1] in "MN" else "vowel"
    word = letters.lower()
    if word.endswith(("l", "le")):
        return "rieul"
    if word.endswith(("m", "n", "ng", "me", "ne", "ck")):
        return "consonant"
    before = word[-3:-2] if word[-2:-1] == word[-1] else word[-2:-1]  # of App what is before both
    return _SHORT.get(word[-1], "vowel") if before in _VOWELS else "vowel"
