"""Opens a Spark session: one on this machine, a cluster, or a server that speaks Spark Connect."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pipeline.choices.records import EngineChoices
from pipeline.errors import EngineError
from pipeline.spark.faults import spark_faults

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LEAST_SPARK, LEAST_JAVA = 4, 17
PATIENCE = 15  # seconds until a server counts as not reached; Spark's own patience is minutes
NO_PYSPARK = (
    "--engine spark needs the package pyspark, version 4 or newer; install it with: pip install 'carelevels[spark]'"
    " (in a checkout: make spark)"
)
ALWAYS = {
    "spark.sql.session.timeZone": "UTC",  # otherwise the same day is another on another machine
    "spark.sql.ansi.enabled": "true",  # what does not fit is an error, never a silent NULL
    # Spark 4.3: what a kept table once promised of itself breaks a later union (key not found)
    "spark.sql.constraintPropagation.enabled": "false",
}
HERE = {  # a session on this machine: no page on a port, nothing reachable from outside
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.sql.shuffle.partitions": "8",
}


@contextlib.contextmanager
def spark_session(chosen: EngineChoices, scratch: Path) -> Iterator[SparkSession]:
    """A session that ends with the block.  Raises EngineError where none can be had, with what is missing.

    scratch   a private folder of this machine, for what Spark puts aside and for its log
    """
    need_pyspark()
    remote = os.path.expandvars(chosen.remote)
    if remote:
        need_server(remote, "sc", 15002)
    else:
        need_java()
        need_server(chosen.master, "spark", 7077)
    with spark_faults("starting"):
        session = connected(remote, chosen.conf) if remote else started(chosen, scratch)
    try:
        need_version(session.version)
        yield session
    finally:
        with contextlib.suppress(Exception):  # what it was asked for is done, or has failed with a word of its own
            session.stop()


def need_pyspark() -> None:
    """Raises EngineError where pyspark is not installed or too old."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pandas versions, which are not asked here
            import pyspark
    except ImportError:
        raise EngineError(NO_PYSPARK) from None
    need_version(pyspark.__version__)


def need_version(version: str) -> None:
    """Raises EngineError for a Spark older than the one whose answers were compared with DuckDB's."""
    if int(version.split(".")[0]) < LEAST_SPARK:
        raise EngineError(
            f"this is Spark {version}; {LEAST_SPARK}.0 or newer is needed, for older ones turn what does not fit into"
            " NULL without a word. Install or connect to a newer one"
        )


def need_java() -> None:
    """Raises EngineError where a session on this machine has no Java, or one too old, to run in."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    remedy = f"install one of {LEAST_JAVA} or newer (Debian: default-jre-headless), or set JAVA_HOME to it"
    try:
        said = subprocess.run([java or "", "-version"], capture_output=True, text=True, timeout=60).stderr
    except (OSError, subprocess.TimeoutExpired):
        raise EngineError(f"--engine spark needs Java to run in, and none was found; {remedy}") from None
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    if found and int(found[1]) < LEAST_JAVA:
        raise EngineError(f"--engine spark found Java {found[1]}, which is too old; {remedy}")


def need_server(address: str, scheme: str, port: int) -> None:
    """Raises EngineError where an address of that scheme names a server that does not answer."""
    named = re.match(rf"{scheme}://([^:/;,]+)(?::(\d+))?", address)
    if not named:
        return
    host, number = named[1], int(named[2] or port)
    try:
        socket.create_connection((host, number), timeout=PATIENCE).close()
    except OSError:
        raise EngineError(
            f"no Spark server answers at {host}, port {number}; see that it runs and may be reached from here, and that"
            " [engine] in study.toml names it right"
        ) from None


def connected(remote: str, conf: Mapping[str, str]) -> SparkSession:
    """A session on a server that speaks Spark Connect; the user's settings last, for they know their cluster."""
    try:
        with quiet_pandas():
            from pyspark.sql.connect.session import SparkSession as Remote

            builder = Remote.builder.remote(remote)
            for key, value in (ALWAYS | dict(conf)).items():
                builder = builder.config(key, os.path.expandvars(value))
            return cast("SparkSession", builder.create())
    except ImportError:
        raise EngineError(
            "a remote Spark needs more packages: pip install 'pyspark[connect]', or databricks-connect for Databricks"
        ) from None


def started(chosen: EngineChoices, scratch: Path) -> SparkSession:
    """A session with a driver on this machine; what Spark and Java say goes to a log in the scratch folder."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(chosen.master).appName("carelevels")
    for key, value in settings(chosen, scratch).items():
        builder = builder.config(key, value)
    with quiet_pandas(), silenced(scratch / "spark.log"):
        return builder.getOrCreate()


def settings(chosen: EngineChoices, scratch: Path) -> dict[str, str]:
    """Everything that Spark is told; what study.toml says under [engine.conf] wins."""
    own = HERE | {"spark.local.dir": str(scratch)} if chosen.master.startswith("local") else {}
    told = {key: os.path.expandvars(value) for key, value in chosen.conf.items()}
    return ALWAYS | own | {"spark.sql.warehouse.dir": str(scratch / "tables")} | told


@contextlib.contextmanager
def quiet_pandas() -> Iterator[None]:
    """Without pyspark's warning of pandas 3, of which nothing is asked here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


@contextlib.contextmanager
def silenced(log: Path) -> Iterator[None]:
    """Whatever a program started inside writes to stderr, then and later, goes to a file."""
    kept = os.dup(2)
    try:
        with open(log, "ab") as file:
            os.dup2(file.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
