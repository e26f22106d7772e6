"""One decision on a tier: pure, and it says why."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias, assert_never, final

from attrs import frozen

from retention.checks import identifier
from retention.errors import FactError, UnknownChoice
from retention.loyalty.errors import DamagedRecord, NewerRecord
from retention.loyalty.tiers.metrics import Metrics
from retention.loyalty.tiers.tier import Missing
from retention.spans import utc

Downgrade: TypeAlias = Literal["immediate", "one step", "protected"]
"""What becomes of a tier that is not earned any more: the one that is earned, the next lower one, or it is kept."""

Verdict: TypeAlias = Literal["entered", "raised", "kept", "in grace", "protected", "lowered"]


@final
@frozen
class Standing:
    """Where a customer is: what is kept from one evaluation to the next.

    ``since`` is when this tier began, ``failing_since`` the first evaluation in a row at which it was not earned.
    """

    tier: str
    since: datetime
    evaluated_at: datetime
    failing_since: datetime | None = None

    def to_json(self) -> dict[str, str | int]:
        """A plain form for a column of JSON; ``from_json`` gives an equal standing back, today and under later
        versions."""
        instants = {name: getattr(self, name) for name in _INSTANTS}
        said = {name: at.astimezone(UTC).isoformat() for name, at in instants.items() if at is not None}
        return {"v": _VERSION, "tier": self.tier, **said}

    @staticmethod
    def from_json(said: Mapping[str, Any]) -> "Standing":
        """Raises NewerRecord for the form of a later version, DamagedRecord for what is no standing."""
        try:
            version, tier = said["v"], identifier(said["tier"], "tier")
            if type(version) is int and version > _VERSION:
                raise NewerRecord(version, _VERSION)
            known = {name: utc(datetime.fromisoformat(said[name]), name) for name in _INSTANTS if name in said}
            if said.keys() - known.keys() != {"v", "tier"} or version != _VERSION:
                raise DamagedRecord("standing")
            return Standing(tier, **known)
        except (AttributeError, LookupError, TypeError, ValueError) as problem:
            raise DamagedRecord("standing") from problem


_VERSION: Final = 1
_INSTANTS: Final = ("since", "evaluated_at", "failing_since")


@final
@frozen(kw_only=True)
class Progress:
    """What is missing to ``tier``: all of it, or with ``need="any"`` any one part. It prints."""

    tier: str
    need: Literal["all", "any"]
    parts: tuple[Missing, ...]

    @property
    def lacking(self) -> tuple[Missing, ...]:
        """The thresholds that are not met; one of 0 is no way to a tier that needs any."""
        return tuple(each for each in self.parts if each.lacking)

    def __str__(self) -> str:
        joint = " or " if self.need == "any" else "; "
        return f"{self.tier}: {joint.join(map(str, self.lacking)) or 'reached'}"


@final
@frozen(kw_only=True)
class Evaluation:
    """A decision and its reasons, frozen: what was counted in ``[start, end)``, which tier that earns, which one the
    customer has from ``at`` on, and until when one is kept that is not earned. It prints."""

    at: datetime
    start: datetime
    end: datetime
    metrics: Metrics
    earned: str
    previous: Standing | None
    standing: Standing
    verdict: Verdict
    kept_until: datetime | None = None
    progress: Progress | None = None

    @property
    def tier(self) -> str:
        return self.standing.tier

    def __str__(self) -> str:
        told = [
            f"{self.at:%Y-%m-%d}: {self.tier}, {self._in_words()}",
            f"  counted from {self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M}: {self.metrics}",
        ]
        if self.progress is not None:
            told.append(f"  next {self.progress}")
        return "\n".join(told)

    def _in_words(self) -> str:
        match self.verdict:
            case "entered":
                return "the first tier decided"
            case "raised" | "lowered":
                assert self.previous is not None, "it was another tier"
                return f"{self.verdict} from {self.previous.tier}"
            case "kept":
                return "earned again"
            case "in grace":
                return f"{self.earned} is earned, kept until {self.kept_until:%Y-%m-%d %H:%M}"
            case "protected":
                return f"{self.earned} is earned, kept because tiers are protected"
            case _:
                assert_never(self.verdict)


def decided(
    order: Sequence[str],
    earned: str,
    at: datetime,
    previous: Standing | None,
    downgrade: Downgrade,
    grace_end: datetime,
) -> tuple[Standing, Verdict]:
    """The tier from ``at`` on. ``order`` is the tiers' names, lowest first; one that is not earned any more is kept
    until ``grace_end``.

    Two decisions at one instant lower a tier once at most. Raises UnknownChoice, FactError.
    """
    if previous is None:
        return Standing(earned, at, at), "entered"
    if previous.tier not in order:
        raise UnknownChoice("previous.tier", "tier", previous.tier, order)
    if at < previous.evaluated_at:
        hint = "Tiers are decided in order of time; give the standing that was decided before"
        raise FactError("at", "is before the last evaluation", got=at, hint=hint)
    if earned == previous.tier:
        return Standing(earned, previous.since, at), "kept"
    if order.index(earned) > order.index(previous.tier):
        return Standing(earned, at, at), "raised"
    if downgrade != "protected" and (at < grace_end or at == previous.evaluated_at):
        return _failing(previous, at), "in grace"
    return _fallen(order, earned, at, previous, downgrade)


def _fallen(
    order: Sequence[str], earned: str, at: datetime, previous: Standing, downgrade: Downgrade
) -> tuple[Standing, Verdict]:
    match downgrade:
        case "protected":
            return _failing(previous, at), "protected"
        case "immediate":
            return Standing(earned, at, at), "lowered"
        case "one step":
            lower = order[order.index(previous.tier) - 1]
            return Standing(lower, at, at, None if lower == earned else at), "lowered"
        case _:
            assert_never(downgrade)


def _failing(previous: Standing, at: datetime) -> Standing:
    return Standing(previous.tier, previous.since, at, previous.failing_since or at)
