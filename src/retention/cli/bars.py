"""A moving progress bar, drawn by rich."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@contextmanager
def moving_bar(out: TextIO, width: int, what: str, unit: str) -> Iterator[Callable[[int, int | None], None]]:
    """A line that is redrawn as work advances and stays, full, when it ends."""
    bar = Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn(f"{what:<20}"),
        BarColumn(bar_width=32),
        TextColumn(f"{{task.fields[count]}} [dim]{unit}"),
        TimeElapsedColumn(),
        console=Console(file=out, width=width, force_terminal=True),
    )
    with bar:
        task = bar.add_task(what, total=None, count="")

        def advance(done: int, total: int | None) -> None:
            count = f"{done:,}" if total is None or done == total else f"{done:,} of {total:,}"
            bar.update(task, completed=done, total=total, count=count)

        yield advance
        done = bar.tasks[0].completed
        bar.update(task, completed=done, total=done)
