"""Crashes at every point lose nothing and double nothing, over 2,000 seeds (``RETENTION_SEEDS``)."""

import os
from collections import Counter
from datetime import time

import pytest

from retention.shell.tokens import reference
from tests.engine.shop import SEOUL
from tests.engine.simulation import PEOPLE, POINTS, World

pytestmark = pytest.mark.no_cover

SEEDS = int(os.environ.get("RETENTION_SEEDS", "2000"))
STEPS = 16
_PARTS = 4
_REFERENCES = {reference(b"s" * 32, id): id for id in PEOPLE}


@pytest.mark.parametrize("part", range(_PARTS))
def test_no_seed_loses_or_doubles_anything(part: int) -> None:
    met: Counter[str] = Counter()
    ends: Counter[tuple[str, str]] = Counter()
    for seed in range(part, SEEDS, _PARTS):
        stormy = World(seed, 0.12)
        stormy.run(STEPS)
        if seed % (4 * _PARTS) < _PARTS:  # a calm world costs as much again
            calm = World(seed, 0)
            calm.run(STEPS)
            _assert_same_effects(stormy, calm, seed)
        _assert_lawful(stormy, seed)
        _assert_nothing_lost_or_doubled(stormy, seed)
        met += stormy.fate.met
        ends.update((each.channel, each.status) for each in stormy.parcels())
    if SEEDS >= 1000:
        assert set(POINTS) <= met.keys(), "every point was met"
        several = {("mail", "sent"), ("text", "sent"), ("text", "held"), ("", "refused")}
        assert several <= ends.keys(), "and messages ended in several ways"


def _assert_same_effects(stormy: World, calm: World, seed: int) -> None:
    """What the shop owes its customers does not depend on who crashed."""
    assert {each.key for each in stormy.parcels()} == {each.key for each in calm.parcels()}, seed
    assert stormy.points() == calm.points(), seed
    assert stormy.facts() == calm.facts(), seed
    assert stormy.called.keys() == calm.called.keys(), seed


def _assert_nothing_lost_or_doubled(world: World, seed: int) -> None:
    mailed, texted = (Counter(each.key for each in provider.taken) for provider in (world.mail, world.text))
    assert max(mailed.values(), default=0) <= 1, f"{seed}: the provider knows keys"
    for parcel in world.parcels():
        assert parcel.status not in ("waiting", "sending"), f"{seed}: {parcel.key} was forgotten"
        if parcel.draft is None:
            continue
        taken = mailed[parcel.draft.key] + texted[parcel.draft.key]
        if parcel.status == "sent":
            assert taken >= 1, f"{seed}: {parcel.key} is said to be sent"
        if parcel.effect.step != "mail" and parcel.channel == "text":  # type: ignore[union-attr]
            assert taken <= 1, f"{seed}: {parcel.key} is sent at most once"


def _assert_lawful(world: World, seed: int) -> None:
    for each in world.text.taken:
        assert time(8) <= each.at.astimezone(SEOUL).time() < time(21), f"{seed}: {each}"
    for provider, medium in ((world.mail, "email"), (world.text, "sms")):
        for each in provider.taken:
            ended = world.withdrawn.get((_REFERENCES[each.recipient], medium))
            assert ended is None or each.claimed_at <= ended, f"{seed}: {each} after the withdrawal"
