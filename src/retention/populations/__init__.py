"""Whole populations: sizes, cohorts, lifetime values, learnt scales, and who changed, where the data lies."""

from retention.populations.calendar import Unit
from retention.populations.changes import changed
from retention.populations.cohorts import Cohort, cohorts
from retention.populations.lifetime import LifetimeValue, lifetime_values
from retention.populations.scales import learn_scale
from retention.populations.sizes import count
from retention.rules.backends.sets.population import Measurable, Selectable

__all__ = [
    "Cohort",
    "LifetimeValue",
    "Measurable",
    "Selectable",
    "Unit",
    "changed",
    "cohorts",
    "count",
    "learn_scale",
    "lifetime_values",
]
