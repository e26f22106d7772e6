"""Places and times at which calendars misbehave, shared by the strategies so that window edges meet events.

A scene is a zone and a day in it: a clock change (at night, at midnight, by half an hour, by a whole day), a month's
end, 29 February, a year's end. Its instants lie whole spans away from that day, at few times of day, give or take a
tick.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from typing import final
from zoneinfo import ZoneInfo

from attrs import frozen
from dateutil.relativedelta import relativedelta
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from retention.spans import TICK, LocalDays, LocalPeriod, Months, MovingSpan, Span, days, hours, local, utc
from retention.testing.choices import Choices

DURATIONS = tuple(map(days, (1, 7, 30, 90, 0, 2, 3, 28, 29, 31, 60, 365))) + tuple(map(hours, (1, 23, 25, 36)))
MONTHS = tuple(map(Months, (1, 3, 12, 2, 13, 0)))
_PERIODS = (LocalPeriod("week"), LocalPeriod("month"), LocalPeriod("year"))
WHOLE_DAYS: tuple[Span, ...] = (*map(LocalDays, (1, 2, 7, 30)), *_PERIODS)

_MOVING: tuple[MovingSpan, ...] = (*DURATIONS[:4], *MONTHS[:2], *DURATIONS, *MONTHS)
_SHIFTS = tuple(timedelta(days=-each) for each in (0, 1, 7, 30, 2, 3, 6, 8, 28, 29, 31, 60, 90, 365, 366, -1, -7))
_ASKED_AFTER = tuple(timedelta(days=each) for each in (0, 1, 7, 30, 2, 28, 29, 31, 60, 90, 365, -1))
_MONTH_SHIFTS = (0, 0, 0, -1, -2, -3, -12, 1)
_TIMES = (time(0), time(0, 30), time(1, 30), time(2, 30), time(12))
_JITTERS = (timedelta(0), timedelta(0), timedelta(0), TICK, -TICK, timedelta(hours=1))


@final
@frozen
class Scene:
    """A zone and a wall time in it around which everything happens."""

    zone: tzinfo
    focus: datetime

    def instant(self, day: timedelta, month: int, at: time | None, jitter: timedelta, fold: int) -> datetime:
        """An instant in UTC some days and months from the focus, at a wall time of day (None: the focus's own)."""
        wall = self.focus + relativedelta(months=month) + day
        if at is not None:
            wall = datetime.combine(wall.date(), at)
        return utc(wall.replace(tzinfo=self.zone, fold=fold)) + jitter

    def choose_instant(self, choices: Choices) -> datetime:
        """An instant in UTC around the focus, mostly before it."""
        return self._moment(choices, _SHIFTS, _MONTH_SHIFTS)

    def choose_as_of(self, choices: Choices) -> datetime:
        """An instant on the zone's wall clock at which to ask: at the focus, soon after, now and then long after."""
        return local(self._moment(choices, _ASKED_AFTER, (0, 0, 0, 1, 12)), self.zone)

    def _moment(self, choices: Choices, shifts: Sequence[timedelta], months: Sequence[int]) -> datetime:
        at = choices.among((None, *_TIMES))
        day, month, fold = choices.among(shifts), choices.among(months), choices.below(2)
        return self.instant(day, month, at, choices.among(_JITTERS), fold)

    def instants(self) -> SearchStrategy[datetime]:
        """See ``choose_instant``."""
        return _chosen(self.choose_instant)

    def as_ofs(self) -> SearchStrategy[datetime]:
        """See ``choose_as_of``."""
        return _chosen(self.choose_as_of)


@st.composite
def _chosen(draw: st.DrawFn, choose: Callable[[Choices], datetime]) -> datetime:
    return choose(Choices.drawn(draw))


def _scene(zone: str, *focus: int) -> Scene:
    return Scene(ZoneInfo(zone), datetime(*focus))  # type: ignore[arg-type]  # noqa: DTZ001 - a wall time


SCENES = (
    Scene(UTC, datetime(2024, 2, 29, 12)),  # noqa: DTZ001 - a wall time
    _scene("Asia/Seoul", 2024, 3, 31, 9),
    _scene("Asia/Seoul", 2023, 12, 31, 23, 59, 59, 999_999),
    _scene("America/New_York", 2024, 3, 10, 2, 30),  # the hour from 02:00 is skipped
    _scene("America/New_York", 2024, 11, 3, 1, 30),  # the hour from 01:00 comes twice
    _scene("Europe/London", 2023, 3, 26, 1),
    _scene("America/Havana", 2024, 3, 10, 0),  # midnight is skipped
    _scene("America/Havana", 2024, 11, 3, 0, 30),  # midnight comes twice
    _scene("America/Sao_Paulo", 2018, 2, 18, 0),  # at midnight the clocks go back to the day before
    _scene("America/St_Johns", 2010, 11, 7, 0, 0, 30),  # a minute after midnight they go back to the day before
    _scene("Australia/Lord_Howe", 2024, 4, 7, 1, 45),  # half an hour comes twice
    _scene("Pacific/Apia", 2011, 12, 31, 0),  # 30 December does not exist
    Scene(timezone(timedelta(hours=5, minutes=45)), datetime(2023, 2, 28, 0)),  # noqa: DTZ001 - a wall time
)


def scenes() -> SearchStrategy[Scene]:
    """One of the places and times at which calendars misbehave."""
    return st.sampled_from(SCENES)


def choose_moving_span(choices: Choices) -> MovingSpan:
    """An exact or calendar span, of a length that lies between a scene's instants."""
    return choices.among(_MOVING)


def choose_span(choices: Choices) -> Span:
    """A span of any kind."""
    return choices.among(WHOLE_DAYS if choices.chance(3) else _MOVING)


def moving_spans() -> SearchStrategy[MovingSpan]:
    """Exact and calendar spans, of the lengths that lie between a scene's instants."""
    return st.sampled_from(_MOVING)


def spans() -> SearchStrategy[Span]:
    """Spans of every kind."""
    return moving_spans() | st.sampled_from(WHOLE_DAYS)
