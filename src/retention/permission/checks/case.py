"""One question to the gate, at one instant."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property
from typing import TypeVar, final
from zoneinfo import ZoneInfo

from attrs import frozen

from retention.permission.capabilities import Capabilities
from retention.permission.consents import Standing, standing
from retention.permission.jurisdictions.rules import Dated, Jurisdictions
from retention.permission.media import MessageKind
from retention.permission.messages import Draft
from retention.permission.person import Consent, Person, Purpose
from retention.permission.policy import Policy
from retention.permission.where import clock_of, country_of, date_in, zones_of
from retention.spans import LATEST, midnight, utc

_R = TypeVar("_R", bound=Dated)


@final
@frozen(kw_only=True)
class Case:
    """``at`` is the instant that is asked about (UTC), ``before`` the one at which it is not worth waiting any
    longer. What several checks ask for is found once."""

    draft: Draft
    capabilities: Capabilities
    person: Person
    policy: Policy
    jurisdictions: Jurisdictions
    at: datetime
    before: datetime

    @property
    def advertises(self) -> bool:
        return self.draft.kind is MessageKind.MARKETING

    @cached_property
    def country(self) -> str:
        return country_of(self.person, self.policy)

    @cached_property
    def country_known(self) -> bool:
        return self.jurisdictions.knows(self.country)

    @cached_property
    def zones(self) -> tuple[ZoneInfo, ...]:
        return zones_of(self.person, self.policy, self.jurisdictions)

    @cached_property
    def on(self) -> date:
        """The date of the instant by the clocks of the customer's country."""
        return date_in(self.country, self.at, self.jurisdictions)

    def rules(self, kind: type[_R]) -> tuple[_R, ...]:
        """The rules of one sort that hold where the customer is, at the instant."""
        return self.jurisdictions.of(self.country).of(kind, self.on)

    def ends(self, rule: Dated) -> datetime:
        """When a rule that holds now no longer does."""
        if rule.until is None:
            return LATEST
        return midnight(rule.until, clock_of(self.country, self.jurisdictions))

    @cached_property
    def marketing(self) -> Standing:
        """Where consent to this message stands."""
        return self._standing("marketing", self.person.consents)

    @cached_property
    def night(self) -> Standing:
        """Where consent to the hours of the night stands."""
        return self._standing("night", self.person.consents)

    def agreed_after(self, instant: datetime) -> bool:
        """Whether they agree to this message by what they said after an instant alone."""
        since = [each for each in self.person.consents if utc(each.at) > instant]
        return bool(since) and self._standing("marketing", since).holds

    def _standing(self, purpose: Purpose, consents: Iterable[Consent]) -> Standing:
        return standing(
            consents,
            medium=self.capabilities.medium.consent,
            purpose=purpose,
            topic=self.draft.topic,
            now=self.at,
            double_opt_in=self.policy.double_opt_in,
        )
