"""Where the CTN-0094 records lie: as they were published, and as a study that the pipeline has built."""

import os
import shutil
from pathlib import Path

import duckdb
import pytest

from pipeline import stages
from pipeline.study_toml.file import load_study

STUDY = Path(__file__).parents[2] / "data" / "ctn0094"
SET_TO = os.environ.get("CARELEVELS_REAL", "")
FOLDER = Path(SET_TO) / "ctn0094"
HERE = bool(SET_TO) and (FOLDER / "visit.csv.gz").is_file()
needs_records = pytest.mark.skipif(
    not HERE,
    reason=(
        "the CTN-0094 records are not here: CARELEVELS_REAL must name the folder that "
        "holds ctn0094/*.csv.gz; data/ctn0094/README.md says how to get them"
    ),
)


def raw_views(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Each published file as a view of its own name, every column as text; nothing of the project has touched these."""
    for path in sorted(FOLDER.glob("*.csv.gz")):
        con.execute(
            f"CREATE VIEW {path.name.removesuffix('.csv.gz')} AS FROM read_csv('{path}', all_varchar = true, header ="
            " true)"
        )
    return con


def copied(folder: Path) -> Path:
    """The study's choices and mappings alone: what was built from them stays where it is."""
    target = folder / "ctn0094"
    (target / "sources").mkdir(parents=True)
    shutil.copy(STUDY / "study.toml", target)
    for path in (STUDY / "sources").glob("*.sql"):
        shutil.copy(path, target / "sources")
    return target


def built(folder, upto="build"):
    """The study of that folder, run as the command runs it; stages that stand are not redone."""
    study = load_study(folder)
    stages.run(study, upto=upto, only=None, force=False, reports=folder / "reports", say=print)
    return study
