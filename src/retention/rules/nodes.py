"""The predicate tree: what a rule is, as data.

Nodes are frozen, hashable and comparable by structure, and they do nothing: every backend is one function over them,
written as a ``match`` that ends in ``assert_never``. What people write (``rules/handles``) lowers to these nodes.

Two rules of scope hold everywhere. A ``Column`` belongs to the nearest ``Events.where`` around it. Everything else, an
``Aggregate`` inside a ``where`` included, speaks of the whole customer.

Hashes are kept: engines look nodes up in dictionaries at every step, and a tree would be hashed anew each time.
"""

from datetime import date, datetime
from fractions import Fraction
from typing import Literal as OneOf
from typing import TypeAlias, final

from attrs import field, frozen

from retention.money import Money
from retention.spans import MovingSpan, Span

Scalar: TypeAlias = int | Fraction | str | bool | Money | datetime | date
Comparison: TypeAlias = OneOf["==", "<", "<=", ">", ">=", "contains", "starts_with", "ends_with", "has"]
Operation: TypeAlias = OneOf["+", "-", "*", "/"]
Function: TypeAlias = OneOf["casefold", "size", "bucket", "local_date"]
Reduction: TypeAlias = OneOf["count", "sum", "mean", "min", "max", "distinct", "first", "last"]
LeapDay: TypeAlias = OneOf["feb28", "mar1", "skip"]


# Values: what a customer, or one row of a collection, is asked for. Any of them may be missing. ---------------------


@final
@frozen(cache_hash=True)
class Literal:
    """A constant. Floats and decimals have become exact numbers (``Fraction``), datetimes UTC."""

    value: Scalar


@final
@frozen(cache_hash=True)
class Attribute:
    """An attribute of the customer: ``customer.country``."""

    name: str


@final
@frozen(cache_hash=True)
class Column:
    """A column of the row that the enclosing ``Events.where`` is looking at."""

    name: str


@final
@frozen(cache_hash=True)
class Aggregate:
    """One value out of many rows. ``column`` is None for ``count`` alone.

    Missing cells are passed over by sum, mean, min, max and distinct; first and last are the cell of the first and the
    last row, missing if that cell is. Sums and counts of nothing are 0, everything else of nothing is missing.
    """

    function: Reduction
    events: "Events"
    column: str | None = None


@final
@frozen(cache_hash=True)
class Arithmetic:
    """Exact arithmetic; missing if an operand is missing or the divisor is 0."""

    operation: Operation
    left: "Value"
    right: "Value"


@final
@frozen(cache_hash=True)
class Apply:
    """A function of one value: casefold (text), size (labels), local_date (instant), bucket (text, with a salt)."""

    function: Function
    value: "Value"
    argument: str = ""


@final
@frozen(cache_hash=True)
class Ago:
    """The instant ``as_of - span``, read in the zone of ``as_of``; ``Ago(days(0))`` is ``as_of`` itself."""

    span: Span


@final
@frozen(cache_hash=True)
class Shift:
    """An instant moved forward (``sign`` 1) or back (-1) by a span, months on the wall clock of ``as_of``'s zone."""

    value: "Value"
    span: MovingSpan
    sign: OneOf[1, -1] = 1


Value: TypeAlias = Literal | Attribute | Column | Aggregate | Arithmetic | Apply | Ago | Shift


@final
@frozen(cache_hash=True)
class Events:
    """Rows of a collection, in order of ``(at, id)``: those of ``source`` for which ``where`` holds, then one ``pick``.

    ``source`` is a collection's name or an earlier selection. ``pick`` 1 is the first row, 2 the second, -1 the last;
    None keeps all. Windows are ordinary comparisons of ``Column("at")`` inside ``where``.
    """

    source: "str | Events"
    where: "Rule | None" = None
    pick: int | None = None

    @property
    def collection(self) -> str:
        """The name of the collection at the bottom of the chain."""
        source = self.source
        while isinstance(source, Events):
            source = source.source
        return source


# Rules: true or false, never missing. ---------------------------------------------------------------------------------


@final
@frozen(cache_hash=True)
class All:
    """Every one of them; true of none."""

    rules: "tuple[Rule, ...]"


@final
@frozen(cache_hash=True)
class AnyOf:
    """At least one of them; false of none."""

    rules: "tuple[Rule, ...]"


@final
@frozen(cache_hash=True)
class Not:
    rule: "Rule"


@final
@frozen(cache_hash=True)
class AtLeast:
    """``count`` or more of the rules; a rule listed twice counts twice."""

    count: int
    rules: "tuple[Rule, ...]"


@final
@frozen(cache_hash=True)
class Compare:
    """False if either side is missing. The text tests take text on both sides, ``has`` labels and a text."""

    operator: Comparison
    left: Value
    right: Value


@final
@frozen(cache_hash=True)
class IsIn:
    """Equal to one of the options; false if the value is missing."""

    value: Value
    options: tuple[Scalar, ...]


@final
@frozen(cache_hash=True)
class Missing:
    """The value is missing."""

    value: Value


@final
@frozen(cache_hash=True)
class MonthDays:
    """Calendar days from one ``(month, day)`` through another, both inside; may cross the year end."""

    first: tuple[int, int]
    last: tuple[int, int]


@final
@frozen(cache_hash=True)
class NearDays:
    """Local dates from ``first`` through ``last`` days after today (0 is today, negative the past), both inside."""

    first: int
    last: int


@final
@frozen(cache_hash=True)
class NearMonths:
    """Calendar months from ``first`` through ``last`` after the present one (0 is this month), both inside."""

    first: int
    last: int


AnniversaryWindow: TypeAlias = MonthDays | NearDays | NearMonths


@final
@frozen(cache_hash=True)
class Anniversary:
    """The yearly return of a date falls into the window.

    A date born on 29 February is observed in common years on the 28th (``feb28``), on 1 March (``mar1``) or not at all
    (``skip``); in leap years on the 29th. ``MonthDays`` asks for the return in the local year of ``as_of``.
    """

    value: Value
    window: AnniversaryWindow
    leap: LeapDay = "feb28"


@final
@frozen(cache_hash=True)
class Follows:
    """Some row of ``first`` has a row of ``then`` in ``(at, at + within]``.

    With ``missed`` the opposite was seen: some row of ``first`` whose ``(at, at + within]`` has passed
    (``at + within <= as_of``) with no row of ``then`` in it.
    """

    first: Events
    then: Events
    within: MovingSpan
    missed: bool = False


@final
@frozen(cache_hash=True)
class Reference:
    """Membership of another segment, by key; resolved before anything runs."""

    key: str


@final
@frozen(cache_hash=True)
class Named:
    """The words that people gave a part of a rule; they change nothing in what it means.

    Two rules that differ in their words only are different data, and give the same answers.
    """

    name: str
    rule: "Rule" = field()


Rule: TypeAlias = All | AnyOf | Not | AtLeast | Compare | IsIn | Missing | Anniversary | Follows | Reference | Named
Node: TypeAlias = Rule | Value | Events

TRUE = All(())
FALSE = AnyOf(())
