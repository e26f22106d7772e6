"""When answers change: the next instant at which time alone flips one, and its whole course between two instants.

A rule is looked through once for its clocks. For a profile they give the instants at which the answer may change; those
are tried in order until the answer is another. Nothing is sampled, so the instant found is the first one, to the
microsecond.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import cycle, pairwise
from typing import final

from attrs import field, frozen

from retention.profile import Profile
from retention.rules.backends.clocks import Passing, Returning, clocks, reads_wall_clock
from retention.rules.backends.evaluate import CompiledRule, CompiledRules, compile_rule, compile_rules
from retention.rules.backends.leaves import Leaves, instants_after, leaves_of
from retention.rules.backends.sweep import first_change
from retention.rules.declared import OwnNames, own_names, require_names, require_profile
from retention.rules.nodes import Events, Rule
from retention.rules.walk import iter_nodes
from retention.schema import STANDARD, Schema
from retention.spans import TICK, local, midnight, utc


@final
@frozen
class Interval:
    """An answer that stays the same from ``start``, inside, to ``end``, outside; both in UTC."""

    start: datetime
    end: datetime
    holds: bool


def next_change(rule: Rule, profile: Profile, as_of: datetime, schema: Schema = STANDARD) -> datetime | None:
    """The first instant (UTC) after ``as_of`` at which the answer is another if nothing new happens; None if never.

    Calendar words are read in the zone of ``as_of``. Raises NaiveInstant; UnsupportedRule for a rule that compares two
    moments that both move with the present by calendar spans.
    """
    return prepare(rule, schema).next_change(profile, as_of)


def timeline(
    rule: Rule, profile: Profile, start: datetime, end: datetime, schema: Schema = STANDARD
) -> tuple[Interval, ...]:
    """The answers from ``start``, inside, to ``end``, outside, each fact unknown until its instant comes.

    Neighbours differ in their answers; calendar words are read in the zone of ``start``.
    """
    return prepare(rule, schema).timeline(profile, start, end)


_DAWN = datetime(1100, 1, 1, tzinfo=UTC)  # no shop has facts from before; the longest span leads back to no year 0


def prepare(rule: Rule, schema: Schema = STANDARD) -> "Prepared":
    """The rule, compiled and looked through for its clocks. Nothing is kept here; who asks again holds on to it.

    Raises UnsupportedRule.
    """
    found = tuple(clocks(rule))
    leaves = leaves_of(rule, schema)
    return Prepared(
        rule,
        schema,
        compile_rule(rule, schema),
        compile_rules(leaves.stills, schema) if leaves.stills else None,
        leaves,
        tuple(each for each in found if isinstance(each, Passing)),
        tuple(each for each in found if isinstance(each, Returning)),
        frozenset(each.collection for each in iter_nodes(rule) if isinstance(each, Events)),
        reads_wall_clock(rule),
        own_names(iter_nodes(rule)),
    )


@final
@frozen(eq=False)
class Prepared:
    """A rule ready to be asked when it changes."""

    rule: Rule
    schema: Schema
    compiled: CompiledRule = field(repr=False)
    stills: CompiledRules | None = field(repr=False)
    leaves: Leaves = field(repr=False)
    passings: tuple[Passing, ...] = field(repr=False)
    returns: tuple[Returning, ...] = field(repr=False)
    collections: frozenset[str]
    walled: bool
    own: OwnNames

    def next_change(self, profile: Profile, as_of: datetime) -> datetime | None:
        """See ``timeline.next_change``."""
        now = utc(as_of)
        self._check(profile)
        return self._next(profile.until(now), now, as_of.tzinfo or UTC) if self.leaves.movers else None

    def timeline(self, profile: Profile, start: datetime, end: datetime) -> tuple[Interval, ...]:
        """See ``timeline.timeline``."""
        begin, stop, zone = utc(start, "start"), utc(end, "end"), start.tzinfo or UTC
        self._check(profile)
        if begin >= stop:
            return ()
        edges = (begin, *self._flips(profile, begin, stop, zone), stop)
        answer = self._holds(profile, begin, zone)
        return tuple(Interval(*spell, answer != odd) for spell, odd in zip(pairwise(edges), cycle((False, True))))

    def _check(self, profile: Profile) -> None:
        require_profile(profile)
        if profile.schema is not self.schema:
            require_names(profile.schema, self.own)

    def since(self, profile: Profile, as_of: datetime) -> datetime | None:
        """The instant (UTC) at which the answer at ``as_of`` became what it is; None if it always was.

        Each fact is known from its own instant on. Attributes are not dated: today's are taken to have held always.
        """
        now, zone = utc(as_of), as_of.tzinfo or UTC
        answer, later = self._holds(profile, now, zone), now + TICK
        for arrival in reversed((_DAWN, *self._arrivals(profile, _DAWN, later))):
            known = profile.until(arrival)
            for instant in sorted(self._tried_since(known, arrival, later, zone), reverse=True):
                if self._holds(known, instant - TICK, zone) != answer:
                    return instant
            if arrival > _DAWN and self._holds(profile, arrival - TICK, zone) != answer:
                return arrival
            later = arrival
        return None

    def _holds(self, profile: Profile, now: datetime, zone: tzinfo) -> bool:
        return self.compiled.at(local(now, zone) if self.walled else now)(profile)

    def _next(self, known: Profile, now: datetime, zone: tzinfo) -> datetime | None:
        """The next change after ``now`` of a profile in which nothing is later."""
        answers: list[bool | None] = []
        if self.stills is not None:
            answers += self.stills.at(local(now, zone) if self.walled else now)(known)
            if self.leaves.whole((*answers, *[None] * len(self.leaves.movers))) is not None:
                return None  # what stands still decides
        if not all(each.is_still(known, zone, now.year) for each in self.returns):
            return self._next_with_returns(known, now, zone)
        return first_change(self.leaves, answers, known, now, zone)

    def _next_with_returns(self, known: Profile, now: datetime, zone: tzinfo) -> datetime | None:
        answer = self._holds(known, now, zone)
        tried = instants_after(self.passings, known, now, zone)
        every = self._tried_with_returns(known, tried, now, zone)
        return next((each for each in every if self._holds(known, each, zone) is not answer), None)

    def _tried_with_returns(
        self, known: Profile, tried: list[datetime], now: datetime, zone: tzinfo
    ) -> Iterator[datetime]:
        """The same and what anniversaries add, year by year, as far as there can be a first change.

        Once the last moving moment has passed, the answer depends on the local date alone: on its month and day, and on
        which of the years that the windows see are leap years. Windows that reach a year back and ahead see three
        years, with at most one leap year among them, and each of the four cases comes for every month and day within
        nine years (eight lie between leap years around 1900 and 2100). Wider ones repeat with the calendar, in 400.
        """
        last = local(max((now, *tried[-1:])), zone).date()
        last = date.fromordinal(min(last.toordinal() + self._certain_after, date.max.toordinal() - 1))
        day = local(now, zone).date()
        while day <= last:
            upto = min(day + timedelta(days=366), last)
            border = midnight(upto + timedelta(days=1), zone)
            batch = {each for clock in self.returns for each in clock.instants(known, day, upto, zone) if each > now}
            batch.update(each for each in tried if each < border and local(each, zone).date() >= day)
            yield from sorted(batch)
            day = upto + timedelta(days=1)

    def _tried_since(self, known: Profile, start: datetime, end: datetime, zone: tzinfo) -> set[datetime]:
        """Instants between two, both outside, all those among them at which the answer may change by time."""
        found = {each for clock in self.passings for each in clock.instants(known, start, zone) if start < each < end}
        returns = [each for each in self.returns if not each.is_still(known, zone, start.year)]
        if returns:
            first = max(start, min((*found, end)) - timedelta(days=self._certain_after))
            first_day, last_day = local(first, zone).date(), local(end, zone).date()
            for clock in returns:
                found.update(clock.instants(known, first_day, last_day, zone))
        return {each for each in found if start < each < end}

    @property
    def _certain_after(self) -> int:
        """The days after which anniversaries alone bring nothing new."""
        return 366 * (9 if all(each.reach <= 1 for each in self.returns) else 400)

    def _flips(self, profile: Profile, begin: datetime, stop: datetime, zone: tzinfo) -> Iterator[datetime]:
        """Every change in ``(begin, stop)``, by a fact or by time."""
        answer = self._holds(profile, begin, zone)
        for start, end in pairwise((begin, *self._arrivals(profile, begin, stop), stop)):
            known = profile.until(start)
            if self._holds(known, start, zone) != answer:
                answer = not answer
                yield start
            change = self._next(known, start, zone)
            while change is not None and change < end:
                answer = not answer
                yield change
                change = self._next(known, change, zone)

    def _arrivals(self, profile: Profile, begin: datetime, stop: datetime) -> list[datetime]:
        """The instants between two, both outside, at which a fact that the rule looks at becomes known."""
        return [each for each in profile.instants(self.collections) if begin < each < stop]
