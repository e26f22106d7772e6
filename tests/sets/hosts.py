"""How a host might keep its tables: forms chosen at random among those that keep every value of a column exactly."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from random import Random
from typing import Any, assert_never, final
from zlib import crc32
from zoneinfo import ZoneInfo

from attrs import frozen

from retention.profile import Profile
from retention.rules.backends.sets.layout import As, Layout, Source
from retention.rules.backends.sets.storage import (
    AmountForm,
    Aware,
    Decimals,
    Epoch,
    Form,
    InstantForm,
    Json,
    LabelForm,
    Listed,
    Major,
    Minor,
    Naive,
    Separated,
    Stored,
)
from retention.schema import Kind, Schema
from retention.testing.tables import CUSTOMERS, Rows, flat, with_strays
from tests.sets.kept import all_exact, kept

INSTANTS: tuple[InstantForm, ...] = (
    Aware(),
    Naive(UTC),
    Epoch("us"),
    Naive(ZoneInfo("America/New_York")),
    Naive(ZoneInfo("America/Havana")),
    Naive(ZoneInfo("Asia/Seoul")),
    Epoch("ms"),
    Epoch("s"),
)
LABELS: tuple[LabelForm, ...] = (Listed(), Separated(), Json(), Separated("|"))
_OF_ITS_OWN = 0.1  # of the columns


@final
@frozen
class Column:
    """A column as it is kept; ``is_float`` of those whose numbers are written as floats."""

    kind: Kind
    form: Form | None
    is_float: bool
    cells: list[Any]


@final
@frozen
class Table:
    """``link`` is the customers' currency, and of every other table the id of the row's customer."""

    link: list[str | None]
    columns: Mapping[str, Column]


@final
@frozen
class Host:
    """All tables of a host, and what it says of them all; ``currency`` is None if customers deal in several.

    ``rows`` are those of the tables before they were given any form.
    """

    rows: Mapping[str, Rows]
    tables: Mapping[str, Table]
    schema: Schema
    stored: Stored
    currency: str | None

    def columns(self, table: str, named: Callable[[str], Any]) -> dict[str, Any]:
        """What a mapping says of a table's columns; ``named`` makes of a column's name what the engine calls it."""
        said: dict[str, Any] = {}
        for name, column in self.tables[table].columns.items():
            own = None if column.form == self.stored.form(column.kind) else column.form
            said[name] = As(named(name), own) if own else named(name)
        return said

    def layout(self) -> Layout[str, str]:
        """The mapping for an engine that finds tables and columns by their names."""
        collections = {
            name: Source(name, "customer", self.columns(name, str)) for name in self.tables if name != CUSTOMERS
        }
        dealt = None if self.currency else "currency"
        customers = Source(CUSTOMERS, "id", self.columns(CUSTOMERS, str), dealt)
        return Layout(customers, collections, self.schema, self.stored, self.currency)


def some_host(
    profiles: Sequence[Profile],
    schema: Schema,
    instants: Sequence[InstantForm] = INSTANTS,
    labels: Sequence[LabelForm] = LABELS,
) -> Host:
    """The profiles as a host's tables, the same for the same profiles; the forms are those that an engine can read."""
    told = [(each.customer.id, each.customer.joined_at, each.latest) for each in profiles]
    return _Keeper(Random(crc32(repr(told).encode())), schema, instants, labels).host(profiles)


@final
class _Keeper:
    """Chooses forms: one of each kind for all tables, and another for a column now and then, or where it has to."""

    def __init__(
        self, random: Random, schema: Schema, instants: Sequence[InstantForm], labels: Sequence[LabelForm]
    ) -> None:
        self.random = random
        self.schema = schema
        self.instants = instants
        self.labels = labels
        self.amounts: tuple[AmountForm, ...] = (Minor(),)
        self.stored = Stored()

    def host(self, profiles: Sequence[Profile]) -> Host:
        dealt = {each.currency for each in profiles if each.currency}
        only = next(iter(dealt)) if len(dealt) == 1 else None
        currency = self.schema.currency or self.random.choice((only, None))
        if currency:
            self.amounts = Minor(), Major()
        self.stored = Stored(
            self.random.choice(self.instants),
            self.random.choice(self.amounts),
            Decimals(1),
            self.random.choice(self.labels),
        )
        rows = with_strays(flat(profiles, self.schema))
        for each in rows.values():
            self.random.shuffle(each)
        tables = {name: self.table(name, each) for name, each in rows.items()}
        return Host(rows, tables, self.schema, self.stored, currency)

    def table(self, name: str, rows: Rows) -> Table:
        if name == CUSTOMERS:
            link, fields = "currency", self.schema.attributes
        else:
            link, fields = "customer", self.schema.collections[name].columns
        names = [each for each in fields if (name, each) != ("orders", "refunded")]
        columns = {each: self.column(fields[each].kind, [row[each] for row in rows]) for each in names}
        return Table([row[link] for row in rows], columns)

    def column(self, kind: Kind, values: list[Any]) -> Column:
        usual = self.stored.form(kind)
        others = self.random.sample(self.forms(kind), len(self.forms(kind)))
        wanted = [*others, usual] if self.random.random() < _OF_ITS_OWN else [usual, *others]
        form = next(each for each in wanted if all_exact(values, each))
        cells = [kept(each, form) for each in values]
        is_float = isinstance(form, Major | Decimals) and self.random.random() < _OF_ITS_OWN
        return Column(kind, form, is_float, [float(each) if is_float and each is not None else each for each in cells])

    def forms(self, kind: Kind) -> Sequence[Form | None]:
        match kind:
            case Kind.INSTANT:
                return self.instants
            case Kind.LABELS:
                return self.labels
            case Kind.NUMBER:
                return Decimals(1), Decimals(2), Decimals(0)
            case Kind.AMOUNT:
                return self.amounts
            case Kind.TEXT | Kind.FLAG | Kind.DATE:
                return (None,)
            case _:
                assert_never(kind)
