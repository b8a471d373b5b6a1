"""What [engine] of study.toml may say: where Spark runs, and never a secret in plain words."""

import re

from pipeline.choices.records import EngineChoices
from pipeline.errors import StudyError

SECRET = re.compile(r"secret|token|passw|credential|access\.key|account\.key|api\.?key", re.IGNORECASE)


def check_engine(chosen: EngineChoices) -> None:
    """Refuses an address of another kind and a secret that stands in the file.  Raises StudyError."""
    if chosen.remote and not re.match(r"sc://|\$", chosen.remote):
        raise StudyError(
            'study.toml [engine] remote is the address of a Spark Connect server, such as "sc://host:15002"'
        )
    if not re.match(r"local(\[[\d*, ]+\])?$|spark://|yarn$|k8s://|\$", chosen.master):
        raise StudyError('study.toml [engine] master is "local[*]", or a cluster such as "spark://host:7077"')
    if chosen.tables and not re.fullmatch(r"[^.`\s]+(\.[^.`\s]+)?", chosen.tables):
        raise StudyError(
            'study.toml [engine] tables is a schema of the catalog, "catalog.schema" or "schema"; its tables are found'
            " by their own names"
        )
    if chosen.most_million_rows < 1:
        raise StudyError("study.toml [engine] most_million_rows must be 1 or more")
    if re.search(r"(token|password)=(?!\$)[^;]", chosen.remote, re.IGNORECASE):
        refuse_secret("remote")
    for key, value in chosen.conf.items():
        if SECRET.search(key) and value and not value.startswith("$"):
            refuse_secret(f"conf {key}")


def refuse_secret(where: str) -> None:
    """Raises StudyError: study files are copied and shared."""
    raise StudyError(
        f"study.toml [engine] {where} holds a secret; put it into an environment variable and write its name"
        ' ("$SPARK_TOKEN") in its place'
    )
