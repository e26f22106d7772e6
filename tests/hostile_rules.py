"""Over a thousand rules that are malformed or too large, in both forms, each wrong for a reason that its making tells.

Made from the golden examples by steps that cannot give a valid rule, always the same ones. The tests ask that each is
refused with a typed error; the benchmark asks how long the slowest refusal takes.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from attrs import frozen

from retention.rules.backends import jsonform, text
from retention.schema import STANDARD

Form: TypeAlias = Literal["json", "text"]
_GOLDEN = Path(__file__).parent / "golden" / "rules"
_NAMES = {"orders": "oders", "customer": "custmer", "country": "contry", "total": "totl", "count": "cuont"}
_VIP = {"op": "has", "left": {"attribute": "tags"}, "right": "vip"}


@frozen
class Hostile:
    """A source that must be refused; ``suggestion`` is the name that the error must propose, if one is known."""

    about: str
    form: Form
    source: Any
    suggestion: str | None = None

    def read(self) -> object:
        """What a host does with it; raises what the reader raises."""
        if self.form == "json":
            return jsonform.from_json(self.source, STANDARD)
        return text.parse(self.source, STANDARD)


@cache
def hostile_rules() -> tuple[Hostile, ...]:
    """All of them."""
    dice = random.Random(20_260_301)
    makers: tuple[Callable[[random.Random], Iterator[Hostile]], ...] = (
        _oversized_texts,
        _oversized_json,
        _broken_texts,
        _broken_json,
        _misspelt,
        _mistyped,
        _noise,
    )
    return tuple(each for make in makers for each in make(dice))


@cache
def golden_rules() -> tuple[tuple[str, Any], ...]:
    """Text and JSON of every golden example."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(_GOLDEN.glob("*.json"))]
    return tuple((each["text"], each["json"]) for each in found)


# Too large. -----------------------------------------------------------------------------------------------------------


