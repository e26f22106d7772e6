"""What must not type-check. mypy reports exactly the code that each line expects, and nothing anywhere else."""

from datetime import date, datetime, timedelta

import polars as pl

from retention import Rule, Segment, SegmentSet, calendar_days, days, months, won
from retention.arrays import Snapshot
from retention.frames import Frames, rows
from retention.populations import changed
from retention.rules import (
    Collection,
    CustomerAttributes,
    Number,
    NumberField,
    Orders,
    RowRule,
    TextField,
    all_of,
    any_of,
    at_least,
    cart,
    consents,
    credits,
    customer,
    orders,
    points,
    purchases,
    views,
)
from retention.sql import Tables

# Kinds that do not compare.

orders.count() >= "3"  # expect: operator
orders.count() < won(3)  # expect: operator
orders.count() > None  # expect: operator
orders.total.sum() >= 500_000  # expect: operator
orders.total.sum() > orders.count()  # expect: operator
credits.balance() >= 5_000  # expect: operator
points.balance() >= won(5_000)  # expect: operator
customer.country < "KR"  # expect: operator
customer.joined_at > date(2026, 3, 1)  # expect: operator
customer.joined_at > days(3)  # expect: operator
customer.birthday > "1990-01-01"  # expect: operator
"3" <= orders.count()  # expect: operator

# == and != with the wrong kind fall back to Python's own, which is a bool: no rule, and refused wherever one is wanted.

Segment("x", orders.count() == "3")  # expect: arg-type
Segment("x", orders.count() != "3")  # expect: arg-type
Segment("x", customer.country == 82)  # expect: arg-type
Segment("x", customer.country == None)  # expect: arg-type
customer.tags == "vip"  # expect: comparison-overlap
orders.where(orders.status == 3)  # expect: arg-type
orders.where(consents.given == True)  # expect: arg-type
wrong_equality: Rule = orders.total.sum() == 3  # expect: assignment

# What a kind cannot be asked for does not exist.

orders.status.sum()  # expect: attr-defined
orders.status.max()  # expect: attr-defined
orders.at.sum()  # expect: attr-defined
purchases.tags.distinct()  # expect: attr-defined
consents.given.sum()  # expect: attr-defined
customer.country.count()  # expect: attr-defined
customer.country.between("A", "B")  # expect: attr-defined
customer.tags.contains("vip")  # expect: attr-defined
customer.joined_at.returns_today()  # expect: attr-defined
customer.birthday.within(days(7))  # expect: attr-defined
orders.total.sum().sum()  # expect: attr-defined
orders.totl  # expect: attr-defined
customer.contry  # expect: attr-defined

# Arguments.

customer.country.is_in([1])  # expect: list-item
orders.count().is_in("3")  # expect: arg-type
orders.count().between("1", 3)  # expect: arg-type
customer.country.contains(3)  # expect: arg-type
customer.tags.has(3)  # expect: arg-type
customer.tags.has_any(["vip"])  # expect: arg-type
customer.joined_at.within(7)  # expect: arg-type
customer.joined_at.within(timedelta(days=7))  # expect: arg-type
customer.joined_at.between(days(1), datetime(2026, 1, 1))  # expect: call-overload
customer.joined_at.before(date(2026, 1, 1))  # expect: arg-type
customer.joined_at.on("2026-01-01")  # expect: arg-type
customer.birthday.returns_today(leap="feb29")  # expect: arg-type
customer.birthday.returns_between(1, (2, 3))  # expect: arg-type
customer.birthday.returns_within("7")  # expect: arg-type
orders.within("7 days")  # expect: arg-type
orders.after(days(7))  # expect: arg-type
orders.nth("2")  # expect: arg-type
views.followed_by(orders, within=calendar_days(3))  # expect: arg-type
views.followed_by("orders", within=days(3))  # expect: arg-type
orders.stopped(quiet=days(30), active=months(1))  # expect: type-var
orders.in_periods(3, of=4, every=calendar_days(1))  # expect: arg-type
customer.joined_at + 7  # expect: operator
customer.joined_at + calendar_days(7)  # expect: operator

# Arithmetic.

orders.total.sum() + 3  # expect: operator
orders.total.sum() * orders.total.sum()  # expect: operator
orders.count() + won(3)  # expect: operator
orders.count() / won(3)  # expect: operator
customer.country + "x"  # expect: operator
3 / orders.total.sum()  # expect: operator

# Scopes: a rule about the customer and a rule about a row, or about rows of two collections, do not mix.

orders.any() & (orders.total > won(3))  # expect: operator
(orders.total > won(3)) & orders.any()  # expect: operator
(orders.total > won(3)) | (purchases.amount > won(3))  # expect: operator
orders.any() & True  # expect: operator
orders.count() & orders.any()  # expect: operator
orders.where(orders.any())  # expect: arg-type
orders.where(purchases.category == "coffee")  # expect: arg-type
orders.where(customer.country == "KR")  # expect: arg-type
Segment("x", orders.total > won(3))  # expect: arg-type
Segment("x", orders.count())  # expect: arg-type
all_of(orders.any(), orders.total > won(3))  # expect: call-overload
any_of(orders.any(), orders.count())  # expect: call-overload
at_least("2", orders.any())  # expect: call-overload
orders.since(orders.total)  # expect: arg-type

# Nothing is decided while it is written.

for row in orders:  # expect: attr-defined
    pass
len(orders)  # expect: arg-type
"vip" in customer.tags  # expect: operator

# A shop's own fields.


class Rentals(Collection):
    bike = TextField()
    minutes = NumberField()
    count = NumberField()  # expect: assignment


class Rider(CustomerAttributes):
    height = NumberField()


rentals = Rentals("rentals")
rider = Rider()

rentals.bike > 3  # expect: operator
rentals.where(orders.total > won(3))  # expect: arg-type
rider.height > "180"  # expect: operator
rider.height.sum()  # expect: attr-defined
a_number: Number[Rule] = rentals.minutes  # expect: assignment
a_rule: RowRule[Orders] = rentals.minutes > 3  # expect: assignment

# Each population has a question of its own, and gives back what it is made of.


def populations(tables: Tables, frames: Frames[pl.DataFrame], snapshot: Snapshot, table: pl.DataFrame) -> None:
    segment, now = Segment("buyers", orders.any()), datetime(2026, 1, 1)
    segments = SegmentSet([segment])
    segment.select(frames, now)  # expect: arg-type
    segment.filter(tables, now)  # expect: arg-type
    segment.filter(table, now)  # expect: arg-type
    segment.ids(frames, now)  # expect: arg-type
    segment.select(tables, now.date())  # expect: arg-type
    segments.select(snapshot, now)  # expect: arg-type
    segments.label(snapshot, now)  # expect: arg-type
    segments.masks(tables, now)  # expect: arg-type
    changed(segments, frames, now, now)  # expect: arg-type
    changed(segment, table, now, now)  # expect: arg-type
    Frames(customers=table)  # expect: arg-type
    Frames(customers=rows(table, id="id"), orders=table)  # expect: arg-type
    rows(table, id=3)  # expect: arg-type
    lazy: pl.LazyFrame = segment.filter(frames, now)  # expect: assignment
    labelled: pl.LazyFrame = segments.label(frames, now)  # expect: assignment
    moved: pl.LazyFrame = changed(segment, frames, now, now)  # expect: assignment
