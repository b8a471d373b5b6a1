"""What Spark may refuse, in our words; its own message may quote a record and is never shown."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pipeline.errors import EngineError

THEIRS = {"pyspark", "py4j", "grpc"}  # packages whose errors are Spark's
UNREACHED = ("UNAVAILABLE", "CONNECTION_CLOSED", "RETRIES_EXCEEDED", "SESSION_CLOSED", "DEADLINE_EXCEEDED")

UNKNOWN = (  # the last is what Spark's own catalog says of another one
    *("SCHEMA_NOT_FOUND", "CATALOG_NOT_FOUND", "NO_SUCH_CATALOG_EXCEPTION"),
    "NESTED_DATABASE_UNSUPPORTED_BY_V1_SESSION_CATALOG",
)


@contextlib.contextmanager
def spark_faults(doing: str) -> Iterator[None]:
    """Raises Spark's own errors inside the block as EngineError, by the name of their kind alone.

    doing   what was going on, as it follows "while"
    """
    try:
        yield
    except Exception as fault:
        if type(fault).__module__.split(".")[0] not in THEIRS:
            raise
        raise EngineError(words(fault, doing)) from None


def words(fault: Exception, doing: str) -> str:
    """What to say of an error of Spark's: what it is called, and the way out."""
    kind = condition(fault)
    if any(sign in kind or sign in type(fault).__name__.upper() for sign in UNREACHED):
        return (
            f"the Spark server went away or was not reached while {doing} ({kind}); see that it runs and that [engine]"
            " remote or master in study.toml names it, then run the same command again"
        )
    if kind in UNKNOWN:
        return (
            f"Spark knows no such schema, or does not show it to this account, while {doing} ({kind}); see"
            ' that [engine] tables in study.toml is "catalog.schema" as SHOW SCHEMAS lists it, and that remote, master'
            " or conf lead to the catalog that holds it"
        )
    if "PERMISSION" in kind or "PRIVILEGE" in kind:
        return (
            f"this account may not do that while {doing} ({kind}); have those who own the schema grant it USE CATALOG,"
            " USE SCHEMA and SELECT"
        )
    if "OutOfMemory" in str(fault):
        return (
            f"Spark had too little memory while {doing}; give it more under [engine.conf] in study.toml:"
            ' "spark.driver.memory" = "8g" (for a cluster, spark.executor.memory too)'
        )
    return (
        f"Spark stopped while {doing} ({kind}; its message is not shown, it may quote a record). Run it with --engine"
        " duckdb where the machine holds it, and report this line if it stays"
    )


def refuse_large(table: str, rows: int, most: int, otherwise: str) -> None:
    """Raises EngineError for a table of more rows than this machine may be given."""
    if rows > most:
        raise EngineError(
            f"{table} has {rows:,} rows, more than the {most:,} that may be brought to this machine; if it holds them,"
            f" raise [engine] most_million_rows in study.toml, else {otherwise}"
        )


def condition(fault: Exception) -> str:
    """The name of an error: Spark's own where it has one, else that of its class."""
    named = getattr(fault, "getCondition", lambda: None)()
    if not named:  # what the connection itself reports
        named = getattr(getattr(fault, "code", lambda: None)(), "name", None)
    return str(named or type(fault).__name__)
