"""C12: gaps between scores while in care, whom the careless count leaves out, and scores behind the expected course."""

import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.questions.measurement import (
    NEVER,
    NO_SCALE,
    NOBODY,
    NOBODY_COMPLETED,
    among_completers,
    behind_course,
    control_chart,
    measurement,
)
from pipeline.errors import NotEstimable
from tests.spec.asked import asked, claim, the, twin
from tests.spec.staged import built, like, staged, study_of

STARTED = "patient_id | level_of_care | service_day\n" + "\n".join(f"ann | IOP | {day}" for day in (0, 20, 40))


def gaps(*days, sessions=STARTED, **more):
    scores = "patient_id | instrument_id | assessed_day | score\n" + "\n".join(
        f"ann | PHQ9 | {day} | 10" for day in days
    )
    return built(staged(sessions=sessions, **({"assessments": scores} if days else {}), **more), "measured_gaps")


@pytest.mark.parametrize(
    ("days", "longest", "fortnight", "month"),
    [
        ((0, 14, 28), 14, True, True),
        ((0, 14, 29), 15, False, True),
        ((0, 14), 26, False, True),
        ((0, 9), 31, False, False),
        ((10, 20, 30), 10, True, True),
        ((15, 29), 15, False, True),
        ((-7, 1, 13, 26), 14, True, True),
        ((-8, 50), 40, False, False),
        ((), 40, False, False),
    ],
)
def test_the_longest_gap_counts_from_day_0_over_each_score_to_the_last_day_in_care(days, longest, fortnight, month):
    found = gaps(*days).execute("SELECT longest_gap, every_14_days, every_30_days FROM measured_gaps").fetchall()
    assert found == [(longest, fortnight, month)]


def test_a_short_stay_without_any_score_was_not_measured():
    con = gaps(sessions="patient_id | level_of_care | service_day\nann | IOP | 0\nann | IOP | 5")
    found, expected = like(
        con,
        "measured_gaps",
        """
        scores | longest_gap | every_14_days
        0      | 5           | no
        """,
    )
    assert found == expected


def test_care_is_looked_at_up_to_the_last_retention_day_which_everybody_counted_can_be_seen_to_reach():
    long = "patient_id | level_of_care | service_day\n" + "\n".join(f"ann | IOP | {day}" for day in range(0, 200, 20))
    ends = "patient_id | observed_from_day | observed_to_day\nann | -100 | {}"
    for seen, observable in ((89, False), (90, True)):
        assert gaps(0, sessions=long, patients=ends.format(seen)).execute(
            "SELECT care_day, observable FROM measured_gaps"
        ).fetchall() == [(90, observable)]


def many(people=40, scored=30):
    """People in IOP for 20 days; the first `scored` of them have scores on days 0 and 10; every other one completed
    care."""
    names = [f"p{i:02}" for i in range(people)]
    return {
        "sessions": [
            {"patient_id": name, "level_of_care": "IOP", "service_day": day} for name in names for day in (0, 20)
        ],
        "assessments": [
            {"patient_id": name, "instrument_id": "PHQ9", "assessed_day": day, "score": 10.0}
            for name in names[:scored]
            for day in (0, 10)
        ],
        "episodes": [
            {"episode_id": f"e{name}", "patient_id": name, "level_of_care": "IOP", "start_day": 0, "end_day": 20}
            for name in names
        ],
        "discharges": [
            {"episode_id": f"e{name}", "ending": "completed" if i % 2 else "dropped_out"}
            for i, name in enumerate(names)
        ],
    }


def test_the_answer_counts_everybody_in_care_and_the_naive_one_only_those_who_completed_it():
    rows = asked(measurement, built(staged(**many())))
    assert (claim(rows).numerator, claim(rows).denominator) == (30, 40)
    assert (twin(rows).n, twin(rows).estimate) == (20, pytest.approx(15 / 20))
    assert "completed care" in twin(rows).note
    assert the(rows, measure="measured_every_14_days", arm="iop", site="").numerator == 30
    assert the(rows, measure="measured_every_14_days", arm="iop", site="P").numerator == 30
    assert "score more often" in the(rows, measure="behind_course").reason


@pytest.mark.parametrize(
    ("tables", "study", "reason"),
    [(many(), {"outcomes": []}, NO_SCALE), (many(scored=0), {}, NEVER), (many(people=29), {}, NOBODY)],
)
def test_records_that_cannot_tell_are_refused(tables, study, reason):
    rows = asked(measurement, built(staged(**tables), study=study_of(**study)), study_of(**study))
    for row in (claim(rows), twin(rows)):
        assert (row.gate, row.estimate, row.reason) == ("withheld", None, reason)


def test_nobody_completed_leaves_the_naive_answer_without_a_number():
    assert among_completers(pd.DataFrame({"ending": ["ama"], "every_14_days": [True]})) == {"reason": NOBODY_COMPLETED}


def started(counts):
    """People by month and quarter: (with, of) for each month."""
    rows = [
        (f"2025-{m:02}", f"2025Q{(m + 2) // 3}", i < yes)
        for m, (yes, n) in enumerate(counts, start=1)
        for i in range(n)
    ]
    return pd.DataFrame(rows, columns=["month", "period", "every_14_days"])


def test_a_chart_goes_by_month_where_both_sides_are_large_enough_and_by_quarter_otherwise():
    monthly = list(control_chart(started([(60, 100)] * 11 + [(20, 100)]), "id", "measured_iop", 11))
    assert [p.label for p in monthly][:2] == ["2025-01", "2025-02"]
    assert monthly[-1].label == "first 12 periods"
    quarterly = list(control_chart(started([(8, 16)] * 12), "id", "measured_iop", 11))
    assert [p.label for p in quarterly] == ["2025Q1", "2025Q2", "2025Q3", "2025Q4", "first 4 periods"]


def test_limits_are_frozen_after_the_first_twelve_periods_so_that_a_later_fall_lies_outside():
    early = started([(60 + i % 3, 100) for i in range(12)])
    late = early[early["month"] == "2025-01"].assign(month="2026-01", every_14_days=[i < 20 for i in range(100)])
    *points, center = control_chart(pd.concat([early, late]), "id", "measured_iop", 11)
    assert center.y == pytest.approx(0.61)
    assert points[-1].y < points[-1].low
    assert all(p.low < p.y < p.high for p in points[:-1])


@pytest.mark.parametrize("counts", [[(60, 100)] * 3, [(100, 100)] * 12])
def test_too_few_periods_or_nobody_left_out_make_no_chart(counts):
    assert list(control_chart(started(counts), "id", "measured_iop", 0)) == []


def test_a_score_is_behind_where_it_lies_a_standard_deviation_below_what_that_start_and_day_let_expect():
    rng, n = np.random.default_rng(1), 4000
    start, day = rng.normal(15, 4, n), rng.integers(1, 90, n)
    noise = rng.normal(0, 3, n)
    scores = pd.DataFrame(
        {
            "episode_id": np.arange(n).astype(str),
            "baseline_score": start,
            "day": day,
            "improvement": 1 + 0.2 * (start - 15) + 1.5 * np.log1p(day) + noise,
        }
    )
    behind = behind_course(scores)
    assert behind.mean() == pytest.approx(0.1587, abs=0.02)
    assert (behind == (noise < -3)).mean() > 0.98
    with pytest.raises(NotEstimable, match="score more often"):
        behind_course(scores.head(99))
