"""What may leave of measures that are divided by site, period, payer and race: parts and wholes never give a small
group away."""

import numpy as np
import pytest

from pipeline.report.disclosure.gate import Tables, release
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.results import FigurePoint, Result
from pipeline.study import Disclosure
from tests.spec.drawn import drawn

RULE = Disclosure(threshold=11)
RATE = {
    "question": "M",
    "analysis": "measures",
    "measure": "recovery",
    "arm": "iop",
    "target": "observed",
    "outcome": "phq9_day90",
}


def rate(part, whole, **where):
    return Result(**(RATE | where), numerator=part, denominator=whole, n=whole, events=part, estimate=part / whole)


def rates(picture, **common):
    rows = []
    for row in drawn(picture):
        part, whole = row.pop("with"), row.pop("of")
        rows.append(rate(part, whole, **(common | {name: str(value or "") for name, value in row.items()})))
    return rows


def out(rows, **tables):
    return release(Tables(results=tuple(rows), **tables), RULE)


def names(rows, column="site"):
    return [getattr(row, column) for row in rows if row.estimate is SUPPRESSED]


def test_a_site_with_few_is_hidden_and_so_is_the_next_smallest_because_sites_add_up_to_their_level():
    released = out(
        rates("""
        site  | of  | with
        ------+-----+-----
              | 500 | 200
        north | 200 | 100
        south | 150 | 64
        east  | 100 | 32
        west  |  50 | 4
        """)
    ).results
    assert names(released) == ["east", "west"]


def test_a_site_where_few_did_not_is_protected_like_one_where_few_did():
    released = out(
        rates("""
        site  | of  | with
        ------+-----+-----
              | 500 | 330
        north | 200 | 140
        south | 150 | 94
        east  | 100 | 50
        west  |  50 | 46
        """)
    ).results
    assert "west" in names(released)
    assert len(names(released)) == 2


def test_people_of_sites_too_small_to_be_shown_are_not_the_difference_to_the_level():
    # 500 people, 496 of them at the sites that are shown: four elsewhere
    released = out(
        rates("""
        site  | of  | with
        ------+-----+-----
              | 500 | 200
        north | 296 | 120
        south | 200 | 80
        """)
    ).results
    assert names(released) == ["south"]


def test_the_few_counted_at_sites_too_small_to_be_shown_are_not_the_difference_to_the_level_either():
    # 30 people elsewhere, of whom four were counted
    released = out(
        rates("""
        site  | of  | with
        ------+-----+-----
              | 500 | 200
        north | 270 | 116
        south | 200 | 80
        """)
    ).results
    assert names(released) == ["south"]


def test_a_hidden_quarter_is_not_the_difference_between_its_year_and_the_other_quarters():
    released = out(
        rates("""
        period | of  | with
        -------+-----+-----
               | 900 | 400
        2024   | 500 | 230
        2024Q1 | 150 | 80
        2024Q2 | 150 | 70
        2024Q3 | 120 | 75
        2024Q4 |  80 | 5
        2025   | 400 | 170
        2025Q1 | 200 | 90
        2025Q2 | 200 | 80
        """)
    ).results
    assert names(released, "period") == ["2024Q2", "2024Q4"]


def test_a_month_with_few_is_not_the_difference_between_its_quarter_and_the_other_months():
    released = out(
        rates("""
        period  | of  | with
        --------+-----+-----
                | 300 | 150
        2024Q1  | 300 | 150
        2024-01 | 100 | 80
        2024-02 | 100 | 62
        2024-03 | 100 | 8
        """)
    ).results
    assert names(released, "period") == ["2024-02", "2024-03"]


def test_a_site_hidden_in_one_year_takes_another_site_of_that_year_and_another_year_of_that_site_with_it():
    released = out(
        rates("""
        site  | period | of  | with
        ------+--------+-----+-----
              |        | 700 | 241
        north |        | 400 | 160
        south |        | 300 | 81
              | 2024   | 400 | 160
              | 2025   | 300 | 81
        north | 2024   | 200 | 82
        north | 2025   | 200 | 78
        south | 2024   | 200 | 78
        south | 2025   | 100 | 3
        """)
    ).results
    hidden = {(row.site, row.period) for row in released if row.estimate is SUPPRESSED}
    assert ("south", "2025") in hidden
    for axis in (0, 1):
        shown_alone = [cell for cell in hidden if all(cell)]
        assert all(sum(other[axis] == cell[axis] for other in hidden if any(other)) > 1 for cell in shown_alone)


@pytest.mark.parametrize("column", ["payer", "stratum"])
def test_a_payer_or_race_that_is_too_rare_to_be_a_row_is_not_what_is_left_of_the_level(column):
    released = out(
        rates(f"""
        {column}   | of  | with
        -----------+-----+-----
                   | 400 | 160
        MEDICAID   | 250 | 100
        COMMERCIAL | 143 | 55
        """)
    ).results
    assert names(released, column) == ["COMMERCIAL"]


def test_those_who_improved_without_recovering_are_not_the_difference_of_two_measures():
    recovered, improved = out([rate(100, 300), rate(104, 300, measure="reliable_improvement")]).results
    assert (recovered.estimate, improved.numerator) == (SUPPRESSED, 104)


def test_a_measure_whose_scorecard_row_is_hidden_shows_no_part_that_would_give_it_back():
    scorecard = Result(
        question="M",
        analysis="scorecard",
        measure="reliably_deteriorated",
        arm="iop",
        outcome="phq9_day90",
        day=90,
        numerator=5,
        denominator=90,
        n=90,
        events=5,
        estimate=5 / 90,
    )
    parts = rates(
        """
        site  | of | with
        ------+----+-----
        north | 45 | 15
        south | 45 | 20
        """,
        measure="reliable_deterioration",
        day=90,
    )
    assert all(row.estimate is SUPPRESSED for row in out([scorecard, *parts]).results)


