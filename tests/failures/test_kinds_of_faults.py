"""Columns that an export writes another way stop the run with their cause, all of them at once."""

import pytest

from pipeline.errors import StructureError
from pipeline.ingest.structure import TO_LOOK_AT, WOULD_LOSE
from tests.unit.ingest.deliveries import HONEST, delivery, ingested, rules_of

CARE = ("patients", "episodes", "sessions")
COSTS = "patient_id,service_date,amount,amount_kind,currency,price_year,perspective"


def more(table, *lines):
    """The honest rows of a table and these."""
    return {table: HONEST[table] + "".join("\n        " + line for line in lines)}


def scores(*lines, columns=""):
    return {"assessments": "\n".join([f"patient_id,instrument_id,assessed_date,score{columns}", *lines])}


def session(place, day="2025-01-09", code="", person="p1"):
    return f"x{place},{person},,g1,{day},attended,60,60,{code}"


STOPS = {
    "amounts with a thousands separator": (
        {"costs": f'{COSTS}\np1,2025-01-06,980.00,paid,USD,2025,payer\np2,2025-01-06,"1,250.00",paid,USD,2025,payer'},
        "costs.csv: 1 of 2 cells of amount are written with a thousands separator (row 3)",
    ),
    "amounts with a currency sign": (
        {"costs": f"{COSTS}\np1,2025-01-06,$980.00,paid,USD,2025,payer\np2,2025-01-06,120 USD,paid,USD,2025,payer"},
        "costs.csv: 2 of 2 cells of amount are written with a currency sign (rows 2, 3)",
    ),
    "amounts with a decimal comma": (
        {"costs": f'{COSTS}\np1,2025-01-06,"980,50",paid,USD,2025,payer\np2,2025-01-06,120,paid,USD,2025,payer'},
        "cells of amount are written with a decimal comma (row 2)",
    ),
    "refunds in parentheses": (
        {"costs": f"{COSTS}\np1,2025-01-06,(980.50),paid,USD,2025,payer\np2,2025-01-06,120,paid,USD,2025,payer"},
        "cells of amount are written with parentheses or a minus at the end (row 2)",
    ),
    "a part of the days written month first": (
        more("sessions", session(1, "02/03/2025"), session(2, "03/04/2025")),
        "2 of 10 cells of service_date are written with day and month in an order that cannot be told (rows 10, 11)",
    ),
    "a part of the days as a spreadsheet numbers them": (
        more("sessions", session(1, "45660"), session(2, "45661")),
        "cells of service_date are written with the number by which a spreadsheet keeps them (rows 10, 11)",
    ),
    "minutes with their unit": (
        {"sessions": HONEST["sessions"].replace("180,180", "180 min,180")},
        "cells of minutes_scheduled are written with its unit",
    ),
    "ids that a spreadsheet has rounded": (
        more("patients", "1.20450E+11,1980,F,WHITE,OH,452"),
        "patients.csv: 1 row (row 6) has a patient_id that a spreadsheet has rounded (1.2E+11)",
    ),
    "levels of care in words of the export": (
        {"episodes": HONEST["episodes"].replace("IOP", "Intensive Outpatient")},
        "episodes.csv: 2 of 3 cells of level_of_care are none of",
    ),
    "WHO-5 as the raw sum": (
        scores("p1,WHO5,2025-01-06,8", "p2,WHO5,2025-01-07,15", "p3,WHO5,2025-01-08,6"),
        "the 3 totals of WHO5 are the raw sum (0-25), and it is declared as 0–100",
    ),
    "Q-LES-Q as the raw sum": (
        scores("p1,QLESQSF,2025-01-06,32", "p2,QLESQSF,2025-01-07,44", "p3,QLESQSF,2025-01-08,62"),
        "the 3 totals of QLESQSF are the raw sum (14-70)",
    ),
    "CORE-OM as the mean of its items": (
        scores(*(f"p1,COREOM,2025-01-0{day},1.{day}" for day in range(1, 6))),
        "the 5 totals of COREOM are the mean of its items (0-4)",
    ),
    "EDE-Q as the sum of its items": (
        scores("p1,EDEQ,2025-01-06,44", "p2,EDEQ,2025-01-07,61"),
        "the 2 totals of EDEQ are the sum of its items",
    ),
    "PHQ-9 items counted from 1": (
        scores("p1,PHQ9,2025-01-06,11,2,4", "p2,PHQ9,2025-01-07,8,1,1", columns=",item_1,item_9"),
        "of the single items of PHQ9 (2 rows) none is 0 and some go beyond 3: the export counts the answers from 1",
    ),
}


@pytest.mark.parametrize("case", STOPS)
def test_a_column_written_another_way_stops_the_run_with_its_cause(tmp_path, case):
    changed, said = STOPS[case]
    with pytest.raises(StructureError) as caught:
        ingested(delivery(tmp_path, only={*CARE, *changed}, **changed))
    assert said in str(caught.value)
    assert "leave the cell empty" not in str(caught.value)


