"""What the platform itself asks: which kinds, to whom, how soon after the customer wrote."""

from collections.abc import Iterator
from typing import assert_never

from retention.permission.checks.case import Case
from retention.permission.consents import fold
from retention.permission.countries import calling_code
from retention.permission.platforms import NeverCarries, NotDelivered, PlatformRule, ReplyWindow
from retention.permission.reasons import Finding, Why, stop
from retention.permission.telephones import digits_of
from retention.spans import utc


def platform_takes(case: Case) -> Iterator[Finding]:
    """Every rule of the medium."""
    if case.capabilities.friends_only and case.draft.channel not in case.person.friend_of:
        yield stop(Why.NOT_A_FRIEND, "the customer has not added the shop's channel")
    for rule in case.policy.platform_rules:
        if rule.medium is case.capabilities.medium:
            yield from _asked(case, rule)


def _asked(case: Case, rule: PlatformRule) -> Iterator[Finding]:
    match rule:
        case NeverCarries():
            if case.draft.kind in rule.kinds:
                words = f"{rule.medium.value} never carries {case.draft.kind.value} messages"
                yield stop(Why.PLATFORM_KIND, words, rule.source)
        case NotDelivered():
            if case.draft.kind in rule.kinds and _is_number_of(rule.country, case) and case.on >= rule.since:
                words = f"{rule.medium.value} delivers no {case.draft.kind.value} messages to numbers of {rule.country}"
                yield stop(Why.PLATFORM_COUNTRY, words, rule.source)
        case ReplyWindow():
            yield from _reply(case, rule)
        case _:
            assert_never(rule)


def _is_number_of(country: str, case: Case) -> bool:
    code = calling_code(country)
    if code is None or not digits_of(case.draft.address, calling_code(case.country)).startswith(code):
        return False
    return case.country == country or calling_code(case.country) != code


def _reply(case: Case, rule: ReplyWindow) -> Iterator[Finding]:
    wrote = case.person.wrote.get(case.capabilities.medium)
    if wrote is not None and utc(wrote) <= case.at <= utc(wrote) + rule.within:
        return
    if case.draft.content.template is None:
        words = "the customer has not written lately: only an approved template goes out"
        yield stop(Why.REPLY_WINDOW_OVER, words, rule.source)
    if not _consents_at_all(case):
        words = f"the customer has not consented to {case.capabilities.medium.consent}"
        yield stop(Why.REPLY_WINDOW_CONSENT, words, rule.source)


def _consents_at_all(case: Case) -> bool:
    """To the medium, for whatever topic or purpose."""
    medium = case.capabilities.medium.consent
    standings = fold(case.person.consents, now=case.at, double_opt_in=case.policy.double_opt_in)
    return any(found.holds for (named, _, _), found in standings.items() if named == medium)
