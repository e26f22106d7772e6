"""A commit of the store beside a bare transaction that writes the same rows, on one account."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import sqlalchemy as sa

from bench.bulk.turns import Spread, timed
from bench.figures import Finding, at_most, shown
from bench.ledger.bare import writer
from bench.ledger.lives import Life
from retention.loyalty.ledger.decide import decide
from retention.loyalty.ledger.ledger import Ledger, needs
from retention.loyalty.ledger.store import Batch, Change
from retention.storage.sql.rows import rows

GOAL: Final = 1.3
_TURNS: Final = 10  # of each side in a round


def beside_bare_rows(name: str, engine: sa.Engine, ledger: Ledger, lived: Life, rounds: int) -> Iterator[Finding]:
    """Redemptions are decided off the clock; committing them takes turns with writing such rows by hand."""
    write = writer(engine, rows(_decided(ledger, lived)))

    def ours() -> float:
        batch = _decided(ledger, lived)
        return timed(lambda: ledger.store.commit(batch))[0]

    def theirs() -> float:
        made = rows(_decided(ledger, lived))
        return timed(partial(write, made))[0]

    found = [_round(ours, theirs) for _ in range(rounds + 1)][1:]  # the first is for warmth
    ratio = Spread([mine / other for mine, other in found])
    times = Spread([mine / _TURNS * 1e6 for mine, _ in found])
    yield at_most(GOAL, f"ledger/commit/{name}", ratio.middle, "x bare", ratio.ends)
    yield shown(f"ledger/commit, time/{name}", times.middle, "µs", times.ends)


def _round(ours: Callable[[], float], theirs: Callable[[], float]) -> tuple[float, float]:
    mine = other = 0.0
    for turn in range(_TURNS):
        if turn % 2:
            other += theirs()
            mine += ours()
        else:
            mine += ours()
            other += theirs()
    return mine, other


def _decided(ledger: Ledger, lived: Life) -> Batch:
    command, now = lived.next()
    loaded = ledger.store.load(lived.account, needs(command))
    decision = decide(loaded.head, loaded.records, command, now)
    return Batch(changes=(Change(expected_version=loaded.head.version, decision=decision),))
