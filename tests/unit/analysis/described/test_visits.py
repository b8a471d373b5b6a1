from dataclasses import replace

import numpy as np
import pytest

from pipeline.analysis.described.visits import NOT_RECORDED, attendance, screens
from tests.unit.analysis.made_records import made_records, study


def test_visits_kept_are_shared_over_visits_and_uncertain_over_people(tmp_path):
    records = made_records(n=900)
    for row in attendance(records, study(tmp_path)):
        here = records.visits[records.visits["arm"] == row.arm]
        assert row.estimate == pytest.approx(here["kept_sessions"].sum() / here["expected_sessions"].sum())
        draws = [here.sample(frac=1, replace=True, random_state=seed) for seed in range(300)]
        spread = np.std([draw["kept_sessions"].sum() / draw["expected_sessions"].sum() for draw in draws])
        assert row.se == pytest.approx(spread, rel=0.15)


def test_where_missed_visits_are_not_recorded_no_share_is_given(tmp_path):
    records = made_records(n=300)
    punctual = replace(records, visits=records.visits.assign(kept_sessions=records.visits["expected_sessions"]))
    for row in attendance(punctual, study(tmp_path)):
        assert (row.estimate, row.reason) == (None, NOT_RECORDED)


def test_nobody_expected_is_said(tmp_path):
    records = made_records(n=300)
    assert all(
        row.reason == "no visit was expected here"
        for row in attendance(replace(records, visits=records.visits.iloc[:0]), study(tmp_path))
    )


def test_screens_are_shares_of_the_people_seen_and_say_at_least():
    records = made_records(n=600)
    rows = list(screens(records))
    assert [(row.arm, row.day) for row in rows] == [("inpatient", 0), ("iop", 0), ("outpatient", 0)]
    for row in rows:
        assert row.denominator == (records.screens["arm"] == row.arm).sum()
        assert row.note.startswith("at least")
