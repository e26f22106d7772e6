"""How a host's tables keep what a rule speaks of: said once for a kind of value, or for one column.

Texts, flags and dates are kept as themselves.
"""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any, Final, TypeAlias, assert_never, final
from typing import Literal as OneOf

from attrs import Attribute, field, frozen

from retention.errors import ConfigurationError
from retention.schema import Kind


@final
@frozen
class Aware:
    """Instants that know their zone (``timestamptz``)."""


def _is_zone(form: object, attribute: object, zone: tzinfo) -> None:
    given: object = zone
    if not isinstance(given, tzinfo):
        raise ConfigurationError(
            f"wall clock times are of a zone, which {type(given).__name__} is not",
            hint="Write Naive(ZoneInfo('Asia/Seoul'))",
        )


@final
@frozen
class Naive:
    """Wall clock times of one zone; one that comes twice means the first of the two."""

    zone: tzinfo = field(validator=_is_zone)


@final
@frozen
class Epoch:
    """Whole seconds, milliseconds or microseconds since 1970-01-01T00:00Z."""

    unit: OneOf["s", "ms", "us"] = "s"


@final
@frozen
class Minor:
    """Amounts in whole minor units: won, cents."""


@final
@frozen
class Major:
    """Amounts in major units: 12.34 dollars. Floats and decimals are rounded to whole minor units, halves from zero."""


def _some_places(number: object, attribute: object, places: int) -> None:
    if type(places) is not int or not 0 <= places <= 9:
        raise ConfigurationError("a number has 0 to 9 decimals", hint="Write Decimals(2) for hundredths")


@final
@frozen
class Decimals:
    """Numbers of so many decimal places, kept as integers, decimals or floats of that value: ``Decimals(1)`` is 2.5.

    Numbers are calculated with exactly, so this says how exact they are; finer digits are rounded away, halves of the
    last decimal away from zero.
    """

    places: int = field(default=0, validator=_some_places)


@final
@frozen
class Listed:
    """Labels as a list or array of texts."""


def _a_separator(labels: object, attribute: object, by: str) -> None:
    usable = isinstance(by, str) and by != "" and by.isprintable()
    if not usable or any(by[:part] == by[-part:] for part in range(1, len(by))):  # in "x|||y", where does "||" stand?
        raise ConfigurationError(
            "labels are separated by a text that cannot overlap itself", hint='Write Separated(",")'
        )


@final
@frozen
class Separated:
    """Labels in one text: ``vip,wholesale``. Empty pieces are no labels."""

    by: str = field(default=",", validator=_a_separator)


@final
@frozen
class Json:
    """Labels as a JSON array of texts, in a text or JSON column."""


InstantForm: TypeAlias = Aware | Naive | Epoch
AmountForm: TypeAlias = Minor | Major
LabelForm: TypeAlias = Listed | Separated | Json
Form: TypeAlias = InstantForm | AmountForm | Decimals | LabelForm


def _of(kind: Kind, hint: str) -> Callable[[object, "Attribute[Any]", object], None]:
    """Checks that values of a kind can be kept in a form."""

    def check(stored: object, attribute: "Attribute[Any]", form: object) -> None:
        if not suits(form, kind):
            told = form.__name__ if isinstance(form, type) else type(form).__name__
            raise ConfigurationError(f"{told} is no form of {attribute.name}", hint=hint)

    return check


_INSTANTS: Final = "Write Stored(instants=Naive(zone)), or Aware() or Epoch('ms')"
_AMOUNTS: Final = "Write Stored(amounts=Major()), or Minor()"
_NUMBERS: Final = "Write Stored(numbers=Decimals(1))"
_LABELS: Final = "Write Stored(labels=Separated(',')), or Listed() or Json()"


@final
@frozen
class Stored:
    """The form of each kind of value, for every column that does not say its own."""

    instants: InstantForm = field(default=Aware(), validator=_of(Kind.INSTANT, _INSTANTS))
    amounts: AmountForm = field(default=Minor(), validator=_of(Kind.AMOUNT, _AMOUNTS))
    numbers: Decimals = field(default=Decimals(), validator=_of(Kind.NUMBER, _NUMBERS))
    labels: LabelForm = field(default=Listed(), validator=_of(Kind.LABELS, _LABELS))

    def form(self, kind: Kind) -> Form | None:
        """The form of a kind; None for kinds that are kept as themselves."""
        match kind:
            case Kind.INSTANT:
                return self.instants
            case Kind.AMOUNT:
                return self.amounts
            case Kind.NUMBER:
                return self.numbers
            case Kind.LABELS:
                return self.labels
            case Kind.TEXT | Kind.FLAG | Kind.DATE:
                return None
            case _:
                assert_never(kind)


def suits(form: object, kind: Kind) -> bool:
    """Whether it is a form, and values of the kind can be kept in it."""
    return isinstance(form, Form) and _kind(form) is kind


def _kind(form: Form) -> Kind:
    match form:
        case Aware() | Naive() | Epoch():
            return Kind.INSTANT
        case Minor() | Major():
            return Kind.AMOUNT
        case Decimals():
            return Kind.NUMBER
        case Listed() | Separated() | Json():
            return Kind.LABELS
        case _:
            assert_never(form)


AS_USUAL: Final = Stored()
"""Where a host says nothing."""
