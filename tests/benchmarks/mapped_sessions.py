"""Sessions in a program's own columns, read through mapping.toml and through sources/*.sql: `python
tests/benchmarks/mapped_sessions.py 1e7`.

The same file and the same rows come out; the two ways take turns, each in a process of its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import duckdb

PER_PATIENT = 80
BOUND = "the CSV is parsed as text once for each way and its cells are rewritten; processor time, not the disk"
STUDY = '[study]\nname = "bench"\nraw = "{raw}"\n'
MAPPING = """\
dates = "M/D/YYYY"
[patients."people.csv"]
patient_id = "Client ID"
birth_year = "Born"
[sessions."visits.csv"]
leave_out = { Status = "Scheduled" }
session_id = "Appt ID"
patient_id = "Client ID"
program_id = "Unit"
level_of_care = { column = "Program", values = "known" }
service = "Appt Date"
status = { column = "Status", values = "known" }
minutes_scheduled = { column = "Duration", unit = "min" }
"""
QUERIES = {
    "patients": 'SELECT "Client ID" AS patient_id, "Born" AS birth_year FROM people',
    "sessions": """\
SELECT "Appt ID" AS session_id, "Client ID" AS patient_id, "Unit" AS program_id,
       CASE WHEN lower("Program") LIKE '%intensive%' THEN 'IOP' WHEN lower("Program") LIKE '%outpatient%' THEN 'OP'
            ELSE 'RES' END AS level_of_care,
       CAST(try_strptime(split_part("Appt Date", ' ', 1), '%m/%d/%Y') AS DATE) AS service_date,
       CASE WHEN lower("Status") = 'kept' THEN 'attended' WHEN lower("Status") LIKE 'no show%' THEN 'no_show'
            ELSE "Status" END AS status,
       regexp_replace("Duration", '\\s*min$', '') AS minutes_scheduled
FROM visits WHERE "Status" <> 'Scheduled'
""",
}
WAYS = ("query", "mapping")


def write_studies(place: Path, sessions: int) -> None:
    """Two studies over one raw folder: one with a mapping, one with queries."""
    raw = place / "raw"
    raw.mkdir(parents=True)
    duckdb.connect().execute(f"""COPY (
        SELECT 'a' || lower(to_base(i + 100000, 36)) AS "Appt ID",
               'p' || lower(to_base(i // {PER_PATIENT} + 100000, 36)) AS "Client ID", 'u' || (hash(i) % 24) AS "Unit",
               ['Outpatient - Adult', 'Intensive Outpatient', 'Residential'][1 + CAST(hash(i // 40) % 3 AS INTEGER)]
                   AS "Program",
               strftime(DATE '2022-01-01' + CAST(hash(i) % 1500 AS INTEGER), '%-m/%-d/%Y') || ' 9:30 AM' AS "Appt Date",
               ['Kept', 'Kept', 'Kept', 'No Show - called', 'Scheduled'][1 + CAST(hash(i) % 5 AS INTEGER)] AS "Status",
               '60 min' AS "Duration" FROM range({sessions}) AS made(i)) TO '{raw}/visits.csv' (HEADER)""")
    duckdb.connect().execute(f"""COPY (
        SELECT 'p' || lower(to_base(i + 100000, 36)) AS "Client ID", 1950 + i % 50 AS "Born"
        FROM range({(sessions - 1) // PER_PATIENT + 1}) AS made(i)) TO '{raw}/people.csv' (HEADER)""")
    for way in WAYS:
        (place / way / "sources").mkdir(parents=True)
        (place / way / "study.toml").write_text(STUDY.format(raw=raw), encoding="utf-8")
    (place / "mapping/mapping.toml").write_text(MAPPING, encoding="utf-8")
    for table, query in QUERIES.items():
        (place / f"query/sources/{table}.sql").write_text(query, encoding="utf-8")


def run_one(folder: Path) -> None:
    """The ingest stage as `carelevels ingest` runs it."""
    from pipeline import store
    from pipeline.ingest.run import ingest
    from pipeline.study_toml.file import load_study

    study, started = load_study(folder), time.perf_counter()
    with store.replacing(study, store.WAREHOUSE) as con:
        report = ingest(study, con)
    rows = sum(file.kept for file in report.files if file.table == "sessions")
    seconds, used = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": used.ru_maxrss / 1024, "rows": rows}))


def measured(folder: Path) -> dict[str, float]:
    """Seconds, peak memory and rows of one run in its own process."""
    command = [sys.executable, __file__, "0", "--one", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("sessions", type=float, help="rows, such as 1e6")
    options.add_argument("--turns", type=int, default=3)
    options.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.one:
        run_one(asked.one)
        return
    with tempfile.TemporaryDirectory() as place:
        write_studies(Path(place), int(asked.sessions))
        found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for turn in range(asked.turns):
            for way in WAYS if turn % 2 == 0 else WAYS[::-1]:
                found[way].append(measured(Path(place) / way))
    best = {way: {what: min(run[what] for run in runs) for what in ("seconds", "cpu")} for way, runs in found.items()}
    peaks = {way: round(max(run["peak_mb"] for run in runs)) for way, runs in found.items()}
    rows = {way: {run["rows"] for run in runs} for way, runs in found.items()}
    told = {
        "name": "the same through sources/*.sql",
        "seconds": round(best["query"]["seconds"], 2),
        "peak_mb": peaks["query"],
        "apart": 0.0,
        "in": "rows",
        "agrees": rows["query"] == rows["mapping"],
    }
    print(
        json.dumps(
            {
                "job": "sessions of a program's own shape, through a mapping",
                "size": int(asked.sessions),
                "unit": "sessions",
                "seconds": round(best["mapping"]["seconds"], 2),
                "peak_mb": peaks["mapping"],
                "at_most": 1.3,
                "bound": BOUND,
                "cpu": best["mapping"]["cpu"],
                "peers": [told],
            }
        )
    )


if __name__ == "__main__":
    main()
