"""What the engine costs on PostgreSQL: a fact, a message, a day: ``python -m bench.run engine``.

Every figure begins ``engine/``. ``RETENTION_BENCH_CUSTOMERS`` is the size of the population in which only time passes.
Times are the wall clock's, so nothing else should run.
"""

from collections.abc import Iterator

from bench.figures import Finding


def figures() -> Iterator[Finding]:
    """All of them. What they need is imported only now: other benchmarks run without it."""
    from bench.engine.measured import figures as measured

    yield from measured()
