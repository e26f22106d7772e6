"""What an explanation holds: a tree of verdicts with what was seen, which rows decided, since when and until when."""

from datetime import datetime
from typing import final

from attrs import field, frozen


@final
@frozen
class Observation:
    """What a value of the rule was: ``orders.count()`` was ``2``. Personal values are masked, ``shown`` is text."""

    words: str
    shown: str
    missing: bool = False


@final
@frozen
class Witness:
    """A row that decided; ``at`` is in UTC."""

    collection: str
    id: str
    at: datetime


@final
@frozen
class Explanation:
    """Why a rule, or a part of one, is true or false of a profile.

    ``words`` are the name that people gave it, else its text form. ``joint`` says how its ``parts`` make it up; of a
    part that has a name and no parts, it is the text form.
    ``since`` and ``until`` (UTC) bound the present answer if nothing new happens, None where it has no bound; they are
    not known of a part that timelines do not take (``timed`` is False). ``flips`` lists what would turn the answer
    over, each alternative alone. ``as_of`` is on the wall clock in which calendar words were read.
    """

    words: str
    holds: bool
    as_of: datetime
    joint: str = ""
    parts: "tuple[Explanation, ...]" = ()
    observed: tuple[Observation, ...] = ()
    witnesses: tuple[Witness, ...] = field(default=(), repr=False)
    since: datetime | None = None
    until: datetime | None = None
    timed: bool = True
    flips: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The words of every value that was missing, here and in the parts, each once."""
        own = [each.words for each in self.observed if each.missing]
        return tuple(dict.fromkeys((*own, *(words for part in self.parts for words in part.missing))))

    def render(self, width: int = 100, *, colour: bool = False) -> str:
        """The tree as lines of text, cut or wrapped to so many columns; ``colour`` adds ANSI colours."""
        from retention.rules.backends.explanation_text import render

        return render(self, width, colour=colour)

    def __str__(self) -> str:
        return self.render()
