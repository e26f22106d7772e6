"""Plants one fault at a time into a copy of the source and runs the tests that must notice it.

    python tests/mutation/plant_faults.py [words in a fault's name or file ...]

Prints a table; ends with 1 if a fault was not noticed, or if the tests fail without any.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.mutation.faults import FAULTS, Fault  # noqa: E402 - the script is run by its path

_JOBS = max(1, min(4, os.cpu_count() or 1))
_LONGEST = 300  # seconds; tests that hang have noticed something
_PLAIN = ("--no-cov", "-p", "no:cacheprovider")
_FAILED = re.compile(r"^FAILED (\S+)", flags=re.MULTILINE)


def main(words: Sequence[str]) -> int:
    """Plants the faults and prints what noticed them. The exit code is 0 if every one was noticed."""
    chosen = [each for each in FAULTS if not words or any(word in f"{each.name} {each.file}" for word in words)]
    tests = tuple(dict.fromkeys(test for each in chosen for test in each.tests))
    print(f"{len(chosen)} faults; first the tests without any of them", flush=True)
    failed = noticed_by(None, tests)
    if failed:
        print(f"the tests fail as they are: {failed}")
        return 1
    with ThreadPoolExecutor(_JOBS) as pool:
        unnoticed = sum(not noticed for noticed in pool.map(_report, chosen))
    print(f"{len(chosen) - unnoticed} noticed, {unnoticed} not noticed")
    return 1 if unnoticed else 0


def _report(fault: Fault) -> str:
    begun = time.monotonic()
    noticed = noticed_by(fault, fault.tests)
    verdict = noticed or "NOT NOTICED"
    print(f"{time.monotonic() - begun:6.1f} s  {fault.file:40}  {fault.name:52}  {verdict}", flush=True)
    return noticed


def noticed_by(fault: Fault | None, tests: Sequence[str]) -> str:
    """The first test that fails on a source with the fault; empty if none does. Raises RuntimeError if none runs."""
    with tempfile.TemporaryDirectory(prefix="retention-fault-") as folder:
        source = Path(folder, "src")
        shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
        if fault is not None:
            plant(fault, source / "retention" / fault.file)
        return _first_failure(tests, source)


def plant(fault: Fault, path: Path) -> None:
    """Changes one file. Raises ValueError unless the line to change is in it exactly once."""
    text = path.read_text(encoding="utf-8")
    if text.count(fault.before) != 1:
        raise ValueError(f"{fault.file} has {fault.before!r} {text.count(fault.before)} times, not once")
    path.write_text(text.replace(fault.before, fault.after), encoding="utf-8")


def _first_failure(tests: Sequence[str], source: Path) -> str:
    environment = {
        **{name: value for name, value in os.environ.items() if name != "RETENTION_INSTALLED"},
        "PYTHONPATH": os.pathsep.join((str(source), str(ROOT))),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "tests.mutation.quick", *_PLAIN, *tests]
    try:
        ran = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return f"more than {_LONGEST} seconds"
    if ran.returncode == 0:
        return ""
    found = _FAILED.search(ran.stdout)
    if found is None:  # an import that breaks would break under every fault: that notices nothing
        raise RuntimeError(f"the tests did not run:\n{ran.stdout}\n{ran.stderr}")
    return found[1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
