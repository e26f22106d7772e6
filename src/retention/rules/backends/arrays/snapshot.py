"""A population in memory, for counts while somebody edits a rule."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeAlias, final

from attrs import field, frozen
from numpy.typing import NDArray

from retention.errors import ConfigurationError
from retention.profile import Profile
from retention.rules.backends.arrays import files, given, measures
from retention.rules.backends.arrays.answers import answers, answers_where, chosen
from retention.rules.backends.arrays.columns import Column, Mask, Words, joined, length
from retention.rules.backends.arrays.given import Given
from retention.rules.backends.arrays.profiles import columns_of
from retention.rules.backends.arrays.table import Table
from retention.rules.backends.sets.layout import CURRENCY, Layout
from retention.rules.backends.sets.population import Group
from retention.rules.backends.sets.storage import AS_USUAL, Stored
from retention.rules.backends.sets.terms import ALWAYS, Term, Test
from retention.schema import STANDARD, Schema

Held: TypeAlias = Layout[None, str]


@final
@frozen(eq=False, repr=False)
class Snapshot:
    """Customers and their rows as arrays, built with ``of_columns``, ``of_profiles`` or ``open``; it never changes.

    ``layout`` says what it has and how, for lowering rules.
    """

    people: Mapping[str, Column]
    tables: Mapping[str, Table]
    layout: Held
    _kept: dict[str, Any] = field(factory=dict, init=False)

    @classmethod
    def of_columns(
        cls,
        customers: Given,
        *,
        currencies: Any = None,
        schema: Schema = STANDARD,
        currency: str | None = None,
        stored: Stored = AS_USUAL,
        **collections: Given,
    ) -> Self:
        """A snapshot of columns, each a sequence or an array or ``As(column, form)``; rows may stand in any order.

        ``customers`` has ``id`` and attributes; a collection has ``customer`` (whose row it is) and its own columns,
        ``at`` among them. Ids that are whole numbers become texts. ``currencies`` are those of the customers, where
        ``currency`` is not that of all. Rows of unknown customers, and rows that do not say when, are left out. Whole
        numbers with gaps are best given as lists or masked arrays: what made floats of them may have rounded them.
        Raises FactError for cells that are not what the schema says or finer than their form keeps (amounts in major
        units are rounded) and for ids that come twice, UnknownName for what the schema lacks, ConfigurationError for
        forms that do not fit and for a collection none of whose customers is there.
        """
        incoming = given.layout(customers, collections, schema, currency, stored)
        return cls._of(customers, currencies, collections, incoming)

    @classmethod
    def _of(cls, customers: Given, currencies: Any, collections: Mapping[str, Given], incoming: Held) -> Self:
        people = given.people(customers, currencies, incoming)
        known = given.places(people["id"])
        tables = {}
        for name, columns in collections.items():
            owners, cells = given.rows(columns, name, known.get, incoming)
            if known:
                given.refuse_strangers(owners, columns["customer"], customers["id"], name)
            tables[name] = Table.cluster(len(known), owners, cells)
        return cls(people, tables, given.held(incoming, CURRENCY in people))

    @classmethod
    def of_profiles(cls, profiles: Iterable[Profile], schema: Schema = STANDARD) -> Self:
        """A snapshot of profiles. Numbers keep as many decimals as they have, nine at most.

        Raises FactError for two customers of one id.
        """
        customers, currencies, collections = columns_of(tuple(profiles), schema)
        incoming = given.layout(customers, collections, schema, None, AS_USUAL)
        return cls._of(customers, currencies, collections, incoming)

    @classmethod
    def open(cls, folder: str | Path, *, schema: Schema = STANDARD) -> Self:
        """A snapshot that was saved, read from disk as rules need it (memory-mapped); the folder must stay.

        Cost: the files' heads, where customers and texts begin, and which texts the customers have are read. Raises
        ConfigurationError for what is no whole snapshot of this schema. The codes of texts in rows are checked when a
        rule first needs them; numbers are not.
        """
        return cls(*files.opened(Path(folder), schema))

    def save(self, folder: str | Path) -> None:
        """Write it to a new or empty folder: ``.npy`` files and ``snapshot.json``, which comes last.

        Raises ConfigurationError if something is in the folder, OSError as the file system does.
        """
        files.save(Path(folder), self.people, self.tables, self.layout)

    def append(
        self, customers: Given | None = None, *, currencies: Any = None, stored: Stored = AS_USUAL, **collections: Given
    ) -> "Snapshot":
        """A snapshot with new customers and new rows; this one stays as it is. Columns not given are missing.

        A collection without new rows is shared with this snapshot, one with new rows is copied once, and only the rows
        of customers who get new ones are sorted. Nothing is replaced: a customer who is here already is refused
        (FactError), a row who is here already is there twice. Rows of customers who are not here are left out for good:
        give new customers before their rows, or with them. Raises UnmappedName for columns the snapshot has not,
        ConfigurationError for currencies of which it keeps none.
        """
        layout = self.layout
        self._refuse_unknown(customers or {}, collections)
        if currencies is not None and (customers is None or CURRENCY not in self.people):
            problem = "currencies are given of no customers" if customers is None else "this snapshot has no currencies"
            raise ConfigurationError(problem, hint="Give them with the customers, here and in Snapshot.of_columns")
        new: Given = {"id": ()} if customers is None else customers
        incoming = given.layout(new, collections, layout.schema, layout.currency, stored)
        people = self._with_people(customers, currencies, incoming)
        ids = people["id"]
        assert isinstance(ids, Words)
        tables = dict(self.tables)
        for name, table in self.tables.items():
            columns = collections.get(name)
            if columns is None:
                tables[name] = table.with_customers(len(ids.codes))
            else:
                owners, cells = given.rows(columns, name, given.lookup(ids), incoming, layout)
                full = given.completed(cells, name, len(owners), layout)
                tables[name] = table.with_rows(len(ids.codes), owners, full)
        return Snapshot(people, tables, layout)

    def _refuse_unknown(self, customers: Given, collections: Mapping[str, Given]) -> None:
        for name in customers:
            self.layout.place(None, name)
        for collection, columns in collections.items():
            self.layout.source(collection)
            for name in columns:
                if name != "customer":
                    self.layout.place(collection, name)

    def _with_people(self, customers: Given | None, currencies: Any, incoming: Layout[None, Any]) -> dict[str, Column]:
        if customers is None:
            return dict(self.people)
        more = given.people(customers, currencies, incoming, self.layout)
        given.refuse_twice(more["id"])
        full = given.completed(more, None, length(more["id"]), self.layout)
        people = {name: joined(column, full[name]) for name, column in self.people.items()}
        given.refuse_twice(people["id"], len(self))
        return people

    def chosen(self, test: Test, /) -> list[str]:
        """The ids, as texts, of the customers for whom a test is true, in their order."""
        return chosen(self, test)

    def masks(self, tests: Mapping[str, Test], /) -> dict[str, Mask]:
        """For whom each test is true, in the order of ``ids``."""
        return answers(self, tests)

    def answers(self, tests: Mapping[str, Test], /, where: Test = ALWAYS) -> dict[str, NDArray[Any]]:
        """The ``id`` of every customer for whom ``where`` is true, and beside it whether each test is."""
        return answers_where(self, tests, where)

    def groups(self, keys: Sequence[Test], sums: Sequence[Term | Test], /, where: Test = ALWAYS) -> list[Group]:
        """See ``Measurable``."""
        return measures.groups(self, keys, sums, where)

    def ranked(self, value: Term, ranks: Sequence[int], /, where: Test = ALWAYS) -> list[int | datetime]:
        """See ``Measurable``."""
        return measures.ranked(self, value, ranks, where)

    @property
    def ids(self) -> list[str]:
        """The customers' ids as texts (``"7"`` of 7), in the order of every answer. Decoded once and kept."""
        if "ids" not in self._kept:
            ids = self.people["id"]
            assert isinstance(ids, Words)
            self._kept["ids"] = ids.texts.cells(ids.codes)
        found: list[str] = self._kept["ids"]
        return found

    def __len__(self) -> int:
        ids = self.people["id"]
        assert isinstance(ids, Words)
        return len(ids.codes)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(table)} {name}" for name, table in self.tables.items())
        return f"Snapshot({len(self)} customers{', ' if sizes else ''}{sizes})"
