"""The example plugin builds, installs, is found, and passes its own tests; the tutorial shows all of it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "retention-chatroom"
SOURCES = sorted(EXAMPLE.rglob("*.py"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the example is installed from a wheel, with nothing from any network."""
    folder = tmp_path_factory.mktemp("chatroom")
    options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(folder), str(EXAMPLE)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder


def test_the_wheel_holds_the_package_and_its_entry_point(installed: Path) -> None:
    packaged = {each.name for each in (installed / "retention_chatroom").glob("*.py")}
    assert packaged == {"__init__.py", "channel.py", "plugin.py"}
    [found] = installed.glob("retention_chatroom-*.dist-info/entry_points.txt")
    assert "[retention]\nchatroom = retention_chatroom.plugin" in found.read_text(encoding="utf-8")


def test_its_own_tests_pass_on_what_was_installed(installed: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed), "NO_PROXY": "*"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE)]
    ran = subprocess.run(
        command, env=environment, cwd=installed, capture_output=True, encoding="utf-8", timeout=240, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"\d\d passed", ran.stdout)


@pytest.mark.parametrize("source", SOURCES, ids=lambda each: each.name)
def test_the_tutorial_shows_every_line_of_it(source: Path, root: Path) -> None:
    page = (root / "docs" / "how-to" / "write-a-channel.md").read_text(encoding="utf-8")
    left = source.read_text(encoding="utf-8")
    for block in re.findall(r"^```python\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL):
        left = left.replace(block.strip(), "")
    assert left.strip() == ""


def test_the_tutorial_shows_the_whole_project_file(root: Path) -> None:
    page = (root / "docs" / "how-to" / "write-a-channel.md").read_text(encoding="utf-8")
    assert f"```text\n{(EXAMPLE / 'pyproject.toml').read_text(encoding='utf-8')}```" in page
