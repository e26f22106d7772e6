"""Random customers of a shop that deals in won."""

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve

from retention import Profile
from retention.schema import STANDARD
from retention.testing.backends import write_question
from retention.testing.choices import Choices
from retention.testing.tables import apart

WON = evolve(STANDARD, currency="KRW")


def random_people(seed: int, count: int = 12) -> tuple[Sequence[Profile], datetime]:
    """Profiles of one scene, and an instant that tells them apart."""
    question = write_question(Choices.seeded(seed), rules=0, profiles=count, instants=1, schema=STANDARD)
    dealt = [each for each in apart(question.profiles) if each.currency in (None, "KRW")]
    return [Profile.build(each.customer, each.facts(), schema=WON) for each in dealt], question.instants[0]
