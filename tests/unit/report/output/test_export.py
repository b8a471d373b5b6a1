"""Exports: four formats and stdout, hidden told apart from unknown, the same bytes each time."""

import csv
import json
import zipfile
from dataclasses import replace

import duckdb
import pytest

from pipeline.errors import UsageError
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.output.explain import explain, measured
from pipeline.report.output.export import export, safe
from pipeline.results import RESULT_TABLES, Diagnostic, table_columns
from pipeline.study_toml.file import load_study

COLUMNS = [*table_columns(RESULT_TABLES["results"]), "sentence"]
HIDDEN_ROW = "M.scorecard.phq9_day90.php.reliably_deteriorated.day90.observed"


@pytest.fixture
def study(example):
    return load_study(example)


def test_csv_on_stdout_has_the_contract_columns_and_says_suppressed(study, capsys):
    export(study, None)
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert list(rows[0]) == COLUMNS
    hidden = next(row for row in rows if row["result_id"] == HIDDEN_ROW)
    assert (hidden["estimate"], hidden["numerator"], hidden["p"]) == ("suppressed", "suppressed", "")


def test_results_are_filtered_by_question_and_outcome(study, capsys):
    export(study, None, question="C2", outcome="phq9_day90")
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert rows
    assert {(row["question"], row["outcome"]) for row in rows} == {("C2", "phq9_day90")}


def test_a_filter_that_nothing_answers_to_names_what_there_is(study):
    with pytest.raises(UsageError, match="questions: C1, C2, C3, C4, C6, C7, C8, C10, C11, C12, C13, C14, C15, M"):
        export(study, None, question="C9")


def test_json_and_parquet_hold_null_for_hidden_and_name_the_hidden_columns(study, tmp_path):
    export(study, tmp_path / "r.json")
    [row] = [row for row in json.loads((tmp_path / "r.json").read_text()) if row["result_id"] == HIDDEN_ROW]
    export(study, tmp_path / "r.parquet")
    [(estimate, unknown, names)] = duckdb.execute(
        "SELECT estimate, p, suppressed FROM read_parquet(?) WHERE result_id = ?",
        [str(tmp_path / "r.parquet"), HIDDEN_ROW],
    ).fetchall()
    assert (
        (row["estimate"], row["p"], row["suppressed"])
        == (estimate, unknown, names)
        == (None, None, "estimate low high n events numerator denominator")
    )


