"""The whole way, as a user walks it: synthetic records to pages, again without change, and with something broken."""

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipeline.analysis.questions.modality_mix import ADJUSTED
from pipeline.results import BORROWED, COMPATIBLE
from tests import copy_editor

ROOT = Path(__file__).parent.parent
PATIENTS = "600"


def carelevels(*words, cwd, check=None):
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert "Traceback" not in done.stderr, done.stderr
    if check is not None:
        assert done.returncode == check, done.stderr
    return done


def stages(done):
    return {one["stage"]: one for one in map(json.loads, done.stdout.splitlines())}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a synthetic study that has run once."""
    cwd = tmp_path_factory.mktemp("flow")
    carelevels("synthesize", "data/demo", "--patients", PATIENTS, "--seed", 7, cwd=cwd, check=0)
    done = carelevels("run", "data/demo", "--json", cwd=cwd, check=3)
    (cwd / "first.json").write_text(done.stdout)
    (cwd / "first.txt").write_text(done.stderr)
    return cwd


def test_a_run_says_what_it_did_in_counts_and_seconds_and_ends_with_the_page_to_open(place):
    said = (place / "first.txt").read_text()
    for stage in ("ingest", "build", "analyze", "report"):
        assert re.search(rf"^{stage}\s+\d+\.\d s", said, re.M), said
    assert said.strip().splitlines()[-1] == "open reports/demo/index.html"
    assert (place / "reports/demo/index.html").exists()
    assert (place / "reports/demo/director.html").exists()


def test_json_gives_one_object_per_stage_on_stdout(place):
    told = [json.loads(line) for line in (place / "first.json").read_text().splitlines()]
    assert [one["stage"] for one in told] == ["ingest", "build", "analyze", "report"]
    assert all("seconds" in one for one in told)


def test_an_unchanged_run_redoes_and_loads_nothing_and_still_says_that_rows_are_quarantined(place, monkeypatch):
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    before = {path: path.stat().st_mtime_ns for path in (place / "data/demo").glob("*.duckdb")}
    done = carelevels("run", "data/demo", "--json", cwd=place, check=3)
    assert all(stage["unchanged"] for stage in stages(done).values())
    assert before == {path: path.stat().st_mtime_ns for path in (place / "data/demo").glob("*.duckdb")}
    loaded = set(re.findall(r"\| +(\w+)$", done.stderr, re.M))
    assert "duckdb" in loaded
    assert not loaded & {"numpy", "scipy", "pandas", "matplotlib"}


def test_a_copy_editor_finds_nothing_on_the_pages_of_a_small_study_nor_in_its_tables(place, capsys):
    assert copy_editor.main([place / "reports/demo"]) == 0, capsys.readouterr().out


def test_strict_makes_quarantined_rows_a_failure(place):
    carelevels("run", "data/demo", "--strict", cwd=place, check=1)


def test_counts_always_add_up(place):
    with duckdb.connect(str(place / "data/demo/warehouse.duckdb"), read_only=True) as con:
        rows = con.execute(
            'SELECT "table", read, kept, quarantined, duplicates, forgotten FROM staging.files'
        ).fetchall()
    assert {row[0] for row in rows} >= {
        "patients",
        "episodes",
        "sessions",
        "assessments",
        "discharges",
        "followups",
        "costs",
    }
    for _, read, kept, quarantined, duplicates, forgotten in rows:
        assert read == kept + quarantined + duplicates + forgotten


def test_a_changed_choice_redoes_what_depends_on_it(place, tmp_path):
    shutil.copytree(place / "data", tmp_path / "data")
    study = tmp_path / "data/demo/study.toml"
    study.write_text(re.sub(r"(?m)^min_ess = .*$", "min_ess = 31", study.read_text()))
    done = stages(carelevels("analyze", "data/demo", "--json", cwd=tmp_path, check=3))
    assert not done["analyze"]["unchanged"]


def test_pages_are_not_made_from_results_of_other_choices(place, tmp_path):
    shutil.copytree(place / "data", tmp_path / "data")
    study = tmp_path / "data/demo/study.toml"
    study.write_text(re.sub(r"(?m)^min_ess = .*$", "min_ess = 31", study.read_text()))
    for words in (["report"], ["results", "--csv"]):
        done = carelevels(words[0], "data/demo", *words[1:], cwd=tmp_path, check=1)
        assert "study.toml changed since the results were made (gate)" in done.stderr


def test_withheld_rows_and_their_twins_carry_no_number(place):
    with duckdb.connect(str(place / "data/demo/results.duckdb"), read_only=True) as con:
        [(withheld, numbered)] = con.execute(
            """
            SELECT COUNT(*), COUNT(*) FILTER (WHERE COALESCE(estimate, raw_estimate, se, low, high, p) IS NOT NULL)
            FROM results WHERE gate = 'withheld'
            OR (twin_of IN (SELECT result_id FROM results WHERE gate = 'withheld') AND NOT list_contains(?, measure))""",
            [[*COMPATIBLE, *BORROWED]],  # what limits leave open beneath an answer that only its size withholds
        ).fetchall()
    assert withheld > 0
    assert numbered == 0


NULL = "(CASE WHEN measure LIKE '%ratio' THEN 1 ELSE 0 END)"


def test_limits_say_at_which_level_they_hold_and_p_says_the_same_as_they_do(place):
    with duckdb.connect(str(place / "data/demo/results.duckdb"), read_only=True) as con:
        both = "low IS NOT NULL AND high IS NOT NULL AND target <> 'published'"
        assert con.execute(f"SELECT result_id FROM results WHERE {both} AND level IS NULL").fetchall() == []
        assert {level for (level,) in con.execute("SELECT DISTINCT level FROM results").fetchall()} > {0.95, None}
        contradict = con.execute(
            f"SELECT result_id FROM results WHERE {both} AND p IS NOT NULL AND ABS(p - (1 - level)) > 1e-9 AND note <> ?"
            f" AND (p < 1 - level) <> (low > {NULL} OR high < {NULL})",
            [ADJUSTED],
        ).fetchall()
    assert contradict == []


def test_databases_and_ledger_are_private(place):
    for path in [*(place / "data/demo").glob("*.duckdb"), *(place / "data/demo/ledger").iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_result_can_be_traced_and_exported_and_each_command_leaves_a_line_however_it_ended(place):
    before = len(ledger_lines(place))
    out = carelevels("results", "data/demo", "--csv", "--question", "C2", cwd=place, check=0).stdout
    header, first = out.splitlines()[:2]
    assert header.startswith("result_id,")
    traced = carelevels("explain", "data/demo", first.split(",")[0], cwd=place, check=0).stdout
    assert "population" in traced.lower()
    carelevels("results", "data/demo", "--out", "all.xlsx", cwd=place, check=0)
    assert (place / "all.xlsx").stat().st_size > 0
    done = carelevels("explain", "data/demo", "C2.nothing", cwd=place)
    assert done.returncode in (1, 2)
    lines = ledger_lines(place)[before:]
    assert [(line["command"], line["exit"] == 0) for line in lines] == [
        ("results", True),
        ("explain", True),
        ("results", True),
        ("explain", False),
    ]
    assert all(line["ingest"] and line["analyze"] for line in lines)


def ledger_lines(place, study="data/demo"):
    return [json.loads(line) for line in (place / study / "ledger/audit.jsonl").read_text().splitlines()]


def test_a_broken_file_changes_nothing_and_says_where(place, tmp_path):
    shutil.copytree(place / "data", tmp_path / "data")
    sessions = tmp_path / "data/demo/raw/sessions.csv"
    text = sessions.read_text()
    sessions.write_text(text.replace("service_date", "dos", 1))
    before = (tmp_path / "data/demo/warehouse.duckdb").read_bytes()
    done = carelevels("run", "data/demo", cwd=tmp_path, check=1)
    assert "sessions.csv" in done.stderr
    assert "dos" in done.stderr
    assert "[columns.sessions]" in done.stderr
    assert (tmp_path / "data/demo/warehouse.duckdb").read_bytes() == before


def test_an_identifier_stops_the_run_without_being_echoed(place, tmp_path):
    shutil.copytree(place / "data", tmp_path / "data")
    patients = tmp_path / "data/demo/raw/patients.csv"
    lines = patients.read_text().splitlines()
    patients.write_text(
        "\n".join([lines[0] + ",email", *(f"{line},person{i}@example.org" for i, line in enumerate(lines[1:]))]) + "\n"
    )
    done = carelevels("run", "data/demo", "--json", cwd=tmp_path, check=1)
    assert "patients.csv" in done.stderr
    assert "email" in done.stderr
    assert "example.org" not in done.stderr + done.stdout


def test_a_forgotten_person_stays_out(place, tmp_path):
    shutil.copytree(place / "data", tmp_path / "data")
    with duckdb.connect(str(tmp_path / "data/demo/warehouse.duckdb"), read_only=True) as con:
        [(person,)] = con.execute("SELECT patient_id FROM staging.sessions ORDER BY patient_id LIMIT 1").fetchall()
    carelevels("forget", "data/demo", person, cwd=tmp_path, check=0)
    assert person not in (tmp_path / "data/demo/ledger/forgotten.jsonl").read_text()
    carelevels("ingest", "data/demo", cwd=tmp_path, check=3)
    with duckdb.connect(str(tmp_path / "data/demo/warehouse.duckdb"), read_only=True) as con:
        for table in ("patients", "episodes", "sessions", "assessments", "followups", "costs"):
            assert con.execute(f"SELECT COUNT(*) FROM staging.{table} WHERE patient_id = ?", [person]).fetchall() == [
                (0,)
            ]


def test_check_reports_what_a_run_would_and_builds_nothing(place, tmp_path):
    shutil.copytree(place / "data/demo/raw", tmp_path / "demo/raw")
    shutil.copy(place / "data/demo/study.toml", tmp_path / "demo/study.toml")
    done = carelevels("check", "demo", cwd=tmp_path, check=3)
    assert "quarantined" in done.stdout
    assert not list((tmp_path / "demo").glob("*.duckdb*"))
    assert [(line["command"], line["exit"]) for line in ledger_lines(tmp_path, "demo")] == [("check", 3)]


def test_init_and_its_templates_run_into_helpful_words_only(tmp_path):
    carelevels("init", "data/mine", cwd=tmp_path, check=0)
    done = carelevels("run", "data/mine", cwd=tmp_path)
    assert done.returncode == 1
    assert "patients.csv" in done.stderr


def test_people_without_sessions_or_episodes_are_not_a_study(tmp_path):
    carelevels("init", "data/mine", cwd=tmp_path, check=0)
    (tmp_path / "data/mine/raw/patients.csv").write_text("patient_id,sex\np1,F\n")
    done = carelevels("run", "data/mine", cwd=tmp_path, check=1)
    assert "neither sessions nor episodes hold a row" in done.stderr


def test_the_demo_study_itself_is_never_written_over(tmp_path):
    (tmp_path / "data/demo").mkdir(parents=True)
    (tmp_path / "data/demo/mine.csv").write_text("x\n")
    done = carelevels("synthesize", "data/demo", "--patients", "300", cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert (tmp_path / "data/demo/mine.csv").read_text() == "x\n"


OWN = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    "cells": [
        {
            "id": "a",
            "cell_type": "code",
            "metadata": {"tags": ["parameters"]},
            "execution_count": None,
            "outputs": [],
            "source": 'study = "data/demo"',
        },
        {"id": "b", "cell_type": "markdown", "metadata": {}, "source": "# What we wondered\n\nWhether it *holds*."},
        {
            "id": "c",
            "cell_type": "code",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": "from pipeline.ask import ask\n"
            'answer = ask(study, outcome="phq9_day90", arms=("iop", "outpatient"), where={"sex": "F"})\n'
            'answer.frame()[["analysis", "gate", "n", "suppressed"]]',
        },
    ],
}


def test_a_studys_own_notebooks_make_pages_and_take_the_place_of_those_that_come_with_it(place, tmp_path, monkeypatch):
    from pipeline.report.output.run import render
    from pipeline.study_toml.file import load_study

    shutil.copytree(place / "data", tmp_path / "data")
    own = tmp_path / "data/demo/notebooks"
    own.mkdir()
    (own / "data_quality.ipynb").write_text(json.dumps(OWN))
    shutil.copy(ROOT / "notebooks" / "own_question.ipynb", own)
    told = []
    pages = {"data_quality": "What we wondered", "own_question": "Anxiety after intensive outpatient care: women only"}
    monkeypatch.chdir(tmp_path)
    render(load_study(Path("data/demo")), Path("reports"), pages=tuple(pages), say=told.append)
    assert "cell" not in "\n".join(told)  # nothing of it had to be left out
    for page, heading in pages.items():
        content = (tmp_path / f"reports/demo/{page}.html").read_text()
        assert f"<h2>{heading}</h2>" in content
        assert "like_for_like" in content
    assert content.count("data:image/png;base64,") == 1
    assert "Copy this notebook" not in content


def test_the_index_lists_a_studys_own_pages_after_those_of_every_study(place, tmp_path):
    from pipeline.report.output.index import index_page
    from pipeline.report.output.pages import PAGES, pages_of
    from pipeline.report.released import open_released

    shutil.copytree(place / "data", tmp_path / "data")
    (tmp_path / "data/demo/notebooks").mkdir()
    for name in ("wondered", "research"):
        (tmp_path / f"data/demo/notebooks/{name}.ipynb").write_text(json.dumps(OWN))
    released = open_released(tmp_path / "data/demo")
    listed = pages_of(released.study)
    assert [one.name for one in listed] == [*(one.name for one in PAGES), "wondered"]
    assert '<a href="wondered.html">What we wondered</a>' in index_page(released, listed)


def test_a_changed_notebook_of_the_study_makes_the_pages_anew(place, tmp_path, monkeypatch):
    from pipeline.report.output import run
    from pipeline.stages import make_pages
    from pipeline.study_toml.file import load_study

    shutil.copytree(place / "data", tmp_path / "data")
    made = []
    monkeypatch.setattr(run, "render", lambda *_, made_from="", **__: made.append(made_from) or run.RenderReport(()))
    study = load_study(tmp_path / "data/demo")
    own = tmp_path / "data/demo/notebooks"
    for source in ("", json.dumps(OWN), json.dumps(OWN), json.dumps(OWN).replace("holds", "stands")):
        own.mkdir(exist_ok=True)
        (own / "wondered.ipynb").write_text(source)
        make_pages(study, tmp_path, pages=None, pdf=False, force=False, say=str)
    first, second, same, third = made
    assert second == same
    assert len({first, second, third}) == 3


def test_a_question_of_ones_own_is_noted_in_the_ledger_and_hands_out_no_row(place, tmp_path, monkeypatch):
    from pipeline.ask import ask
    from pipeline.report.release_ledger import earlier_release

    shutil.copytree(place / "data", tmp_path / "data")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    answer = ask("data/demo", outcome="retained_day90", arms=("iop", "outpatient"), without_sites=("s01",))
    assert len(answer.tables.results) >= 2
    assert answer.frame("curves").empty
    assert answer.results_hash == hashlib.sha256(repr(answer.tables).encode()).hexdigest()  # of nothing hidden
    assert "patient_id" not in {name for table in ("results", "diagnostics") for name in answer.frame(table).columns}
    last = json.loads((tmp_path / "data/demo/ledger/audit.jsonl").read_text().splitlines()[-1])
    assert last["command"] == "ask"
    assert "without site s01" in last["question"]
    whole = ask("data/demo", outcome="retained_day90", arms=("iop", "outpatient"))
    [shown, *_] = [row for row in whole.tables.results if isinstance(row.n, int)]
    assert earlier_release(whole.study).results[shown.result_id][0] == shown.n


def test_a_question_of_ones_own_is_not_asked_of_tables_of_another_study(place, tmp_path):
    from pipeline.ask import ask
    from pipeline.errors import StageError

    shutil.copytree(place / "data", tmp_path / "data")
    study = tmp_path / "data/demo/study.toml"
    study.write_text(re.sub(r"(?m)^washout_days = .*$", "washout_days = 61", study.read_text()))
    with pytest.raises(StageError, match=r"study\.toml changed since the tables were built"):
        ask(tmp_path / "data/demo", outcome="retained_day90", arms=("iop", "outpatient"))
