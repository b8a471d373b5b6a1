"""Released tables as frames: hidden and unknown cells apart, rows picked by their own columns or their result's."""

from dataclasses import replace

import pytest

from pipeline.errors import UsageError
from pipeline.report.disclosure.derived import conceal
from pipeline.report.disclosure.held_back import Edition
from pipeline.report.disclosure.suppressed import SUPPRESSED, is_suppressed
from pipeline.report.released import Released, as_released, open_released, study_folder
from pipeline.results import RESULT_TABLES, table_columns


def test_a_frame_holds_every_column_of_the_rows_asked_for(released):
    frame = released.frame("results", question="C2")
    assert list(frame.columns) == [*table_columns(RESULT_TABLES["results"]), "suppressed"]
    assert len(frame) == len(released.rows(question="C2")) > 0
    assert str(frame.dtypes["n"]) == "Int64"
    assert str(frame.dtypes["estimate"]) == "Float64"


@pytest.mark.parametrize("table", RESULT_TABLES)
def test_every_released_table_is_a_frame(released, table):
    assert len(released.frame(table)) == len(getattr(released.tables, table)) > 0


def test_a_hidden_cell_is_na_and_named_and_an_unknown_one_is_na_alone(released: Released):
    first, *rest = released.tables.results
    marked = replace(first, n=SUPPRESSED, events=SUPPRESSED, ess=None)
    frame = replace(released, tables=replace(released.tables, results=(marked, *rest))).frame()
    row = frame.iloc[0]
    assert row[["n", "events", "ess"]].isna().all()
    assert row["suppressed"] == "n events"


def test_no_hidden_cell_of_any_table_keeps_a_value(released):
    for table in RESULT_TABLES:
        frame = released.frame(table)
        for row, named in zip(getattr(released.tables, table), frame["suppressed"], strict=True):
            hidden = [name for name in table_columns(RESULT_TABLES[table]) if is_suppressed(getattr(row, name))]
            assert named.split() == hidden


def test_curves_points_and_checks_are_found_by_what_their_result_is_about(released):
    frame = released.frame("curves", analysis="retention")
    assert len(frame) == len(released.curves("retention")) > 0
    assert set(released.frame("diagnostics", question="C2", check="balance")["check"]) == {"balance"}


def test_an_unknown_table_or_column_is_a_usage_error_that_names_the_known_ones(released):
    with pytest.raises(UsageError, match='no released table "people"; there are: results, curves'):
        released.frame("people")
    with pytest.raises(UsageError, match='attrition has no column "question"; it has: analysis, step'):
        released.frame("attrition", question="C2")


def test_a_study_is_found_from_the_folder_of_a_notebook(example, tmp_path, monkeypatch):
    """JupyterLab starts a notebook in the notebook's own folder, one below the one it names the study from."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "demo").symlink_to(example)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert study_folder("data/demo") == tmp_path / "data" / "demo"
    assert open_released("data/demo").study.name == "example"


def test_a_study_that_is_here_is_not_looked_for_elsewhere(example, tmp_path, monkeypatch):
    for place in (tmp_path, tmp_path / "inner"):
        place.mkdir(exist_ok=True)
        (place / "demo").symlink_to(example)
    monkeypatch.chdir(tmp_path / "inner")
    assert str(study_folder("demo")) == "demo"
    assert str(study_folder("nowhere")) == "nowhere"


def test_the_hash_of_what_leaves_is_made_of_nothing_that_is_hidden(released):
    """Two tables that differ in hidden counts alone leave as the same tables, under the same hash."""
    first, *rest = released.tables.results
    hashes = set()
    for n in (3, 4):
        row = replace(first, n=n)
        left = as_released(
            released.study, Edition(replace(released.tables, results=(conceal(row, ["n"]), *rest))), released.manifest
        )
        hashes.add(left.results_hash)
    assert len(hashes) == 1
    assert hashes != {released.results_hash}
