"""Reads version 1 of the JSON form. Kept for ever: a later version gets a file of its own."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar, cast, get_args

from attrs import frozen

from retention.errors import RuleError, RuleTooLarge, UnknownName
from retention.rules.backends.jsonform.checked import (
    CONSTANTS,
    a_constant,
    a_list,
    a_marked_constant,
    a_text,
    a_whole_number,
    an_object,
    check_keys,
)
from retention.rules.backends.jsonform.version1_times import (
    read_choice,
    read_moving_span,
    read_span,
    read_window,
    read_words,
)
from retention.rules.limits import WRITTEN
from retention.rules.nodes import (
    Aggregate,
    Ago,
    All,
    Anniversary,
    AnyOf,
    Apply,
    Arithmetic,
    AtLeast,
    Attribute,
    Column,
    Compare,
    Comparison,
    Events,
    Follows,
    IsIn,
    LeapDay,
    Literal,
    Missing,
    Named,
    Not,
    Operation,
    Reduction,
    Reference,
    Rule,
    Shift,
    Value,
)
from retention.rules.validate import check_count, check_pick

T = TypeVar("T")
_Object = Mapping[str, Any]


def read(found: object) -> Rule:
    """The rule in what stands under the key ``rule``."""
    return _Reader().rule(found, "rule", 1)


@frozen
class _Form(Generic[T]):
    """How one kind of object is read: which keys it has, what it looks like, and who makes the node of it."""

    build: "Callable[[_Reader, _Object, str, int], T]"
    required: tuple[str, ...]
    example: str
    optional: tuple[str, ...] = ()


class _Reader:
    """Reads one rule; counts what it has made, so that too much is refused before it is built."""

    def __init__(self) -> None:
        self._nodes = 0
        self._items = 0

    def rule(self, found: object, path: str, depth: int) -> Rule:
        self._enter(path, depth)
        fields = an_object(found, "a rule", path, 'Write {"op": ">=", "left": {"count": "orders"}, "right": 3}')
        key = _form_of(fields, _RULES, _VALUES, "rule", path)
        form = _RULES[key]
        check_keys(fields, form.required, form.optional, path, form.example)
        return form.build(self, fields, path, depth + 1)

    def value(self, found: object, path: str, depth: int) -> Value:
        self._enter(path, depth)
        if not isinstance(found, Mapping):
            return Literal(a_constant(found, path))
        fields = an_object(found, "a value", path, 'Write {"attribute": "country"} or {"count": "orders"}')
        constant = next((each for each in CONSTANTS if each in fields), None)
        if constant is not None:
            return Literal(a_marked_constant(constant, fields, path))
        key = _form_of(fields, _VALUES, _RULES, "value", path)
        form = _VALUES[key]
        check_keys(fields, form.required, form.optional, path, form.example)
        return form.build(self, fields, path, depth + 1)

    def rows(self, found: object, path: str, depth: int) -> Events:
        self._enter(path, depth)
        if isinstance(found, str):
            return Events(a_text(found, path, ""))
        fields = an_object(found, "a collection", path, _ROWS)
        check_keys(fields, ("from",), ("where", "pick"), path, _ROWS)
        inner = fields["from"]
        source = a_text(inner, path, "") if isinstance(inner, str) else self.rows(inner, f"{path}.from", depth + 1)
        where = self.rule(fields["where"], f"{path}.where", depth + 1) if "where" in fields else None
        pick = a_whole_number(fields["pick"], f"{path}.pick", "Write 1 or -1") if "pick" in fields else None
        check_pick(pick, f"{path}.pick")
        return Events(source, where, pick)

    def several(self, fields: _Object, key: str, path: str, depth: int) -> tuple[Rule, ...]:
        found = a_list(fields[key], f"{path}.{key}", "Write the rules in [ ]")
        if len(found) > WRITTEN.nodes:
            raise RuleTooLarge("nodes", WRITTEN.nodes, len(found), path=f"{path}.{key}")
        return tuple(self.rule(each, f"{path}.{key}[{place}]", depth) for place, each in enumerate(found))

    def options(self, found: object, path: str) -> list[Any]:
        items = a_list(found, path, "Write the options in [ ]")
        self._items += len(items)
        if self._items > WRITTEN.items:
            raise RuleTooLarge("list items", WRITTEN.items, self._items, path=path)
        return items

    def _enter(self, path: str, depth: int) -> None:
        self._nodes += 1
        if depth > WRITTEN.depth:
            raise RuleTooLarge("depth", WRITTEN.depth, depth, path=path)
        if self._nodes > WRITTEN.nodes:
            raise RuleTooLarge("nodes", WRITTEN.nodes, self._nodes, path=path)


def _form_of(fields: _Object, forms: Mapping[str, object], others: Mapping[str, object], what: str, path: str) -> str:
    """The key that says which kind of object this is."""
    for key in forms:
        if key in fields:
            return key
    other = "value" if what == "rule" else "rule"
    if any(key in others for key in fields):
        hint = 'Compare it: {"op": "==", "left": …, "right": …}' if what == "rule" else "A rule has no value"
        raise RuleError(f"a {what} is expected here, not a {other}", path=path, hint=hint)
    raise UnknownName(f"kind of {what}", next(iter(fields)), forms, path=path)


# Rules. ---------------------------------------------------------------------------------------------------------------


def _all(reader: _Reader, fields: _Object, path: str, depth: int) -> Rule:
    return All(reader.several(fields, "all", path, depth))


def _any(reader: _Reader, fields: _Object, path: str, depth: int) -> Rule:
    return AnyOf(reader.several(fields, "any", path, depth))


def _not(reader: _Reader, fields: _Object, path: str, depth: int) -> Rule:
    return Not(reader.rule(fields["not"], f"{path}.not", depth))


def _at_least(reader: _Reader, fields: _Object, path: str, depth: int) -> Rule:
    count = a_whole_number(fields["at_least"], f"{path}.at_least", "Write 2")
    check_count(count, f"{path}.at_least")
    return AtLeast(count, reader.several(fields, "of", path, depth))


def _compare(reader: _Reader, fields: _Object, path: str, depth: int) -> Rule:
    operator = cast(Comparison, read_choice("comparison", fields["op"], get_args(Comparison), f"{path}.op"))
    left = reader.value(fields["left"], f"{path}.left", depth)
    return Compare(operator, left, reader.value(fields["right"], f"{path}.right", depth))


def _is_in(reader: _Reader, fields: _Object, path: str, depth: int) -> Rule:
    value = reader.value(fields["value"], f"{path}.value", depth)
    options = reader.options(fields["in"], f"{path}.in")
    return IsIn(value, tuple(a_constant(each, f"{path}.in[{place}]") for place, each in enumerate(options)))


def _missing(reader: _Reader, fields: _Object, path: str, depth: int) -> Rule:
    return Missing(reader.value(fields["missing"], f"{path}.missing", depth))


def _anniversary(reader: _Reader, fields: _Object, path: str, depth: int) -> Rule:
    value = reader.value(fields["anniversary"], f"{path}.anniversary", depth)
    window = read_window(fields["window"], f"{path}.window")
    leap = read_choice("way to observe 29 February", fields.get("leap", "feb28"), get_args(LeapDay), f"{path}.leap")
    return Anniversary(value, window, cast(LeapDay, leap))


def _follows(reader: _Reader, fields: _Object, path: str, depth: int) -> Rule:
    missed = "not_followed_by" in fields
    word = "not_followed_by" if missed else "followed_by"
    check_keys(fields, ("events", word, "within"), (), path, _FOLLOWS)
    first = reader.rows(fields["events"], f"{path}.events", depth)
    then = reader.rows(fields[word], f"{path}.{word}", depth)
    return Follows(first, then, read_moving_span(fields["within"], f"{path}.within"), missed)


def _reference(reader: _Reader, fields: _Object, path: str, depth: int) -> Rule:
    return Reference(read_words(fields["segment"], "a segment's key", f"{path}.segment"))


def _named(reader: _Reader, fields: _Object, path: str, depth: int) -> Rule:
    name = read_words(fields["named"], "a name", f"{path}.named")
    return Named(name, reader.rule(fields["rule"], f"{path}.rule", depth))


_FOLLOWS: Final = '{"events": "views", "followed_by": "purchases", "within": {"days": 3}}'
_ROWS: Final = '"orders" or {"from": "orders", "where": …, "pick": 1}'

_RULES: Final[Mapping[str, _Form[Rule]]] = {
    "all": _Form(_all, ("all",), '{"all": [ … ]}'),
    "any": _Form(_any, ("any",), '{"any": [ … ]}'),
    "not": _Form(_not, ("not",), '{"not": … }'),
    "at_least": _Form(_at_least, ("at_least", "of"), '{"at_least": 2, "of": [ … ]}'),
    "op": _Form(_compare, ("op", "left", "right"), '{"op": ">=", "left": … , "right": 3}'),
    "in": _Form(_is_in, ("value", "in"), '{"value": {"attribute": "country"}, "in": ["KR", "JP"]}'),
    "missing": _Form(_missing, ("missing",), '{"missing": {"attribute": "birthday"}}'),
    "anniversary": _Form(
        _anniversary,
        ("anniversary", "window"),
        '{"anniversary": {"attribute": "birthday"}, "window": {"days": [0, 7]}}',
        ("leap",),
    ),
    "events": _Form(_follows, ("events", "within"), _FOLLOWS, ("followed_by", "not_followed_by")),
    "segment": _Form(_reference, ("segment",), '{"segment": "dormant"}'),
    "named": _Form(_named, ("named", "rule"), '{"named": "big spenders", "rule": … }'),
}


# Values. --------------------------------------------------------------------------------------------------------------


def _attribute(reader: _Reader, fields: _Object, path: str, depth: int) -> Value:
    return Attribute(a_text(fields["attribute"], f"{path}.attribute", "Write its name"))


def _column(reader: _Reader, fields: _Object, path: str, depth: int) -> Value:
    return Column(a_text(fields["column"], f"{path}.column", "Write its name"))


def _count(reader: _Reader, fields: _Object, path: str, depth: int) -> Value:
    return Aggregate("count", reader.rows(fields["count"], f"{path}.count", depth))


def _reduction(function: Reduction) -> _Form[Value]:
    def build(reader: _Reader, fields: _Object, path: str, depth: int) -> Value:
        column = a_text(fields[function], f"{path}.{function}", "Write the column's name")
        return Aggregate(function, reader.rows(fields["of"], f"{path}.of", depth), column)

    return _Form(build, (function, "of"), f'{{"{function}": "total", "of": "orders"}}')


def _arithmetic(reader: _Reader, fields: _Object, path: str, depth: int) -> Value:
    operation = cast(Operation, read_choice("operation", fields["op"], get_args(Operation), f"{path}.op"))
    left = reader.value(fields["left"], f"{path}.left", depth)
    return Arithmetic(operation, left, reader.value(fields["right"], f"{path}.right", depth))


def _casefold(reader: _Reader, fields: _Object, path: str, depth: int) -> Value:
    return Apply("casefold", reader.value(fields["casefold"], f"{path}.casefold", depth))


def _size(reader: _Reader, fields: _Object, path: str, depth: int) -> Value:
    return Apply("size", reader.value(fields["size"], f"{path}.size", depth))


def _local_date(reader: _Reader, fields: _Object, path: str, depth: int) -> Value:
    return Apply("local_date", reader.value(fields["local_date"], f"{path}.local_date", depth))


def _bucket(reader: _Reader, fields: _Object, path: str, depth: int) -> Value:
    salt = a_text(fields["salt"], f"{path}.salt", "Write any text: it says which of many draws this is")
    return Apply("bucket", reader.value(fields["bucket"], f"{path}.bucket", depth), salt)


def _ago(reader: _Reader, fields: _Object, path: str, depth: int) -> Value:
    return Ago(read_span(fields["ago"], f"{path}.ago"))


def _shift(reader: _Reader, fields: _Object, path: str, depth: int) -> Value:
    word = "back" if "back" in fields else "by"
    check_keys(fields, ("shift", word), (), path, '{"shift": … , "by": {"days": 7}}')
    moved = reader.value(fields["shift"], f"{path}.shift", depth)
    return Shift(moved, read_moving_span(fields[word], f"{path}.{word}"), -1 if word == "back" else 1)


_VALUES: Final[Mapping[str, _Form[Value]]] = {
    "attribute": _Form(_attribute, ("attribute",), '{"attribute": "country"}'),
    "column": _Form(_column, ("column",), '{"column": "status"}'),
    "count": _Form(_count, ("count",), '{"count": "orders"}'),
    "sum": _reduction("sum"),
    "mean": _reduction("mean"),
    "min": _reduction("min"),
    "max": _reduction("max"),
    "distinct": _reduction("distinct"),
    "first": _reduction("first"),
    "last": _reduction("last"),
    "op": _Form(_arithmetic, ("op", "left", "right"), '{"op": "+", "left": … , "right": 1}'),
    "casefold": _Form(_casefold, ("casefold",), '{"casefold": {"attribute": "city"}}'),
    "size": _Form(_size, ("size",), '{"size": {"attribute": "tags"}}'),
    "local_date": _Form(_local_date, ("local_date",), '{"local_date": {"attribute": "joined_at"}}'),
    "bucket": _Form(_bucket, ("bucket", "salt"), '{"bucket": {"attribute": "id"}, "salt": "spring"}'),
    "ago": _Form(_ago, ("ago",), '{"ago": {"days": 7}}'),
    "shift": _Form(_shift, ("shift",), '{"shift": … , "by": {"days": 7}}', ("by", "back")),
}