def test_xlsx_is_one_sheet_with_a_fixed_date_and_the_same_bytes(study, tmp_path):
    export(study, tmp_path / "a.xlsx")
    export(study, tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        assert "2000-01-01" in book.read("docProps/core.xml").decode()
        assert [name for name in book.namelist() if "worksheets/sheet" in name] == ["xl/worksheets/sheet1.xml"]
        assert "suppressed" in book.read("xl/sharedStrings.xml").decode()


def test_an_unknown_ending_names_the_known_ones(study, tmp_path):
    with pytest.raises(UsageError, match=r"\.csv, \.json, \.xlsx, \.parquet"):
        export(study, tmp_path / "r.docx")


def test_an_export_says_where_it_wrote_and_which_folder_it_made(study, tmp_path):
    said: list[str] = []
    export(study, tmp_path / "new" / "r.csv", say=said.append)
    export(study, tmp_path / "new" / "r.json", say=said.append)
    assert said[0].endswith(f"results to {tmp_path}/new/r.csv, in a folder made for it: {tmp_path}/new")
    assert said[1].endswith(f"results to {tmp_path}/new/r.json")


def test_words_that_a_spreadsheet_would_run_stay_words():
    for word in ("=1+1", "@x", "+1+cmd", "-2+3", "\tx", "\rx", " =1", "-"):
        assert safe(word) == f"'{word}"
    for word in ("fine", "", "a=b", "-3.2", "+5", "-12,000", "-3%", -1.0, -3, 0, True):
        assert safe(word) == word


def test_nothing_under_eleven_is_in_any_exported_count(pages):
    for name, counts in (
        ("results", ("n", "n_reference", "events", "numerator", "denominator")),
        ("points", ("n",)),
        ("curves", ("at_risk",)),
        ("attrition", ("n_left", "n_removed")),
    ):
        with open(pages / "tables" / f"{name}.csv") as handle:
            for row in csv.DictReader(handle):
                small = [
                    row[column]
                    for column in counts
                    if row[column] not in ("", "suppressed", "0", "at most 10") and int(row[column]) < 11
                ]
                assert not small, (name, row)


def test_explain_traces_a_contrast_to_its_sentence_diagnostics_and_hashes(study):
    found = explain(study, "C2.like_for_like.phq9_day90.iop-vs-inpatient.difference.day90.overlap.augmented")
    told = "\n".join(found.lines())
    assert "by more than the margin of 1 point" in told
    assert "PHQ-9 at start" in told
    assert found.as_json()["origin"]["seed"] == 20260101
    assert {row["analysis"] for row in found.as_json()["beside"]} == {"as_observed", "sensitivity"}


def test_every_row_is_explained_and_exported_with_a_sentence(study, capsys):
    export(study, None)
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    said = [
        row["sentence"] for row in rows if row["analysis"] != "measure_definition"
    ]  # those quote the library's own templates
    assert all(len(words) > 20 and "{" not in words for words in said)
    [starts] = [row for row in rows if row["result_id"] == "M.scorecard.iop.starts.observed"]
    assert starts["sentence"] == "People starting, IOP: 968."
    assert explain(study, starts["result_id"]).sentence == starts["sentence"]


def test_explain_says_first_whether_it_is_answered_or_withheld_and_why_then_what_failed(study):
    found = explain(study, "C2.like_for_like.phq9_day90.iop-vs-inpatient.difference.day90.overlap.augmented")
    assert found.lines()[1].startswith("ANSWERED: not worse by more than the margin")
    withheld = replace(found.row, gate="withheld", reason="too few people", estimate=None)
    check = found.diagnostics[0]
    lines = [
        replace(check, passed=True),
        replace(check, check="sites", passed=False),
        replace(check, check="overlap", passed=False),
    ]
    said = replace(found, row=withheld, diagnostics=tuple(lines)).lines()
    assert said[1] == "WITHHELD: too few people."
    assert [one.split()[0] for one in said if one.startswith(("  passed", "  FAILED", "  told"))] == [
        "FAILED",
        "told",
        "passed",
    ]
    assert explain(study, HIDDEN_ROW).lines()[1].startswith("NOT SHOWN: hidden")


def test_explain_says_which_number_is_before_and_which_after_and_rounds_what_weights_leave_to_0():
    found = Diagnostic(result_id="C2.x", check="balance", before=0.25312, after=1.08e-16, threshold=0.1, passed=True)
    assert measured(found) == "0.2531 before, 0 after, line 0.1"
    assert measured(replace(found, before=None, after=SUPPRESSED)) == "suppressed, line 0.1"


def test_explain_shows_hidden_cells_as_hidden(study):
    assert explain(study, HIDDEN_ROW).as_json()["result"]["estimate"] == "suppressed"


def test_explain_of_an_unknown_id_names_near_ones(study):
    with pytest.raises(UsageError, match=r"near it: M\.scorecard"):
        explain(study, "M.scorecard.iop.start")


BETTER = HIDDEN_ROW.replace("deteriorated", "improved")


def test_explain_of_anything_else_says_how_to_list_the_ids(study):
    for unknown in ("?!", ""):
        with pytest.raises(UsageError, match=r"they look like .*\. All ids stand in .* carelevels results .* --csv"):
            explain(study, unknown)


def test_explain_prints_no_number_of_what_its_sentence_does_not_tell(study):
    """How many got better is not told where how many got worse is hidden: not in words, and not two lines below."""
    found = explain(study, BETTER)
    assert "not shown, because the harm beside it is hidden" in found.sentence
    result = found.as_json()["result"]
    assert {result[name] for name in ("estimate", "low", "high", "n", "numerator", "denominator")} == {"suppressed"}
    assert not [line for line in found.lines() if line.strip().startswith(("estimate", "numerator")) and "0." in line]


def test_the_tables_say_no_more_than_explain(study, capsys):
    export(study, None)
    row = next(row for row in csv.DictReader(capsys.readouterr().out.splitlines()) if row["result_id"] == BETTER)
    assert (row["estimate"], row["numerator"]) == ("suppressed", "suppressed")