def _oversized_texts(_: random.Random) -> Iterator[Hostile]:
    openings = ("(", "not ", "orders[", "orders.after(", "all of (", "any of (", "at least 1 of (", '"x": (', "1 + (")
    for opening in openings:
        for depth in (33, 300, 60_000 // len(opening)):
            yield Hostile(f"{depth} x {opening!r}", "text", opening * depth)
            yield Hostile(f"{depth} x {opening!r} around a rule", "text", opening * depth + "orders.any()")
    for sign in ("+", "-", "*", "/"):
        for links in (33, 500, 15_000):
            yield Hostile(f"{links} x {sign}", "text", "orders.count()" + f" {sign} 1" * links + " > 3")
    for word in ("and", "or"):
        for links in (400, 3_000):
            yield Hostile(f"{links} x {word}", "text", f" {word} ".join(["orders.any()"] * links))
    for call in (".casefold()", ".all()", ".first()", '["x"]', ".within(1 day)"):
        for links in (40, 1_200, 60_000 // len(call)):
            yield Hostile(f"{links} x {call}", "text", "orders" + call * links + " > 3")
    for item in ('"x"', "1", "true", "1 KRW", "2026-01-01", '"\\n"', "-1", "x", "007", "1.5", "1_0"):
        for items in (10_001, 60_000 // (len(item) + 1)):
            for value in ("customer.city", "orders.count()", "orders.total.sum()", "customer.birthday"):
                several = ",".join([item] * items)
                yield Hostile(f"{items} items {item} for {value}", "text", f"{value} in [{several}] and")
    for piece in (
        '"',
        '\\"',
        "`",
        " ",
        "a",
        "1",
        "1_",
        "-",
        "'",
        "한",
        "\u0301",
        "\n",
        "\x00",
        "=",
        "<",
        ".",
        "€",
        "#",
    ):
        yield Hostile(f"64 KiB of {piece!r}", "text", piece * 60_000)
        yield Hostile(f"text of {piece!r} that never ends", "text", 'customer.city == "' + piece * 30_000)


def _oversized_json(_: random.Random) -> Iterator[Hostile]:
    for opening in (
        "[",
        '{"not":',
        '{"all":[',
        '{"retention":1,"rule":',
        '{"from":',
        '"',
        '"\\"',
        "\\",
        "1",
        "-",
        " ",
        "{",
    ):
        for depth in (200, 200_000 // len(opening)):
            yield Hostile(f"{depth} x {opening!r}", "json", opening * depth)
    for depth in (31, 32, 100, 400):
        yield Hostile(f"not, {depth} deep", "json", _document(_wrapped("not", depth)))
        yield Hostile(f"rows, {depth} deep", "json", _document(_counted(_wrapped("from", depth))))
    ring: dict[str, Any] = {}
    ring["not"] = ring
    yield Hostile("an object that holds itself", "json", _document(ring))
    for several in (334, 5_000, 200_000):
        yield Hostile(f"{several} rules", "json", _document({"all": [_VIP] * several}))
        yield Hostile(f"{several} rules in ones", "json", _document({"any": [{"not": _VIP}] * several}))
    for items in (10_001, 500_000):
        yield Hostile(f"{items} options", "json", _document({"value": {"attribute": "city"}, "in": ["x"] * items}))
    numbers = ("1" * 5_000, "1" * 200_000, "1e400", "1e-400", "1e999999999", "0." + "1" * 5_000, "NaN", "-Infinity")
    for number in numbers:
        source = f'{{"retention": 1, "rule": {{"op": "<", "left": {number}, "right": {{"count": "orders"}}}}}}'
        yield Hostile(f"the number {number[:20]}", "json", source)
    for name in ("x" * 64, "x" * 200_000, "\ud83d", "", " ", "orders\x00", "__class__", "__proto__"):
        for place in ("attribute", "count", "segments", "op"):
            yield Hostile(f"{place} {name[:10]!r}", "json", _document({"missing": {place: name}}))


# Broken. --------------------------------------------------------------------------------------------------------------


def _broken_texts(dice: random.Random) -> Iterator[Hostile]:
    for good, _ in golden_rules():
        yield Hostile("a bracket too many", "text", good + ")")
        yield Hostile("a bracket too few", "text", "(" + good)
        yield Hostile("a word too many", "text", f"{good} {good}")
        yield Hostile("a sign that means nothing", "text", _between_words(dice, good, "§"))
        yield Hostile("ends with and", "text", f"{good} and ")


def _broken_json(dice: random.Random) -> Iterator[Hostile]:
    for _, good in golden_rules():
        source = json.dumps(good)
        yield Hostile("cut off", "json", source[: dice.randrange(len(source))])
        yield Hostile("two documents", "json", source + source)
        yield Hostile("another version", "json", {**good, "retention": dice.choice([0, 2, -1, "1", None, True, 1.5])})
        yield Hostile("a key twice", "json", source.replace('"rule": ', '"rule": 3, "rule": ', 1))
        yield Hostile("a key too many", "json", _document({**good["rule"], "comment": "hello"}))


def _misspelt(_: random.Random) -> Iterator[Hostile]:
    for good, document in golden_rules():
        for name, wrong in _NAMES.items():
            found = re.sub(rf"\b{name}(?=\.)|(?<=\.){name}\b", wrong, good, count=1)
            if found != good:
                yield Hostile(f"{wrong} for {name}", "text", found, name)
            source = json.dumps(document)
            if f'"{name}"' in source and name != "count":
                yield Hostile(f"{wrong} for {name}", "json", source.replace(f'"{name}"', f'"{wrong}"'), name)


def _mistyped(dice: random.Random) -> Iterator[Hostile]:
    """One key's value made into something that nothing in a rule can be."""
    for _, good in golden_rules():
        places = list(_places(good["rule"]))
        for way in dice.sample(places, min(4, len(places))):
            yield Hostile(f"null at {way}", "json", _document(_with(good["rule"], way, None)))


def _noise(dice: random.Random) -> Iterator[Hostile]:
    letters = "abcxyz019 .,;:()[]<>=!+-*/\"'`_\\\n"
    for _ in range(60):
        noise = "".join(dice.choices(letters, k=dice.randrange(1, 300)))
        yield Hostile("noise", "text", "§" + noise if dice.random() < 0.5 else noise + "§")
        yield Hostile("noise", "json", "]" + noise)
        yield Hostile("bytes", "json", b"\xff" + dice.randbytes(dice.randrange(1, 300)))


# How they are made. ---------------------------------------------------------------------------------------------------


def _document(rule: object) -> dict[str, Any]:
    return {"retention": 1, "rule": rule}


def _wrapped(key: str, depth: int) -> Any:
    found: Any = _VIP if key == "not" else "orders"
    for _ in range(depth):
        found = {key: found}
    return found


def _counted(rows: Any) -> dict[str, Any]:
    return {"op": "<", "left": {"count": rows}, "right": 3}


def _between_words(dice: random.Random, good: str, sign: str) -> str:
    """The sign put where no text in quotes is: in front of one of the words before the first quote."""
    spaces = [place for place, letter in enumerate(good.split('"', maxsplit=1)[0]) if letter == " "] or [0]
    place = dice.choice(spaces)
    return good[:place] + sign + good[place:]


def _places(found: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    children = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for key, child in children:
        yield (*way, key)
        yield from _places(child, (*way, key))


def _with(found: Any, way: tuple[str | int, ...], value: Any) -> Any:
    if not way:
        return value
    first, *rest = way
    if isinstance(found, dict):
        return {**found, first: _with(found[first], tuple(rest), value)}
    assert isinstance(first, int)
    return [*found[:first], _with(found[first], tuple(rest), value), *found[first + 1 :]]
