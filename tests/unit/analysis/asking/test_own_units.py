"""Rows about a yes-or-no screen are told in percentage points; those of a scale as they are."""

from pathlib import Path

from pipeline.analysis.asking.own_units import in_own_units
from pipeline.choices.asked import Outcome
from pipeline.results import RESULT_TABLES, FigurePoint, Result
from pipeline.study import Study

SCREEN, SCALE = Outcome(name="uds_day90", instrument="UDS_OPIOID"), Outcome()
BOTH = Study(Path("study"), outcomes=(SCREEN, SCALE))


def row(outcome, **more):
    return Result(question="C2", analysis="like_for_like", outcome=outcome, **({"measure": "difference"} | more))


def told(*rows, study=BOTH):
    tables = {name: [one for one in rows if isinstance(one, kind)] for name, kind in RESULT_TABLES.items()}
    return in_own_units(tables, study)


def test_a_screens_difference_with_its_limits_error_and_margin_is_in_percentage_points():
    found = row(
        "uds_day90", unit="points", estimate=0.03, raw_estimate=-0.03, se=0.02, low=-0.01, high=0.07, margin=0.1
    )
    [one] = told(found)["results"]
    assert one.unit == "percentage points"
    assert [round(value, 9) for value in (one.estimate, one.raw_estimate, one.se)] == [3, -3, 2]
    assert [round(value, 9) for value in (one.low, one.high, one.margin)] == [-1, 7, 10]
    assert told(one)["results"] == [one]  # kept from an earlier run, it is not taken twice


def test_shares_standard_deviations_scales_and_what_is_not_known_stay_as_they_are():
    rows = [
        row("uds_day90", unit="share", estimate=0.4),
        row("uds_day90", unit="SD", measure="tipping_point_sd", estimate=0.5),
        row("phq9_day90", unit="points", estimate=0.4),
    ]
    assert told(*rows)["results"] == rows
    [withheld] = told(row("uds_day90", unit="points"))["results"]
    assert (withheld.unit, withheld.estimate) == ("percentage points", None)


def test_the_level_at_the_start_is_a_percent_and_a_curve_is_drawn_in_the_unit_of_its_row():
    found = row("uds_day90", unit="points", measure="baseline_mean", estimate=0.8)
    marks = [FigurePoint(result_id=found.result_id, figure=name, x=1.0, y=0.5) for name in ("effect_curve", "overlap")]
    made = told(found, *marks)
    assert [(one.unit, one.estimate) for one in made["results"]] == [("percent", 80.0)]
    assert [(one.x, one.y) for one in made["points"]] == [(1.0, 50.0), (1.0, 0.5)]
