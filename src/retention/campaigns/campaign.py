"""Campaign: who comes in, what happens then, and when it ends. Data; ``decide`` says what it does."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias, final

from attrs import field, frozen

from retention.campaigns.checking import check
from retention.campaigns.entries import Entry
from retention.campaigns.own import Question
from retention.campaigns.steps import Step
from retention.permission.media import MessageKind
from retention.schema import STANDARD, Schema
from retention.spans import Duration, Months

Again: TypeAlias = Literal["never", "after entry", "after exit", "each crossing"]
"""When a customer (with that subject) may come in again: never; ``pause`` after coming in; ``pause`` after the run has
ended; whenever the way in leads there and no run is open."""


def _frozen(given: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(given))


@final
@frozen(kw_only=True)
class Migration:
    """What becomes of runs that began on an older version: each of their steps is one of this version's."""

    version: int
    steps: Mapping[str, str] = field(converter=_frozen, hash=False)


@final
@frozen(kw_only=True)
class Campaign:
    """A campaign as the shop writes it. ``kind`` is what its messages are to the law; nothing infers it.

    ``goal`` ends a run as a success, ``leave`` ends it; both are asked before every step, of all that is known unless
    they are a SinceEntry or an OfEntry. ``holdout`` is the share of customers, 0 to 1, who come in and are sent
    nothing. Campaigns with a higher ``priority`` go first when several want something at the same instant. A run stays
    on the version it began with unless ``migrates`` says otherwise. What its rules speak of is held to ``schema``.
    Raises CampaignError.
    """

    key: str = field(kw_only=False)
    kind: MessageKind
    entry: Entry
    steps: tuple[Step, ...]
    version: int = 1
    name: str = ""
    again: Again = "never"
    pause: Duration | Months | None = None
    goal: Question | None = None
    leave: Question | None = None
    holdout: float = 0
    priority: int = 0
    topic: str | None = None
    tags: frozenset[str] = frozenset()
    migrates: tuple[Migration, ...] = ()
    schema: Schema = field(default=STANDARD, repr=False, hash=False)

    def __attrs_post_init__(self) -> None:
        check(self)
