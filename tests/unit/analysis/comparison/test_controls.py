"""The gate closes where outcomes that no level of care can change differ after weighting, and only there."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.comparison.like_for_like import compare
from pipeline.choices.asked import ComparisonChoices
from pipeline.results import NUMBERS, Diagnostic, Result
from tests.unit.analysis.made_records import made_records, study

NAMES = [f"control_{place}" for place in range(14)]


def with_controls(records, hidden=0.0, names=NAMES, linked=0.8, seed=4):
    """Control outcomes that follow age, and beyond it the arm by hidden: what a confounder that nobody measured would
    do."""
    rng, people = np.random.default_rng(seed), records.people
    log_odds = np.linspace(-2, 0, len(names)) + 0.3 * ((people["age"].to_numpy(dtype=float) - 40) / 12)[:, None]
    log_odds = log_odds + hidden * (people["arm"] == "iop").to_numpy(dtype=float)[:, None]
    happened = (rng.random(log_odds.shape) < 1 / (1 + np.exp(-log_odds))).astype(float)
    table = pd.DataFrame(happened, index=people["episode_id"], columns=names)
    return replace(records, controls=table[rng.random(len(table)) < linked])


def answered(tmp_path, records, reference="inpatient", **wanted):
    """All rows of one comparison, and those that are wanted."""
    one = ComparisonChoices(contrasts=(("iop", reference),), primary=("iop", reference, "phq9_day90"))
    rows = list(compare(records, study(tmp_path, comparison=one)))
    return rows, [
        row
        for row in rows
        if isinstance(row, Result) and all(getattr(row, key) == value for key, value in wanted.items())
    ]


def lines(rows, check):
    return [row for row in rows if isinstance(row, Diagnostic) and row.check == check]


def test_sound_controls_let_the_comparison_pass_and_give_calibrated_limits(tmp_path):
    rows, [found] = answered(
        tmp_path, with_controls(made_records()), analysis="like_for_like", outcome="phq9_day90", measure="difference"
    )
    assert found.gate == "passed"
    [line] = [one for one in lines(rows, "negative_controls") if one.result_id == found.result_id]
    assert line.passed
    assert line.after < 0.1
    assert line.threshold == 0.25
    assert len([one for one in lines(rows, "control_outcome") if one.result_id == found.result_id]) == 14
    [calibrated] = [
        row
        for row in rows
        if isinstance(row, Result)
        and row.twin_of == found.result_id
        and row.varied == "calibrated by negative controls"
    ]
    assert calibrated.analysis == "sensitivity"
    assert calibrated.high - calibrated.low > found.high - found.low
    assert calibrated.low < found.estimate < calibrated.high


def test_confounded_controls_close_the_gate_and_no_number_is_left(tmp_path):
    rows, found = answered(tmp_path, with_controls(made_records(), hidden=0.7), outcome="phq9_day90")
    assert found
    for row in found:
        assert (row.gate, row.verdict) == ("withheld", "descriptive only")
        assert (
            row.reason
            == "outcomes that no level of care can change still differ between the groups after weighting, so"
            " something "
            "that was not measured differs too"
        )
        assert all(getattr(row, name) is None for name in NUMBERS)
    assert all(not line.passed for line in lines(rows, "negative_controls") if "iop-vs" in line.result_id)


@pytest.mark.parametrize(
    "records",
    [
        made_records(n=3000),
        with_controls(made_records(n=3000), names=NAMES[:9], hidden=0.7),
        with_controls(made_records(n=3000), linked=0.0),
    ],
    ids=["no table", "nine of them", "nobody linked"],
)
def test_fewer_than_ten_controls_are_not_assessed_and_withhold_nothing(tmp_path, records):
    rows, found = answered(tmp_path, records, analysis="like_for_like", outcome="phq9_day90", measure="difference")
    assert [row.gate for row in found] == ["passed"]
    assert lines(rows, "negative_controls") == []
    assert {(line.threshold, line.passed) for line in lines(rows, "controls")} == {(10.0, False)}
    assert not [row for row in rows if isinstance(row, Result) and row.varied == "calibrated by negative controls"]


def test_a_share_is_calibrated_as_a_risk_ratio(tmp_path):
    rows, [found] = answered(
        tmp_path,
        with_controls(made_records()),
        analysis="like_for_like",
        outcome="retained_day90",
        measure="risk_difference",
        reference="outpatient",
    )
    [calibrated] = [
        row for row in rows if isinstance(row, Result) and row.twin_of == found.result_id and row.unit == "ratio"
    ]
    assert (calibrated.measure, calibrated.unit) == ("risk_ratio", "ratio")
    assert 0 < calibrated.low < calibrated.estimate < calibrated.high
    assert (calibrated.estimate > 1) == (found.estimate > 0)
