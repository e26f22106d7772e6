"""Case: one decision while it is being made. What it gathers becomes the Decision."""

from datetime import UTC, datetime, tzinfo
from typing import assert_never, final

from attrs import define, evolve, field

from retention.campaigns.asking import happened_at, holds, name_of
from retention.campaigns.campaign import Campaign
from retention.campaigns.effects import Effect
from retention.campaigns.entries import Happens
from retention.campaigns.own import OfEntry, Question, SinceEntry
from retention.campaigns.state import Ended, Note, Run
from retention.profile import Fact, Profile
from retention.rules.rule import Rule
from retention.segments.segment import Segment
from retention.segments.segment_set import SegmentSet
from retention.spans import Duration, Months, local, shift, utc


@final
@define
class Case:
    """A customer at ``now``, and what is decided so far.

    A step is decided as of the instant at which it was due, ``at``, whenever somebody gets round to it: so it does not
    matter how often a customer is looked at.
    """

    profile: Profile
    now: datetime
    segments: SegmentSet | None
    effects: list[Effect] = field(factory=list)
    notes: list[Note] = field(factory=list)

    @property
    def zone(self) -> tzinfo:
        """The customer's."""
        return self.now.tzinfo or UTC

    def holds(self, question: Segment | Rule, at: datetime) -> bool:
        """Whether it held at ``at`` by what was known then; calendar words are the customer's."""
        return holds(question, self.profile, local(at, self.zone), self.segments)

    def holds_of(self, campaign: Campaign, run: Run, question: Question, at: datetime) -> bool:
        """``holds``, of the run's own facts alone if that is what is asked."""
        match question:
            case SinceEntry(rule):
                began = self._began(campaign, run)
                own = (
                    fact
                    for fact in self.profile.facts()
                    if name_of(fact) == run.fact or (fact.at >= began and self.is_of(campaign, run, fact))
                )
            case OfEntry(rule):
                own = (fact for fact in self.profile.facts() if name_of(fact) == run.fact)
            case Segment() | Rule():
                return self.holds(question, at)
            case _:
                assert_never(question)
        alone = Profile.build(self.profile.customer, own, schema=self.profile.schema)
        return holds(rule, alone, local(at, self.zone), self.segments)

    def is_of(self, campaign: Campaign, run: Run, fact: Fact) -> bool:
        """Whether a fact speaks of the run's own subject: of two carts, what is done to one is not done to the other.

        Facts that have no such column speak of every run. An ``id`` is a fact's own, so only its collection has it.
        """
        entry = campaign.entry
        if not isinstance(entry, Happens) or entry.each is None:
            return True
        began_in = (run.fact or "").partition("/")[0]
        shares = fact.collection == began_in if entry.each == "id" else True
        if not shares or entry.each not in self.profile.schema.collection(fact.collection).columns:
            return True
        said = self.profile.cell(fact, entry.each)
        return said is None or str(said) == run.subject

    def _began(self, campaign: Campaign, run: Run) -> datetime:
        """When what began the run happened: it may have been told of later."""
        entry = campaign.entry
        first = next((fact for fact in self.profile.facts() if name_of(fact) == run.fact), None)
        if first is None or not isinstance(entry, Happens):
            return run.began_at
        return happened_at(entry.event, first, self.profile, self.now, self.segments) or run.began_at

    def later(self, at: datetime, span: Duration | Months) -> datetime:
        """``at`` and a span, months on the customer's clocks."""
        return shift(at, span, 1, self.zone)

    def note(self, code: str, words: str, run: Run | None = None, *, subject: str | None = None) -> None:
        """Why, for the record."""
        at = (subject, None) if run is None else (run.subject, run.step)
        self.notes.append(Note(code, words, *at))

    def end(self, run: Run, how: Ended, at: datetime, words: str) -> Run:
        """The run, over."""
        self.note(how.replace(" ", "-"), words, run)
        return evolve(run, ended=how, ended_at=at, until=None)

    def over(self, campaign: Campaign, run: Run, at: datetime) -> Run | None:
        """The run ended by its goal or by ``leave``; None if it goes on.

        A step that is taken late is also asked about as of now, if anything became known since: a customer who has
        bought meanwhile is not reminded.
        """
        late = at < utc(self.now) and self.profile.latest > at
        for instant in (at, utc(self.now)) if late else (at,):
            if campaign.goal is not None and self.holds_of(campaign, run, campaign.goal, instant):
                return self.end(run, "goal", instant, "the goal is reached")
            if campaign.leave is not None and self.holds_of(campaign, run, campaign.leave, instant):
                return self.end(run, "left", instant, "the customer no longer belongs here")
        return None
