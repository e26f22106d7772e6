"""Customers in a transaction: locked when they are asked for, and then read and written without asking again."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, TypeAlias, final

from attrs import define, field

from retention.activity import Event
from retention.loyalty.errors import Conflict
from retention.loyalty.ledger.wire import micros
from retention.profile import Fact
from retention.spans import utc
from retention.storage.shop import wire
from retention.storage.shop.forms import Json
from retention.storage.shop.records import Shopper
from retention.storage.shop.sql import statements
from retention.storage.shop.sql.transaction import Transaction
from retention.storage.sql.rows import Row, document, text

_Name: TypeAlias = tuple[str, str]
"""A fact's collection and id."""


@final
@define
class _Facts:
    """One customer's facts of these collections, of all if None."""

    collections: Set[str] | None
    named: dict[_Name, Fact] = field(factory=dict)

    def covers(self, collections: Set[str] | None) -> bool:
        return self.collections is None or (collections is not None and collections <= self.collections)

    def of(self, collections: Set[str] | None) -> list[Fact]:
        return [each for each in self.named.values() if collections is None or each.collection in collections]

    def add(self, named: Mapping[_Name, Fact]) -> None:
        self.named |= {name: fact for name, fact in named.items() if self.covers({fact.collection})}


@define(slots=False, kw_only=True, eq=False)
class Customers(Transaction):
    """Shoppers, their facts and memberships.

    Nobody else changes a customer who was asked for, so what is known of them is remembered: ``_shoppers`` has None for
    one who was not there, ``_documents`` what is stored of those nobody has asked for yet: who cannot be read fails
    alone.
    """

    _shoppers: dict[str, Shopper | None] = field(factory=dict, init=False)
    _documents: dict[str, str] = field(factory=dict, init=False)
    _facts: dict[str, _Facts] = field(factory=dict, init=False)

    def shoppers(self, ids: Sequence[str]) -> Mapping[str, Shopper]:
        wanted = sorted(set(ids))
        new = [each for each in wanted if each not in self._shoppers and each not in self._documents]
        if new:
            self._documents |= dict(self._about(statements.SHOPPERS, new).rows)
            self._shoppers |= {each: None for each in new if each not in self._documents}
        return {id: found for id in wanted if (found := self._shopper(id)) is not None}

    def _shopper(self, id: str) -> Shopper | None:
        if id not in self._shoppers:
            self._shoppers[id] = wire.shopper_from_json(document(self._documents[id]))
            del self._documents[id]
        return self._shoppers[id]

    def keep(self, shoppers: Sequence[Shopper]) -> None:
        latest = {each.customer.id: each for each in shoppers}
        before = self.shoppers([*latest])
        new = [_row(each) for id, each in latest.items() if id not in before]
        if new and self._write(statements.NEW_SHOPPERS, new).count != len(new):
            raise Conflict("somebody else stored the customer first")
        changed = [_row(each) for id, each in latest.items() if id in before]
        if changed:
            self._each(statements.CHANGE_SHOPPER, changed)
        self._move(before, latest)
        self._shoppers |= latest

    def _move(self, before: Mapping[str, Shopper], after: Mapping[str, Shopper]) -> None:
        """Into segments and out of them."""
        were, are = _memberships(before), _memberships(after)
        if are - were:
            self._write(statements.JOIN, _members(are - were))
        if were - are:
            self._each(statements.LEAVE, _members(were - are))

    def facts(self, ids: Sequence[str], collections: Set[str] | None = None) -> Mapping[str, Sequence[Fact]]:
        known = {id: self._facts[id] for id in ids if id in self._facts and self._facts[id].covers(collections)}
        new = [id for id in dict.fromkeys(ids) if id not in known]
        if new:
            known |= self._read_facts(new, collections)
            self._facts |= {id: known[id] for id in new if id in self._shoppers or id in self._documents}
        return {id: found for id in ids if (found := known[id].of(collections))}

    def _read_facts(self, ids: Sequence[str], collections: Set[str] | None) -> dict[str, _Facts]:
        found = {id: _Facts(collections) for id in ids}
        answer = (
            self._about(statements.FACTS, ids)
            if collections is None
            else self._about(statements.FACTS_OF, ids, collections=text(sorted(collections)))
        )
        for id, said in answer.rows:
            found[id].named = _by_name(document(said))
        return found

    def add_facts(self, customer: str, facts: Sequence[Fact]) -> Sequence[Fact]:
        latest = {(each.collection, each.id): each for each in facts}
        there = self._before(customer, latest)
        changed: list[Fact] = []
        seen = dict(there)
        for each in facts:
            name, kept = (each.collection, each.id), _as_stored(each)
            if seen.get(name) != kept:
                changed.append(each)
                seen[name] = kept
        other = [name for name, fact in there.items() if seen[name] != fact]
        if other:
            self._write(statements.ADD_FACTS, _fact_rows(customer, latest, other))
        if customer in self._facts:
            self._facts[customer].add(seen)
        return changed

    def _before(self, customer: str, latest: Mapping[_Name, Fact]) -> dict[_Name, Fact]:
        """Those of them that were there, as they were. Most are new: what is not known is stored at once, and read only
        if it was there."""
        known = self._facts[customer].named if customer in self._facts else {}
        found = {name: known[name] for name in latest if name in known}
        unknown = [name for name in latest if name not in found]
        if not unknown:
            return found
        stored = self._write(statements.NEW_FACTS, _fact_rows(customer, latest, unknown))
        left = set(unknown) - {(collection, fact) for collection, fact in stored.rows}
        if left:
            found |= {name: fact for name, fact in self._named(customer, left).items() if name in left}
        return found

    def _named(self, customer: str, names: Set[_Name]) -> dict[_Name, Fact]:
        """Stored facts of these names, and perhaps others."""
        collections, ids = sorted({each for each, _ in names}), sorted({each for _, each in names})
        said = {"customer": customer, "collections": text(collections)}
        return _by_name(document(each) for (each,) in self._about(statements.NAMED_FACTS, ids, **said).rows)

    def due(self, until: datetime, limit: int) -> Sequence[str]:
        found = self._run(statements.DUE, until=micros(utc(until, "until")), most=limit).rows
        self._documents |= {id: said for id, said in found if id not in self._shoppers}
        return [id for id, _ in found]

    def put_off(self, customers: Sequence[str], until: datetime) -> None:
        self._about(statements.PUT_OFF, customers, until=micros(utc(until, "until")))

    def customers(self, after: str, limit: int) -> Sequence[str]:
        return self._ids(statements.CUSTOMERS, after=after, most=limit)

    def browse(self, after: str, limit: int) -> Sequence[Shopper]:
        found = self._run(statements.BROWSE, after=after, most=limit)
        return [wire.shopper_from_json(document(said)) for (said,) in found.rows]

    def members(self, segment: str, after: str, limit: int) -> Sequence[str]:
        return self._ids(statements.MEMBERS, segment=segment, after=after, most=limit)

    def _ids(self, statement: str, **said: Any) -> Sequence[str]:
        return [id for (id,) in self._run(statement, **said).rows]

    def forget(self, customer: str) -> None:
        self._move(self.shoppers([customer]), {})
        for statement in statements.FORGET:
            self._run(statement, customer=customer)
        self._shoppers[customer] = None
        self._facts.pop(customer, None)


def _row(shopper: Shopper) -> Row:
    due = shopper.next_due
    return {
        "customer": shopper.customer.id,
        "next_due": None if due is None else micros(due),
        "document": text(wire.shopper_to_json(shopper)),
    }


def _as_stored(fact: Fact) -> Fact:
    """A host's own values may be instants on clocks that Python does not compare; they are stored in UTC."""
    return wire.fact_from_json(wire.fact_to_json(fact)) if isinstance(fact, Event) else fact


def _by_name(forms: Iterable[Json]) -> dict[_Name, Fact]:
    facts = map(wire.fact_from_json, forms)
    return {(each.collection, each.id): each for each in facts}


def _fact_rows(customer: str, facts: Mapping[_Name, Fact], names: Iterable[_Name]) -> list[Row]:
    return [
        {"customer": customer, "collection": name[0], "fact": name[1], "document": text(wire.fact_to_json(facts[name]))}
        for name in sorted(names)
    ]


def _memberships(shoppers: Mapping[str, Shopper]) -> set[tuple[str, str]]:
    return {(segment, id) for id, each in shoppers.items() for segment in each.segments}


def _members(several: set[tuple[str, str]]) -> list[Row]:
    return [{"segment": segment, "customer": customer} for segment, customer in sorted(several)]
