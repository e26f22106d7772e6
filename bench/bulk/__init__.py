"""Rules over whole populations, against the best query by hand on each engine: ``python -m bench.run bulk``.

Every figure begins ``bulk/``. Takes about ten minutes, and some more the first time: the generated shop and the loaded
PostgreSQL are kept in ``build/bulk``. Times are the wall clock's, so nothing else should run.
"""

from collections.abc import Iterator

from bench.figures import Figure


def figures() -> Iterator[Figure]:
    """All of them. What they need is imported only now: other benchmarks run without it."""
    from bench.bulk import memory, small, speed
    from bench.bulk.sample import check
    from bench.bulk.spark import figures as on_spark

    check()
    yield from small.building()
    yield from small.few_customers()
    yield from speed.against_by_hand()
    yield from speed.growth()
    yield from memory.figures()
    yield from on_spark()
