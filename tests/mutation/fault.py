"""A fault that somebody could make in the heart of the library, with the tests that have to notice it.

``before`` is found exactly once in ``file`` (a test holds this list to the source) and is replaced by ``after``.
"""

from typing import final

from attrs import frozen

EDGES = "tests/rules/test_edges.py"
CONFORMANCE = "tests/conformance"
ENGINES = "tests/property/test_engines_agree.py"
SIMPLIFY = ("tests/rules/test_simplify.py", "tests/rules/test_simplify_values.py", "tests/property/test_simplify.py")
ANALYSE = ("tests/rules/test_analyse.py", "tests/property/test_analyse.py")
WINDOWS = "tests/rules/test_handles_windows.py"


@final
@frozen
class Fault:
    """One wrong line: what it does, where, and who must notice."""

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]
