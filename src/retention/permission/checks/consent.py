"""Whether the customer agreed to advertising, or something stands in for it; and whether they took it back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import assert_never

from retention.permission.checks.case import Case
from retention.permission.jurisdictions.rules import ExistingTrade, OptIn, OptOut
from retention.permission.person import Trade
from retention.permission.reasons import Finding, Stop, Why, stop
from retention.spans import LATEST, local, midnight, shift, utc


def not_withdrawn(case: Case) -> Iterator[Finding]:
    """A withdrawal beats consent, trade and request alike. Who chose what to hear of hears of nothing else, nor of
    what no topic was given for."""
    if not case.advertises:
        return
    if case.marketing.refusal is not None:
        yield stop(Why.WITHDRAWN, "the customer took consent back")
    wanted, topic = case.person.topics, case.draft.topic
    if wanted is not None and topic not in wanted:
        words = (
            "the message has no topic, and the customer chose topics"
            if topic is None
            else (f"the customer does not want to hear of {topic!r}")
        )
        yield stop(Why.TOPIC_NOT_WANTED, words)


def consented(case: Case) -> Iterator[Finding]:
    """Consent, or a rule that it is not needed, or a trade that stands in for it; or the customer asked for this
    one."""
    found = case.marketing
    if not case.advertises or case.draft.asked_for or found.holds or _without_consent(case):
        return
    medium = case.capabilities.medium
    source = next((rule.source for rule in case.rules(OptIn) if medium in rule.media), None)
    match found.state:
        case "pending":
            yield stop(Why.CONSENT_PENDING, f"consent to {medium.consent} is not confirmed yet", source)
        case "lapsed":
            yield stop(Why.CONSENT_LAPSED, f"consent to {medium.consent} was not confirmed within 7 days", source)
        case "none" | "given" | "confirmed":
            yield stop(Why.CONSENT_MISSING, f"no consent to {medium.consent}", source)
        case "withdrawn":
            pass  # not_withdrawn says so
        case _:
            assert_never(found.state)
    yield from _trade(case)


def _without_consent(case: Case) -> bool:
    medium = case.capabilities.medium
    if any(medium in rule.media for rule in case.rules(OptOut)):
        return True
    return any(not list(_lacks(case, trade, rule)) for trade, rule in _trades(case))


def _trade(case: Case) -> Iterator[Stop]:
    """Why no trade stands in, if there are some that might have."""
    yield from dict.fromkeys(lack for trade, rule in _trades(case) for lack in _lacks(case, trade, rule))


def _trades(case: Case) -> Iterator[tuple[Trade, ExistingTrade]]:
    for trade in case.person.trades:
        for rule in case.rules(ExistingTrade):
            if case.capabilities.medium in rule.media and rule.enquiry == trade.enquiry:
                yield trade, rule


def _lacks(case: Case, trade: Trade, rule: ExistingTrade) -> Iterator[Stop]:
    if case.at >= _stands_until(trade, rule, case.zones):
        yield stop(Why.TRADE_OVER, "the trade is too long ago", rule.source)
    if rule.collected_directly and not trade.collected_directly:
        yield stop(Why.TRADE_INDIRECT, "the address was not got from the customer in the trade", rule.source)
    if rule.same_kind and not trade.is_of(case.draft.topic):
        yield stop(Why.TRADE_OTHER_GOODS, "the trade was in goods of another kind", rule.source)
    if rule.could_refuse and not trade.could_refuse:
        yield stop(Why.TRADE_NO_REFUSAL, "refusing was not offered when the address was got", rule.source)


def _stands_until(trade: Trade, rule: ExistingTrade, zones: tuple[tzinfo, ...]) -> datetime:
    """The midnight after the last day; the earliest of them where the zone is not known."""
    if rule.within is None:
        return LATEST
    ended = utc(trade.ended_at)
    last_days = ((local(shift(ended, rule.within, 1, zone), zone).date(), zone) for zone in zones or (UTC,))
    return min(midnight(day + timedelta(days=1), zone) for day, zone in last_days)
