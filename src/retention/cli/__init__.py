"""The command ``retention``: a shop's segments from a CSV file of its orders.

Exit codes: 0 the report was made; 1 no row could be used; 2 the command was written wrongly, or a file could not be
read.
"""

import os
import sys
from collections.abc import Sequence
from typing import TextIO

from retention.cli.options import FIRST_SCREEN, parser, understand
from retention.errors import RetentionError

DONE, NOTHING_USABLE, USAGE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code. ``argv`` is what follows the command's name."""
    given = sys.argv[1:] if argv is None else argv
    _speak_utf8(sys.stdout, sys.stderr)
    if not given:
        sys.stdout.write(FIRST_SCREEN)
        return USAGE
    try:
        from retention.cli.report import report  # the engines are not loaded for --help or a misspelt option

        code = report(understand(parser().parse_args(given)), sys.stdout, sys.stderr)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # as in `retention orders.csv | head`: whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python flushes as it ends
        return DONE
    except RetentionError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except UnicodeError:
        return _refuse("the file is not written in the encoding that was said (--encoding)")


def _refuse(message: str) -> int:
    print(f"retention: {message}", file=sys.stderr)
    return USAGE


def _speak_utf8(*streams: TextIO) -> None:
    """A bar or a Hangul letter that the terminal cannot show becomes a question mark, not a crash."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
