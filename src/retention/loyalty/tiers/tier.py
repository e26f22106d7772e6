"""A tier: what it takes and what it gives."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, assert_never, final, get_args

from attrs import field, frozen

from retention.loyalty import given
from retention.loyalty.tiers.benefits import BENEFITS, Benefit
from retention.loyalty.tiers.metrics import METRICS, Metric, Metrics
from retention.money import Money

Need: TypeAlias = Literal["all", "any"]

if TYPE_CHECKING:  # what may be given; the checks below do the work

    def _given_benefits(value: Iterable[Benefit]) -> tuple[Benefit, ...]: ...

else:
    _given_benefits = None


def _a_need(self: Any, attribute: Any, value: Any) -> None:
    given.one_of(self, attribute, value, "need", get_args(Need))


def _benefits(self: Any, attribute: Any, value: Any) -> None:
    given.instances(self, attribute, value, BENEFITS, "Give Discount, ExtraPoints, FreeShipping, GiftWithOrder, …")


@final
@frozen
class Tier:
    """A tier and its thresholds; None is no threshold.

    ``need="all"``: every threshold is met. ``need="any"``: one of them is, and one of 0 does not count. ``points`` are
    those earned. Benefits are the tier's own: it has none of a lower one's.
    """

    name: str = field(validator=given.name)
    spend: Money | None = field(default=None, kw_only=True, validator=given.amount)
    orders: int | None = field(default=None, kw_only=True, validator=given.count)
    points: int | None = field(default=None, kw_only=True, validator=given.count)
    reviews: int | None = field(default=None, kw_only=True, validator=given.count)
    need: Need = field(default="all", kw_only=True, validator=_a_need)
    benefits: tuple[Benefit, ...] = field(default=(), kw_only=True, converter=_given_benefits, validator=_benefits)

    @property
    def thresholds(self) -> tuple[tuple[Metric, int], ...]:
        """The thresholds there are, spend in minor units."""
        found: list[tuple[Metric, int]] = []
        for metric in METRICS:
            value: Money | int | None = getattr(self, metric)
            if value is not None:
                found.append((metric, value.minor if isinstance(value, Money) else value))
        return tuple(found)

    def earned_by(self, metrics: Metrics) -> bool:
        """Whether the thresholds are met."""
        match self.need:
            case "all":
                return all(metrics.of(metric) >= least for metric, least in self.thresholds)
            case "any":
                return any(metrics.of(metric) >= least > 0 for metric, least in self.thresholds)
            case _:
                assert_never(self.need)


@final
@frozen
class Missing:
    """How far a customer is from one threshold: ``lacking`` is 0 if it is met. Spend is in minor units."""

    metric: Metric
    have: int
    need: int
    currency: str

    @property
    def lacking(self) -> int:
        return max(0, self.need - self.have)

    def __str__(self) -> str:
        if self.metric == "spend":
            have, need, lacking = (str(Money(each, self.currency)) for each in (self.have, self.need, self.lacking))
        else:
            have, need, lacking = (f"{each:,}" for each in (self.have, self.need, self.lacking))
        return f"{self.metric}: {have} of {need}" + (f", {lacking} more" if self.lacking else "")


def missing(tier: Tier, metrics: Metrics, currency: str) -> tuple[Missing, ...]:
    """Every threshold of a tier and how far it is."""
    return tuple(Missing(metric, metrics.of(metric), least, currency) for metric, least in tier.thresholds)
