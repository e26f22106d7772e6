"""``python -m bench.run [--strict] [NAME ...]``: measure, print a table, write ``build/bench.json``.

Every other module or package of this folder with a function ``figures() -> Iterable[Figure]`` is a benchmark; NAMEs
choose among them. With ``--strict`` a goal that is missed makes the exit code 1.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path

from bench.figures import Figure

FOLDER = Path(__file__).parent
RESULT = FOLDER.parent / "build" / "bench.json"


def benchmarks(chosen: Sequence[str] = ()) -> Iterator[tuple[str, Callable[[], Iterable[Figure]]]]:
    """The benchmarks by name, in alphabetical order. Raises SystemExit for a name that is none."""
    packages = (path.parent.name for path in FOLDER.glob("*/__init__.py"))
    names = sorted({*packages, *(path.stem for path in FOLDER.glob("*.py"))})
    for unknown in set(chosen) - set(names):
        sys.exit(f"bench: no benchmark is called {unknown}; there are {', '.join(names)}")
    for name in chosen or names:
        if name != "run" and hasattr(module := import_module(f"bench.{name}"), "figures"):
            yield name, module.figures


def row(figure: Figure) -> str:
    """One line of the table."""
    goal = "" if figure.goal is None else f"{figure.bound} {figure.goal:g}"
    verdict = "" if figure.goal is None else "ok" if figure.holds else "MISSED"
    spread = "" if figure.spread is None else "{:.4g} to {:.4g}".format(*figure.spread)
    return f"{figure.name:<44} {figure.value:>12,.4g} {figure.unit:<14} {goal:<16} {verdict:<6} {spread}".rstrip()


def as_json(figure: Figure) -> dict[str, object]:
    """The figure as ``build/bench.json`` holds it; ``goal`` is null where there is none, ``spread`` only sometimes."""
    goal = None if figure.goal is None else f"{'<=' if figure.bound == 'at most' else '>='} {figure.goal:g}"
    told = {"name": figure.name, "value": figure.value, "unit": figure.unit, "goal": goal, "holds": figure.holds}
    return told if figure.spread is None else {**told, "spread": figure.spread}


def write(measured: Sequence[Figure], *, keep: bool) -> None:
    """Writes the figures to ``build/bench.json``; with ``keep``, beside those of an earlier run."""
    named = {each.name for each in measured}
    earlier = json.loads(RESULT.read_text(encoding="utf-8")) if keep and RESULT.exists() else []
    kept = [each for each in earlier if each["name"] not in named]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([*kept, *map(as_json, measured)], indent=2) + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Runs the benchmarks and returns the exit code."""
    chosen = [each for each in arguments if not each.startswith("-")]
    print(f"{'figure':<44} {'value':>12} {'unit':<14} {'goal':<16}\n{'-' * 96}")
    measured: list[Figure] = []
    for _, figures in benchmarks(chosen):
        for figure in figures():
            print(row(figure), flush=True)
            measured.append(figure)
    write(measured, keep=bool(chosen))
    missed = sum(not each.holds for each in measured)
    print(f"{'-' * 96}\n{len(measured)} figures, {missed} goals missed; written to {RESULT.relative_to(FOLDER.parent)}")
    return 1 if missed and "--strict" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
