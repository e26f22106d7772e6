"""A year of the whole engine in twelve zones: clocks on walls jump, the machine's own clock stands still and leaps,
channels are slow, and nothing is handed to a channel in an hour that is forbidden (sending.md, Delivery)."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from retention import Customer, Order, Segment, won
from retention.channels import MemoryChannel, Outcome
from retention.permission import Outbound
from retention.rules import orders
from tests.engine.shop import DAY, agreed, shop, text
from tests.engine.test_sending import thanks

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = {
    "KR": "Asia/Seoul",
    "GB": "Europe/London",
    "BR": "America/Sao_Paulo",
    "CL": "America/Santiago",  # whose clocks skip midnight
    "EG": "Africa/Cairo",
    "IN": "Asia/Kolkata",
    "NP": "Asia/Kathmandu",
    "IR": "Asia/Tehran",
    "NZ": "Pacific/Auckland",
    "PY": "America/Asuncion",
    "LB": "Asia/Beirut",
    "ZA": "Africa/Johannesburg",
}
FORBIDDEN = sorted(set(ZONES) - {"GB"})  # Britain's law knows no hours for texts


class Clock:
    """Each look finds it later: mostly by a little, now and then by minutes, seldom by hours."""

    def __init__(self, random: Random) -> None:
        self.at = START
        self._random = random

    def __call__(self) -> datetime:
        self.at += self._random.choice([SECOND] * 60 + [20 * SECOND] * 8 + [70 * SECOND] * 4 + [10 * MINUTE, 3 * HOUR])
        return self.at


class Slow(MemoryChannel):
    """Notes when it was called, by the clocks of whoever gets the message, and takes up to 50 seconds."""

    def __init__(self, clock: Clock, random: Random) -> None:
        super().__init__("text", text(per_second=0.5).capabilities)
        self.called: list[tuple[str, datetime]] = []
        self._clock, self._random = clock, random

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        self.called += [(each.address.split("-")[1], self._clock.at) for each in batch]
        answers = super().send(batch)
        self._clock.at += self._random.randrange(50) * SECOND
        return answers


def shortly_before_night(at: datetime, random: Random) -> datetime:
    """In some zone: where it matters how long ago the gate was asked."""
    zone = ZoneInfo(ZONES[random.choice(FORBIDDEN)])
    night = datetime.combine(at.astimezone(zone).date(), time(21), zone)
    return night.astimezone(UTC) - random.randrange(240) * SECOND


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_handed_over_in_a_forbidden_hour(seed: int) -> None:
    random = Random(seed)
    clock = Clock(random)
    channel = Slow(clock, random)
    engine = shop(
        campaigns=[thanks("text")],
        segments=[Segment("buyers", orders.any())],
        channels=[channel],
        clock=clock,
        address=lambda customer, _: f"to-{customer.country}",
        zone_of=lambda customer: ZoneInfo(ZONES[customer.country]),
    )
    for country in ZONES:
        engine.handle(Customer(country, country=country))
        engine.consent(country, agreed(START, medium="sms"))
    number = 0
    while clock.at < START + 365 * DAY:
        for country in random.sample(sorted(ZONES), 2):
            number += 1
            engine.handle(country, Order(f"o-{number}", clock.at - SECOND, total=won(9_000)))
        for _ in range(3):
            engine.wake()
            engine.deliver(limit=random.choice([1, 5, 100]))
        clock.at += random.randrange(12 * 60) * MINUTE
        if random.random() < 0.6:
            clock.at = max(clock.at, shortly_before_night(clock.at, random))
    local = [(country, at.astimezone(ZoneInfo(ZONES[country])).time()) for country, at in channel.called]
    night = [(country, at) for country, at in local if country in FORBIDDEN and not time(8) <= at < time(21)]
    assert night == []
    assert {country for country, _ in local} == set(ZONES)
    assert len(local) > 600
    assert any(not time(8) <= at < time(21) for _, at in local), "where it is allowed it goes at night too"
