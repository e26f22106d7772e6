"""Tells on the terminal what is being done until the next figure; tables and files hold figures alone."""

import sys
from time import monotonic
from typing import Final

_BEGAN: Final = monotonic()


def now_doing(what: str) -> None:
    """Prints it to standard error, with the time since the beginning as minutes and seconds."""
    minutes, seconds = divmod(int(monotonic() - _BEGAN), 60)
    print(f"[{minutes:>3}:{seconds:02}] {what} ...", file=sys.stderr, flush=True)
