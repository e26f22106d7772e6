"""Which of a host's columns is which attribute or collection column: the part that all set-based engines share.

``T`` is what an engine reads rows from (a table, a data frame), ``C`` what names a column in it.
"""

from collections.abc import Mapping
from typing import Final, Generic, TypeVar, cast, final

from attrs import field, frozen

from retention.currencies import exponent
from retention.errors import ConfigurationError, UnmappedName
from retention.rules.backends.sets.storage import AS_USUAL, Decimals, Form, Major, Stored, suits
from retention.schema import STANDARD, CollectionSchema, Field, Kind, Schema

T = TypeVar("T")
C = TypeVar("C")

CURRENCY: Final = "(currency)"
"""The attribute that says in which currency a customer deals, when a mapping has one."""


@final
@frozen
class As(Generic[C]):
    """A column that is kept in another form than the others of its kind."""

    column: C
    form: Form


@final
@frozen(eq=False)
class Source(Generic[T, C]):
    """One table: ``customer`` names the column with the customer's id (of the customers themselves: ``id``)."""

    table: T
    customer: C
    columns: Mapping[str, C | As[C]]
    currency: C | None = None


@final
@frozen
class Place(Generic[C]):
    """Where a value is kept, and how; ``form`` is None for kinds that are kept as themselves."""

    column: C
    kind: Kind
    form: Form | None


@final
@frozen(eq=False)
class Layout(Generic[T, C]):
    """The customers, the collections by name, and how their values are kept.

    ``currency`` is the one currency of all amounts, the schema's if it is not given; ``customers.currency`` names the
    column that says each customer's instead. Raises UnknownName for names that the schema lacks and ConfigurationError
    for forms that do not fit.
    """

    customers: Source[T, C]
    collections: Mapping[str, Source[T, C]]
    schema: Schema = STANDARD
    stored: Stored = AS_USUAL
    currency: str | None = None
    _places: Mapping[tuple[str | None, str], Place[C]] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.stored, Stored):
            told = getattr(self.stored, "__name__", type(self.stored).__name__)
            raise ConfigurationError(
                f"stored={told} does not say how values are kept",
                hint="Write stored=Stored(instants=..., amounts=..., numbers=..., labels=...)",
            )
        object.__setattr__(self, "currency", self._one_currency())
        places: dict[tuple[str | None, str], Place[C]] = {}
        for name, column in self.customers.columns.items():
            places[None, name] = self._place(self.schema.attribute(name), column, name)
        if self.customers.currency is not None:
            places[None, CURRENCY] = Place(self.customers.currency, Kind.TEXT, None)
        for name, source in self.collections.items():
            known = self.schema.collection(name)
            for each, column in source.columns.items():
                _refuse_name_of_rules(name, each, known)
                places[name, each] = self._place(known.column(each), column, f"{name}.{each}")
            if "at" not in source.columns:
                raise ConfigurationError(f"{name} has no column for at", hint="Say when a row happened: at=...")
        object.__setattr__(self, "_places", places)

    def _one_currency(self) -> str | None:
        """The one that was given; else the schema's, unless each customer has one of their own."""
        given, declared = self.currency, self.schema.currency
        if given is None:
            return None if self.customers.currency is not None else declared
        exponent(given)
        if declared not in (None, given):
            hint = "Leave currency=... away"
            raise ConfigurationError(f"the tables are in {given} and the schema is in {declared}", hint=hint)
        return given

    def _place(self, declared: Field, given: C | As[C], path: str) -> Place[C]:
        column, form = given, self.stored.form(declared.kind)
        if isinstance(given, As):
            column, form = given.column, given.form
            if not suits(given.form, declared.kind):
                told = f"{path} is {declared.kind.value} and is not kept as {given.form!r}"
                usual = self.stored.form(declared.kind)
                raise ConfigurationError(told, hint="Leave As(...) away" if usual is None else f"Such as {usual!r}")
        if isinstance(form, Major) and self.currency is None:
            hint = 'Give currency="KRW", or keep whole minor units'
            raise ConfigurationError(f"{path} is in major units of no stated currency", hint=hint)
        return Place(cast(C, column), declared.kind, form)

    def source(self, collection: str) -> Source[T, C]:
        """Where the rows of a collection are. Raises UnmappedName."""
        found = self.collections.get(collection)
        if found is None:
            self.schema.collection(collection)
            raise UnmappedName("collection", collection, self.collections)
        return found

    def place(self, collection: str | None, name: str) -> Place[C]:
        """Where a column, or an attribute if ``collection`` is None, is kept. Raises UnmappedName."""
        found = self._places.get((collection, name))
        if found is None:
            if collection is None:
                raise UnmappedName("attribute", name, self.customers.columns)
            raise UnmappedName(f"column of {collection}", name, self.source(collection).columns)
        return found

    def maps(self, collection: str | None, name: str) -> bool:
        """Whether the mapping has the column or attribute."""
        return (collection, name) in self._places

    def decimals(self, collection: str | None, name: str) -> int:
        """How many decimal places a number has; 0 for everything else."""
        form = self.place(collection, name).form
        return form.places if isinstance(form, Decimals) else 0

    @property
    def exponent(self) -> int:
        """The decimal places of the shop's currency, 0 if it has not said which."""
        return exponent(self.currency) if self.currency else 0


def _refuse_name_of_rules(collection: str, name: str, known: CollectionSchema) -> None:
    """Rules say ``orders.placed_at`` for what is ``at`` in every collection."""
    if (collection, name) == ("orders", "placed_at") and name not in known.columns:
        raise ConfigurationError("orders.placed_at is mapped under the name of all collections", hint="Write at=...")
