"""What data frames cannot be asked, said before anything is calculated: the table, and who finds it in a rule."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import Any, Final, Literal, assert_never, final

from attrs import frozen

from retention.errors import UnsupportedRule
from retention.rules.backends.frames.engines import Engine
from retention.rules.backends.sets.kept_instants import fixed_offset
from retention.rules.backends.sets.layout import Layout
from retention.rules.backends.sets.reading import Part, parts
from retention.rules.backends.sets.storage import Epoch, Json, Naive
from retention.rules.backends.sets.terms import (
    Absent,
    Among,
    Both,
    Bucket,
    Cell,
    Constant,
    Day,
    Either,
    Folded,
    Followed,
    Is,
    Later,
    MonthDay,
    Negation,
    Picked,
    Product,
    Refunded,
    Selection,
    Several,
    Sign,
    Size,
    Sum,
    Tally,
    Term,
    Test,
    Trait,
)
from retention.schema import Kind

_ALL: Final = tuple(Engine)
_NO_ZONES: Final = (Engine.DUCKDB, Engine.SPARK, Engine.OTHER)
"""Their connections have one zone, in which they calculate with calendars."""


@final
@frozen
class Gap:
    """Something that some engines cannot do."""

    what: str
    engines: tuple[Engine, ...]
    ever: Literal["not yet", "never"] = "not yet"
    hint: str = ""


JSON: Final = Gap("labels that are kept as JSON", _ALL, hint="Keep them as a list, or in one text: Separated(',')")
LABEL: Final = Gap("labels that are searched for what another column says", _ALL)
TEXT: Final = Gap("a text test for what another column says", (Engine.ARROW,), hint="Use Polars or DuckDB")
BUCKET: Final = Gap("a stable random bucket", (Engine.OTHER,))
FOLDED: Final = Gap("casefold", (Engine.SPARK, Engine.OTHER), hint="Compare the text as it is kept")
NEVER_FOLDED: Final = Gap("casefold as Unicode says", (Engine.DUCKDB,), "never", "Compare the text as it is kept")
DAY: Final = Gap("the local date of a stored instant beside another stored value", _NO_ZONES)
NAMELESS: Final = Gap("a local date in a zone without a name", _ALL, "never", "Give a zoneinfo.ZoneInfo")
WALLS: Final = Gap(
    "wall clock times of a zone that changes its clocks, moved or beside instants that are kept otherwise",
    _ALL,
    hint="Keep them as instants that know their zone",
)
MIXED: Final = Gap("wall clock times beside instants that are kept otherwise", _NO_ZONES)

GAPS: Final = (JSON, LABEL, TEXT, BUCKET, FOLDED, NEVER_FOLDED, DAY, NAMELESS, WALLS, MIXED)


def refuse(tests: Iterable[Test], layout: Layout[Any, str], engine: Engine) -> None:
    """Raises UnsupportedRule for the first thing that the engine cannot do."""
    for test in tests:
        for gap in _gaps(test, None, layout):
            if engine in gap.engines:
                raise UnsupportedRule(f"{gap.what}: {engine.value}", hint=gap.hint, ever=gap.ever)


def _gaps(part: Part, rows: str | None, layout: Layout[Any, str]) -> Iterator[Gap]:
    """What engines may lack for a term; ``rows`` is the collection whose row is at hand."""
    match part:
        case Tally(_, collection) | Selection(collection):
            rows = collection
        case Followed(first, then, microseconds):
            one, other = (layout.place(each.collection, "at").form for each in (first, then))
            yield from _instants((_moved(one, microseconds), other), moved=True)
        case Is():
            yield from _comparison(part, rows, layout)
        case Later(value):
            yield from _instants((_form(value, rows, layout),), moved=True)
        case Day(value, zone):
            yield from _day(_form(value, rows, layout), zone)
        case Size(value) if isinstance(_form(value, rows, layout), Json):
            yield JSON
        case Bucket():
            yield BUCKET
        case Folded():
            yield from (FOLDED, NEVER_FOLDED)
        case Constant() | Cell() | Trait() | Refunded() | Sum() | Product() | Sign() | MonthDay() | Size():
            pass
        case Both() | Either() | Negation() | Several() | Among() | Absent() | Picked():
            pass
        case _:
            assert_never(part)
    for inner in parts(part):
        yield from _gaps(inner, rows, layout)


def _comparison(test: Is, rows: str | None, layout: Layout[Any, str]) -> Iterator[Gap]:
    if test.operator == "has":
        if isinstance(_form(test.left, rows, layout), Json):
            yield JSON
        if not isinstance(test.right, Constant):
            yield LABEL
    elif test.operator in ("contains", "starts_with", "ends_with"):
        if not isinstance(test.right, Constant):
            yield TEXT
    elif not isinstance(test.right, Constant):
        yield from _instants((_form(test.left, rows, layout), _form(test.right, rows, layout)))


def _instants(forms: tuple[Any, ...], moved: bool = False) -> Iterator[Gap]:
    """What it takes to move instants, or to see them beside one another."""
    unlike = len(set(forms)) > 1
    for form in forms:
        if isinstance(form, Naive):
            if fixed_offset(form.zone) is None and (moved or unlike):
                yield WALLS
            if unlike:
                yield MIXED


def _moved(form: Any, microseconds: int) -> Any:
    return Epoch("us") if isinstance(form, Epoch) and microseconds else form


def _day(form: Any, zone: tzinfo) -> Iterator[Gap]:
    if isinstance(form, Naive):
        if form.zone == zone:
            return
        yield from _instants((form,), moved=True)
    yield DAY
    if fixed_offset(zone) is None and not isinstance(getattr(zone, "key", None), str):
        yield NAMELESS


def _form(term: Term, rows: str | None, layout: Layout[Any, str]) -> Any:
    """How an instant or labels are kept; None of every other kind."""
    match term:
        case Cell(column):
            return layout.place(rows, column).form if _has_form(term.kind) else None
        case Trait(name, kind):
            return layout.place(None, name).form if _has_form(kind) else None
        case Tally(_, collection, _, value):
            return None if value is None else _form(value, collection, layout)
        case Later(value, microseconds):
            return _moved(_form(value, rows, layout), microseconds)
        case Constant() | Refunded() | Sum() | Product() | Sign() | Day() | MonthDay() | Size() | Bucket() | Folded():
            return None
        case _:
            assert_never(term)


def _has_form(kind: Kind) -> bool:
    return kind in (Kind.INSTANT, Kind.LABELS)
