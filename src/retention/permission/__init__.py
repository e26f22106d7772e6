"""Whether a message may be sent at all, and when: consent, suppression, quiet hours, caps, and the one gate."""

from retention.permission.capabilities import Capabilities, Length, SendWindow
from retention.permission.consents import Standing, fold, from_events, standing
from retention.permission.countries import calling_code
from retention.permission.duties import Duty, duties
from retention.permission.gate import permit
from retention.permission.jurisdictions import SHIPPED, US_QUIET_HOURS, Jurisdiction, Jurisdictions
from retention.permission.keywords import meaning
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Button, Content, Draft, Outbound
from retention.permission.person import Consent, Person, Sent, Suppression, Trade
from retention.permission.policy import ApprovedTemplate, Cap, Policy, Sender
from retention.permission.preference import prefer
from retention.permission.quiet import Hours
from retention.permission.reasons import Why
from retention.permission.suppression import hash_of, suppression_hash
from retention.permission.verdicts import Allowed, Deferred, Reason, Refused, Verdict

__all__ = [
    "SHIPPED",
    "US_QUIET_HOURS",
    "Allowed",
    "ApprovedTemplate",
    "Button",
    "Cap",
    "Capabilities",
    "Consent",
    "Content",
    "Deferred",
    "Draft",
    "Duty",
    "Hours",
    "Jurisdiction",
    "Jurisdictions",
    "Length",
    "Medium",
    "MessageKind",
    "Outbound",
    "Person",
    "Policy",
    "Reason",
    "Refused",
    "SendWindow",
    "Sender",
    "Sent",
    "Standing",
    "Suppression",
    "Trade",
    "Verdict",
    "Why",
    "calling_code",
    "duties",
    "fold",
    "from_events",
    "hash_of",
    "meaning",
    "permit",
    "prefer",
    "standing",
    "suppression_hash",
]
