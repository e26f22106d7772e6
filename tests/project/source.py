"""The library's own source files, read as text and as syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[2]


@frozen
class SourceFile:
    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))


def python_files(*folders: str) -> list[SourceFile]:
    """Every Python file below these top folders."""
    return [read(path) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def read(path: Path) -> SourceFile:
    text = path.read_text(encoding="utf-8")
    return SourceFile(path, text, ast.parse(text))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def pages() -> list[Path]:
    """Every page that a reader of the project may open."""
    return sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
