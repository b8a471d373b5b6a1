"""Measures as rows: counts become rates, periods that are too young stay silent, charts freeze their baseline,
definitions disagree."""

from types import SimpleNamespace

import duckdb
import numpy as np
import pytest

from pipeline.analysis.asking.run import check_results
from pipeline.analysis.described.measure_charts import BASELINE, charts
from pipeline.analysis.described.measure_ideas import ideas
from pipeline.analysis.described.measures import TOO_EARLY, TOO_FEW, benchmark_rows, effects, kept, measure_rows
from pipeline.analysis.headline import Asking
from pipeline.measures.library import measures
from pipeline.results import FigurePoint, Result
from pipeline.warehouse.build import table_queries
from tests.unit.analysis.made_records import made_records, study

MEMBERS = """
CREATE TABLE measure_members (measure STRING, instrument_id STRING, at_day INTEGER, arm STRING, site STRING, payer STRING,
    race_ethnicity STRING, period STRING, month STRING, period_too_late STRING, month_too_late STRING, observable BOOLEAN,
    in_denominator BOOLEAN, events INTEGER, chances INTEGER)
"""
SCORES = """
CREATE TABLE measure_scores AS SELECT 'PHQ9' AS instrument_id, 90 AS at_day, 60 AS window_from, 120 AS window_to, 5.0 AS followup_score
"""


@pytest.fixture
def asking(tmp_path):
    con = duckdb.connect()
    con.execute(MEMBERS)
    con.execute(f"CREATE VIEW measure_cells AS {table_queries()['measure_cells']}")
    con.execute(SCORES)
    return Asking(con, made_records(n=900), study(tmp_path), [])


def fill(
    asking,
    people,
    *,
    measure="engaged_34d",
    instrument="",
    day=0,
    arm="iop",
    site="s1",
    payer="medicaid",
    race="WHITE",
    period="2025Q1",
    month="2025-01",
    complete=True,
    month_complete=True,
    events=0,
):
    """So many people, the first of them counted."""
    rows = [
        (
            measure,
            instrument,
            day,
            arm,
            site,
            payer,
            race,
            period,
            month,
            "9999" if complete else "0000",
            "9999" if month_complete else "0000",
            True,
            True,
            int(i < events),
            1,
        )
        for i in range(people)
    ]
    asking.warehouse.executemany(f"INSERT INTO measure_members VALUES ({', '.join('?' * 15)})", rows)


def rows_of(asking, **wanted):
    found = [row for row in measure_rows(asking) if row.measure != "severity_adjusted_effect"]
    check_results(found)
    return [row for row in found if all(getattr(row, name) == value for name, value in wanted.items())]


def test_a_rate_has_its_counts_its_wilson_limits_and_what_was_left_out_in_words(asking):
    fill(asking, 200, events=80)
    [row] = rows_of(asking, measure="engaged_34d", site="", period="", payer="", stratum="")
    assert (row.numerator, row.denominator, row.n, row.estimate) == (80, 200, 200, 0.4)
    assert (round(row.low, 4), round(row.high, 4)) == (0.3346, 0.4692)
    assert row.note == "Left out: their records end before day 34."
    assert (row.question, row.analysis, row.measure_version, row.verdict) == ("M", "measures", "1", "descriptive only")


def test_sites_periods_payers_and_races_stand_beside_the_arm(asking):
    fill(asking, 120, events=60)
    fill(asking, 80, events=20, site="s2", payer="commercial", race="BLACK", period="2025Q2", month="2025-04")
    found = {(row.site, row.period, row.payer, row.stratum): row.numerator for row in rows_of(asking)}
    parts = [("s2", "", "", ""), ("", "2025Q2", "", ""), ("", "", "commercial", ""), ("", "", "", "BLACK")]
    assert [found[part] for part in parts] == [20] * 4
    assert found[("", "2025", "", "")] == 80


