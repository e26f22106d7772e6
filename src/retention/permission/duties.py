"""What the shop owes a customer because of a consent: dated jobs, as data. None of them ends a consent.

Korea: the result of a consent or withdrawal is told within 14 days, the day itself not counted (Network Act art. 50(7),
Decree art. 62-2); a consent is confirmed again every 2 years, before the same date (art. 50(8), Decree art. 62-3). Who
does not answer that keeps consenting. Both are messages of the kind ``legal_notice`` and promote nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Literal, final

from attrs import frozen
from dateutil.relativedelta import relativedelta

from retention.permission.consents import fold
from retention.permission.jurisdictions import SHIPPED
from retention.permission.jurisdictions.rules import Jurisdictions, Reconfirmation, ResultNotice
from retention.permission.person import Consent, Person
from retention.permission.policy import Policy
from retention.permission.where import country_of, date_in
from retention.spans import utc


@final
@frozen(kw_only=True)
class Duty:
    """One job. ``key`` is always the same, so planning it twice plans it once (for one customer). ``last_day`` is the
    last local day in the customer's country on which it is in time. ``consent`` is the line it is about: its act,
    instant and medium are what the customer is told, with the sender's name."""

    key: str
    what: Literal["result notice", "reconfirmation"]
    last_day: date
    consent: Consent
    source: str


def duties(
    person: Person, *, policy: Policy, now: datetime, jurisdictions: Jurisdictions = SHIPPED
) -> tuple[Duty, ...]:
    """All that the lines of proof up to ``now`` ask for, the most urgent first, whether or not it was done already.

    One result notice for every consent that came about and every withdrawal; for every consent that holds the next
    reconfirmation, whose last day is today or later.
    """
    past = [each for each in dict.fromkeys(person.consents) if utc(each.at) <= utc(now)]
    found = [
        *_notices(past, person, policy, jurisdictions),
        *_reconfirmations(past, person, policy, now, jurisdictions),
    ]
    return tuple(sorted(found, key=lambda each: (each.last_day, each.key)))


def _notices(lines: Iterable[Consent], person: Person, policy: Policy, jurisdictions: Jurisdictions) -> Iterator[Duty]:
    country = country_of(person, policy)
    effective = ("confirmed", "withdrawn") if policy.double_opt_in else ("given", "confirmed", "withdrawn")
    for line in lines:
        day = date_in(country, utc(line.at), jurisdictions)
        for rule in jurisdictions.of(country).of(ResultNotice, day):
            if line.act in effective:
                last = day + timedelta(days=rule.days)
                yield Duty(
                    key=_key("result", line, last),
                    what="result notice",
                    last_day=last,
                    consent=line,
                    source=rule.source,
                )


def _reconfirmations(
    lines: Iterable[Consent], person: Person, policy: Policy, now: datetime, jurisdictions: Jurisdictions
) -> Iterator[Duty]:
    country = country_of(person, policy)
    today = date_in(country, utc(now), jurisdictions)
    standings = fold(lines, now=now, double_opt_in=policy.double_opt_in).values()
    held = dict.fromkeys(each.line for each in standings if each.holds and each.line is not None)
    for line in held:
        for rule in jurisdictions.of(country).of(Reconfirmation, today):
            last = _next_return(date_in(country, utc(line.at), jurisdictions), rule.years, today) - timedelta(days=1)
            yield Duty(
                key=_key("reconfirm", line, last),
                what="reconfirmation",
                last_day=last,
                consent=line,
                source=rule.source,
            )


def _next_return(given_on: date, years: int, today: date) -> date:
    """The first return of a date, every so many years, that is later than today; 29 February returns on 28 February."""
    times = max(1, (today.year - given_on.year) // years)
    while (due := given_on + relativedelta(years=years * times)) <= today:
        times += 1
    return due


def _key(what: str, line: Consent, last: date) -> str:
    topic = "" if line.topic is None else line.topic
    at = utc(line.at).isoformat(timespec="microseconds")
    return "/".join((what, line.medium, line.purpose, line.act, line.scope, topic, at, last.isoformat()))
