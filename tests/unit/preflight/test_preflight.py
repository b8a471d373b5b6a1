"""What check says of the questions and of scores that are due, before anything is built."""

import json

import duckdb
import pytest

from pipeline.__main__ import main
from pipeline.analysis.questions.dose import NO_WEEKS
from pipeline.analysis.questions.modality_mix import ONE_KIND
from pipeline.analysis.questions.placements import NOT_RECORDED
from pipeline.analysis.questions.tapering import TOO_FEW
from pipeline.errors import UsageError
from pipeline.preflight.counted import Starts, starts
from pipeline.preflight.pairs import percent_below, soon
from pipeline.preflight.run import preflight, set_aside
from pipeline.questions import by_number
from tests.unit.ingest.deliveries import HONEST, delivery
from tests.unit.preflight.programs import program


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What is said of a program that lacks this and that, its lines by the code of their question."""
    study = program(tmp_path_factory.mktemp("program"), scored=30, later=30, functioning=15, last=300)
    lines = []
    found = preflight(study, lines.append)
    return found, lines, {line.split()[0]: line.strip() for line in lines if line.startswith("  C")}


def test_there_is_one_line_for_every_question_in_the_order_of_the_pages(told):
    _, _, by_code = told
    assert list(by_code) == [question.code for question in by_number()]


def test_what_is_recorded_too_seldom_is_told_with_what_it_would_take(told):
    found, _, _ = told
    # 30 asked, 15 recorded, the line is 80 %: (0.8 * 30 - 15) / 0.2 = 45 more, at 40 people in 1.3 months
    said = (
        "functioning at start is recorded for 50 % of IOP, and the line is 80 %: 45 more people with it, about 2 months at"
        " this pace (WSAS or WHODAS12 or DLA20 would do)"
    )
    assert [said in lacking for lacking in (found.lacking["C2"], found.lacking["C14"])] == [True, False]


def test_what_several_questions_lack_is_told_once_by_its_number(told):
    _, lines, by_code = told
    [line] = [line.strip() for line in lines if "functioning at start is recorded for 50 % of IOP" in line]
    assert line.split()[0] in by_code["C2"]
    assert line.split()[0] in by_code["C13"]


def test_an_arm_that_nobody_started_in_is_left_out_and_said_so(told):
    found, _, _ = told
    assert "nobody started in outpatient care here, so what needs it is left out" in found.lacking["C3"]


def test_what_needs_no_score_and_is_there_can_be_answered(told):
    _, _, by_code = told
    assert by_code["C14"].endswith("Can be answered.")


def test_hours_are_not_asked_of_where_no_session_tells_its_minutes(told):
    found, _, by_code = told
    assert found.lacking["C1"] == [NO_WEEKS]  # stays of two days: not one whole week
    assert found.lacking["C8"] == [TOO_FEW]
    assert by_code["C1"].endswith(f"Not yet: {NO_WEEKS}.")


def test_a_share_that_misses_its_line_is_never_rounded_up_to_it():
    assert [percent_below(share) for share in (0.7966, 0.58, 0.7)] == ["79 %", "58 %", "70 %"]


def test_without_a_common_calendar_nobody_can_say_how_many_start_in_a_month():
    con = duckdb.connect()
    con.execute("CREATE TABLE analysis_set AS SELECT 'iop' AS arm, day AS start_day FROM range(60) AS days(day)")
    con.execute("CREATE TABLE protocol AS SELECT true AS calendar")
    assert round(starts(con)["iop"].per_month) == 30
    con.execute("UPDATE protocol SET calendar = false")
    assert starts(con)["iop"] == Starts(60, 0.0)
    assert (soon(45, Starts(60, 30.0)), soon(45, Starts(60, 0.0))) == (", about 2 months at this pace", "")


def test_who_started_without_a_score_is_counted_by_month_and_small_counts_are_hidden(told):
    found, lines, _ = told
    [line] = [line for line in lines if "without a score between" in line]
    # people 30 to 39 of each arm start from 2025-04-16 to 2025-04-25: twenty of them, all in April
    assert line.strip() == "PHQ9: people who started without a score between day -7 and day 1, by month: 2025-04: 20"
    assert [one.who for one in found.due] == [()]


def test_who_is_in_the_window_without_a_second_score_is_counted_as_the_records_end(tmp_path):
    lines = []
    preflight(program(tmp_path, later=30, last=180), lines.append)
    [line] = [line for line in lines if "in the window of day 90" in line]
    # on the last day everybody is 71 to 110 days after the start; 10 of each arm have no second score
    assert line.strip() == "PHQ9: people in the window of day 90 (day 60 to day 120) without a score yet: 20"


def test_counts_under_the_threshold_are_hidden_in_lines_and_in_json(tmp_path, capsys):
    study = program(tmp_path, later=36, last=180)
    assert main(["check", str(study.folder), "--json"]) == 0
    [told] = capsys.readouterr().out.splitlines()
    [due] = json.loads(told)["due"]
    assert (due["people"], set(json.loads(told)["questions"])) == (None, {one.code for one in by_number()})
    assert main(["check", str(study.folder)]) == 0
    assert "without a score yet: fewer than 11" in capsys.readouterr().out


def test_people_are_named_on_the_users_own_terminal_alone(tmp_path, monkeypatch, capsys):
    study = program(tmp_path, later=36, last=180)
    with pytest.raises(UsageError, match="your own terminal alone"):
        preflight(study, print, show=True)
    assert main(["quarantine", str(study.folder), "--show"]) == 2
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    capsys.readouterr()
    assert main(["check", str(study.folder), "--show"]) == 0
    assert "without a score yet: 8 (iop36, iop37, iop38, iop39, res36, res37, res38, res39)" in capsys.readouterr().out


SOILED = {
    "sessions": HONEST["sessions"]
    + "\n        s9,p1,,g1,2025-02-02,SECRET77,60,60,\n        s10,p1,,g1,2025-02-03,attended,60,many,"
}


def test_quarantine_lists_every_row_set_aside_and_every_cell_left_out_without_values(tmp_path, capsys):
    delivery(tmp_path, **SOILED)
    assert main(["quarantine", str(tmp_path)]) == 3
    told = capsys.readouterr().out
    rows = [line.split("\t") for line in told.splitlines()]
    assert [(file, row) for file, row, _ in rows] == [("sessions.csv", "10"), ("sessions.csv", "11")]
    assert rows[0][2].startswith("has a word in status that is none of attended")
    assert rows[1][2] == "has a minutes_attended that is not a number [cell left out, row kept]"
    assert "SECRET77" not in told


def test_a_table_of_which_many_rows_are_set_aside_is_told_with_what_it_costs(tmp_path):
    lines = []
    more = SOILED["sessions"] + "\n        s11,p1,,g1,2025-02-02,gone,60,60,"
    preflight(delivery(tmp_path, sessions=more), lines.append)
    [line] = [line for line in lines if "every answer that rests on it is withheld" in line]
    assert line.startswith("  sessions: 18.2 % of its rows are set aside")


def test_values_are_listed_on_the_users_own_terminal(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.preflight.run.refuse_elsewhere", lambda show: None)
    first, _ = set_aside(delivery(tmp_path, **SOILED), show=True)
    assert "session_id=s9  patient_id=p1" in first.values
    assert "status=SECRET77" in first.line()


def test_what_stops_a_run_is_told_on_stdout_with_everything_else(tmp_path, capsys):
    delivery(tmp_path, patients="patient_id,sex\np1,female\np2,male\np3,male\np4,male")
    assert main(["check", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert "4 of 4 cells of sex are none of F, M, X, U" in told.out
    assert main(["check", str(tmp_path), "--json"]) == 1
    assert any("cells of sex" in line for line in json.loads(capsys.readouterr().out)["stops"])


def test_leaving_early_is_counted_over_everybody_who_started_as_the_analysis_does(told):
    found, _, _ = told
    # 30 of the 40 who started in each arm have a score at the start: fewer than the 80 % that leaving early is asked for;
    # scores are compared among those who have one.  The ten without are too few to be told.
    said = "score at start is recorded for too small a part of IOP, and the line is 80 %"
    assert [any(said in words for words in found.lacking[code]) for code in ("C4", "C2")] == [True, False]


def test_what_the_analysis_refuses_by_counting_is_told_before_in_its_own_words(told):
    found, _, _ = told
    assert NOT_RECORDED in found.lacking["C15"]
    assert found.lacking["C9"] == [ONE_KIND]
    assert found.lacking["C7"][0] == "no costs are in the records; export what was paid for each service as costs.csv"


@pytest.fixture(scope="module")
def priced(tmp_path_factory):
    """What is lacking of a program of three levels with scores at the start and at day 90 alone, and two price years."""
    folder = tmp_path_factory.mktemp("priced")
    study = program(folder, outpatient=40)
    paid = "\n".join(f"iop0,2025-03-17,100,paid,USD,{year},payer" for year in (2024, 2025))
    columns = "patient_id,service_date,amount,amount_kind,currency,price_year,perspective"
    (folder / "raw" / "costs.csv").write_text(f"{columns}\n{paid}\n")
    return preflight(study, lambda line: None).lacking


def test_by_when_people_improve_cannot_be_answered_where_nobody_is_scored_in_between(priced):
    assert priced["C3"][-1].startswith("fewer than 20 % of people in one of the arms have a score near day 56")


def test_amounts_of_two_price_years_are_told_with_the_years_and_an_index_that_would_do(priced):
    said = priced["C7"][0]
    assert said.startswith("the amounts are of the price years 2024 and 2025, and")
    assert "consumer price index for medical care" in said
