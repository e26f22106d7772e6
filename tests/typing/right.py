"""What type-checks: the design's examples as they are written there, and every handle with every operator."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, assert_type

import numpy as np
import polars as pl
from duckdb import DuckDBPyRelation
from numpy.typing import NDArray
from sqlalchemy import Select

from retention import Profile, Rule, Segment, SegmentSet, days, months, today, won
from retention.arrays import Snapshot
from retention.frames import Frames, Rows, rows
from retention.populations import changed
from retention.rules import (
    Amount,
    Collection,
    CustomerAttributes,
    Date,
    FlagField,
    Instant,
    InstantField,
    Labels,
    Number,
    NumberField,
    Orders,
    Points,
    RowRule,
    Text,
    TextField,
    all_of,
    any_of,
    as_of,
    at_least,
    cart,
    consents,
    coupons,
    credits,
    customer,
    declare,
    orders,
    points,
    purchases,
    segment,
    views,
)
from retention.schema import Schema
from retention.sql import Tables

# The design's examples.

new = Segment("new", customer.joined_at.within(days(7)))
dormant = Segment("dormant", orders.placed_at.last().older_than(days(90)))
big = Segment("high-value", orders.total.sum() >= won(500_000))
abandoned = Segment("cart-abandoned", cart.at.last().between(days(1), days(7)) & orders.after(cart.at.last()).none())
coffee = purchases.where(purchases.category == "coffee").within(days(30)).amount.sum() >= won(30_000)


def asked(profile: Profile, now: datetime) -> None:
    assert_type(dormant.contains(profile, as_of=now), bool)
    dormant.explain(profile, as_of=now)
    assert_type(dormant.next_change(profile, as_of=now), datetime | None)
    assert_type(dormant.rule.to_json(), dict[str, Any])
    assert_type(dormant.rule.to_text(), str)


assert_type(coffee, Rule)

# Scopes: a value of the customer gives a Rule, a column gives a RowRule of its own collection.

assert_type(orders, Orders)
assert_type(orders.within(days(7)), Orders)
assert_type(orders.last(), Orders)
assert_type(orders.count(), Number[Rule])
assert_type(orders.count() >= 3, Rule)
assert_type(3 <= orders.count(), Rule)
assert_type(orders.count() == 3, Rule)
assert_type(orders.count() != 3, Rule)
assert_type(orders.total == won(3), RowRule[Orders])
assert_type(orders.total > orders.total.mean(), RowRule[Orders])
assert_type(orders.total.mean() < orders.total, RowRule[Orders])
assert_type(orders.total == orders.subtotal, RowRule[Orders])
assert_type((orders.total > won(3)) & ~(orders.item_count < 3) | (orders.status == "paid"), RowRule[Orders])
assert_type(orders.any() & ~cart.any() | segment("dormant"), Rule)
assert_type(orders.any().named("buyers"), Rule)
assert_type((orders.total > won(3)).named("large"), RowRule[Orders])

# What each column can be asked for.

assert_type(orders.total.sum(), Amount[Rule])
assert_type(orders.total.mean(), Amount[Rule])
assert_type(orders.item_count.max(), Number[Rule])
assert_type(orders.at.min(), Instant[Rule])
assert_type(orders.status.first(), Text[Rule])
assert_type(orders.status.nth(2), Text[Rule])
assert_type(orders.status.distinct(), Number[Rule])
assert_type(purchases.tags.last(), Labels[Rule])
assert_type(consents.given.distinct(), Number[Rule])
assert_type(customer.birthday, Date[Rule])

# Operators.

assert_type(orders.count() + 1 - 0.5 * orders.count() / Decimal("1.5"), Number[Rule])
assert_type(orders.count() * won(3), Amount[Rule])
assert_type(won(3) * orders.count(), Amount[Rule])
assert_type(orders.total.sum() / orders.count(), Amount[Rule])
assert_type(orders.total.sum() / orders.discount.sum(), Number[Rule])
assert_type(orders.total.sum() / won(3), Number[Rule])
assert_type(won(3) - orders.total.sum(), Amount[Rule])
assert_type(orders.count().between(1, Fraction(5, 2)), Rule)
assert_type(orders.total.sum().is_in([won(1), won(2)]), Rule)
assert_type(orders.total.between(won(1), orders.total.mean()), RowRule[Orders])
assert_type(customer.country.is_in({"KR", "JP"}), Rule)
assert_type(customer.city.casefold().starts_with("se"), Rule)
assert_type(customer.tags.has("vip") & customer.tags.has_any("a", "b") & (customer.tags.count() > 2), Rule)
assert_type(customer.joined_at.between(datetime(2026, 1, 1), orders.at.first()), Rule)
assert_type(customer.joined_at.on(date(2026, 1, 1)), Rule)
assert_type(customer.joined_at + months(1) < as_of - days(3), Rule)
assert_type(customer.birthday.returns_this_month(1, leap="skip"), Rule)
assert_type(customer.country.is_missing(), Rule)
assert_type(orders.channel.is_present(), RowRule[Orders])
assert_type(all_of(orders.any(), dormant), Rule)
assert_type(any_of(orders.total > won(1), orders.item_count > 3), RowRule[Orders])
assert_type(at_least(2, orders.any(), cart.any(), new), Rule)

orders.where(orders.total > won(3), orders.delivered_at.within(days(3))).within(today()).between(days(1), days(7))
orders.since(datetime(2026, 1, 1)).before(customer.joined_at + days(7))
coupons.where(coupons.expires_at.between(as_of, as_of + days(7))).any()
consents.where(consents.given, consents.channel == "email").any()
consents.to("email") & ~consents.given.last()

# Points, credit and coupons.

assert_type(points.balance(), Number[Rule])
assert_type(points.alive(), Points)
assert_type(credits.balance(), Amount[Rule])
assert_type(coupons.held(), Number[Rule])
(points.expiring(months(1)) >= 1_000) & (credits.expiring(days(7)) > won(0)) & (points.balance() >= 5)
coupons.where(coupons.code == "birthday").held() >= 1
views.followed_by(orders, within=days(3)) | views.not_followed_by(orders, within=months(1))
orders.stopped(quiet=days(30), active=days(90)) & orders.restarted(quiet=months(3), active=months(1))
orders.in_periods(3, of=4, every=months(1))

# A shop's own fields.


class Rentals(Collection):
    bike = TextField()
    minutes = NumberField()
    returned_at = InstantField()
    damaged = FlagField()


class Rider(CustomerAttributes):
    height = NumberField()
    member = FlagField()


rentals = Rentals("rentals")
rider = Rider()

assert_type(declare(rentals, rider, currency="KRW"), Schema)
assert_type(rentals.where(rentals.bike == "tandem", ~rentals.damaged).minutes.sum(), Number[Rule])
assert_type(rider.height > 180, Rule)
assert_type(rider.country == "KR", Rule)
assert_type(rider.member & (rider.height > rentals.minutes.mean()), Rule)
assert_type(Rentals.bike, TextField)
Segment("member", rider.member)

# A population gives back what it is made of: frames, those of their own library.


def populations(tables: Tables, snapshot: Snapshot, eager: pl.DataFrame, lazy: pl.LazyFrame, now: datetime) -> None:
    segments = SegmentSet([dormant, new])
    frames = Frames(customers=rows(lazy, id="id"), orders=rows(eager, customer="customer", id="id", at="at"))
    assert_type(rows(eager, id="id"), Rows[pl.DataFrame])
    assert_type(frames, Frames[pl.LazyFrame])

    assert_type(dormant.select(tables, now), Select[Any])
    assert_type(dormant.filter(frames, now), pl.LazyFrame)
    assert_type(dormant.ids(snapshot, now), list[str])
    assert_type(segments.select(tables, now), Select[Any])
    assert_type(segments.label(frames, now), pl.LazyFrame)
    assert_type(segments.masks(snapshot, now), dict[str, NDArray[np.bool_]])
    assert_type(changed(dormant, tables, now, now), Select[Any])
    assert_type(changed(dormant, frames, now, now), pl.LazyFrame)
    assert_type(changed(dormant, snapshot, now, now), dict[str, NDArray[Any]])


def of_relations(relations: Frames[DuckDBPyRelation], now: datetime) -> None:
    assert_type(dormant.filter(relations, now), DuckDBPyRelation)
