"""Before any law: whether the channel carries it, whether it is time, whether anybody may be written to there."""

from collections.abc import Iterator

from retention.permission.checks.case import Case
from retention.permission.reasons import Finding, Why, stop, wait
from retention.permission.suppression import stopping
from retention.spans import utc


def kind_carried(case: Case) -> Iterator[Finding]:
    """The channel carries messages of that kind."""
    kind = case.draft.kind
    if kind not in case.capabilities.kinds:
        yield stop(Why.KIND_NOT_CARRIED, f"the channel {case.draft.channel!r} does not carry {kind.value} messages")


def in_time(case: Case) -> Iterator[Finding]:
    """Not before it is planned, not at its expiry or later."""
    if case.at >= utc(case.draft.expires_at):
        yield stop(Why.EXPIRED, "the message has expired")
    elif case.at < utc(case.draft.planned_at):
        yield wait(utc(case.draft.planned_at), Why.NOT_DUE, "the message is planned for later")


def not_suppressed(case: Case) -> Iterator[Finding]:
    """The address is one that may be written to; each reason why not is told once."""
    medium, person = case.capabilities.medium, case.person
    found = stopping(person.suppressions, medium, case.draft.kind, agreed=case.agreed_after)
    for reason in dict.fromkeys(each.reason for each in found):
        yield stop(Why(reason.replace(" ", "-")), f"the address for {medium.consent} is suppressed: {reason}")


def country_known(case: Case) -> Iterator[Finding]:
    """There is a country whose rules advertising is held to."""
    if case.advertises and not case.country_known:
        yield stop(Why.COUNTRY_UNKNOWN, "the customer's country is none of ISO 3166: nobody knows whose rules hold")
