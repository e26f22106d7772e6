"""The ledger's figures: a balance and a redemption after a long history and after a short one."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import sqlalchemy as sa
from attrs import evolve

from bench.bulk.turns import Spread, timed
from bench.figures import Finding, at_most, shown
from bench.ledger.commit import beside_bare_rows
from bench.ledger.databases import DATABASES
from bench.ledger.lives import LONG, SHORT, Life, Tables, life
from bench.progress import now_doing
from retention.loyalty.ledger.decide import decide
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.records import Records
from retention.loyalty.ledger.settle import settled
from retention.storage.sql import SqlLedgerStore

Work = Callable[[], object]

GROWTH: Final = 1.2
ROUNDS: Final = 31


def figures(short: int = SHORT, long: int = LONG, rounds: int = ROUNDS) -> Iterator[Finding]:
    now_doing(f"an account of {short:,} entries and one of {long:,}")
    lives = life(short), life(long)
    tables = [Tables.of(each) for each in lives]
    now_doing("pure decisions")
    yield from _pure(lives, rounds)
    for name, databases in DATABASES.items():
        now_doing(f"{name}: writing the histories")
        with databases(len(lives)) as engines:
            for engine, several in zip(engines, tables, strict=True):
                several.write(engine)
            now_doing(f"{name}: balance, redeem and commit")
            ours = [evolve(each) for each in lives]  # each database goes on from where the lives were written
            yield from _stored(name, engines, ours, rounds)


def _pure(lives: Sequence[Life], rounds: int) -> Iterator[Finding]:
    def balance(lived: Life) -> Work:
        _, now = lived.next()
        return lambda: settled(lived.head, now).balance

    def redeem(lived: Life) -> Work:
        command, now = lived.next()
        return lambda: decide(lived.head, Records(), command, now)

    yield from _growth("ledger/balance", "pure", [_times(1_000, balance(each)) for each in lives], 1_000, rounds)
    yield from _growth("ledger/redeem", "pure", [_times(20, redeem(each)) for each in lives], 20, rounds)


def _stored(name: str, engines: Sequence[sa.Engine], lives: Sequence[Life], rounds: int) -> Iterator[Finding]:
    ledgers = [Ledger(store=SqlLedgerStore(engine)) for engine in engines]
    pairs = list(zip(ledgers, lives, strict=True))
    yield from _growth("ledger/balance", name, [_times(50, _balance(*each)) for each in pairs], 50, rounds)
    yield from _growth("ledger/redeem", name, [_times(10, _redeem(*each)) for each in pairs], 10, rounds)
    yield from beside_bare_rows(name, engines[-1], *pairs[-1], rounds)


def _balance(ledger: Ledger, lived: Life) -> Work:
    _, now = lived.next()
    return lambda: ledger.head(lived.account, now=now).balance


def _redeem(ledger: Ledger, lived: Life) -> Work:
    def work() -> None:
        command, now = lived.next()
        ledger.run(lived.account, command, now=now)

    return work


def _times(number: int, work: Work) -> Work:
    def several() -> None:
        for _ in range(number):
            work()

    return several


def _growth(figure: str, where: str, work: Sequence[Work], calls: int, rounds: int) -> Iterator[Finding]:
    """The long history's time divided by the short one's, taken in turns."""
    found = in_turns(work, rounds)
    ratio = Spread([long / short for short, long in found])
    yield at_most(GROWTH, f"{figure}, growth/{where}", ratio.middle, "x short", ratio.ends)
    times = Spread([long / calls * 1e6 for _, long in found])
    yield shown(f"{figure}, time/{where}", times.middle, "µs", times.ends)


def in_turns(work: Sequence[Work], rounds: int) -> list[tuple[float, ...]]:
    """Seconds of each in each round; each goes first in every other round, after one round for warmth."""
    for each in work:
        each()
    found = []
    for turn in range(rounds):
        order = range(len(work)) if turn % 2 else range(len(work) - 1, -1, -1)
        seconds = {place: timed(work[place])[0] for place in order}
        found.append(tuple(seconds[place] for place in range(len(work))))
    return found
