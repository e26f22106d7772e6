"""Every fault that is planted."""

from tests.mutation.fault import Fault
from tests.mutation.faults_of_answers import EVALUATE, EXPLAINED, PROFILE, REFERENCE, SPANS, TIMELINE
from tests.mutation.faults_of_forms import ANALYSED, SIMPLIFIED, WRITTEN

__all__ = ["FAULTS", "Fault"]

FAULTS = (*SPANS, *PROFILE, *EVALUATE, *REFERENCE, *TIMELINE, *SIMPLIFIED, *ANALYSED, *WRITTEN, *EXPLAINED)
