"""When the law and the platform let a message go."""

from collections.abc import Iterator
from datetime import tzinfo

from retention.errors import ConfigurationError
from retention.permission.checks.case import Case
from retention.permission.jurisdictions.rules import SendingHours
from retention.permission.quiet import Hours, first_open, zone_of
from retention.permission.reasons import Finding, Why, stop, wait
from retention.permission.where import region_of


def not_quiet(case: Case) -> Iterator[Finding]:
    """Advertising goes in the hours of the customer's country and region, or to who has consented to the night."""
    if not case.advertises:
        return
    for rule in _of_region(case):
        if rule.night_consent and case.night.holds:
            continue
        if not case.country_known:
            continue  # country_known says so
        if not case.zones:
            yield stop(Why.ZONE_UNKNOWN, "nobody knows which time it is where the customer is", rule.source)
            continue
        opens = first_open(rule.week, case.zones, case.at, case.before)
        if opens > case.at:
            words = "these are quiet hours where the customer is"
            yield wait(min(opens, case.ends(rule)), Why.QUIET_HOURS, words, rule.source)


def platform_open(case: Case) -> Iterator[Finding]:
    """The platform takes such messages at this hour, whatever the customer has consented to."""
    window = case.capabilities.window
    if window is None or case.draft.kind not in window.kinds:
        return
    week = (Hours(window.opens, window.closes),)
    opens = first_open(week, (_known(window.zone, case.draft.channel),), case.at, case.before)
    if opens > case.at:
        yield wait(opens, Why.PLATFORM_HOURS, f"{case.draft.channel!r} takes such messages at other hours")


def _of_region(case: Case) -> tuple[SendingHours, ...]:
    """The rules of the customer's region; those of all others where it has none or is not known."""
    rules = [rule for rule in case.rules(SendingHours) if case.capabilities.medium in rule.media]
    region = region_of(case.person)
    return tuple([rule for rule in rules if region in rule.regions] or [rule for rule in rules if not rule.regions])


def _known(name: str, channel: str) -> tzinfo:
    zone = zone_of(name)
    if zone is None:
        raise ConfigurationError(
            f"the channel {channel!r} has a send window in a zone that is not known: {name!r}",
            hint="Give an IANA name such as Asia/Seoul",
        )
    return zone
