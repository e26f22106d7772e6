"""The rule language: handles to write rules with, and ``Rule``, what they make.

>>> from retention import days
>>> from retention.rules import cart, orders
>>> (orders.count() >= 3) & cart.within(days(7)).none()
orders.count() >= 3 and cart.within(7 days).none()
"""

from retention.rules.handles.collection import (
    Collection,
    declare,
)
from retention.rules.handles.columns import (
    Flag,
)
from retention.rules.handles.fields import (
    AmountField,
    DateField,
    FlagField,
    InstantField,
    LabelsField,
    NumberField,
    TextField,
)
from retention.rules.handles.instants import (
    Date,
    Instant,
    as_of,
)
from retention.rules.handles.lots import (
    Coupons,
    Credits,
    Points,
)
from retention.rules.handles.numbers import (
    Amount,
    Number,
)
from retention.rules.handles.standard import (
    Cart,
    Consents,
    CustomerAttributes,
    Messages,
    Orders,
    Purchases,
    Referrals,
    Refunds,
    RestockRequests,
    Reviews,
    Searches,
    Surveys,
    Tickets,
    Views,
    Visits,
    cart,
    consents,
    coupons,
    credits,
    customer,
    messages,
    orders,
    points,
    purchases,
    referrals,
    refunds,
    restock_requests,
    reviews,
    searches,
    surveys,
    tickets,
    views,
    visits,
)
from retention.rules.handles.texts import (
    Labels,
    Text,
)
from retention.rules.rule import (
    RowRule,
    Rule,
    RuleLike,
    all_of,
    any_of,
    at_least,
    segment,
)

__all__ = [
    "Amount",
    "AmountField",
    "Cart",
    "Collection",
    "Consents",
    "Coupons",
    "Credits",
    "CustomerAttributes",
    "Date",
    "DateField",
    "Flag",
    "FlagField",
    "Instant",
    "InstantField",
    "Labels",
    "LabelsField",
    "Messages",
    "Number",
    "NumberField",
    "Orders",
    "Points",
    "Purchases",
    "Referrals",
    "Refunds",
    "RestockRequests",
    "Reviews",
    "RowRule",
    "Rule",
    "RuleLike",
    "Searches",
    "Surveys",
    "Text",
    "TextField",
    "Tickets",
    "Views",
    "Visits",
    "all_of",
    "any_of",
    "as_of",
    "at_least",
    "cart",
    "consents",
    "coupons",
    "credits",
    "customer",
    "declare",
    "messages",
    "orders",
    "points",
    "purchases",
    "referrals",
    "refunds",
    "restock_requests",
    "reviews",
    "searches",
    "segment",
    "surveys",
    "tickets",
    "views",
    "visits",
]
