"""Which attributes and event collections exist, with their types: what a rule may speak of.

``STANDARD`` is what every shop has. A host adds its own with ``STANDARD.extend(...)`` and hands the result to its
profiles and segments; rules that name anything else are refused with the nearest name.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, final

from attrs import evolve, field, frozen

from retention.currencies import exponent
from retention.errors import DECLARE, ConfigurationError, UnknownName


@final
class Kind(Enum):
    """What a value is, and so what may be done with it."""

    NUMBER = "number"
    AMOUNT = "amount"
    TEXT = "text"
    FLAG = "flag"
    INSTANT = "instant"
    DATE = "date"
    LABELS = "labels"


@final
@frozen
class Field:
    """One attribute or column.

    ``occurs`` marks an instant that is not known before it comes (an order's delivery); ``required`` a value that is
    never missing.
    """

    name: str
    kind: Kind
    about: str = ""
    occurs: bool = False
    required: bool = False


def _by_name(fields: Mapping[str, Field] | tuple[Field, ...]) -> Mapping[str, Field]:
    if isinstance(fields, Mapping):
        return MappingProxyType(dict(fields))
    return MappingProxyType({each.name: each for each in fields})


@final
@frozen(hash=False)
class CollectionSchema:
    """A flat table of timed rows. Every one has ``at`` (instant) and ``id`` (text) besides its own columns."""

    name: str
    columns: Mapping[str, Field] = field(converter=_by_name)
    about: str = ""

    def column(self, name: str, *, path: str = "") -> Field:
        """The column of that name. Raises UnknownName with the nearest one."""
        found = self.columns.get(name)
        if found is None:
            raise UnknownName(f"column of {self.name}", name, self.columns, path=path)
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return CollectionSchema, (self.name, dict(self.columns), self.about)  # a read-only view cannot be pickled


def _collections(
    given: Mapping[str, CollectionSchema] | tuple[CollectionSchema, ...],
) -> Mapping[str, CollectionSchema]:
    if isinstance(given, Mapping):
        return MappingProxyType(dict(given))
    return MappingProxyType({each.name: each for each in given})


@final
@frozen(hash=False)
class Schema:
    """Attributes of the customer, collections of events, and the shop's currency.

    ``currency`` is an ISO 4217 code, or None when the shop has not said: then each profile may have one of its own.
    """

    attributes: Mapping[str, Field] = field(converter=_by_name)
    collections: Mapping[str, CollectionSchema] = field(converter=_collections)
    currency: str | None = None

    def attribute(self, name: str, *, path: str = "") -> Field:
        """The attribute of that name. Raises UnknownName with the nearest one."""
        found = self.attributes.get(name)
        if found is None:
            raise UnknownName("customer attribute", name, self.attributes, path=path, otherwise=DECLARE)
        return found

    def collection(self, name: str, *, path: str = "") -> CollectionSchema:
        """The collection of that name. Raises UnknownName with the nearest one."""
        found = self.collections.get(name)
        if found is None:
            raise UnknownName("collection", name, self.collections, path=path, otherwise=DECLARE)
        return found

    def extend(
        self,
        *,
        attributes: Mapping[str, Kind] | None = None,
        collections: Mapping[str, Mapping[str, Kind]] | None = None,
        currency: str | None = None,
    ) -> "Schema":
        """This schema and the host's own fields.

        Raises ConfigurationError for a name that is taken or unusable or has no Kind, UnknownChoice for a currency that
        is none.

        >>> shop = STANDARD.extend(
        ...     attributes={"shoe_size": Kind.NUMBER},
        ...     collections={"rentals": {"bike": Kind.TEXT, "minutes": Kind.NUMBER}},
        ...     currency="KRW",
        ... )
        >>> shop.collection("rentals").column("minutes").kind
        <Kind.NUMBER: 'number'>
        """
        if currency is not None:
            exponent(currency)
        more = {name: Field(_usable(name), _a_kind(name, kind)) for name, kind in (attributes or {}).items()}
        own = {name: _declared(name, columns) for name, columns in (collections or {}).items()}
        for taken in (more.keys() & self.attributes.keys()) | (own.keys() & self.collections.keys()):
            raise ConfigurationError(f"the name {taken!r} is taken in the schema", hint="Choose another name")
        return evolve(
            self,
            attributes={**self.attributes, **more},
            collections={**self.collections, **own},
            currency=currency or self.currency,
        )

    def __reduce__(self) -> str | tuple[Any, ...]:
        if self is STANDARD:
            return "STANDARD"
        return Schema, (dict(self.attributes), dict(self.collections), self.currency)


def _a_kind(name: str, given: object) -> Kind:
    if not isinstance(given, Kind):
        hint = f"Give one of {', '.join(f'Kind.{each.name}' for each in Kind)}"
        raise ConfigurationError(f"{name!r} is declared as {given!r}, which is not a Kind", hint=hint)
    return given


def _usable(name: str) -> str:
    if not name.isidentifier() or len(name) > 64 or name.startswith("_"):
        raise ConfigurationError(f"{name!r} cannot be a field's name", hint="Use letters, digits and underscores")
    return name


_ROW = (
    Field("id", Kind.TEXT, "the row's id, unique in its collection", required=True),
    Field("at", Kind.INSTANT, "when it happened", required=True),
)


def _declared(name: str, columns: Mapping[str, Kind]) -> CollectionSchema:
    own = tuple(Field(_usable(each), _a_kind(each, kind)) for each, kind in columns.items())
    if {"id", "at"} & columns.keys():
        raise ConfigurationError(f"{name} declares id or at", hint="Every collection has them already")
    return CollectionSchema(_usable(name), _ROW + own)


def _table(name: str, about: str, *columns: Field) -> CollectionSchema:
    return CollectionSchema(name, _ROW + columns, about)


_N, _A, _T, _F, _I, _D, _L = Kind.NUMBER, Kind.AMOUNT, Kind.TEXT, Kind.FLAG, Kind.INSTANT, Kind.DATE, Kind.LABELS

_ATTRIBUTES = (
    Field("id", _T, "the customer's id", required=True),
    Field("joined_at", _I, "when the customer signed up"),
    Field("birthday", _D, "date of birth; the year may be a placeholder"),
    Field("name", _T, "the name as the customer gave it"),
    Field("email", _T, "the main e-mail address"),
    Field("phone", _T, "the main telephone number"),
    Field("country", _T, "ISO 3166 code of the main address"),
    Field("region", _T, "state, province or 시도 of the main address"),
    Field("city", _T, "city of the main address"),
    Field("postal_code", _T, "postal code of the main address"),
    Field("language", _T, "BCP 47 tag"),
    Field("gender", _T, "as the customer gave it"),
    Field("grade", _T, "the shop's own grade or level"),
    Field("tags", _L, "the shop's labels", required=True),
    Field("notes", _T, "what staff wrote"),
    Field("marketing", _L, "media on which marketing is accepted: email, sms, kakao, push, …", required=True),
)

_LOT = (
    Field("available_at", _I, "from when what the row speaks of can be used; missing: from the beginning"),
    Field("expires_at", _I, "from when it can no longer be used; missing: it never expires"),
)

_COLLECTIONS = (
    _table(
        "orders", "an order placed",
        Field("total", _A, "what was charged", required=True),
        Field("subtotal", _A, "lines before discount and shipping"), Field("discount", _A),
        Field("shipping", _A), Field("refunded", _A, "sum of the refunds so far"),
        Field("status", _T), Field("channel", _T), Field("coupon", _T), Field("currency", _T, "of the amounts"),
        Field("item_count", _N, "sum of the lines' quantities"),
        Field("paid_at", _I, occurs=True), Field("delivered_at", _I, occurs=True),
        Field("confirmed_at", _I, occurs=True),
    ),
    _table(
        "purchases", "an order line",
        Field("order_id", _T, required=True), Field("product_id", _T, required=True), Field("sku", _T),
        Field("category", _T), Field("brand", _T), Field("tags", _L, required=True),
        Field("quantity", _N, required=True),
        Field("amount", _A, "the line's price after its discounts", required=True),
    ),
    _table("refunds", "money given back", Field("order_id", _T), Field("amount", _A), Field("reason", _T)),
    _table(
        "cart", "something done to the cart",
        Field("kind", _T, "added, removed, cleared, checkout_started"), Field("cart_id", _T), Field("product_id", _T),
        Field("quantity", _N), Field("amount", _A),
    ),
    _table(
        "visits", "a visit to the shop's site or app",
        Field("page", _T), Field("channel", _T), Field("seconds", _N),
    ),
    _table(
        "views", "a product or page looked at",
        Field("page", _T), Field("product_id", _T), Field("category", _T), Field("seconds", _N),
    ),
    _table("searches", "a search on the site", Field("query", _T), Field("results", _N)),
    _table(
        "messages", "something that happened to a message",
        Field("kind", _T, "sent, delivered, opened, clicked, bounced, complained, unsubscribed"),
        Field("channel", _T), Field("campaign", _T), Field("template", _T),
    ),
    _table(
        "consents", "a consent given or withdrawn",
        Field("channel", _T), Field("purpose", _T), Field("given", _F), Field("source", _T), Field("wording", _T),
    ),
    _table(
        "coupons", "what happened to a coupon the customer holds",
        Field("kind", _T, "issued, redeemed, released, expired, revoked"), Field("code", _T),
        Field("uses", _N, "how many uses"), Field("amount", _A), *_LOT,
    ),
    _table(
        "points", "what happened to the customer's points",
        Field("kind", _T, "earned, spent, expired, adjusted"), Field("code", _T), Field("amount", _N), *_LOT,
    ),
    _table(
        "credits", "what happened to store credit",
        Field("kind", _T, "issued, spent, expired, refunded, revoked"), Field("code", _T), Field("amount", _A), *_LOT,
    ),
    _table(
        "reviews", "a review written",
        Field("product_id", _T), Field("rating", _N, "1 to 5"), Field("has_photo", _F), Field("status", _T),
    ),
    _table("surveys", "an answer to a survey", Field("kind", _T, "nps, csat, …"), Field("score", _N)),
    _table(
        "tickets", "something that happened to a service request",
        Field("kind", _T, "opened, answered, solved, reopened"), Field("ticket_id", _T), Field("channel", _T),
        Field("status", _T), Field("topic", _T),
    ),
    _table("referrals", "somebody referred", Field("kind", _T, "invited, joined, ordered"), Field("code", _T)),
    _table(
        "restock_requests", "asked to be told when a product is back",
        Field("product_id", _T), Field("status", _T, "waiting, told, cancelled"),
    ),
)  # fmt: skip

STANDARD = Schema(_ATTRIBUTES, _COLLECTIONS)
