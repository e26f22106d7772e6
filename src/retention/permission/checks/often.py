"""Whether the customer hears from the shop too often."""

from collections.abc import Iterator, Sequence

from retention.permission.caps import freed_at, let_through, matches, platform_cap
from retention.permission.checks.case import Case
from retention.permission.person import Sent
from retention.permission.policy import Cap
from retention.permission.reasons import Finding, Why, stop, wait


def not_too_often(case: Case) -> Iterator[Finding]:
    """The shop's own caps, the customer's wish, and the platform's."""
    sent = [each for each in case.person.sent if each.key is None or each.key != case.draft.key]
    wished = case.person.at_most
    for cap in (*case.policy.caps, *((wished,) if wished else ())):
        if matches(cap, case.draft, case.capabilities) and not let_through(cap, case.draft):
            yield from _held(case, cap, sent, Why.CAP_REACHED)
    platform = platform_cap(case.draft, case.capabilities)
    if platform is not None:
        own = [each for each in sent if each.channel == case.draft.channel]
        yield from _held(case, platform, own, Why.PLATFORM_LIMIT)


def _held(case: Case, cap: Cap, sent: Sequence[Sent], why: Why) -> Iterator[Finding]:
    freed = freed_at(cap, sent, now=case.at, zones=case.zones)
    if freed == case.at:
        return
    words = f"the cap {cap.key!r} lets {cap.limit} through"
    if freed is None or cap.over == "skip":
        yield stop(why, words)
    else:
        yield wait(freed, why, words)
