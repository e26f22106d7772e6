"""Labels of advertising: exactly the right one, at the very start, and nothing that only looks like it.

Korea: Decree of the Network Act, annex 6 (``(광고)`` and the sender's name). Singapore: Spam Control Act, second
schedule (``<ADV> `` before the subject).
"""

import re
from functools import cache
from typing import Final, Literal, TypeAlias
from unicodedata import normalize

LabelProblem: TypeAlias = Literal["missing", "look-alike"]

_SPACES: Final = r"\s\u200b-\u200f\u2060\ufeff\u00ad\u180e\u115f\u1160\u3164\uffa0\x00-\x1f"
_BETWEEN: Final = rf"[{_SPACES}./,·ㆍ・∙•:;*_~|\-\"'“”‘’`\[\](){{}}<>【】〔〕《》「」『』〈〉]"
_BEFORE_NAME: Final = " \n[<(【"
_LOOKED_AT: Final = 80


def label_problem(text: str, label: str) -> LabelProblem | None:
    """None if the text begins with the label to the letter (in Unicode's NFC). ``look-alike`` if it begins with the
    label's letters written otherwise: ``(광 고)``, ``[광고]``, ``（광고）``, `` (광고)``, ``<adv>``."""
    head = text[:_LOOKED_AT]
    if normalize("NFC", head).startswith(label):
        return None
    return "look-alike" if _look_alike(label).match(normalize("NFKC", head)) else "missing"


def after_label(text: str, label: str | None) -> str:
    """The text without the label, if it begins with it; in Unicode's NFC."""
    return normalize("NFC", text).removeprefix(label or "")


def names_sender(text: str, label: str | None, sender: str) -> bool:
    """True if the sender's name comes first, after the label if there is one; it may stand in brackets."""
    return after_label(text, label).lstrip(_BEFORE_NAME).startswith(normalize("NFC", sender).lstrip(_BEFORE_NAME))


def refuses_at_end(text: str, way: str, words: tuple[str, ...]) -> bool:
    """True if the text ends with one of ``words`` and the way to refuse, whatever the spaces, hyphens and brackets."""
    end = _squeezed(text[-_LOOKED_AT - len(way) :])
    return end.endswith(_ends(way, words))


def refusal_at(text: str, way: str, words: tuple[str, ...]) -> int | None:
    """Where the refusal begins with which the text ends; None if it has none that can be taken off. The way alone,
    without words, is taken off only if it has a line to itself: it may end a sentence about something else."""
    named = _ends(way, tuple(filter(None, words)))
    for at in range(max(0, len(text) - _LOOKED_AT - len(way)), len(text)):
        before = text[at - 1 : at] or "\n"
        if before.isspace() and _squeezed(text[at:]) in (_ends(way, words) if before == "\n" else named):
            return at
    return None


@cache
def _ends(way: str, words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_squeezed(word + way) for word in words)


@cache
def _look_alike(label: str) -> re.Pattern[str]:
    letters = [re.escape(each) for each in normalize("NFKC", label) if each.isalnum()]
    return re.compile(f"{_BETWEEN}*" + f"{_BETWEEN}*".join(letters) + r"(?![a-z])", re.IGNORECASE)


def _squeezed(text: str) -> str:
    return re.sub(_BETWEEN, "", normalize("NFKC", text)).casefold()
