"""What should happen next with a customer: campaigns as data and one pure decision.

These are the names that a campaign is written and run with. ``library`` has campaigns to begin with, ``measuring`` what
they did, ``wire`` their stored form.
"""

from retention.campaigns.arms import arm_of, holdout_salt, is_held_out
from retention.campaigns.campaign import Again, Campaign, Migration
from retention.campaigns.decide import decide
from retention.campaigns.effects import CallHook, Effect, GrantPoints, IssueCoupon, OpenTicket, SendMessage, SetTag
from retention.campaigns.entries import Enters, Entry, Happens, Leaves, Once, OnDate, Recurring
from retention.campaigns.errors import CampaignError
from retention.campaigns.own import OfEntry, Question, SinceEntry
from retention.campaigns.schedule import BACKFILL, Occurrence, next_date, occurrences
from retention.campaigns.simulate import Moment, Trace, trace
from retention.campaigns.state import Decision, Note, Run, State
from retention.campaigns.steps import (
    AskStaff,
    Branch,
    Call,
    GiveCoupon,
    GivePoints,
    Jump,
    Send,
    Split,
    Step,
    Stop,
    Tag,
    Wait,
    WaitFor,
    WaitUntil,
)
from retention.campaigns.triggers import (
    Chosen,
    CustomerChanged,
    FactArrived,
    SegmentEntered,
    SegmentLeft,
    TimePassed,
    Trigger,
)

__all__ = [
    "BACKFILL",
    "Again",
    "AskStaff",
    "Branch",
    "Call",
    "CallHook",
    "Campaign",
    "CampaignError",
    "Chosen",
    "CustomerChanged",
    "Decision",
    "Effect",
    "Enters",
    "Entry",
    "FactArrived",
    "GiveCoupon",
    "GivePoints",
    "GrantPoints",
    "Happens",
    "IssueCoupon",
    "Jump",
    "Leaves",
    "Migration",
    "Moment",
    "Note",
    "Occurrence",
    "OfEntry",
    "OnDate",
    "Once",
    "OpenTicket",
    "Question",
    "Recurring",
    "Run",
    "SegmentEntered",
    "SegmentLeft",
    "Send",
    "SendMessage",
    "SetTag",
    "SinceEntry",
    "Split",
    "State",
    "Step",
    "Stop",
    "Tag",
    "TimePassed",
    "Trace",
    "Trigger",
    "Wait",
    "WaitFor",
    "WaitUntil",
    "arm_of",
    "decide",
    "holdout_salt",
    "is_held_out",
    "next_date",
    "occurrences",
    "trace",
]
