"""The baseline of a control chart is that of the first edition that showed it, until somebody begins anew."""

import pytest

from pipeline import ledger
from pipeline.analysis.described.measure_charts import control_chart
from pipeline.baselines import with_frozen
from pipeline.report.disclosure.gate import Tables
from pipeline.report.release_ledger import RELEASED, begin_anew, first_charts, note_release
from pipeline.results import FigurePoint, Result
from tests.unit.analysis.made_records import study

QUARTERS = [f"{year}Q{quarter}" for year in (2024, 2025) for quarter in (1, 2, 3, 4)]
STEADY = [40, 42, 38, 41, 39, 43, 40]


def stored(*counted):
    """A chart as the analysis stores it, a quarter of 100 people each."""
    rows = [
        Result(
            question="M",
            analysis="measures",
            measure="remission",
            arm="iop",
            period=period,
            unit="share",
            numerator=one,
            denominator=100,
            n=100,
            estimate=one / 100,
        )
        for period, one in zip(QUARTERS, counted, strict=False)
    ]
    made = list(control_chart(rows, 11))
    return Tables(
        results=tuple(one for one in made if isinstance(one, Result)),
        points=tuple(one for one in made if isinstance(one, FigurePoint)),
    )


def frozen(study, tables, before=""):
    """The chart as the next edition shows it."""
    results, points = with_frozen(tables.results, tables.points, first_charts(study, before), 11)
    return Tables(results=results, points=points)


@pytest.fixture
def asked(tmp_path):
    return study(tmp_path)


def line_of(tables):
    [line] = tables.results
    return line


def test_a_later_quarter_moves_neither_the_center_line_nor_the_limits_of_the_first_edition(asked):
    first = stored(*STEADY)
    assert frozen(asked, first) == first
    note_release(asked, first, made_from="first")
    second = frozen(asked, stored(*STEADY, 80))
    assert line_of(second).estimate == pytest.approx(sum(STEADY) / 700)
    assert line_of(second).period == "2024Q1 to 2025Q3"
    assert [(p.low, p.high) for p in second.points[:7]] == [(p.low, p.high) for p in first.points]
    assert {p.result_id for p in second.points} == {line_of(second).result_id} == {line_of(first).result_id}
    assert second.points[7].y > second.points[7].high
    assert "Beyond the limits in 2025Q4" in line_of(second).note


def test_a_correction_within_those_quarters_restates_the_line_under_its_name(asked):
    note_release(asked, stored(*STEADY), made_from="first")
    second = frozen(asked, stored(60, *STEADY[1:], 41))
    assert line_of(second).numerator == sum(STEADY) + 20
    assert line_of(second).result_id == line_of(stored(*STEADY)).result_id


def test_whoever_begins_anew_has_a_new_baseline_which_is_then_kept(asked):
    note_release(asked, stored(*STEADY), made_from="first")
    begin_anew(asked, "care changed in 2025Q4")
    anew = frozen(asked, stored(*STEADY, 80))
    assert line_of(anew).period == "2024Q1 to 2025Q4"
    note_release(asked, anew, made_from="second")
    assert frozen(asked, stored(*STEADY, 80)) == anew


def test_the_first_edition_made_again_does_not_count_as_one_before_it(asked):
    note_release(asked, stored(*STEADY), made_from="first")
    ledger.append(asked, RELEASED, {"when": ledger.now(), "withdrawn": 0, "from": "second", "told": {}})
    assert line_of(frozen(asked, stored(*STEADY, 80), "first")).period == "2024Q1 to 2025Q4"
