"""The handles and the schema are two lists of one thing, so they must agree; a host writes its fields once for both."""

from typing import Any

import attrs
import pytest

from retention.errors import ConfigurationError
from retention.money import won
from retention.rules import (
    AmountField,
    Collection,
    CustomerAttributes,
    DateField,
    FlagField,
    InstantField,
    LabelsField,
    NumberField,
    Rule,
    TextField,
    customer,
    declare,
    nodes,
    orders,
)
from retention.rules.handles import standard
from retention.rules.handles.fields import DeclaredField
from retention.schema import STANDARD, Kind

COLLECTIONS = {each.node.collection: each for each in vars(standard).values() if isinstance(each, Collection)}


class Rentals(Collection):
    bike = TextField()
    minutes = NumberField()
    deposit = AmountField()
    damaged = FlagField()
    returned_at = InstantField()
    due_on = DateField()
    extras = LabelsField()
    how_many = NumberField(of="count")


class ElectricRentals(Rentals):
    charge = NumberField()


class Rider(CustomerAttributes):
    height = NumberField()
    member = FlagField()
    credit = AmountField()
    nickname = TextField()
    seen_at = InstantField()
    licensed_on = DateField()
    skills = LabelsField()


rentals = Rentals("rentals")
rider = Rider()


def test_every_standard_collection_has_its_handle() -> None:
    assert COLLECTIONS.keys() == STANDARD.collections.keys()


@pytest.mark.parametrize("name", STANDARD.collections)
def test_a_collection_has_the_columns_of_the_schema(name: str) -> None:
    declared = {"id": Kind.TEXT, "at": Kind.INSTANT, **COLLECTIONS[name].columns()}
    assert declared == {each.name: each.kind for each in STANDARD.collections[name].columns.values()}


@pytest.mark.parametrize("name", STANDARD.collections)
def test_each_column_is_found_under_its_name_and_is_of_its_kind(name: str) -> None:
    for column in STANDARD.collections[name].columns.values():
        handle: Any = getattr(COLLECTIONS[name], column.name)
        assert handle.kind is column.kind
        assert nodes.Column(column.name) in (handle.node, getattr(handle.node, "left", None))


def test_the_customer_has_the_attributes_of_the_schema() -> None:
    assert customer.own_attributes() == {}
    for attribute in STANDARD.attributes.values():
        handle: Any = getattr(customer, attribute.name)
        assert (handle.kind, handle.node) == (attribute.kind, nodes.Attribute(attribute.name))


def test_a_placed_order_is_the_order_at_its_instant() -> None:
    assert orders.placed_at.node == orders.at.node
    assert "placed_at" not in orders.columns()


def test_one_declaration_gives_the_schema() -> None:
    shop = declare(rentals, rider, currency="KRW")
    assert shop.currency == "KRW"
    assert shop == STANDARD.extend(
        attributes=rider.own_attributes(), collections={"rentals": rentals.columns()}, currency="KRW"
    )
    assert {each.name: each.kind for each in shop.collection("rentals").columns.values()} == {
        "id": Kind.TEXT,
        "at": Kind.INSTANT,
        "bike": Kind.TEXT,
        "minutes": Kind.NUMBER,
        "deposit": Kind.AMOUNT,
        "damaged": Kind.FLAG,
        "returned_at": Kind.INSTANT,
        "due_on": Kind.DATE,
        "extras": Kind.LABELS,
        "count": Kind.NUMBER,
    }
    assert {name: shop.attribute(name).kind for name in rider.own_attributes()} == {
        "height": Kind.NUMBER,
        "member": Kind.FLAG,
        "credit": Kind.AMOUNT,
        "nickname": Kind.TEXT,
        "seen_at": Kind.INSTANT,
        "licensed_on": Kind.DATE,
        "skills": Kind.LABELS,
    }


def test_a_second_declaration_extends_the_first() -> None:
    shop = declare(rider, schema=declare(rentals, currency="KRW"))
    assert shop.currency == "KRW"
    assert {"height", "rentals"} <= {*shop.attributes, *shop.collections}


def test_columns_are_inherited() -> None:
    assert ElectricRentals.columns() == {**Rentals.columns(), "charge": Kind.NUMBER}


def test_a_rider_is_a_customer_still() -> None:
    assert rider.country.node == customer.country.node
    assert rider.bucket("x").node == customer.bucket("x").node


def test_every_kind_of_field_gives_its_handles() -> None:
    rules: list[Rule] = [
        rentals.where(rentals.bike == "tandem").any(),
        rentals.minutes.sum() > 60,
        rentals.how_many.max() > 1,
        rentals.deposit.mean() > won(3),
        rentals.where(rentals.damaged).any(),
        rentals.returned_at.last() > rentals.at.last(),
        rentals.due_on.max() == rentals.due_on.min(),
        rentals.extras.first().has("helmet"),
        rider.height > 180,
        rider.member,
        ~rider.member,
        rider.member.is_false(),
        rider.member.is_missing(),
        rider.member.is_present(),
        rider.credit >= won(1),
        rider.nickname.is_present(),
        rider.seen_at.is_missing(),
        rider.licensed_on.returns_today(),
        rider.skills.has("bmx"),
    ]
    shop = declare(rentals, rider)
    for rule in rules:
        rule.validate(shop)


def test_a_field_on_the_class_is_the_field_itself() -> None:
    for declared in (Rentals.bike, Rentals.damaged, Rider.height, Rentals.how_many):
        assert isinstance(declared, DeclaredField)
    assert Rentals.how_many.name == "count"


def test_an_unusable_name_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="cannot be a field's name"):
        declare(Rentals("my rentals"))


def test_handles_do_not_change() -> None:
    for subject in (orders, orders.total, orders.any(), orders.total > won(1)):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            subject.node = nodes.TRUE  # type: ignore[misc]
