"""The page of reasons tells of every code there is, and of no other."""

import ast
import re
from pathlib import Path

from retention.permission import Why

_CODE = re.compile(r"[a-z]+(?:-[a-z]+)*")


def codes_of_content(root: Path) -> set[str]:
    """The first argument of every ``Reason`` in the content's checks, or the tables that it is taken from."""
    found: set[str] = set()
    for path in (root / "src/retention/permission/content").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Reason":
                found |= _said(node.args[0], tree)
    return found


def _said(argument: ast.expr, tree: ast.Module) -> set[str]:
    if isinstance(argument, ast.Constant):
        return {str(argument.value)}
    name = ast.unparse(argument).lstrip("*").partition("[")[0]
    rows = [
        ast.literal_eval(value)
        for each in ast.walk(tree)
        if isinstance(each, ast.AnnAssign) and ast.unparse(each.target) == name and isinstance(each.value, ast.Dict)
        for value in each.value.values
    ]
    assert rows, f"no table {name}"
    return {code for code, _ in rows}


def tables(root: Path) -> list[list[str]]:
    """The first column of each table of codes, without its code's quotes."""
    text = (root / "docs/reference/permission.md").read_text(encoding="utf-8")
    section = text.partition("## Codes")[2].partition("\n## ")[0]
    found = [re.findall(r"^\| `([^`]+)` \|", part, re.MULTILINE) for part in section.split("\n\n")]
    return [each for each in found if each]


def test_the_tables_have_every_code_once(root: Path) -> None:
    gate, content = tables(root)
    assert sorted(gate) == sorted(each.value for each in Why)
    assert sorted(content) == sorted(codes_of_content(root))
    assert all(_CODE.fullmatch(each) for each in (*gate, *content))
    assert not set(gate) & set(content)
