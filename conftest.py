"""Examples in the docs, the README and docstrings are tests; Hypothesis looks the same everywhere."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from pathlib import Path

import hypothesis
import pytest
from sybil import Example, Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser

import retention

ROOT = Path(__file__).parent
_LAWS = ROOT / "tests" / "property"

pytest_plugins = ("tests.canaries", "tests.sets.servers")

# A busy machine is not a failing test. In CI the examples are the same every time; elsewhere they are new every time.
hypothesis.settings.register_profile("local", deadline=None, print_blob=True)
hypothesis.settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Examples are to cover the lines, not random cases by chance."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False) or _LAWS in item.path.parents:
            item.add_marker("no_cover")


def pytest_configure() -> None:
    """With RETENTION_INSTALLED set the wheel is tested; a checkout on the path would hide a file that it lacks."""
    where = Path(retention.__file__).resolve()
    if os.environ.get("RETENTION_INSTALLED") and not where.is_relative_to(Path(sys.prefix).resolve()):
        pytest.exit(f"the tests must run on the installed wheel, not on {where}", returncode=3)


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the project."""
    return ROOT


_COMMAND = re.compile(r"^\$ (?P<command>.+\n?(?:> .*\n?)*)(?P<printed>(?:(?!\$ ).*\n?)*)", flags=re.MULTILINE)


def run_console(example: Example) -> str | None:
    """Runs a ``console`` block: `$` begins a command, `>` goes on with it, the rest is what it prints.

    `…` stands for anything in its line, alone in a line for any lines. The blocks of a page run in one empty folder,
    with the commands of this environment first.
    """
    folder = example.namespace.setdefault("console_folder", tempfile.mkdtemp(prefix="retention-docs-"))
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    for found in _COMMAND.finditer(example.parsed):
        command = found["command"].replace("\n> ", "\n")
        made = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env={**os.environ, "PATH": path, "COLUMNS": "100", "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        if not re.fullmatch(_pattern(found["printed"]), _tidy(made.stdout)):
            return f"$ {command}\nexpected:\n{found['printed']}\nprinted:\n{made.stdout}"
    return None


def _pattern(printed: str) -> str:
    lines = _tidy(printed).splitlines(keepends=True)
    return "".join(r"(?:.*\n)*" if line == "…\n" else ".*".join(map(re.escape, line.split("…"))) for line in lines)


def _tidy(printed: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in printed.strip("\n").splitlines())


def _leave(namespace: dict[str, object]) -> None:
    if folder := namespace.get("console_folder"):
        shutil.rmtree(str(folder), ignore_errors=True)


_DOCTEST = ELLIPSIS | NORMALIZE_WHITESPACE


def _of_pages(*fixtures: str) -> Callable[[Path, pytest.Collector], pytest.Collector | None]:
    collected: Callable[[Path, pytest.Collector], pytest.Collector | None] = Sybil(
        parsers=[
            PythonCodeBlockParser(doctest_optionflags=_DOCTEST),
            CodeBlockParser("console", run_console),
            SkipParser(),
        ],
        pattern="*.md",
        fixtures=fixtures,
        teardown=_leave,
    ).pytest()
    return collected


_pages = _of_pages()
_pages_on = {"on-a-cluster.md": _of_pages("spark"), "on-your-database.md": _of_pages("postgres")}
_docstrings = Sybil(
    parsers=[DocTestParser(optionflags=_DOCTEST)],
    pattern="*.py",
    document_types={".py": PythonDocStringDocument},
).pytest()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Pages anywhere, docstrings of the library."""
    if file_path.is_relative_to(ROOT / "src"):
        found: pytest.Collector | None = _docstrings(file_path, parent)
        return found
    return _pages_on.get(file_path.name, _pages)(file_path, parent)
