"""Sessions read, checked and kept on disk, against DuckDB's plain read_csv into a table: `python
tests/benchmarks/ingest_sessions.py 1e7`.

Peer and ours take turns, each in a process of its own, so that seconds and peak memory are each one's alone.
Ours counts everything ingest does: hashing the file, both tables, every rule, the books.
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

STUDY = '[study]\nname = "bench"\n'
PER_PATIENT, PER_EPISODE = 80, 40
BOUND = "the CSV is parsed with every rule's aggregates beside it, and hashed; processor time, not the disk"


def write_study(folder: Path, sessions: int) -> Path:
    """A study folder with one sessions.csv of so many rows, the contract's columns, and the people they belong to."""
    (folder / "raw").mkdir(parents=True)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    file = folder / "raw" / "sessions.csv"
    con = duckdb.connect()
    con.execute(f"""COPY (
        SELECT 's' || lpad(CAST(hash(i) % 1000000007 AS VARCHAR), 10, '0') || lower(to_base(i, 36)) AS session_id,
               'p' || lower(to_base(i // {PER_PATIENT} + 100000, 36)) AS patient_id,
               'e' || lower(to_base(i // {PER_EPISODE} + 100000, 36)) AS episode_id,
               'prog' || (hash(i // {PER_EPISODE}) % 24) AS program_id,
               ['OP', 'IOP', 'PHP', 'RES', 'IP'][1 + CAST(hash(i // {PER_EPISODE}) % 5 AS INTEGER)] AS level_of_care,
               't' || (hash(i) % 400) AS therapist_id,
               DATE '2022-01-01' + CAST(hash(i) % 1500 AS INTEGER) AS service_date,
               CASE WHEN hash(i) % 5 = 0 THEN 'no_show' ELSE 'attended' END AS status,
               ['individual', 'group', 'family'][1 + CAST(hash(i) % 3 AS INTEGER)] AS service_type,
               60 AS minutes_scheduled, CASE WHEN hash(i) % 5 = 0 THEN 0 ELSE 30 + hash(i) % 31 END AS minutes_attended,
               'in_person' AS modality, '90853' AS cpt_hcpcs, '0905' AS revenue_code, '11' AS pos,
               NULL AS condition_code, NULL AS bill_type, NULL AS apc
        FROM range({sessions}) AS made(i)) TO '{file}' (HEADER)""")
    con.execute(
        f"""COPY (SELECT 'p' || lower(to_base(i + 100000, 36)) AS patient_id, 1950 + i % 50 AS birth_year
                    FROM range({(sessions - 1) // PER_PATIENT + 1}) AS made(i)) TO '{folder}/raw/patients.csv' (HEADER)"""
    )
    return folder


def peer(folder: Path, memory: str) -> int:
    """DuckDB alone: the same file into a table on disk, types found by itself."""
    with duckdb.connect(str(folder / "peer.duckdb")) as con:
        con.execute("SET enable_progress_bar = false")
        if memory:
            con.execute(f"SET memory_limit = '{memory}'")
        con.execute(f"CREATE TABLE sessions AS SELECT * FROM read_csv('{folder}/raw/sessions.csv')")
        con.execute("CHECKPOINT")
        [(rows,)] = con.execute("SELECT count(*) FROM sessions").fetchall()
    return rows


def ours(folder: Path, memory: str) -> int:
    """The ingest stage as `carelevels ingest` runs it, with no earlier hash to reuse."""
    from pipeline import store
    from pipeline.ingest.inputs import CACHE
    from pipeline.ingest.run import ingest
    from pipeline.study_toml.file import load_study

    (folder / CACHE).unlink(missing_ok=True)
    study = load_study(folder)
    with store.replacing(study, store.WAREHOUSE) as con:
        if memory:
            con.execute(f"SET memory_limit = '{memory}'")
        report = ingest(study, con)
    return sum(file.kept for file in report.files if file.table == "sessions")


def measured(which: str, folder: Path, memory: str) -> dict[str, float]:
    """Seconds, peak memory and rows of one run in its own process."""
    command = [sys.executable, __file__, "0", "--one", which, "--folder", str(folder), "--memory", memory]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def run_one(which: str, folder: Path, memory: str) -> None:
    for database in ("peer.duckdb", "warehouse.duckdb"):
        (folder / database).unlink(missing_ok=True)
    started = time.perf_counter()
    rows = {"peer": peer, "ours": ours}[which](folder, memory)
    seconds, used = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024, "rows": rows}
        )
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("sessions", type=float, help="rows, such as 1e6")
    options.add_argument("--turns", type=int, default=3)
    options.add_argument("--memory", default="", help="DuckDB's memory limit, such as 4GB")
    options.add_argument("--one", choices=("peer", "ours"), help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.one:
        run_one(asked.one, asked.folder, asked.memory)
        return
    with tempfile.TemporaryDirectory() as place:
        folder = write_study(Path(place) / "bench", int(asked.sessions))
        found: dict[str, list[dict[str, float]]] = {"peer": [], "ours": []}
        for turn in range(asked.turns):
            for which in ("peer", "ours") if turn % 2 == 0 else ("ours", "peer"):
                found[which].append(measured(which, folder, asked.memory))
                assert found[which][-1]["rows"] == int(asked.sessions)
        best = {
            which: {what: min(run[what] for run in runs) for what in ("seconds", "cpu")}
            for which, runs in found.items()
        }
        peaks = {which: round(max(run["peak_mb"] for run in runs)) for which, runs in found.items()}
        told = {
            "name": "DuckDB to disk, unchecked",
            "seconds": round(best["peer"]["seconds"], 2),
            "peak_mb": peaks["peer"],
            "apart": 0.0,
            "in": "rows",
            "agrees": True,
        }
        print(
            json.dumps(
                {
                    "job": "sessions read, checked and kept, CSV" + f", limit {asked.memory}" * bool(asked.memory),
                    "size": int(asked.sessions),
                    "unit": "sessions",
                    "seconds": round(best["ours"]["seconds"], 2),
                    "peak_mb": peaks["ours"],
                    "at_most": 1.6,
                    "peak_limit": 4096 if asked.memory else None,
                    "bound": BOUND,
                    "cpu": best["ours"]["cpu"],
                    "peers": [told],
                }
            )
        )


if __name__ == "__main__":
    main()
