"""The study's Parquet files as DuckDB sees them: the decisions of ``complete_journey`` again, and no profile is built.

The views stand for the tables that a shop has. What a column means is said by the mapping and not done to the rows:
that clock times are UTC while days begin on New York's clock, that amounts are dollars, and what the columns are called
in a rule.
"""

from datetime import UTC, datetime
from itertools import compress
from typing import Final

from attrs import fields_dict
from duckdb import ColumnExpression, ConstantExpression, DuckDBPyConnection, DuckDBPyRelation, connect

from demo.complete_journey import FUEL, HOUSEHOLD, SCHEMA, ZONE, Tables, folder
from retention.frames import As, Frames, Major, Naive, Rows, Stored, rows
from retention.schema import Kind
from retention.segments import SegmentSet

_VIEWS: Final = {
    "households": """
        select *, 'US' as country, null::date as birthday
        from (select household_id, min(transaction_timestamp) as first_basket from transactions group by all)
        left join demographics using (household_id)
    """,
    "baskets": """
        select * replace ('store ' || store as store)
        from (
            select household_id, basket_id, transaction_timestamp, store_id as store, sum(sales_value) as paid
            from transactions group by all
        )
    """,
    "goods": f"""
        select product_id, brand,
            if(starts_with(product_type, 'GASOLINE'), '{FUEL}', coalesce(product_category, department)) as category
        from products
    """,
    "lines": f"""
        select household_id, basket_id, transaction_timestamp, product_id, brand, category, sales_value,
            if(category = '{FUEL}', 1, quantity) as pieces, format('{{}}/{{:07}}', basket_id, file_row_number) as line
        from transactions left join goods using (product_id)
    """,
    "mailings": """
        select household_id, 'campaign ' || campaign_id as campaign, campaign_type, start_date,
            'sent' as kind, 'post' as channel
        from campaigns join campaign_descriptions using (campaign_id)
    """,
    "redemptions": """
        select household_id, format('{:04}', coupon_redemptions.file_row_number) as number, coupon_upc, redemption_date,
            'redeemed' as kind, end_date + interval 1 day as expires
        from coupon_redemptions join campaign_descriptions using (campaign_id)
    """,
}
_UNTOLD: Final = ("cart", "consents", "restock_requests", "reviews", "tickets", "views")
"""Standard segments ask for these too, and the study does not tell of them."""

_TYPES: Final = {
    Kind.NUMBER: "bigint",
    Kind.AMOUNT: "double",
    Kind.TEXT: "varchar",
    Kind.FLAG: "boolean",
    Kind.INSTANT: "timestamp",
}
_NEW_YORK: Final = Naive(ZONE)


def frames(as_of: datetime) -> Frames[DuckDBPyRelation]:
    """The study mapped to the schema, its customers those who have shopped by ``as_of``. No row is read yet."""
    study = _open_study()
    baskets = study.view("baskets")
    return Frames(
        customers=_households(study, as_of),
        orders=rows(
            baskets, customer="household_id", id="basket_id", at="transaction_timestamp", total="paid", channel="store"
        ),
        purchases=rows(
            study.view("lines"),
            customer="household_id",
            id="line",
            at="transaction_timestamp",
            order_id="basket_id",
            product_id="product_id",
            category="category",
            brand="brand",
            quantity="pieces",
            amount="sales_value",
        ),
        visits=rows(baskets, customer="household_id", id="basket_id", at="transaction_timestamp", channel="store"),
        messages=rows(
            study.view("mailings"),
            customer="household_id",
            id="campaign",
            at=As("start_date", _NEW_YORK),
            kind="kind",
            channel="channel",
            campaign="campaign",
            template="campaign_type",
        ),
        coupons=rows(
            study.view("redemptions"),
            customer="household_id",
            id="number",
            at=As("redemption_date", _NEW_YORK),
            kind="kind",
            code="coupon_upc",
            expires_at=As("expires", _NEW_YORK),
        ),
        **{name: _nothing(study, name) for name in _UNTOLD},
        schema=SCHEMA,
        stored=Stored(instants=Naive(UTC), amounts=Major()),
        currency="USD",
    )


def ask(segments: SegmentSet, as_of: datetime) -> dict[str, frozenset[str]]:
    """The keys of each household's segments. One plan, which DuckDB runs once."""
    households = segments.label(frames(as_of), as_of).fetchall()
    return {str(household): frozenset(compress(segments.keys, answers)) for household, *answers in households}


def _open_study() -> DuckDBPyConnection:
    """A database of nothing but views: of the files under their own names, and of those as a shop would keep them."""
    study = connect()
    for name in fields_dict(Tables):
        study.read_parquet(str(folder() / f"{name}.parquet"), file_row_number=True).create_view(name)
    for name, query in _VIEWS.items():
        study.sql(query).create_view(name)
    return study


def _households(study: DuckDBPyConnection, as_of: datetime) -> Rows[DuckDBPyRelation]:
    now = ConstantExpression(as_of.astimezone(UTC).replace(tzinfo=None))
    return rows(
        study.view("households").filter(ColumnExpression("first_basket") <= now),
        id="household_id",
        joined_at="first_basket",
        country="country",
        birthday="birthday",
        **{own: theirs for theirs, own in HOUSEHOLD.items()},
    )


def _nothing(study: DuckDBPyConnection, collection: str) -> Rows[DuckDBPyRelation]:
    """A collection of which the study has no rows."""
    columns = SCHEMA.collection(collection).columns
    cells = (f"null::{_TYPES[column.kind]} as {name}" for name, column in columns.items())
    empty = study.sql(f"select null::bigint as household_id, {', '.join(cells)} where false")
    return rows(empty, customer="household_id", **{name: name for name in columns})
