"""What `import retention` gives and what it costs."""

import sys
import tomllib
from importlib import import_module, metadata

import pytest

import retention
from bench.import_time import DEPENDENCIES, OPTIONAL, loaded_by_import
from retention.errors import MissingExtra
from tests.project.source import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_a_shop_meets_at_most_40_names() -> None:
    assert 10 < len(retention.__all__) <= 40


def test_the_names_are_all_there_and_there_once() -> None:
    assert len(retention.__all__) == len(set(retention.__all__))
    assert [name for name in retention.__all__ if not hasattr(retention, name)] == []


def test_a_handle_is_looked_for_where_it_is() -> None:
    for name in ("orders", "visits", "any_of"):
        with pytest.raises(AttributeError, match=f"from retention.rules import {name}"):
            getattr(retention, name)
    with pytest.raises(AttributeError, match=r"no attribute 'nothing'$"):
        retention.nothing


def test_the_testing_part_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.startswith("retention.testing")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(MissingExtra, match=r"pip install 'shop-retention\[testing\]'") as caught:
        import_module("retention.testing.facts")
    assert isinstance(caught.value, ImportError)
    assert caught.value.extra == "testing"


def test_every_public_name_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "names.md").read_text(encoding="utf-8")
    assert [name for name in retention.__all__ if f"`{name}`" not in page] == []


def test_the_import_loads_nothing_optional() -> None:
    assert loaded_by_import() == frozenset()


def test_every_optional_package_is_watched() -> None:
    named = {
        each.replace("-", "_") for extra in PROJECT["optional-dependencies"].values() for each in map(_bare, extra)
    }
    imported_as = {"python_liquid": "liquid", "snowflake_sqlalchemy": "snowflake"}
    tools = {"hatchling", "ruff", "mypy", "types_python_dateutil", "import_linter", "coverage", "pytest_cov", "sybil"}
    compared = {"rule_engine", "json_logic_qubit", "pytest_xdist", "shop_retention"}
    assert {imported_as.get(each, each) for each in named - tools - compared} <= OPTIONAL


def test_three_dependencies_and_no_more() -> None:
    assert [_bare(each) for each in PROJECT["dependencies"]] == ["attrs", "python-dateutil", "pluggy"]
    assert DEPENDENCIES == "import attrs, dateutil.relativedelta, pluggy"


def test_the_wheel_says_what_the_project_file_says() -> None:
    try:
        installed = metadata.metadata("shop-retention")
    except metadata.PackageNotFoundError:
        pytest.skip("the wheel is not installed here")
    assert installed["Version"] == PROJECT["version"]
    assert installed["Requires-Python"] == "<3.14,>=3.11"
    assert any(str(each) == "retention/py.typed" for each in metadata.files("shop-retention") or ())


def test_the_changelog_tells_of_this_version() -> None:
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def _bare(requirement: str) -> str:
    for at, letter in enumerate(requirement):
        if not (letter.isalnum() or letter in "-_."):
            return requirement[:at]
    return requirement