def test_two_measures_whose_denominators_differ_by_few_do_not_stand_side_by_side_at_one_site():
    first, second = out([rate(40, 90, site="north"), rate(30, 84, site="north", measure="response")]).results
    assert (first.n, second.n, second.estimate) == (90, SUPPRESSED, SUPPRESSED)


def test_those_of_a_quarter_who_could_not_be_followed_are_not_the_difference_to_those_who_started_in_it():
    starts = tuple(
        FigurePoint("", "quarter_starts", "iop", None, float(n), None, None, n, period)
        for period, n in (("2024Q1", 100), ("2024Q2", 100), ("2024Q3", 100))
    )
    released = out(
        rates("""
        period | of  | with
        -------+-----+-----
               | 272 | 150
        2024Q1 | 96  | 60
        2024Q2 | 88  | 50
        2024Q3 | 88  | 40
        """),
        points=starts,
    ).results
    assert "2024Q1" in names(released, "period")
    assert len(names(released, "period")) == 2


def chart(rows, centre, figure="control_chart", **where):
    line = Result(**(RATE | {"analysis": figure} | where), estimate=centre)
    marks = tuple(
        FigurePoint(
            line.result_id,
            figure,
            "iop",
            float(i),
            row.numerator / row.denominator,
            0.2345,
            0.6789,
            row.n,
            row.period or row.site,
        )
        for i, row in enumerate(rows)
    )
    return line, marks


def test_a_hidden_period_has_no_mark_in_its_control_chart_and_the_limits_beside_it_are_coarse():
    rows = rates("""
        period | of  | with
        -------+-----+-----
               | 420 | 180
        2024Q1 | 150 | 80
        2024Q2 | 150 | 75
        2024Q3 | 120 | 25
        """)
    few = rates("""
        period | of  | with
        -------+-----+-----
               | 420 | 160
        2024Q1 | 150 | 80
        2024Q2 | 150 | 75
        2024Q3 | 120 | 5
        """)
    line, marks = chart(rows[1:], 0.42, period="2024Q1 to 2024Q3")
    assert [(m.y, m.low) for m in out([*rows, line], points=marks).points] == [
        (0.533, 0.234),
        (0.5, 0.234),
        (0.208, 0.234),
    ]
    line, marks = chart(few[1:], 0.38, period="2024Q1 to 2024Q3")
    assert [(m.y, m.low, m.n) for m in out([*few, line], points=marks).points] == [
        (0.533, 0.23, 150),
        (SUPPRESSED, SUPPRESSED, SUPPRESSED),
        (SUPPRESSED, SUPPRESSED, SUPPRESSED),
    ]


def test_a_hidden_site_has_no_mark_in_a_funnel_not_even_its_size():
    rows = rates("""
        site  | of  | with
        ------+-----+-----
              | 350 | 132
        north | 200 | 80
        south | 100 | 48
        west  |  50 | 4
        """)
    line, marks = chart(rows[1:], 0.4, figure="funnel")
    assert [mark.x for mark in out([*rows, line], points=marks).points] == [0.0, SUPPRESSED, SUPPRESSED]


@pytest.mark.parametrize("seed", range(12))
def test_whoever_subtracts_what_is_shown_from_what_is_shown_never_finds_a_small_group(seed):
    rng = np.random.default_rng(seed)
    sites, years = ["a", "b", "c", "d"], ["2024", "2025", "2026"]
    people = rng.integers(12, 60, (4, 3))
    events = rng.binomial(people, rng.uniform(0.1, 0.6, (4, 1)))
    rows = [rate(int(events.sum()), int(people.sum()))]
    rows += [rate(int(events[i].sum()), int(people[i].sum()), site=site) for i, site in enumerate(sites)]
    rows += [rate(int(events[:, j].sum()), int(people[:, j].sum()), period=year) for j, year in enumerate(years)]
    rows += [
        rate(int(events[i, j]), int(people[i, j]), site=site, period=year)
        for i, site in enumerate(sites)
        for j, year in enumerate(years)
    ]
    small = [row for row in rows if row.site and row.n < 30]  # as the analysis leaves them out: people nobody shows
    rows = [row for row in rows if row not in small]
    shown = {(row.site, row.period): row for row in out(rows).results if row.estimate is not SUPPRESSED}
    absent = {(row.site, row.period) for row in small}
    groups = [
        [("", ""), *((site, "") for site in sites)],
        [("", ""), *(("", year) for year in years)],
        *([(site, ""), *((site, year) for year in years)] for site in sites),
        *([("", year), *((site, year) for site in sites)] for year in years),
    ]
    for whole, *parts in groups:
        parts = [part for part in parts if part not in absent]
        missing = [cell for cell in (whole, *parts) if cell not in shown]
        if whole in absent or not parts:
            continue
        if len(missing) <= 1 and whole not in missing:
            for count in (
                lambda row: row.numerator,
                lambda row: row.denominator - row.numerator,
                lambda row: row.denominator,
            ):
                found = count(shown[whole]) - sum(count(shown[part]) for part in parts if part in shown)
                assert found == 0 or found >= RULE.threshold, (whole, missing)
        if missing == [whole]:
            for count in (lambda row: row.numerator, lambda row: row.denominator - row.numerator):
                assert not 0 < sum(count(shown[part]) for part in parts) < RULE.threshold