def test_a_period_that_is_too_young_says_so_and_is_no_part_of_a_year(asking):
    fill(asking, 100, events=50)
    fill(asking, 100, events=50, period="2025Q2", month="2025-04", complete=False, month_complete=False)
    [early] = rows_of(asking, period="2025Q2", site="")
    [year] = rows_of(asking, period="2025", site="")
    assert (early.reason, early.estimate, early.numerator) == (TOO_EARLY, None, None)
    assert year.reason == TOO_EARLY


def test_a_recorded_year_is_a_period_and_not_counted_twice(asking):
    fill(asking, 100, events=50, period="2025", month=None)
    assert len(rows_of(asking, period="2025", site="")) == 1


def test_a_part_with_fewer_people_than_the_measure_asks_for_has_no_rate_and_a_small_payer_no_row(asking):
    fill(asking, 100, events=50)
    fill(asking, 29, events=10, site="s2", payer="self")
    [site] = rows_of(asking, site="s2", period="")
    assert (site.reason, site.n) == (TOO_FEW, None)
    assert rows_of(asking, payer="self") == []


def test_a_measure_of_a_scale_nobody_used_is_refused_once_for_each_arm(asking):
    [row] = rows_of(asking, measure="recovery", outcome="GAD7", arm="iop")
    assert row.reason.startswith("nobody was measured with this scale")
    assert rows_of(asking, measure="recovery", outcome="PHQ9") == []  # used, and nobody counted


def test_where_hardly_anybody_was_measured_missing_is_not_counted_as_failure(asking):
    asking.warehouse.execute("UPDATE measure_scores SET followup_score = NULL")
    fill(asking, 100, measure="recovery", instrument="PHQ9", day=90, events=0)
    [row] = rows_of(asking, measure="recovery", outcome="phq9_day90")
    assert row.reason.startswith("hardly anybody was measured at that time")


def test_attendance_lets_the_visits_of_a_person_resemble_each_other():
    # two people: 8 of 10 visits kept, and 2 of 10: half, with as much spread as two people have
    count = SimpleNamespace(people=2, events=10, chances=20, events_squared=68, events_chances=100, chances_squared=200)
    row = kept(count, {"question": "M", "analysis": "measures", "measure": "attendance"})
    assert (row.estimate, row.n, row.numerator, row.denominator) == (0.5, 2, 10, 20)
    assert row.se == pytest.approx(np.sqrt((3**2 + 3**2) * 2) / 20)


def monthly(asking, counts, **where):
    for i, events in enumerate(counts):
        month = f"{2024 + i // 12}-{i % 12 + 1:02}"
        fill(asking, 100, events=events, month=month, period=f"{month[:4]}Q{i % 12 // 3 + 1}", **where)
    asking.answers.extend(rows_of(asking))
    return list(charts(asking))


def test_limits_and_center_stay_where_the_first_twelve_periods_put_them(asking):
    steady = [50, 52, 48, 51, 49, 50, 47, 53, 50, 49, 51, 50]
    found = monthly(asking, [*steady, *[20] * 9])
    [line] = [row for row in found if isinstance(row, Result) and row.analysis == "control_chart" and not row.site]
    marks = [mark for mark in found if isinstance(mark, FigurePoint) and mark.result_id == line.result_id]
    assert (line.estimate, line.period, BASELINE) == (0.5, "2024-01 to 2024-12", 12)
    assert (line.numerator, line.denominator) == (sum(steady), 1200)
    assert len(marks) == 21
    assert marks[20].y < marks[20].low
    assert line.note.startswith("Signs of change: beyond the limits in 2025-01, 2025-02")
    assert "unusually long stretch" in line.note


def test_a_steady_series_shows_no_sign_of_change(asking):
    found = monthly(asking, [50, 52, 48, 51, 49, 50, 47, 53, 50, 49, 51, 50, 52, 47])
    [line] = [row for row in found if isinstance(row, Result) and not row.site]
    assert line.note == "No sign of change beyond what varies anyway."


def test_with_fewer_than_twelve_periods_the_chart_says_that_its_baseline_is_not_frozen(asking):
    found = monthly(asking, [50, 52, 48, 51, 49, 50, 47])
    [line] = [row for row in found if isinstance(row, Result) and not row.site]
    assert line.note.endswith("The first edition that shows this baseline freezes it.")


