"""``python -m bench.run [--strict] [NAME ...]``: measure, print a table, write ``build/bench.json``.

Every other module or package of this folder with a function ``figures() -> Iterable[Finding]`` is a benchmark; NAMEs
choose among them. With ``--strict`` a goal that is missed makes the exit code 1.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import assert_never

from bench.figures import Figure, Finding, NotMeasured
from bench.progress import now_doing

FOLDER = Path(__file__).parent
RESULT = FOLDER.parent / "build" / "bench.json"
_HEADER = f"{'figure':<50} {'measured':>10} {'unit':<13} {'goal':<14} {'met':<7} between"
_LINE = "-" * 118


def benchmarks(chosen: Sequence[str] = ()) -> Iterator[tuple[str, Callable[[], Iterable[Finding]]]]:
    """The benchmarks by name, in alphabetical order. Raises SystemExit for a name that is none."""
    packages = (path.parent.name for path in FOLDER.glob("*/__init__.py"))
    names = sorted({*packages, *(path.stem for path in FOLDER.glob("*.py"))})
    for unknown in set(chosen) - set(names):
        sys.exit(f"bench: no benchmark is called {unknown}; there are {', '.join(names)}")
    for name in chosen or names:
        if name != "run" and hasattr(module := import_module(f"bench.{name}"), "figures"):
            yield name, module.figures


def row(finding: Finding) -> str:
    """One line of the table."""
    match finding:
        case Figure(name, value, unit, goal, bound, spread):
            wanted = "none, shown" if goal is None else f"{bound} {goal:g}"
            met = "-" if goal is None else "yes" if finding.holds else "MISSED"
            ends = "" if spread is None else "{:.4g} to {:.4g}".format(*spread)
            return f"{name:<50} {value:>10,.4g} {unit:<13} {wanted:<14} {met:<7} {ends}".rstrip()
        case NotMeasured(name, why):
            return f"{name:<50} {'-':>10} not measured: {why}"
        case _:
            assert_never(finding)


def as_json(finding: Finding) -> dict[str, object]:
    """The finding as ``build/bench.json`` holds it.

    ``goal`` is null where there is none, ``spread`` is only there sometimes; what was not measured has no ``holds``.
    """
    match finding:
        case Figure(name, value, unit, goal, bound, spread):
            wanted = None if goal is None else f"{'<=' if bound == 'at most' else '>='} {goal:g}"
            told = {"name": name, "value": value, "unit": unit, "goal": wanted, "holds": finding.holds}
            return told if spread is None else {**told, "spread": spread}
        case NotMeasured(name, why):
            return {"name": name, "value": None, "not measured": why}
        case _:
            assert_never(finding)


def write(measured: Sequence[Finding], *, keep: bool) -> None:
    """Writes the figures to ``build/bench.json``; with ``keep``, beside those of an earlier run."""
    named = {each.name for each in measured}
    earlier = json.loads(RESULT.read_text(encoding="utf-8")) if keep and RESULT.exists() else []
    kept = [each for each in earlier if each["name"] not in named]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([*kept, *map(as_json, measured)], indent=2) + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Runs the benchmarks and returns the exit code."""
    chosen = [each for each in arguments if not each.startswith("-")]
    print(f"{_HEADER}\n{_LINE}", flush=True)
    measured: list[Finding] = []
    for name, figures in benchmarks(chosen):
        now_doing(name)
        for each in figures():
            print(row(each), flush=True)
            measured.append(each)
    write(measured, keep=bool(chosen))
    missed = [each for each in measured if isinstance(each, Figure) and not each.holds]
    held = [each for each in measured if isinstance(each, Figure) and each.goal is not None]
    print(f"{_LINE}\n{len(measured)} figures, {len(held)} with a goal, {len(missed)} goals missed; ", end="")
    print(f"written to {RESULT.relative_to(FOLDER.parent)}")
    return 1 if missed and "--strict" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
