"""Templates that a provider approved: what is sent must be the approved text, to the letter, with its variables
filled.

A variable is written ``#{name}``, as Kakao writes it. Limits of Alimtalk are from NHN Cloud's and NAVER Cloud's
documents of 2026.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal, final

from attrs import frozen

from retention.permission.messages import Button
from retention.permission.verdicts import Reason

TEXT_CHARACTERS: Final = 1_000
CODE_CHARACTERS: Final = 20
BUTTONS: Final = 5
BUTTON_CHARACTERS: Final = 14

_VARIABLE: Final = re.compile(r"#\{([^{}#\n]{1,64})\}")
_SOURCE: Final = "Kakao Bizmessage: Alimtalk templates"


@final
@frozen
class Mismatch:
    """Why a text is not the approved one. ``position`` is the first character, from 0, that cannot be of it."""

    why: Literal["unfilled", "different"]
    position: int


def variables(approved: str) -> tuple[str, ...]:
    """The names of the variables, each once, in order."""
    return tuple(dict.fromkeys(_VARIABLE.findall(approved)))


def filled(approved: str, values: Mapping[str, str]) -> str:
    """The approved text with its variables replaced. Raises KeyError for a variable without a value."""
    return _VARIABLE.sub(lambda found: values[found[1]], approved)


def mismatch(approved: str, text: str, values: Mapping[str, str]) -> Mismatch | None:
    """None if the text is the approved one, filled with ``values``; without any, filled with anything at all.

    A variable must have become at least one character. Without values, one that occurs twice must have become the same
    both times as the shortest reading has it. Takes time in proportion to the text.
    """
    left = _VARIABLE.search(text)
    if left is not None:
        return Mismatch("unfilled", left.start())
    if not values:
        return _unlike(approved, text)
    if not all(values.get(each) for each in variables(approved)):
        return Mismatch("unfilled", 0)
    expected = filled(approved, values)
    return None if expected == text else Mismatch("different", _first_difference(expected, text))


def alimtalk_problems(code: str, text: str, buttons: tuple[Button, ...]) -> tuple[Reason, ...]:
    """What Alimtalk does not take, whatever is filled in or was approved."""
    return (*_sizes(code, text), *_button_problems(buttons))


def _sizes(code: str, text: str) -> Iterator[Reason]:
    if len(text) > TEXT_CHARACTERS:
        yield Reason("too-long", f"{len(text)} characters where Alimtalk takes {TEXT_CHARACTERS}", _SOURCE)
    if not 0 < len(code) <= CODE_CHARACTERS:
        words = f"a template's code has 1 to {CODE_CHARACTERS} characters, this one {len(code)}"
        yield Reason("template-code-length", words, _SOURCE)


def _button_problems(buttons: tuple[Button, ...]) -> Iterator[Reason]:
    if len(buttons) > BUTTONS:
        yield Reason("too-many-buttons", f"{len(buttons)} buttons where Alimtalk takes {BUTTONS}", _SOURCE)
    for place, button in enumerate(buttons, 1):
        if not 0 < len(button.label) <= BUTTON_CHARACTERS:
            words = f"button {place}: a label has 1 to {BUTTON_CHARACTERS} characters, this one {len(button.label)}"
            yield Reason("button-label-length", words, _SOURCE)


def _unlike(approved: str, text: str) -> Mismatch | None:
    """Each literal at its leftmost place after the last one, the final literal at the end: no place is tried twice."""
    first, *rest = _VARIABLE.split(approved)
    if not text.startswith(first):
        return Mismatch("different", _first_difference(first, text))
    at, read = len(first), dict[str, str]()
    names, literals = rest[0::2], rest[1::2]
    for left, name, literal in zip(range(len(names), 0, -1), names, literals, strict=True):
        end = text.find(literal, at + 1) if left > 1 else _start_of_end(text, literal)
        if end <= at or read.setdefault(name, text[at:end]) != text[at:end]:
            return Mismatch("different", at)
        at = end + len(literal)
    return None if at == len(text) else Mismatch("different", at)


def _start_of_end(text: str, literal: str) -> int:
    return len(text) - len(literal) if text.endswith(literal) else -1


def _first_difference(expected: str, text: str) -> int:
    pairs = enumerate(zip(expected, text, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(expected), len(text)))
