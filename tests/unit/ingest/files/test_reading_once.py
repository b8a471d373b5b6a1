"""A large text file is cut into cells once, however many tables are made of it; nothing that is told or kept differs."""

import pytest

from pipeline.errors import StructureError
from pipeline.ingest.files import reading_once
from pipeline.ingest.mapping import making
from tests.unit.ingest.mapped import staged

STAYS = """
[episodes."stays.csv"]
leave_out = { Kept = "no" }
episode_id = "Stay"
patient_id = "Who"
program_id = "House"
level_of_care = { column = "Level", values = ["known"] }
start_date = { column = "In", dates = "M/D/YYYY" }

[discharges."stays.csv"]
leave_out = { Kept = "no" }
episode_id = "Stay"
discharge_date = { column = "Out", dates = "M/D/YYYY" }
ending = { column = "Why", values = { Done = "completed", "*" = "other" } }
"""
ROWS = """Stay,Who,House,Level,In,Out,Why,Kept,Room
    e1,p1,g1,Intensive Outpatient,1/6/2025,2/14/2025,Done,yes,4
    e2,p2,g1,Intensive Outpatient,3/3/2025,4/11/2025,Left,yes,4
    e9,p9,g1,Outpatient,3/3/2025,4/11/2025,Left,no,4
    e3,p3,g2,Outpatient,1/15/2025,soon,Done,yes,5"""
OTHERS = ("episodes", "discharges", "sessions", "assessments", "followups", "costs", "providers")
TABLES = ("staging.episodes", "staging.discharges", "quarantine.cells_left_out")


def read(folder, monkeypatch, worth_it, rows=ROWS):
    """What is kept and told of the stays where files from so many bytes on are put aside, and how many were."""
    held = []
    monkeypatch.setattr(reading_once, "WORTH_IT", worth_it)
    monkeypatch.setattr(making, "held_files", lambda *asked: held.extend(reading_once.held_files(*asked)) or list(held))
    con, report = staged(folder, STAYS, without=OTHERS, stays__csv=rows)
    found = [con.execute(f"SELECT * FROM {table} ORDER BY source_row").fetchall() for table in TABLES]
    left = con.execute("SELECT count(*) FROM duckdb_databases() WHERE NOT internal").fetchall()
    return (found, report.lines(), left), held


def test_a_file_put_aside_gives_the_rows_reasons_and_words_of_one_that_is_read_again(tmp_path, monkeypatch):
    (aside, held), (again, none) = (read(tmp_path / name, monkeypatch, size) for name, size in (("a", 0), ("b", 10**9)))
    assert aside == again
    assert [row[-1] for row in aside[0][0]] == [2, 3, 5]
    assert (len(held), none) == (1, [])


def test_of_a_file_put_aside_only_the_columns_that_a_line_names_are_held(tmp_path, monkeypatch):
    _, [held] = read(tmp_path, monkeypatch, 0)
    assert held.columns == {"Stay", "Who", "House", "Level", "In", "Out", "Why", "Kept"}


def test_a_row_that_cannot_be_cut_is_told_alike_whether_files_are_put_aside_or_not(tmp_path, monkeypatch):
    told = []
    for name, size in (("a", 0), ("b", 10**9)):
        with pytest.raises(StructureError) as fault:
            read(tmp_path / name, monkeypatch, size, ROWS + "\n    e4,p4,g2,OP,1/1/2025,1/2/2025,Done,yes,5,6,7,8")
        told.append(str(fault.value))
    assert told[0] == told[1]
    assert "stays.csv, line 6" in told[0]
