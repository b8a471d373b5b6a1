"""Where the CTN-0094 records lie, and views over them as they were published: nothing of the project has touched these."""

import os
from pathlib import Path

import duckdb
import pytest

STUDY = Path(__file__).parents[2] / "data" / "ctn0094"
SET_TO = os.environ.get("CARELEVELS_REAL", "")
FOLDER = Path(SET_TO) / "ctn0094"
HERE = bool(SET_TO) and (FOLDER / "visit.csv.gz").is_file()
needs_records = pytest.mark.skipif(not HERE, reason="the CTN-0094 records are not here: CARELEVELS_REAL must name the folder that "
                                   "holds ctn0094/*.csv.gz; data/ctn0094/README.md says how to get them")


def raw_views(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Each published file as a view of its own name, every column as text."""
    for path in sorted(FOLDER.glob("*.csv.gz")):
        con.execute(f"CREATE VIEW {path.name.removesuffix('.csv.gz')} AS FROM read_csv('{path}', all_varchar = true, header = true)")
    return con
