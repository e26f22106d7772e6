"""What a rule becomes for engines that answer for whole tables at once: data only.

A term is either of one row of a collection (it has a ``Cell`` or ``Picked`` in it, outside of any ``Tally``), or of one
customer. Lowering has already read the calendar (every instant is a constant), made all numbers whole (a column of two
decimals counts hundredths, an amount its minor units), turned means and quotients into products, and folded what is
constant. A row later than its instant is excluded by an explicit test in every ``Tally``.

Values may be missing. A missing operand makes a value missing; a test is always true or false, and false of anything
missing except ``Absent``.
"""

from datetime import date, datetime, tzinfo
from typing import Final, TypeAlias, final
from typing import Literal as OneOf

from attrs import frozen

from retention.rules.nodes import Comparison
from retention.schema import Kind

Fixed: TypeAlias = int | str | bool | datetime | date
TallyFunction: TypeAlias = OneOf["count", "sum", "min", "max", "distinct", "only"]


# Values. --------------------------------------------------------------------------------------------------------------


@final
@frozen(cache_hash=True)
class Constant:
    """A whole number, text, flag, instant (UTC) or date."""

    value: Fixed


@final
@frozen(cache_hash=True)
class Cell:
    """A column of the row at hand: ``id`` and ``at`` are never missing."""

    column: str
    kind: Kind


@final
@frozen(cache_hash=True)
class Trait:
    """An attribute of the customer."""

    name: str
    kind: Kind


@final
@frozen(cache_hash=True)
class Refunded:
    """On a row of ``orders``: the sum of its refunds up to and including ``as_of``, 0 if there are none."""

    as_of: datetime


@final
@frozen(cache_hash=True)
class Tally:
    """One value out of the rows of a collection for which ``where`` holds; missing cells of ``value`` are passed over.

    ``count`` takes no value, everything else one of the row. ``count``, ``sum`` and ``distinct`` of nothing are 0,
    ``min``, ``max`` and ``only`` of nothing are missing. ``only`` is the value of the one row that ``where`` leaves (it
    never leaves two); its value is never of kind LABELS.
    """

    function: TallyFunction
    collection: str
    where: "Test"
    value: "Term | None" = None


@final
@frozen(cache_hash=True)
class Sum:
    left: "Term"
    right: "Term"


@final
@frozen(cache_hash=True)
class Product:
    left: "Term"
    right: "Term"


@final
@frozen(cache_hash=True)
class Sign:
    """-1, 0 or 1."""

    value: "Term"


@final
@frozen(cache_hash=True)
class Later:
    """An instant moved by exact microseconds, back if negative."""

    value: "Term"
    microseconds: int


@final
@frozen(cache_hash=True)
class Day:
    """The date of an instant on the calendar of a zone. Only where it is compared with what is no constant."""

    value: "Term"
    zone: tzinfo


@final
@frozen(cache_hash=True)
class MonthDay:
    """``100 * month + day`` of a date, a number."""

    value: "Term"


@final
@frozen(cache_hash=True)
class Size:
    """How many labels there are."""

    value: "Term"


@final
@frozen(cache_hash=True)
class Bucket:
    """The first four bytes of ``sha256(salt + NUL + text)`` as a whole number, most significant first."""

    value: "Term"
    salt: str


@final
@frozen(cache_hash=True)
class Folded:
    """Text casefolded as Unicode says (``str.casefold``)."""

    value: "Term"


Term: TypeAlias = (
    Constant | Cell | Trait | Refunded | Tally | Sum | Product | Sign | Later | Day | MonthDay | Size | Bucket | Folded
)


# Tests. ---------------------------------------------------------------------------------------------------------------


@final
@frozen(cache_hash=True)
class Both:
    """Every one of them; true of none."""

    tests: "tuple[Test, ...]"


@final
@frozen(cache_hash=True)
class Either:
    """At least one of them; false of none."""

    tests: "tuple[Test, ...]"


@final
@frozen(cache_hash=True)
class Negation:
    test: "Test"


@final
@frozen(cache_hash=True)
class Several:
    """``count`` or more of the tests; one listed twice counts twice."""

    count: int
    tests: "tuple[Test, ...]"


@final
@frozen(cache_hash=True)
class Is:
    """A comparison of two values of one kind; ``has`` of labels and text. A constant, if there is one, is ``right``.

    The text tests and ``has`` may have constants on either side.
    """

    operator: Comparison
    left: Term
    right: Term


@final
@frozen(cache_hash=True)
class Among:
    """Equal to one of the options, all of the value's kind, at least two of them."""

    value: Term
    options: tuple[Fixed, ...]


@final
@frozen(cache_hash=True)
class Absent:
    value: Term


@final
@frozen(cache_hash=True)
class Picked:
    """The row at a position among those of its customer for which ``where`` holds, in order of ``(at, id)``.

    1 is the first, 2 the second, -1 the last.
    """

    where: "Test"
    position: int


@final
@frozen(cache_hash=True)
class Selection:
    """Rows of a collection."""

    collection: str
    where: "Test"


@final
@frozen(cache_hash=True)
class Followed:
    """Some row of ``first`` has a row of ``then`` in ``(at, at + microseconds]``.

    With ``missed``: some row of ``first`` that is old enough (``at + microseconds <= as_of``) has none.
    """

    first: Selection
    then: Selection
    microseconds: int
    missed: bool
    as_of: datetime


Test: TypeAlias = Both | Either | Negation | Several | Is | Among | Absent | Picked | Followed

AT: Final = Cell("at", Kind.INSTANT)
ID: Final = Cell("id", Kind.TEXT)

ALWAYS = Both(())
NEVER = Either(())