def test_thirty_rows_without_a_single_0_are_counted_from_1_even_where_nobody_answers_beyond_the_last(tmp_path):
    lines = [f"p1,PHQ9,2025-{1 + day // 28:02}-{1 + day % 28:02},9,1" for day in range(30)]
    with pytest.raises(StructureError, match=r"of the single items of PHQ9 \(30 rows\) none is 0: the export counts"):
        ingested(delivery(tmp_path, only={*CARE, "assessments"}, **scores(*lines, columns=",item_9")))


def test_spreadsheet_dates_are_no_day_numbers_under_relative_days(tmp_path):
    files = {
        "patients": "patient_id,observed_from_day,observed_to_day\np1,45000,45900\np2,45000,45900\n",
        "sessions": "session_id,patient_id,program_id,service_day,status\ns1,p1,g1,45100,attended\n",
    }
    with pytest.raises(StructureError, match="all 2 cells of observed_from_day are calendar dates in the numbers of a"):
        ingested(delivery(tmp_path, '[study]\nname = "t"\nregime = "relative-days"\n', only=(), **files))


def test_all_tables_are_told_at_once_and_causes_before_what_they_cost(tmp_path):
    changed = {
        "patients": "patient_id,sex\np1,female\np2,male\np3,female\np4,male",
        "sessions": HONEST["sessions"].replace("attended", "Show") + "\n        s9,p1,,g1,,no_show,60,0,",
    }
    with pytest.raises(StructureError) as caught:
        ingested(delivery(tmp_path, only=CARE, **changed))
    told = str(caught.value)
    assert "4 of 4 cells of sex are none of F, M, X, U; translate the 2 words" in told
    assert told.index("cells of status are none of") < told.index(WOULD_LOSE) < told.index("1 row has no service_date")
    assert "have a status that is none of" not in told


def test_what_is_kept_is_never_said_to_be_lost_and_what_is_left_out_never_to_be_kept(tmp_path):
    changed = {
        "patients": HONEST["patients"].replace(",F,", ",female,").replace(",M,", ",male,"),
        "costs": HONEST["costs"] + "\n" + HONEST["costs"].splitlines()[-1],
        "assessments": HONEST["assessments"] + "\np1,PHQ9,2025-01-06,17,intake",
    }
    with pytest.raises(StructureError) as caught:
        ingested(delivery(tmp_path, only={*CARE, "costs", "assessments"}, **changed))
    lost, kept = str(caught.value).split(WOULD_LOSE)[1].split(TO_LOOK_AT)
    assert "assessments.csv: 1 row repeats" in lost
    assert "[warning, kept]" not in lost
    assert "costs.csv: 1 row repeats another row exactly" in kept


def test_a_score_out_of_range_is_told_with_the_range_of_its_instrument(tmp_path):
    lines = ("p1,PHQ9,2025-01-06,28,intake", "p2,GAD7,2025-01-07,-9,intake", "p3,PHQ9,2025-01-08,8,intake")
    _, report = ingested(delivery(tmp_path, only={*CARE, "assessments"}, **scores(*lines, columns=",occasion")))
    [told] = [line for line in report.lines() if "cannot give" in line]
    assert "2 rows have a total score that their instrument cannot give (rows 2, 3)" in told
    assert "GAD7 totals go from 0 to 21, PHQ9 totals go from 0 to 27" in told


def test_rows_whose_person_is_set_apart_are_told_apart_from_those_of_nobody(tmp_path):
    changed = more("patients", "p5,1980,F,WHITE,OH,452", "p5,1981,M,WHITE,OH,452") | more(
        "sessions", session(1, person="p5"), session(2, person="p99")
    )
    _, report = ingested(delivery(tmp_path, only=CARE, **changed))
    assert rules_of(report) == {
        ("patients", "conflicting_key"): 2,
        ("sessions", "patient_id_set_apart"): 1,
        ("sessions", "patient_id_unknown"): 1,
    }


def discharged(folder, *reasons):
    """Three discharges of our own words, and one for each of these."""
    people = "".join(f"p{place},1980\n" for place in range(len(reasons)))
    stays = "".join(f"e{place},p{place},g1,IOP,2025-01-06,2025-02-06\n" for place in range(len(reasons)))
    ended = "".join(f"e{place},{reason}\n" for place, reason in enumerate(reasons))
    return delivery(
        folder,
        only=[],
        patients=b"patient_id,birth_year\n" + people.encode(),
        episodes=b"episode_id,patient_id,program_id,level_of_care,start_date,end_date\n" + stays.encode(),
        discharges=b"episode_id,ending\n" + ended.encode(),
    )


def test_codes_of_endings_without_a_code_book_are_named_in_a_section_to_fill_in(tmp_path):
    study = discharged(tmp_path, *["TC"] * 12, *["07"] * 15, "ZZ", "somebody")
    with pytest.raises(StructureError) as fault:
        ingested(study)
    said = str(fault.value)
    assert '[codes.discharges.ending]\n    "07" = ""   # 15 rows\n    "TC" = ""   # 12 rows' in said
    assert "ZZ" not in said, "a code of few rows is nobody's to see"
    assert "somebody" not in said


def test_words_that_may_be_names_are_not_named(tmp_path):
    with pytest.raises(StructureError) as fault:
        ingested(discharged(tmp_path, *["Ann"] * 12, *["TC"] * 12))
    assert "Ann" not in str(fault.value)
