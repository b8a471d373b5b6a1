"""Planted faults: counted, and each with one right answer."""

import numpy as np
import pytest

from pipeline.schema import STATUSES, TABLES
from pipeline.synthetic.population import draw
from pipeline.synthetic.records.dirt import DUPLICATE_SHARE, soiled
from pipeline.synthetic.records.tables import records_of
from pipeline.synthetic.scenarios import DEFAULT


@pytest.fixture(scope="module")
def clean():
    return records_of(draw(1500, np.random.default_rng(9), DEFAULT), "limited-data-set", np.random.default_rng(10))[0]


@pytest.fixture(scope="module")
def dirty(clean):
    return soiled(clean, np.random.default_rng(11))


def test_clean_tables_hold_required_values_known_words_and_whole_links(clean):
    for name, table in clean.items():
        declared = TABLES[name]
        for column in declared.columns:
            if column.staged not in table:
                assert column.need != "required", f"{name}.{column.staged}"
                continue
            values = table[column.staged]
            if column.need == "required" and column.staged not in ("minutes_scheduled",):
                assert values.notna().all(), f"{name}.{column.staged}"
            if column.allowed:
                assert set(values.dropna()) <= set(column.allowed), f"{name}.{column.staged}"
        for column, other in declared.links:
            assert set(table[column].dropna()) <= set(clean[other][TABLES[other].key[0]])
        if declared.key:
            assert not table.duplicated([key if key in table else f"{key}_day" for key in declared.key]).any()


def test_minutes_are_missing_only_for_bed_days_and_days_billed_as_such(clean):
    sessions = clean["sessions"]
    untimed = sessions[sessions["minutes_scheduled"].isna()]
    assert set(untimed["status"]) - {"bed_day"} <= set(STATUSES)
    per_diem = untimed[untimed["status"] != "bed_day"]
    assert set(per_diem["program_id"]) == {"s04-iop", "s06-php"}
    assert set(per_diem.loc[per_diem["service_type"].isin(["group", "assessment"]), "cpt_hcpcs"]) <= {
        "S9480",
        "H0015",
        "H0035",
    }


def test_rows_added_are_the_rows_counted(clean, dirty):
    tables, planted = dirty
    for name, table in tables.items():
        added = sum(fault.rows for fault in planted if fault.table == name and fault.fate != "warning")
        assert len(table) == len(clean[name]) + added


def test_half_a_percent_of_sessions_are_sent_twice_to_the_letter(clean, dirty):
    sessions = dirty[0]["sessions"]
    again = sessions[sessions.duplicated("session_id", keep=False)]
    assert len(again) == 2 * int(DUPLICATE_SHARE * len(clean["sessions"]))
    assert again.drop_duplicates().groupby("session_id").size().max() == 1


def test_each_spoiled_row_has_one_fault_and_leaves_the_others_alone(clean, dirty):
    tables, planted = dirty
    count = {(fault.table, fault.kind): fault.rows for fault in planted}
    sessions, scores = tables["sessions"], tables["assessments"]
    assert (sessions["status"] == "completed").sum() == count["sessions", "unknown status"]
    assert sessions["service_day"].isna().sum() == count["sessions", "no service day"]
    assert sessions["program_id"].isna().sum() == count["sessions", "no program"]
    assert (~sessions["patient_id"].isin(tables["patients"]["patient_id"])).sum() == count[
        "sessions", "patient not in patients"
    ]
    assert (scores["score"] == 99).sum() == count["assessments", "score outside the scale"]
    ends = tables["episodes"]["end_day"] < tables["episodes"]["start_day"]
    assert ends.fillna(False).sum() == count["episodes", "ends before it starts"]
    known = tables["discharges"]["episode_id"].isin(tables["episodes"]["episode_id"])
    assert (~known).sum() == count["discharges", "episode not in episodes"]
    bad = tables["discharges"]["ending"] == "absconded"
    assert bad.sum() == count["discharges", "unknown ending"]
    assert not tables["discharges"].loc[bad, "episode_id"].isin(clean["discharges"]["episode_id"]).any()


def test_of_two_scores_on_one_day_the_true_one_comes_first(clean, dirty):
    key = ["patient_id", "instrument_id", "assessed_day"]
    first = dirty[0]["assessments"].drop_duplicates(key)
    true = clean["assessments"].merge(first, on=key, suffixes=("", "_seen"))
    assert (true["score"] == true["score_seen"]).all()


def test_bad_minutes_are_warnings_on_rows_that_stay(dirty):
    sessions, planted = dirty[0]["sessions"], {fault.kind: fault.rows for fault in dirty[1]}
    long = (sessions["minutes_attended"] > 1.5 * sessions["minutes_scheduled"]).fillna(False)
    absent = (sessions["status"] == "no_show") & (sessions["minutes_attended"] > 0).fillna(False)
    assert long.sum() == planted["attended longer than scheduled"]
    assert absent.sum() == planted["minutes of one who did not come"]
