"""Every fault that is planted."""

from tests.mutation.fault import Fault
from tests.mutation.faults_of_answers import EVALUATE, EXPLAINED, PROFILE, REFERENCE, SPANS, TIMELINE
from tests.mutation.faults_of_attacks import ATTACKS
from tests.mutation.faults_of_campaigns import CAMPAIGNS
from tests.mutation.faults_of_engine import ENGINE
from tests.mutation.faults_of_forms import ANALYSED, SIMPLIFIED, WRITTEN
from tests.mutation.faults_of_loyalty import LEDGER
from tests.mutation.faults_of_policies import POLICIES
from tests.mutation.faults_of_sending import SENDING
from tests.mutation.faults_of_tables import ARRAYS, FRAMES, SETS, SQL

__all__ = ["FAULTS", "Fault"]

FAULTS = (
    *(*SPANS, *PROFILE, *EVALUATE, *REFERENCE, *TIMELINE),
    *(*SIMPLIFIED, *ANALYSED, *WRITTEN, *EXPLAINED),
    *(*SETS, *SQL, *FRAMES, *ARRAYS),
    *(*LEDGER, *POLICIES),
    *(*SENDING, *CAMPAIGNS, *ENGINE, *ATTACKS),
)
