"""The whole gate against a reader who tries every whole number: one arm's head counts and shares, released, then
attacked."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.choices.answered import Disclosure
from pipeline.report.disclosure.gate import Tables, release
from pipeline.results import Result

RULE = Disclosure(threshold=5)
WHERE = {"question": "M", "analysis": "scorecard", "arm": "iop", "target": "observed"}
SCORE = WHERE | {"outcome": "phq9_day90", "day": 90}


def share(measure, part, whole):
    return Result(**SCORE, measure=measure, numerator=part, denominator=whole, n=whole, estimate=part / whole)


def released(starts, measured, better, worse):
    rows = [
        Result(**WHERE, measure="starts", n=starts),
        Result(**SCORE, measure="mean_change", n=measured, estimate=5.0),
        share("reliably_improved", better, measured),
        share("reliably_deteriorated", worse, measured),
    ]
    return release(Tables(results=tuple(rows)), RULE).results


def agrees(row, part, whole):
    """Which of the tried numbers agree with a released row."""
    fits = np.ones_like(whole, dtype=bool)
    for shown, tried in ((row.n, whole), (row.denominator, whole), (row.numerator, part)):
        fits &= (tried == shown) if isinstance(shown, int) else True
    if isinstance(row.estimate, float) and part is not None:
        fits &= np.abs(part / whole - row.estimate) <= (0.0006 if isinstance(row.n, int) else 0.0051)
    return fits


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_small_group_can_be_worked_out_of_one_arm(data):
    starts = data.draw(st.integers(20, 130))
    measured = starts - data.draw(st.integers(0, 12))
    worse = data.draw(st.integers(0, min(12, measured)))
    better = data.draw(
        st.sampled_from(
            [0, min(3, measured - worse), (measured - worse) // 2, max(measured - worse - 3, 0), measured - worse]
        )
    )
    first, mean, up, down = released(starts, measured, better, worse)
    assert first.n == starts
    m, b, w = np.meshgrid(
        np.arange(max(starts - 25, 1), starts + 1), np.arange(starts + 1), np.arange(0, 40), indexing="ij"
    )
    possible = (b + w <= m) & agrees(mean, None, m) & agrees(up, b, m) & agrees(down, w, m)
    truth = {
        "not measured": (starts - m, starts - measured),
        "better": (b, better),
        "worse": (w, worse),
        "as before": (m - b - w, measured - better - worse),
        "not better": (m - b, measured - better),
        "not worse": (m - w, measured - worse),
    }
    for name, (tried, true) in truth.items():
        if 0 < true < RULE.threshold:
            could_be = set(np.unique(tried[possible]).tolist())
            assert set(range(1, RULE.threshold)) <= could_be, (name, true, could_be)


def test_releasing_twice_gives_the_same_tables():
    assert released(120, 110, 50, 9) == released(120, 110, 50, 9)
