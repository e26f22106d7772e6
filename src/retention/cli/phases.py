"""Where the time went."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import final

from retention.cli.screen import Column, Screen, bar


@final
class Phases:
    """Seconds by phase, in the order in which the phases came."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._begun = perf_counter()

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        """Adds the time of the block to the phase."""
        begun = perf_counter()
        try:
            yield
        finally:
            self.seconds[phase] = self.seconds.get(phase, 0.0) + perf_counter() - begun

    def show(self, screen: Screen) -> None:
        """A table of the phases, what lay between them, and the sum."""
        total = perf_counter() - self._begun
        between = max(0.0, total - sum(self.seconds.values()))
        parts = {**self.seconds, "everything else": between}
        screen.heading("Where the time went", f"{total:.1f} s in all")
        rows = [(name, f"{part:.2f} s", f"{part / total:.0%}", bar(part / total, 40)) for name, part in parts.items()]
        screen.table((Column("phase"), Column("", "right"), Column("", "right"), Column("", style="cyan")), rows)
