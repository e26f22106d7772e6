"""What every shop has: the customer and the collections of the standard schema, as handles."""

from retention.rules import nodes
from retention.rules.handles.collection import Collection
from retention.rules.handles.fields import (
    AmountField,
    Attributes,
    DateField,
    FlagField,
    InstantField,
    LabelsField,
    NumberField,
    TextField,
)
from retention.rules.handles.lots import Coupons, Credits, Points
from retention.rules.handles.numbers import Number
from retention.rules.handles.scope import CUSTOMER
from retention.rules.rule import Rule


class CustomerAttributes(Attributes):
    """What is known of every customer; a host adds its own in a subclass: ``shoe_size = NumberField()``."""

    __slots__ = ()

    id = TextField()
    joined_at = InstantField()
    birthday = DateField()
    name = TextField()
    email = TextField()
    phone = TextField()
    country = TextField()
    region = TextField()
    city = TextField()
    postal_code = TextField()
    language = TextField()
    gender = TextField()
    grade = TextField()
    tags = LabelsField()
    notes = TextField()
    marketing = LabelsField()

    def bucket(self, salt: str) -> Number[Rule]:
        """A number from 0 up to but not including 1, the same for ever for one customer and one salt, evenly spread."""
        return Number(nodes.Apply("bucket", nodes.Attribute("id"), salt), CUSTOMER)


class Orders(Collection):
    """Orders placed."""

    placed_at = InstantField(of="at")
    total = AmountField()
    subtotal = AmountField()
    discount = AmountField()
    shipping = AmountField()
    refunded = AmountField()
    status = TextField()
    channel = TextField()
    coupon = TextField()
    currency = TextField()
    item_count = NumberField()
    paid_at = InstantField()
    delivered_at = InstantField()
    confirmed_at = InstantField()


class Purchases(Collection):
    """Order lines."""

    order_id = TextField()
    product_id = TextField()
    sku = TextField()
    category = TextField()
    brand = TextField()
    tags = LabelsField()
    quantity = NumberField()
    amount = AmountField()


class Refunds(Collection):
    """Money given back."""

    order_id = TextField()
    amount = AmountField()
    reason = TextField()


class Cart(Collection):
    """What was done to the cart."""

    kind = TextField()
    cart_id = TextField()
    product_id = TextField()
    quantity = NumberField()
    amount = AmountField()


class Visits(Collection):
    """Visits to the site or app."""

    page = TextField()
    channel = TextField()
    seconds = NumberField()


class Views(Collection):
    """Products and pages looked at."""

    page = TextField()
    product_id = TextField()
    category = TextField()
    seconds = NumberField()


class Searches(Collection):
    """Searches on the site."""

    query = TextField()
    results = NumberField()


class Messages(Collection):
    """What happened to messages."""

    kind = TextField()
    channel = TextField()
    campaign = TextField()
    template = TextField()


class Consents(Collection):
    """Consents given and withdrawn."""

    channel = TextField()
    purpose = TextField()
    given = FlagField()
    source = TextField()
    wording = TextField()

    def to(self, channel: str, *, purpose: str = "marketing") -> Rule:
        """The last word on this channel for this purpose was yes; no word is no."""
        return self.where(self.channel == channel, self.purpose == purpose).given.last()


class Reviews(Collection):
    """Reviews written."""

    product_id = TextField()
    rating = NumberField()
    has_photo = FlagField()
    status = TextField()


class Surveys(Collection):
    """Answers to surveys."""

    kind = TextField()
    score = NumberField()


class Tickets(Collection):
    """What happened to requests for service."""

    kind = TextField()
    ticket_id = TextField()
    channel = TextField()
    status = TextField()
    topic = TextField()


class Referrals(Collection):
    """People referred."""

    kind = TextField()
    code = TextField()


class RestockRequests(Collection):
    """Wishes to be told when a product is back."""

    product_id = TextField()
    status = TextField()


customer = CustomerAttributes()
orders = Orders("orders")
purchases = Purchases("purchases")
refunds = Refunds("refunds")
cart = Cart("cart")
visits = Visits("visits")
views = Views("views")
searches = Searches("searches")
messages = Messages("messages")
consents = Consents("consents")
coupons = Coupons("coupons")
points = Points("points")
credits = Credits("credits")
reviews = Reviews("reviews")
surveys = Surveys("surveys")
tickets = Tickets("tickets")
referrals = Referrals("referrals")
restock_requests = RestockRequests("restock_requests")
