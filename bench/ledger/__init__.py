"""What a balance and a redemption cost whatever the history, and what a commit costs beside its bare rows:
``python -m bench.run ledger``.

Every figure begins ``ledger/``. Takes a few minutes. Times are the wall clock's, so nothing else should run.
"""

from collections.abc import Iterator

from bench.figures import Finding


def figures() -> Iterator[Finding]:
    """All of them. What they need is imported only now: other benchmarks run without it."""
    from bench.ledger.measured import figures as measured

    yield from measured()
