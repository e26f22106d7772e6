"""Rules over whole populations, against the best query by hand on each engine: ``python -m bench.run bulk``.

Every figure begins ``bulk/``. Takes about a quarter of an hour and 13 GB of memory. The first run takes longer: the
shops that it generates and the PostgreSQL that it loads are kept in ``build/bulk``. Times are the wall clock's, so
nothing else should run.
"""

from collections.abc import Iterator

from bench.figures import Finding


def figures() -> Iterator[Finding]:
    """All of them. What they need is imported only now: other benchmarks run without it."""
    from bench.bulk import memory, small, speed
    from bench.bulk.sample import check
    from bench.bulk.spark import figures as on_spark
    from bench.progress import now_doing

    now_doing("the queries by hand against the reference")
    check()
    now_doing("small questions")
    yield from small.building()
    yield from small.few_customers()
    yield from speed.against_by_hand()
    yield from speed.growth()
    yield from memory.figures()
    yield from on_spark()
