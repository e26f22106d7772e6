"""Fields: one declaration gives the handle, its type and the schema.

>>> from retention.rules import Collection, NumberField, TextField, declare
>>> class Rentals(Collection):
...     bike = TextField()
...     minutes = NumberField()
>>> rentals = Rentals("rentals")
>>> rentals.where(rentals.bike == "tandem").minutes.sum() >= 90
rentals[bike == "tandem"].minutes.sum() >= 90
>>> declare(rentals).collection("rentals").column("minutes").kind
<Kind.NUMBER: 'number'>
"""

from abc import abstractmethod
from typing import Any, ClassVar, Self, TypeVar, final, overload

from attrs import field, frozen

from retention.errors import ConfigurationError
from retention.rules import nodes
from retention.rules.handles.columns import (
    AmountColumn,
    DateColumn,
    Flag,
    FlagColumn,
    InstantColumn,
    LabelsColumn,
    NumberColumn,
    TextColumn,
)
from retention.rules.handles.instants import Date, Instant
from retention.rules.handles.numbers import Amount, Number
from retention.rules.handles.scope import CUSTOMER, RowScope
from retention.rules.handles.texts import Labels, Text
from retention.rules.rule import Rule, Undecided
from retention.schema import STANDARD, Kind


class DeclaredField:
    """A field of a collection or of the customer. ``of`` names the column when the attribute has another name."""

    kind: ClassVar[Kind]
    __slots__ = ("name",)

    def __init__(self, *, of: str = "") -> None:
        self.name = of

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        if owner is None:
            return self
        if isinstance(owner, Rows):
            return self._column(nodes.Column(self.name), owner.node)
        return self._attribute(nodes.Attribute(self.name))

    @abstractmethod
    def _column(self, column: nodes.Column, rows: nodes.Events) -> Any:
        """The handle of one row's cell."""

    @abstractmethod
    def _attribute(self, attribute: nodes.Attribute) -> Any:
        """The handle of the customer's attribute."""


class Declared:
    """A class body that declares fields."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        for name, each in vars(cls).items():
            hidden = getattr(super(cls, cls), name, None)
            if isinstance(each, DeclaredField) and hidden is not None and not isinstance(hidden, DeclaredField):
                raise ConfigurationError(
                    f"{cls.__name__}.{name} would hide the method {name}",
                    hint=f'Give it another name here: {name}_of_row = {type(each).__name__}(of="{name}")',
                )

    @classmethod
    def _declared(cls) -> dict[str, Kind]:
        """Every column or attribute by its name in the schema, inherited ones included."""
        fields = (each for base in reversed(cls.__mro__) for each in vars(base).values())
        return {each.name: each.kind for each in fields if isinstance(each, DeclaredField)}


def _selection(of: str | nodes.Events) -> nodes.Events:
    return nodes.Events(of) if isinstance(of, str) else of


@frozen(eq=False, repr=False)
class Rows(Declared, Undecided):
    """A selection of a collection's rows; ``node`` is what it means."""

    node: nodes.Events = field(converter=_selection)

    def _subject(self) -> str:
        return "a collection"


class Attributes(Declared):
    """Attributes of the customer."""

    __slots__ = ()

    @classmethod
    def own_attributes(cls) -> dict[str, Kind]:
        """The attributes that are the host's own, as ``Schema.extend`` takes them."""
        return {name: kind for name, kind in cls._declared().items() if name not in STANDARD.attributes}


T = TypeVar("T", bound=Rows)


@final
class NumberField(DeclaredField):
    """A number, exact: whole or a fraction."""

    kind = Kind.NUMBER

    @overload
    def __get__(self, owner: None, kind: Any = None) -> Self: ...
    @overload
    def __get__(self, owner: Attributes, kind: Any = None) -> Number[Rule]: ...
    @overload
    def __get__(self, owner: T, kind: Any = None) -> NumberColumn[T]: ...
    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return super().__get__(owner, kind)

    def _column(self, column: nodes.Column, rows: nodes.Events) -> NumberColumn[Any]:
        return NumberColumn(column, RowScope(rows))

    def _attribute(self, attribute: nodes.Attribute) -> Number[Rule]:
        return Number(attribute, CUSTOMER)


