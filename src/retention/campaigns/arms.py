"""Who is held out and who is in which arm: by the hash of names, so that it is the same for ever and on every machine.

It is the hash of ``customer.bucket(salt)``, so a segment can name the very customers: those held out of a campaign are
``customer.bucket(holdout_salt("win-back")) < 0.1``.
"""

from itertools import accumulate

from retention.campaigns.campaign import Campaign
from retention.campaigns.steps import HOLDOUT, Split
from retention.rules.backends.compiled.runtime import bucket


def holdout_salt(campaign: str) -> str:
    """The salt by which customers are held out of a campaign; the same in all its versions."""
    return f"{_part(campaign)}/{HOLDOUT}"


def is_held_out(campaign: Campaign, customer: str) -> bool:
    """Whether the customer comes in and is sent nothing."""
    return bucket(customer, holdout_salt(campaign.key)) < campaign.holdout


def arm_of(campaign: str, split: Split, customer: str) -> tuple[str, str | None]:
    """The arm's name, and the step that it names. The same in all versions that keep step and weights."""
    salt = f"{_part(campaign)}/{_part(split.id)}"
    place = bucket(customer, salt) * sum(weight for _, weight, _ in split.arms)
    ends = accumulate(weight for _, weight, _ in split.arms)
    return next((name, to) for (name, _, to), end in zip(split.arms, ends, strict=True) if place < end)


def _part(name: str) -> str:
    """Of a salt: names that hold its separator are told apart."""
    return name.replace("%", "%25").replace("/", "%2F")
