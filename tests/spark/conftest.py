"""One Spark session for every test that needs one: its start is most of what such a test costs."""

import importlib.util
import os
import shutil

import pytest

from pipeline.choices.records import EngineChoices
from pipeline.spark.session import spark_session

FAST = {  # a handful of rows: planning and compiling would take longer than running
    **dict.fromkeys(("spark.sql.shuffle.partitions", "spark.default.parallelism"), "1"),
    **dict.fromkeys(("spark.sql.adaptive.enabled", "spark.sql.codegen.wholeStage", "spark.shuffle.compress"), "false"),
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    "spark.driver.memory": "1g",
}


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """A session on one processor of this machine."""
    absent = [
        words
        for words, there in (
            ("no pyspark here: make spark", importlib.util.find_spec("pyspark")),
            ("no Java here: apt-get install default-jre-headless", shutil.which("java")),
        )
        if not there
    ]
    if absent and not os.environ.get("CARELEVELS_SPARK"):  # set where they must be there: .ci/run
        pytest.skip("; ".join(absent))
    with spark_session(EngineChoices(master="local[1]", conf=FAST), tmp_path_factory.mktemp("spark")) as session:
        yield session
