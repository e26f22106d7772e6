"""20,000 generated customers, the same ones in every run.

Orders 0 to 60 with a heavy tail and a mean near 6, cart events 0 to 30, visits 0 to 100, over two years before ``NOW``.
One customer in fifty has something dated after ``NOW``, as happens when a rule is asked about yesterday.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from retention.activity import ConsentEvent, Visit
from retention.cart import CartEvent
from retention.customer import Customer
from retention.money import Money, won
from retention.order import Order, OrderLine
from retention.profile import Fact, Profile

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=ZoneInfo("Asia/Seoul"))
NOW_UTC = NOW.astimezone(UTC)  # functions by hand get this one: instants of two zones compare six times as slowly
CATEGORIES = ("coffee", "tea", "bread", "fruit", "bowls", "gifts")
KINDS = ("added", "added", "added", "removed", "checkout_started")


def customers(count: int = 20_000, seed: int = 7) -> Iterator[tuple[Customer, list[Fact]]]:
    """Customers with their facts, each collection in order of time."""
    random = Random(seed)
    for number in range(count):
        yield customer(random, number), facts(random, number)


def profiles(count: int = 20_000, seed: int = 7) -> list[Profile]:
    """Fresh profiles of the same customers."""
    return [Profile.build(customer, facts) for customer, facts in customers(count, seed)]


def customer(random: Random, number: int) -> Customer:
    return Customer(
        f"c{number}",
        joined_at=NOW - timedelta(seconds=random.uniform(0, 730 * 86_400)),
        country=random.choices(("KR", "JP", "US", "DE"), (60, 15, 15, 10))[0],
        tags=frozenset({"wholesale"} if random.random() < 0.05 else ()),
        grade=random.choice(("bronze", "silver", "gold")),
    )


def facts(random: Random, number: int) -> list[Fact]:
    orders = min(60, int(random.paretovariate(1.15) * 2.1) - 1)
    ids = (f"{number}-{serial}" for serial in range(1_000))
    found: list[Fact] = [order(random, next(ids), at) for at in instants(random, orders)]
    found += [cart_event(random, next(ids), at) for at in instants(random, random.randint(0, 30))]
    found += [Visit(next(ids), at, page="/") for at in instants(random, random.randint(0, 100))]
    found += [
        ConsentEvent(
            next(ids), at, channel=random.choice(("email", "sms")), purpose="marketing", given=random.random() < 0.7
        )
        for at in instants(random, random.randint(0, 3))
    ]
    return found


def instants(random: Random, count: int) -> list[datetime]:
    """Sorted instants, denser towards the present."""
    late = timedelta(days=1) if random.random() < 0.005 else timedelta(0)
    now = NOW.astimezone(UTC) + late
    return sorted(
        now - timedelta(microseconds=int(random.random() ** 1.5 * 730 * 86_400_000_000)) for _ in range(count)
    )


def order(random: Random, id: str, at: datetime) -> Order:
    lines = tuple(
        OrderLine(
            f"p{random.randint(1, 500)}",
            amount=price(random),
            quantity=random.randint(1, 3),
            category=random.choice(CATEGORIES),
        )
        for _ in range(random.randint(1, 3))
    )
    return Order(id, at, lines=lines, status="paid", channel=random.choice(("web", "app")))


def price(random: Random) -> Money:
    return won(random.randrange(3_000, 60_000, 100))


def cart_event(random: Random, id: str, at: datetime) -> CartEvent:
    return CartEvent(id, at, kind=random.choice(KINDS), product_id=f"p{random.randint(1, 500)}", amount=price(random))