@final
class AmountField(DeclaredField):
    """Money in the shop's currency."""

    kind = Kind.AMOUNT

    @overload
    def __get__(self, owner: None, kind: Any = None) -> Self: ...
    @overload
    def __get__(self, owner: Attributes, kind: Any = None) -> Amount[Rule]: ...
    @overload
    def __get__(self, owner: T, kind: Any = None) -> AmountColumn[T]: ...
    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return super().__get__(owner, kind)

    def _column(self, column: nodes.Column, rows: nodes.Events) -> AmountColumn[Any]:
        return AmountColumn(column, RowScope(rows))

    def _attribute(self, attribute: nodes.Attribute) -> Amount[Rule]:
        return Amount(attribute, CUSTOMER)


@final
class TextField(DeclaredField):
    """A text, compared exactly."""

    kind = Kind.TEXT

    @overload
    def __get__(self, owner: None, kind: Any = None) -> Self: ...
    @overload
    def __get__(self, owner: Attributes, kind: Any = None) -> Text[Rule]: ...
    @overload
    def __get__(self, owner: T, kind: Any = None) -> TextColumn[T]: ...
    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return super().__get__(owner, kind)

    def _column(self, column: nodes.Column, rows: nodes.Events) -> TextColumn[Any]:
        return TextColumn(column, RowScope(rows))

    def _attribute(self, attribute: nodes.Attribute) -> Text[Rule]:
        return Text(attribute, CUSTOMER)


@final
class InstantField(DeclaredField):
    """An instant, given with its zone."""

    kind = Kind.INSTANT

    @overload
    def __get__(self, owner: None, kind: Any = None) -> Self: ...
    @overload
    def __get__(self, owner: Attributes, kind: Any = None) -> Instant[Rule]: ...
    @overload
    def __get__(self, owner: T, kind: Any = None) -> InstantColumn[T]: ...
    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return super().__get__(owner, kind)

    def _column(self, column: nodes.Column, rows: nodes.Events) -> InstantColumn[Any]:
        return InstantColumn(column, RowScope(rows))

    def _attribute(self, attribute: nodes.Attribute) -> Instant[Rule]:
        return Instant(attribute, CUSTOMER)


@final
class DateField(DeclaredField):
    """A calendar date."""

    kind = Kind.DATE

    @overload
    def __get__(self, owner: None, kind: Any = None) -> Self: ...
    @overload
    def __get__(self, owner: Attributes, kind: Any = None) -> Date[Rule]: ...
    @overload
    def __get__(self, owner: T, kind: Any = None) -> DateColumn[T]: ...
    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return super().__get__(owner, kind)

    def _column(self, column: nodes.Column, rows: nodes.Events) -> DateColumn[Any]:
        return DateColumn(column, RowScope(rows))

    def _attribute(self, attribute: nodes.Attribute) -> Date[Rule]:
        return Date(attribute, CUSTOMER)


@final
class LabelsField(DeclaredField):
    """A set of texts."""

    kind = Kind.LABELS

    @overload
    def __get__(self, owner: None, kind: Any = None) -> Self: ...
    @overload
    def __get__(self, owner: Attributes, kind: Any = None) -> Labels[Rule]: ...
    @overload
    def __get__(self, owner: T, kind: Any = None) -> LabelsColumn[T]: ...
    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return super().__get__(owner, kind)

    def _column(self, column: nodes.Column, rows: nodes.Events) -> LabelsColumn[Any]:
        return LabelsColumn(column, RowScope(rows))

    def _attribute(self, attribute: nodes.Attribute) -> Labels[Rule]:
        return Labels(attribute, CUSTOMER)


@final
class FlagField(DeclaredField):
    """True or false."""

    kind = Kind.FLAG

    @overload
    def __get__(self, owner: None, kind: Any = None) -> Self: ...
    @overload
    def __get__(self, owner: Attributes, kind: Any = None) -> Flag: ...
    @overload
    def __get__(self, owner: T, kind: Any = None) -> FlagColumn[T]: ...
    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return super().__get__(owner, kind)

    def _column(self, column: nodes.Column, rows: nodes.Events) -> FlagColumn[Any]:
        return FlagColumn.of(column, rows)

    def _attribute(self, attribute: nodes.Attribute) -> Flag:
        return Flag.of(attribute)
