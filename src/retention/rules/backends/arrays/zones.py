"""Wall clocks over whole columns of instants.

The offset of a zone is looked up once for each day that occurs, and where it changes within a day the second of the
change is sought; a zone that changed twice within one UTC day would be misread.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retention.spans import EARLIEST, LATEST, TICK, local, resolve

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
FIRST: Final = (EARLIEST - EPOCH) // TICK
LAST: Final = (LATEST - EPOCH) // TICK


def microseconds(instant: datetime) -> int:
    """Since 1970 (UTC)."""
    return (instant - EPOCH) // TICK


def local_days(instants: NDArray[np.int64], zone: tzinfo) -> NDArray[np.int32]:
    """The dates that calendars of the zone show, as days since 1970."""
    shown = np.clip(instants + offsets(instants, zone), FIRST, LAST)  # as ``spans.local`` at the ends of the calendar
    days: NDArray[np.int32] = (shown // DAY).astype(np.int32)
    return days


def instants(walls: NDArray[np.int64], zone: tzinfo) -> NDArray[np.int64]:
    """The instants at which clocks of the zone show these times (microseconds as if of UTC), as ``spans.resolve``."""
    if zone is UTC:
        return walls
    before, after = offsets(np.maximum(walls - DAY, FIRST), zone), offsets(np.minimum(walls + DAY, LAST), zone)
    found: NDArray[np.int64] = np.clip(walls - before, FIRST, LAST)
    unsure, places = np.unique(walls[before != after], return_inverse=True)
    resolved = [microseconds(resolve((EPOCH + each * TICK).replace(tzinfo=None), zone)) for each in unsure.tolist()]
    found[before != after] = np.array(resolved, np.int64)[places]
    return found


def offsets(instants: NDArray[np.int64], zone: tzinfo) -> NDArray[np.int64]:
    """How far clocks of the zone are ahead of UTC, in microseconds."""
    if not instants.size:
        return instants
    since: list[int] = []
    ahead: list[int] = []
    for day in _distinct(instants // DAY).tolist():
        start, end = day * DAY, min((day + 1) * DAY - 1, LAST)
        since.append(start)
        ahead.append(_offset(start, zone))
        if _offset(end, zone) != ahead[-1]:
            since.append(_change(start, end, zone))
            ahead.append(_offset(end, zone))
    places = np.searchsorted(np.array(since), instants, side="right") - 1
    return np.array(ahead)[places]


def _distinct(days: NDArray[np.int64]) -> NDArray[np.int64]:
    first = int(days.min())
    seen = np.zeros(days.max() - first + 1, np.bool_)
    seen[days - first] = True
    return np.flatnonzero(seen) + first


def _offset(instant: int, zone: tzinfo) -> int:
    found = local(EPOCH + max(instant, FIRST) * TICK, zone).utcoffset() or timedelta(0)
    return found // TICK


def _change(low: int, high: int, zone: tzinfo) -> int:
    """The first second in ``(low, high]`` whose offset is no longer that at ``low``."""
    before = _offset(low, zone)
    first, last = low // SECOND, high // SECOND
    while last - first > 1:
        middle = (first + last) // 2
        if _offset(middle * SECOND, zone) == before:
            first = middle
        else:
            last = middle
    return last * SECOND


NO_ZONE: Final = ""


def zone_of(given: object) -> str | None:
    """The zone that a column of Polars, Arrow or pandas shows, ``NO_ZONE`` if it could say one and does not.

    NumPy's ``datetime64`` knows no zones; a column that becomes one would lose what it knows.
    """
    kept = getattr(given, "dtype", getattr(given, "type", None))
    for name in ("time_zone", "tz"):  # the one of Polars, the other of Arrow and pandas
        if hasattr(kept, name):
            return str(getattr(kept, name) or NO_ZONE)
    return None
