"""Customer: who somebody is to the shop. What is personal is kept out of every ``repr``."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self, final

from attrs import evolve, field, frozen

from retention.checks import given_labels, identifier, named_values, parts, plain_text, settle, texts

if TYPE_CHECKING:  # as in checks: what may be given

    def _given_texts(value: Iterable[str]) -> tuple[str, ...]: ...

    def _given_addresses(value: Iterable["Address"]) -> tuple["Address", ...]: ...

    def _given_contacts(value: Iterable["Contact"]) -> tuple["Contact", ...]: ...

else:
    _given_texts = _given_addresses = _given_contacts = None

_PLACE = ("country", "region", "city", "postal_code")
_ONE_OF_BOTH = ("birthday", "name", "email", "phone", "language", "gender", "grade", "notes")
_fix = object.__setattr__


@final
@frozen
class Address:
    """Where a customer lives or has parcels sent; ``country`` is an ISO 3166 code, ``region`` a state or 시도."""

    country: str | None = None
    region: str | None = field(default=None, repr=False)
    city: str | None = field(default=None, repr=False)
    postal_code: str | None = field(default=None, repr=False)
    lines: tuple[str, ...] = field(default=(), converter=_given_texts, repr=False)

    def __attrs_post_init__(self) -> None:
        for name in _PLACE:
            value = getattr(self, name)
            if value is not None:
                _fix(self, name, plain_text(value, f"Address.{name}"))
        _fix(self, "lines", texts(self.lines, "Address.lines"))


@final
@frozen
class Contact:
    """One way to reach a customer; ``kind`` is ``email``, ``phone``, ``kakao`` or one of the shop's own."""

    kind: str
    value: str = field(repr=False)

    def __attrs_post_init__(self) -> None:
        _fix(self, "kind", identifier(self.kind, "Contact.kind"))
        _fix(self, "value", identifier(self.value, "Contact.value"))


@final
@frozen(kw_only=True)
class Customer:
    """One customer. What is not known is None.

    Country, region, city and postal code are those of the first address unless one of the four is given; ``email`` and
    ``phone`` are those of the first contact of that kind unless given. ``marketing`` is the media on which the customer
    accepts marketing; it and ``tags`` are never missing, only empty. ``attributes`` are the host's own, as its schema
    declares them.
    """

    id: str = field(kw_only=False)
    joined_at: datetime | None = None
    birthday: date | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    country: str | None = None
    region: str | None = field(default=None, repr=False)
    city: str | None = field(default=None, repr=False)
    postal_code: str | None = field(default=None, repr=False)
    language: str | None = None
    gender: str | None = field(default=None, repr=False)
    grade: str | None = None
    tags: frozenset[str] = field(default=frozenset(), converter=given_labels)
    notes: str | None = field(default=None, repr=False)
    marketing: frozenset[str] = field(default=frozenset(), converter=given_labels)
    addresses: tuple[Address, ...] = field(default=(), converter=_given_addresses, repr=False)
    contacts: tuple[Contact, ...] = field(default=(), converter=_given_contacts, repr=False)
    attributes: Mapping[str, Any] = field(factory=dict, repr=False, hash=False)

    def __attrs_post_init__(self) -> None:
        settle(self)
        _fix(self, "attributes", named_values(self.attributes, "Customer.attributes"))
        if self.addresses != ():
            _fix(self, "addresses", parts(Address, self.addresses, "Customer.addresses"))
            _fill_place(self)
        if self.contacts != ():
            _fix(self, "contacts", parts(Contact, self.contacts, "Customer.contacts"))
            _fill_reach(self)

    def merge(self, other: "Customer") -> Self:
        """This customer, completed by another record of the same person.

        This record's id and its values win; what it lacks comes from the other. ``joined_at`` is the earlier of both;
        tags, addresses and contacts are those of both. Country, region, city and postal code come from one record
        together, so that no place is made up of two. A medium stays in ``marketing`` only if both records accept it:
        nobody is written to on a medium that one of the records does not allow.
        """
        place = self if any(getattr(self, name) is not None for name in _PLACE) else other
        joined = [each.joined_at for each in (self, other) if each.joined_at is not None]
        said = {name: value for name, value in self.attributes.items() if value is not None}
        values: dict[str, Any] = {name: _first(getattr(self, name), getattr(other, name)) for name in _ONE_OF_BOTH}
        return evolve(
            self,
            **values | {name: getattr(place, name) for name in _PLACE},
            joined_at=min(joined, default=None),
            tags=self.tags | other.tags,
            marketing=self.marketing & other.marketing,
            addresses=tuple(dict.fromkeys(self.addresses + other.addresses)),
            contacts=tuple(dict.fromkeys(self.contacts + other.contacts)),
            attributes={**other.attributes, **said},
        )


def _first(mine: Any, theirs: Any) -> Any:
    return theirs if mine is None else mine


def _fill_place(customer: Customer) -> None:
    """The place of the first address, unless any part of a place was given: parts of two places are never mixed."""
    if customer.addresses and all(getattr(customer, name) is None for name in _PLACE):
        for name in _PLACE:
            _fix(customer, name, getattr(customer.addresses[0], name))


def _fill_reach(customer: Customer) -> None:
    """E-mail and telephone from the first contact of that kind, unless given."""
    for name in ("email", "phone"):
        if getattr(customer, name) is None:
            _fix(customer, name, next((each.value for each in customer.contacts if each.kind == name), None))
