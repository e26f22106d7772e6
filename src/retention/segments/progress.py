"""Passing over many profiles, once, and telling how far it has come."""

from collections.abc import Callable, Iterable, Iterator, Sized
from typing import TypeAlias

from retention.profile import Profile

Progress: TypeAlias = Callable[[int, int | None], None]
"""Called with how much is done and of how much: profiles where profiles are passed over, None for an iterable without
length; queries where a population is asked."""

_STEP = 256


def watched(profiles: Iterable[Profile], progress: Progress | None) -> Iterator[Profile]:
    """The profiles; ``progress`` is told after every 256 of them and at the end."""
    if progress is None:
        yield from profiles
        return
    total = len(profiles) if isinstance(profiles, Sized) else None
    done = 0
    for done, profile in enumerate(profiles, 1):
        yield profile
        if done % _STEP == 0:
            progress(done, total)
    if done % _STEP or not done:
        progress(done, total)
