"""The figures, each in databases of its own."""

import os
from collections.abc import Iterator

from bench.engine.day import a_day
from bench.engine.handling import beside_bare_rows
from bench.engine.pump import beside_bare_pump
from bench.figures import Finding
from bench.ledger.databases import postgresql
from bench.progress import now_doing
from retention.storage.sql import migrate

CUSTOMERS = int(os.environ.get("RETENTION_BENCH_CUSTOMERS", "1000000"))


def figures(
    people: int = 1_500, messages: int = 1_000, rounds: int = 7, population: int = CUSTOMERS
) -> Iterator[Finding]:
    """A tenth of ``people`` do something in each round; ``messages`` are those of a round."""
    with postgresql(5) as engines:
        for engine in engines:
            with engine.begin() as connection:
                migrate(connection)
        now_doing("engine: facts")
        yield from beside_bare_rows(engines[0], engines[1], engines[2], people, rounds)
        now_doing("engine: messages")
        yield from beside_bare_pump(engines[3], messages, rounds)
        now_doing(f"engine: a day of {population} customers")
        yield from a_day(engines[4], population)
