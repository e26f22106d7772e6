"""The eight rules on a local Spark of two threads, over the same files; nothing to compare with, so only shown."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from bench.bulk.library import EIGHT, as_frames
from bench.bulk.shop import TABLES, shop
from bench.bulk.turns import repeated
from bench.figures import Finding, NotMeasured, shown
from bench.population import NOW
from bench.progress import now_doing

SIZE = 1_000_000
NAME = "bulk/seconds/frames on spark, from files"


def figures() -> Iterator[Finding]:
    """Why not, where PySpark or Java is not installed."""
    if find_spec("pyspark") is None:
        yield NotMeasured(NAME, "PySpark is not installed")
    elif shutil.which("java") is None:
        yield NotMeasured(NAME, "Spark needs Java, and there is none on the path")
    else:
        now_doing("frames on spark")
        yield _measured()


def _measured() -> Finding:
    from pyspark.sql import SparkSession

    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    settings: dict[str, bool | float | int | str | None] = {
        "spark.driver.memory": "4g",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.showConsoleProgress": "false",
    }
    session = builder.config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        tables = {name: session.read.parquet(str(shop(SIZE) / f"{name}.parquet")) for name in TABLES}
        found = repeated(lambda: _counted(as_frames(tables)), 3)
        return shown(NAME, found.middle, "s", found.ends)
    finally:
        session.stop()


def _counted(frames: Any) -> Any:
    from pyspark.sql import functions as F

    answers = EIGHT.label(frames, as_of=NOW)
    return answers.agg(*(F.count_if(F.col(key)) for key in EIGHT.keys)).first()
