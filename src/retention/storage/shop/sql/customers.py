"""Customers in a transaction: locked when they are asked for, and then read and written without asking again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import define, field

from retention.activity import Event
from retention.loyalty.errors import Conflict
from retention.loyalty.ledger.wire import micros
from retention.profile import Fact
from retention.spans import utc
from retention.storage.shop import wire
from retention.storage.shop.records import Shopper
from retention.storage.shop.sql import statements
from retention.storage.shop.sql.transaction import Transaction
from retention.storage.sql.rows import Row, document, text


@define(slots=False, kw_only=True, eq=False)
class Customers(Transaction):
    """Shoppers, their facts and memberships.

    Nobody else changes a customer who was asked for, so what is known of them is remembered: ``_shoppers`` has None for
    one who was not there, ``_facts`` those by collection and id.
    """

    _shoppers: dict[str, Shopper | None] = field(factory=dict, init=False)
    _facts: dict[str, dict[tuple[str, str], Fact]] = field(factory=dict, init=False)

    def shoppers(self, ids: Sequence[str]) -> Mapping[str, Shopper]:
        wanted = sorted(set(ids))
        new = [each for each in wanted if each not in self._shoppers]
        if new:
            self._shoppers |= dict.fromkeys(new)
            for id, said in self._about(statements.SHOPPERS, new):
                self._shoppers[id] = wire.shopper_from_json(document(said))
        return {id: found for id in wanted if (found := self._shoppers[id]) is not None}

    def keep(self, shoppers: Sequence[Shopper]) -> None:
        latest = {each.customer.id: each for each in shoppers}
        before = self.shoppers([*latest])
        new = [_row(each) for id, each in latest.items() if id not in before]
        if new and self._write(statements.NEW_SHOPPERS, new).rowcount != len(new):
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

    def facts(self, ids: Sequence[str]) -> Mapping[str, Sequence[Fact]]:
        found = self._all_facts(ids)
        return {id: [*found[id].values()] for id in ids if found.get(id)}

    def _all_facts(self, ids: Sequence[str]) -> Mapping[str, dict[tuple[str, str], Fact]]:
        found = {id: self._facts[id] for id in ids if id in self._facts}
        new = [id for id in dict.fromkeys(ids) if id not in found]
        if new:
            found |= self._read_facts(new)
            self._facts |= {id: found[id] for id in new if id in self._shoppers}
        return found

    def _read_facts(self, ids: Sequence[str]) -> dict[str, dict[tuple[str, str], Fact]]:
        found: dict[str, dict[tuple[str, str], Fact]] = {id: {} for id in ids}
        for id, said in self._about(statements.FACTS, ids):
            for form in document(said):
                fact = wire.fact_from_json(form)
                found[id][fact.collection, fact.id] = fact
        return found

    def add_facts(self, customer: str, facts: Sequence[Fact]) -> Sequence[Fact]:
        there = self._all_facts([customer])[customer] if facts else {}
        changed: list[Fact] = []
        rows: dict[tuple[str, str], Row] = {}
        for each in facts:
            name = each.collection, each.id
            kept = _as_stored(each)
            if there.get(name) != kept:
                changed.append(each)
                there[name] = kept
                rows[name] = _fact_row(customer, each)
        if rows:
            self._write(statements.ADD_FACTS, [rows[name] for name in sorted(rows)])
        return changed

    def due(self, until: datetime, limit: int) -> Sequence[str]:
        found: list[str] = []
        rows: Iterable[Any] = self._run(statements.DUE, until=micros(utc(until, "until")), most=limit)
        for id, said in rows:
            found.append(id)
            if id not in self._shoppers:
                self._shoppers[id] = wire.shopper_from_json(document(said))
        return found

    def customers(self, after: str, limit: int) -> Sequence[str]:
        return self._ids(statements.CUSTOMERS, after=after, most=limit)

    def browse(self, after: str, limit: int) -> Sequence[Shopper]:
        rows = self._run(statements.BROWSE, after=after, most=limit)
        return [wire.shopper_from_json(document(said)) for (said,) in rows]

    def members(self, segment: str, after: str, limit: int) -> Sequence[str]:
        return self._ids(statements.MEMBERS, segment=segment, after=after, most=limit)

    def _ids(self, statement: str, **said: Any) -> Sequence[str]:
        return [id for (id,) in self._run(statement, **said)]

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


def _fact_row(customer: str, fact: Fact) -> Row:
    return {
        "customer": customer,
        "collection": fact.collection,
        "fact": fact.id,
        "document": text(wire.fact_to_json(fact)),
    }


def _memberships(shoppers: Mapping[str, Shopper]) -> set[tuple[str, str]]:
    return {(segment, id) for id, each in shoppers.items() for segment in each.segments}


def _members(several: set[tuple[str, str]]) -> list[Row]:
    return [{"segment": segment, "customer": customer} for segment, customer in sorted(several)]