def test_months_with_few_people_are_charted_by_quarter(asking):
    for i in range(24):
        month = f"{2024 + i // 12}-{i % 12 + 1:02}"
        fill(asking, 20, events=10, month=month, period=f"{month[:4]}Q{i % 12 // 3 + 1}")
    asking.answers.extend(rows_of(asking))
    marks = [mark for mark in charts(asking) if isinstance(mark, FigurePoint) and mark.figure == "control_chart"]
    assert {mark.label for mark in marks} == {f"{year}Q{q}" for year in (2024, 2025) for q in range(1, 5)}


@pytest.mark.parametrize(("sites", "drawn"), [(9, False), (10, True)])
def test_a_funnel_is_drawn_where_ten_sites_or_more_have_a_rate(asking, sites, drawn):
    for i in range(sites):
        fill(asking, 100 + i, events=50 if i else 95, site=f"s{i:02}")
    asking.answers.extend(rows_of(asking))
    found = list(charts(asking))
    marks = [mark for mark in found if isinstance(mark, FigurePoint) and mark.figure == "funnel"]
    assert bool(marks) is drawn
    if drawn:
        [line] = [row for row in found if isinstance(row, Result) and row.analysis == "funnel"]
        assert line.estimate == pytest.approx((95 + 50 * 9) / sum(100 + i for i in range(10)))
        assert marks[0].low <= line.estimate <= marks[0].high


def idea(asking, **shares):
    """Rates of recovery by definition and arm."""
    rows = [
        Result(
            question="M",
            analysis="measures",
            measure=measure,
            outcome="phq9_day90",
            day=90,
            arm=arm,
            unit="share",
            estimate=part / 100,
            numerator=part,
            denominator=100,
            n=100,
        )
        for measure, by_arm in shares.items()
        for arm, part in by_arm.items()
    ]
    asking.answers.extend(rows)
    return {row.measure: row for row in ideas(asking)}


def test_definitions_that_order_two_levels_differently_are_flagged(asking):
    row = idea(asking, recovery={"iop": 30, "outpatient": 25}, recovery_observed={"iop": 40, "outpatient": 50})[
        "recovery"
    ]
    assert row.stratum == "disagree"
    assert (
        row.note
        == "The order of the levels depends on the definition: iop and outpatient change places between “Recovered"
        " around "
        "day 90, those not measured again counted as not” and “Recovered around day 90, of those measured again”."
    )


def test_definitions_that_agree_or_differ_by_less_than_one_in_a_hundred_are_not(asking):
    same = idea(asking, recovery={"iop": 30, "outpatient": 25}, recovery_observed={"iop": 50, "outpatient": 50})[
        "recovery"
    ]
    assert (same.stratum, same.estimate, same.numerator) == ("agree", None, None)


def test_an_order_that_only_hidden_numbers_have_is_not_told(asking):
    assert idea(asking, recovery={"iop": 30, "outpatient": 25}, recovery_observed={"iop": 5, "outpatient": 9}) == {}


def test_people_as_severe_as_everybody_here_have_no_change_beyond_what_was_expected(asking):
    rows = list(effects(asking))
    whole = [row for row in rows if not row.site and row.estimate is not None]
    assert {row.arm for row in whole} == {"outpatient", "iop", "inpatient"}
    weighted = sum(row.estimate * row.n for row in whole) / sum(row.n for row in whole)
    assert weighted == pytest.approx(0, abs=1e-9)  # the reference is everybody together
    assert all(row.unit == "standard deviations" and row.low < row.estimate < row.high for row in whole)


def test_of_each_published_series_the_latest_year_is_kept():
    rows = list(benchmark_rows(None))
    check_results(rows)
    ours = [row for row in rows if row.measure == "nhs_recovery"]
    assert [(row.estimate, row.note) for row in ours] == [
        (0.505, "NHS England, Talking Therapies annual report, national totals, 2024-25")
    ]
    assert {row.target for row in rows} == {"published"}
    assert {row.measure for row in rows} & {measure.id for measure in measures()}
