"""What the way in is held to, and what it means to come in again."""

from datetime import datetime, time
from typing import assert_never, get_args

from retention.campaigns.asking import fact_columns
from retention.campaigns.checking_steps import wrong_event
from retention.campaigns.entries import Enters, Entry, Fixed, Happens, Leaves, Once, OnDate, Recurring
from retention.campaigns.errors import CampaignError
from retention.campaigns.recurrence import recurrence
from retention.errors import nearest
from retention.schema import Kind, Schema
from retention.spans import Duration, Months

_POLICIES = ("never", "after entry", "after exit", "each crossing")
_DAY = 86_400_000_000  # microseconds


def check_entry(campaign: str, entry: Entry, schema: Schema) -> None:
    """Raises CampaignError."""
    if not isinstance(entry, get_args(Entry)):
        hint = "Give Enters(segment=…), Happens(event=…), Once(…), Recurring(…), Leaves(…) or OnDate(…)"
        raise CampaignError(campaign, "nobody can come in", hint=hint)
    match entry:
        case Once(at=at, fixed=fixed):
            _check_instant(campaign, at, "at")
            if fixed not in get_args(Fixed):
                raise CampaignError(campaign, f"{fixed!r} is no way to fix an audience", hint='Write "launch"')
        case Recurring(rule=rule, start=start):
            _check_instant(campaign, start, "start")
            recurrence(campaign, rule, start)
        case Enters(segment=segment) | Leaves(segment=segment):
            if not isinstance(segment, str) or not segment.strip():
                raise CampaignError(campaign, "it names no segment", hint='Give its key: Enters(segment="dormant")')
        case Happens():
            _check_happens(campaign, entry, schema)
        case OnDate():
            _check_date(campaign, entry, schema)
        case _:
            assert_never(entry)


def check_again(campaign: str, entry: Entry, again: str, pause: object) -> None:
    """Raises CampaignError for what nobody can mean: a birthday once in a life, a pause that is never asked for."""
    if again not in _POLICIES:
        like = nearest(str(again), _POLICIES)
        raise CampaignError(
            campaign, f"{again!r} is no way to come in again", nearest=like, hint=f'Write "{like or "each crossing"}"'
        )
    if isinstance(entry, Once) and again != "never":
        raise CampaignError(
            campaign, "what happens once cannot come again", hint='Leave again="never", or use Recurring'
        )
    if isinstance(entry, Recurring | OnDate) and again == "never":
        problem = "what returns would reach each customer once in a life"
        raise CampaignError(campaign, problem, hint='Write again="each crossing", or "after entry" with a pause')
    if again in ("after entry", "after exit"):
        if not isinstance(pause, Duration | Months):
            raise CampaignError(campaign, f"again={again!r} needs a pause", hint="Write pause=days(30)")
    elif pause is not None:
        raise CampaignError(campaign, f"again={again!r} knows no pause", hint='Write again="after entry"')


def _check_instant(campaign: str, at: object, name: str) -> None:
    if not isinstance(at, datetime) or at.utcoffset() is None:
        hint = f"Give {name}=datetime(…, tzinfo=ZoneInfo('Asia/Seoul'))"
        raise CampaignError(campaign, f"{name} is no instant with a zone", hint=hint)


def _check_happens(campaign: str, entry: Happens, schema: Schema) -> None:
    wrong = wrong_event(entry.event)
    if wrong is not None:
        raise CampaignError(campaign, wrong[0], hint=wrong[1])
    if entry.each is None:
        return
    known = fact_columns(entry.event, schema)
    if entry.each not in known:
        like = nearest(entry.each, known)
        hint = f"Did you mean {like!r}?" if like else f"It may be {', '.join(known[:12])}"
        raise CampaignError(campaign, f"the facts of its event have no column {entry.each!r}", nearest=like, hint=hint)


def _check_date(campaign: str, entry: OnDate, schema: Schema) -> None:
    dates = [each.name for each in schema.attributes.values() if each.kind in (Kind.DATE, Kind.INSTANT)]
    if entry.attribute not in dates:
        like = nearest(entry.attribute, dates)
        hint = f"Did you mean {like!r}?" if like else f"The schema has {', '.join(dates)}"
        raise CampaignError(campaign, f"customers have no date {entry.attribute!r}", nearest=like, hint=hint)
    at: object = entry.at
    if not isinstance(at, time) or at.tzinfo is not None:
        raise CampaignError(campaign, "at is no local time of day", hint="Give at=time(9)")
    before = entry.before
    if before is not None and not _is_days_or_months(before):
        raise CampaignError(campaign, "before is not in whole days or months", hint="Give before=days(7)")


def _is_days_or_months(before: object) -> bool:
    return isinstance(before, Months) or (isinstance(before, Duration) and before.microseconds % _DAY == 0)
