"""Sessions to episodes: our tables beside the window query one would write by hand, on generated sessions.

Run by hand: python tests/benchmarks/episodes.py [rows] [memory limit] [thin]
Each measurement is a fresh process on the same generated database, ours and the other alternating; medians of three.
The other query builds episodes alone: no level rules, no level of the day, no check of the grain.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

import duckdb  # noqa: E402

from pipeline.schema import TABLES  # noqa: E402
from pipeline.study_toml.file import study_from  # noqa: E402
from pipeline.warehouse.build import build_order, build_table, prepare, table_queries, tables_read  # noqa: E402

BY_HAND = """
CREATE TABLE by_hand AS
WITH att AS (
    SELECT session_id, patient_id, level_of_care, service_day, minutes_attended AS minutes,
           LAG(service_day) OVER (PARTITION BY patient_id, level_of_care ORDER BY service_day, session_id) AS previous
    FROM staging.sessions WHERE status IN ('attended', 'bed_day')
),
flagged AS (
    SELECT *, CASE WHEN previous IS NULL OR service_day - previous > 30 THEN 1 ELSE 0 END AS is_new FROM att
),
numbered AS (
    SELECT *, SUM(is_new) OVER (PARTITION BY patient_id, level_of_care ORDER BY service_day, session_id
                                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS stay
    FROM flagged
)
SELECT patient_id, level_of_care, stay, MIN(service_day) AS start_day, MAX(service_day) AS last_day, COUNT(*) AS services,
       CAST(SUM(minutes) AS DOUBLE) / 60 AS hours
FROM numbered GROUP BY patient_id, level_of_care, stay
"""
# Half of a person's 48 services at one level, half at the next.  A day of outpatient care is one service, of intensive
# outpatient care three, of partial hospitalization four; "thin" makes every day one service, the worst case for us.
GENERATED = """
INSERT INTO staging.sessions (session_id, patient_id, program_id, service_day, level_of_care, status, minutes_scheduled, minutes_attended)
WITH numbered AS (
    SELECT i, i // 48 AS person, (i % 48) // 24 AS part, i % 24 AS place,
           ['OP', 'IOP', 'IOP', 'PHP'][CAST(1 + hash(i // 24) % 4 AS BIGINT)] AS level_of_care
    FROM range({rows}) AS generated(i)
),
paced AS (
    SELECT numbered.*,
           CASE WHEN {thin} THEN 1 WHEN level_of_care = 'OP' THEN 1 WHEN level_of_care = 'IOP' THEN 3 ELSE 4 END AS a_day,
           CASE level_of_care WHEN 'OP' THEN 7 WHEN 'IOP' THEN 2 ELSE 1 END AS step
    FROM numbered
)
SELECT 's' || i, 'p' || person, 'prog' || (hash(i // 24) % 40),
       19000 + 200 * part + (place // a_day) * step + CASE WHEN place > 15 THEN 40 ELSE 0 END,
       level_of_care, CASE WHEN hash(i + 7) % 100 < 82 THEN 'attended' ELSE 'no_show' END, 60, 60
FROM paced
"""


def make(path: Path, rows: int, memory: str, thin: bool) -> None:
    """A database whose staging holds `rows` generated sessions."""
    with duckdb.connect(str(path)) as con:
        con.execute(f"SET memory_limit = '{memory}'")
        con.execute("CREATE SCHEMA staging")
        for table in TABLES.values():
            shape = ", ".join(f'"{column.staged}" {column.sql_type}' for column in table.columns)
            con.execute(f"CREATE TABLE staging.{table.name} ({shape}, source_file INTEGER, source_row BIGINT)")
        con.execute("CREATE TABLE staging.facts AS SELECT TRUE AS calendar, 19000 AS first_day, 19300 AS last_day")
        con.execute(GENERATED.format(rows=rows, thin=thin))
        con.execute("INSERT INTO staging.patients (patient_id) SELECT DISTINCT patient_id FROM staging.sessions")


def measure(path: Path, which: str, memory: str) -> None:
    """One measurement in this process; prints seconds, peak memory and episodes as JSON."""
    con = duckdb.connect(str(path))
    con.execute(f"SET memory_limit = '{memory}'")
    study = study_from(Path("benchmark"), {})
    prepare(con, study)
    steps: dict[str, float] = {}
    started, worked = time.perf_counter(), time.process_time()
    if which == "by hand":
        con.execute(BY_HAND)
        table = "by_hand"
    else:
        table = "derived_episodes"
        for name in needed_for(con, table):
            steps[name] = build_table(con, name, table_queries()[name]).seconds
    seconds, work = time.perf_counter() - started, time.process_time() - worked
    [(episodes,)] = con.execute(f"SELECT COUNT(*) FROM {table}").fetchall()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    for name in steps or ["by_hand"]:
        con.execute(f"DROP TABLE {name}")
    con.close()
    print(json.dumps({"seconds": seconds, "work": work, "peak": peak, "episodes": episodes, "steps": steps}))


def needed_for(con: duckdb.DuckDBPyConnection, wanted: str) -> list[str]:
    queries = table_queries()
    order, needed = build_order(con, queries), {wanted}
    for name in reversed(order):
        if name in needed:
            needed |= tables_read(con, queries[name]) & queries.keys()
    return [name for name in order if name in needed]


def main(rows: int, memory: str, thin: bool, turns: int = 3) -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        path = Path(folder) / "sessions.duckdb"
        make(path, rows, memory, thin)
        taken: dict[str, list[dict]] = {"by hand": [], "ours": []}
        for _ in range(turns):
            for which, runs in taken.items():
                made = subprocess.run(
                    [sys.executable, __file__, "--measure", str(path), which, memory],
                    capture_output=True,
                    text=True,
                    check=True,
                )
                runs.append(json.loads(made.stdout))
        half = {which: statistics.median(run["seconds"] for run in runs) for which, runs in taken.items()}
        peaks = {which: round(1024 * max(run["peak"] for run in runs)) for which, runs in taken.items()}
        apart = abs(taken["ours"][0]["episodes"] - taken["by hand"][0]["episodes"])
        told = {
            "name": "window query by hand",
            "seconds": round(half["by hand"], 2),
            "peak_mb": peaks["by hand"],
            "apart": apart,
            "in": "episodes (other rules)",
            "agrees": True,
        }
        print(
            json.dumps(
                {
                    "job": "sessions to episodes" + ", every day one service" * thin + f", limit {memory}",
                    "size": rows,
                    "unit": "sessions",
                    "seconds": round(half["ours"], 2),
                    "peak_mb": peaks["ours"],
                    "at_most": 1.0,
                    "peak_limit": 4096 if rows > 5e7 else None,
                    "steps": taken["ours"][-1]["steps"],
                    "peers": [told],
                    "bound": (
                        "the level of every service day and its check against the sessions, which the other query"
                        " leaves out"
                    ),
                }
            )
        )


if __name__ == "__main__":
    if "--measure" in sys.argv:
        measure(Path(sys.argv[2]), sys.argv[3], sys.argv[4])
    else:
        given = [word for word in sys.argv[1:] if word != "thin"]
        sessions = int(float(given[0])) if given else 10_000_000
        main(sessions, given[1] if len(given) > 1 else "4GB", "thin" in sys.argv, turns=1 if sessions > 5e7 else 3)
