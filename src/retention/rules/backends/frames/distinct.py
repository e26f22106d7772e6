"""Distinct counts of one column on different rows: counted together once there are several of them.

Every value that a customer has becomes one row with a flag for each count, and the flags are summed. ``n_unique`` keeps
a set of values for every customer and count: ten counts over 860,000 rows took Polars nearly twice as long that way.
"""

from collections.abc import Iterable, Mapping
from typing import Final, final

import narwhals as nw
from attrs import frozen

from retention.rules.backends.frames.columns import Columns
from retention.rules.backends.frames.scope import Scope
from retention.rules.backends.frames.stored import Value
from retention.rules.backends.sets.terms import ALWAYS, Tally, Term, Test
from retention.schema import Kind

_SEVERAL: Final = 3


@final
@frozen(eq=False)
class Apart:
    """Distinct counts by the column with their values, each with the column that flags its rows."""

    tallies: frozenset[tuple[Tally, Test]]
    flags: Mapping[str, Mapping[Tally, str]]

    def join(self, rows: Scope, groups: Scope) -> None:
        """Add the counts to what was found in the rows of each customer."""
        for column, flags in self.flags.items():
            present = rows.frame.filter(~nw.col(column).is_null())
            values = present.group_by(rows.key, column).agg(*(nw.col(flag).max() for flag in flags.values()))
            counts = values.group_by(rows.key).agg(*(nw.col(flag).sum() for flag in flags.values()))
            groups.join(counts, rows.key)
            for tally, flag in flags.items():
                groups.learn(tally, Value(nw.col(flag).fill_null(0), Kind.NUMBER, bare=nw.col(flag)))


def told_apart(tallies: Iterable[tuple[Tally, Test]], columns: Columns) -> Apart:
    """The distinct counts of columns of which there are several."""
    of: dict[Term, list[tuple[Tally, Test]]] = {}
    for tally, test in tallies:
        if tally.function == "distinct" and tally.value is not None:
            of.setdefault(tally.value, []).append((tally, test))
    several = {term: each for term, each in of.items() if len(each) >= _SEVERAL}
    flags = {
        columns.name(ALWAYS, term, as_kept=True): {tally: columns.flag(test) for tally, test in each}
        for term, each in several.items()
    }
    return Apart(frozenset(pair for each in several.values() for pair in each), flags)
