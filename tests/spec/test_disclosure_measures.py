"""What may leave of measures that are divided by site, period, payer and race: parts and wholes never give a small
group away."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.choices.answered import Disclosure
from pipeline.report.disclosure.gate import Tables, release
from pipeline.report.disclosure.suppressed import SUPPRESSED, Within, is_suppressed
from pipeline.report.numbers import count, percent
from pipeline.results import FigurePoint, Result
from tests.failures.attacks.programs import by_integer_programs
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
    return [getattr(row, column) for row in rows if is_suppressed(row.estimate)]


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


def test_a_year_and_a_rolling_year_do_not_tell_of_the_few_after_both():
    # 107 - 56 - (60 - 17) = 8 people after 2025Q3, whom no period counts
    rows = rates("""
        period               | of  | with
        ---------------------+-----+-----
                             | 347 | 107
        2024                 | 170 | 56
        12 months to 2025Q3  | 196 | 60
        2024Q1               | 33  | 9
        2024Q2               | 37  | 13
        2024Q3               | 49  | 17
        2024Q4               | 51  | 17
        2025Q1               | 43  | 16
        2025Q2               | 54  | 13
        2025Q3               | 48  | 14
        """)
    shown = {row.period: row.numerator for row in out(rows).results}
    assert not all(isinstance(shown[one], int) for one in ("", "2024", "12 months to 2025Q3", "2024Q4"))
    assert list(by_integer_programs(Tables(results=tuple(rows)), out(rows))) == []


def test_longer_periods_of_a_site_without_quarters_do_not_tell_of_the_few_in_a_half_year():
    # 41 - 20 = 21 in 2024H2, and so 27 - 21 = 6 in 2025H1, which no row counts
    rows = rates("""
        site  | period              | of  | with
        ------+---------------------+-----+-----
              |                     | 900 | 400
        north |                     | 347 | 107
        north | 2024                | 170 | 41
        north | 2024H1              | 80  | 20
        north | 12 months to 2025Q2 | 170 | 27
        """)
    shown = {row.period: row.numerator for row in out(rows).results if row.site}
    assert not all(isinstance(shown[one], int) for one in ("2024", "2024H1", "12 months to 2025Q2"))


def test_those_asked_again_in_a_year_do_not_narrow_the_few_who_improved_outside_of_it():
    # 22 improved in all: were 19 asked again known for 2024, at least three would have improved in other years
    improved = [
        rate(22, 57, measure="reliable_improvement"),
        rate(12, 31, measure="reliable_improvement", period="2024"),
    ]
    again = [rate(39, 57, measure="assessed_again"), rate(19, 31, measure="assessed_again", period="2024")]
    whole = [rate(22, 57, measure="reliable_improvement", arm="all levels")]
    rows = [*again, *improved, *whole]
    assert list(by_integer_programs(Tables(results=tuple(rows)), out(rows))) == []


def test_two_measures_of_the_same_people_never_tell_together_how_few_are_in_no_period():
    """116 less 47 less 64 are 5: one of the three is told by neither measure."""
    common = {"measure": "follow_up_after_24h", "outcome": "", "arm": "inpatient", "population": "stays"}
    seen = rates(
        """
        period | of  | with
        -------+-----+-----
               | 116 | 17
        2024   | 47  | 8
        2025   | 64  | 8
        """,
        day=7, **common,
    )  # fmt: skip
    seen_later = rates(
        """
        period | of  | with
        -------+-----+-----
               | 116 | 27
        2024   | 47  | 19
        2025   | 64  | 8
        """,
        day=30, **common,
    )  # fmt: skip
    told = {row.period for row in out([*seen, *seen_later]).results if isinstance(row.denominator, int)}
    assert told == {"", "2025"}


def test_a_rate_of_many_visits_is_told_in_whole_percent_where_it_is_not_told_of_how_many_people_it_is():
    """Of 60, 35, 20 and 5 people; the five are few, and so it is not told how many the twenty are."""
    kind = {"measure": "attendance", "outcome": "", "unit": "share", "population": "people who started"}
    visits = {"": (60, 1021, 1200), "north": (35, 601, 700), "south": (20, 335, 400), "east": (5, 85, 100)}
    rows = [replace(rate(part, of, site=site, **kind), n=n) for site, (n, part, of) in visits.items()]
    _, _, south, east = out(rows).results
    assert (south.estimate, south.n, south.denominator) == (0.84, SUPPRESSED, SUPPRESSED)
    assert east.estimate is SUPPRESSED


def test_how_many_were_asked_again_is_not_told_where_as_a_head_count_it_is_a_range():
    """63 of 90 were asked again, 40 of them in the last year; 35 and 21 are better: nine who are not, before it."""
    year = {"period": "12 months to 2025Q2"}
    better, again = {"measure": "reliable_improvement_observed"}, {"measure": "assessed_again"}
    rows = [
        *(rate(63, 90, **again), rate(40, 54, **again | year)),
        *(rate(35, 63, **better), rate(21, 40, **better | year)),
        *(rate(23, 55, measure=name) for name in ("recovery_observed", "response_observed")),
        *(rate(20, 54, measure=name, **year) for name in ("recovery", "response")),
        rate(63, 90, analysis="scorecard", measure="observed"),
    ]
    told = {(row.measure, row.period): row for row in out(rows).results}
    for period in ("", year["period"]):
        asked, of = told["assessed_again", period].numerator, told["reliable_improvement_observed", period].denominator
        assert asked == of or (is_suppressed(asked) and is_suppressed(of))
    assert told["assessed_again", ""].numerator == Within(56, 65)  # 55 are in two others
    assert is_suppressed(told["observed", ""].estimate)
    assert list(by_integer_programs(Tables(results=tuple(rows)), out(rows))) == []


def test_how_many_were_asked_again_is_told_elsewhere_as_the_same_range():
    """Few of 27 were not asked again: the 17 to 26 of that rate are how many the others are of."""
    common = {"outcome": "pcl5_day90", "population": "people", "day": 90}
    again = [rate(21, 27, measure="assessed_again", **common), rate(14, 27, measure="reliable_improvement", **common)]
    around = [rate(11, 19, measure="recovery_observed", **common), rate(11, 30, measure="response", **common)]
    worse = rate(0, 21, measure="reliable_deterioration", **common)
    assert out([worse, *again, *around]).results[0].denominator == Within(17, 26)


def test_nobody_is_told_where_the_whole_already_says_so():
    rows = [rate(0, 60, day=60), rate(0, 40, day=60, period="12 months to 2025Q4")]
    others = [rate(4, 90, arm="php", day=60, period="12 months to 2025Q4"), rate(30, 130, arm="php", day=60)]
    all_levels = [
        rate(30, 190, arm="all_levels", day=60),
        rate(4, 130, arm="all_levels", day=60, period="12 months to 2025Q4"),
    ]
    released = out([*rows, *others, *all_levels]).results
    assert [row.numerator for row in released[:2]] == [0, 0]


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
    hidden = {(row.site, row.period) for row in released if is_suppressed(row.estimate)}
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
    """104 improved, four of them without recovering: those who recovered are told as 1 to 10 fewer."""
    recovered, improved = out([rate(100, 300), rate(104, 300, measure="reliable_improvement")]).results
    assert (recovered.numerator, improved.numerator) == (Within(94, 103), 104)
    assert recovered.estimate == Within(0.31, 0.35)


def test_of_a_rate_beneath_another_no_more_is_told_where_a_reader_could_narrow_how_many_more_are_in_that_one():
    """15 improved, seven of them recovered: fewer than 11 recovered would leave five or more who did not."""
    recovered, improved = out([rate(7, 300), rate(15, 300, measure="reliable_improvement")]).results
    assert (recovered.numerator, improved.numerator) == (Within(0, 15), 15)


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
              | 90 | 5
        north | 45 | 0
        south | 45 | 5
        """,
        measure="reliable_deterioration",
        day=90,
    )
    told = out([scorecard, *parts]).results
    assert all(is_suppressed(row.estimate) for row in told)
    assert [row.numerator for row in told[1:]] == [
        Within(None, 10)
    ] * 3  # where few are in a whole, nobody tells as much


def test_two_measures_whose_denominators_differ_by_few_do_not_stand_side_by_side_at_one_site():
    first, second = out([rate(40, 90, site="north"), rate(30, 84, site="north", measure="response")]).results
    assert (first.n, second.n) == (90, Within(80, 89))  # one to ten fewer
    assert (second.numerator, second.estimate) == (30, Within(0.33, 0.38))


def test_a_denominator_between_two_that_are_near_is_told_as_lying_between_them():
    several = [rate(40, 90, site="north"), rate(30, 84, site="north", measure="response")]
    more = [rate(20, 75, site="north", measure=name) for name in ("remission", "recovery_observed")]
    first, between, *_ = out([*several, *more]).results
    assert (first.n, between.n, between.numerator) == (90, Within(76, 89), 30)
    assert between.estimate == Within(0.33, 0.4)


def test_no_range_of_a_denominator_ends_where_one_lies_that_is_hidden():
    # west is hidden beside south, of whom few are, and so the 93 of west must not be the end of another range
    west = [rate(40, 93, site="west"), rate(30, 84, site="west", measure="response")]
    rest = [rate(3, 8, site="south"), rate(150, 300), rate(107, 199, site="north")]
    released = {(row.measure, row.site): row.n for row in out([*west, *rest]).results}
    assert is_suppressed(released["recovery", "west"])
    assert released["response", "west"] != Within(83, 92)


def test_those_of_a_quarter_who_could_not_be_followed_are_not_the_difference_to_those_who_started_in_it():
    starts = tuple(
        FigurePoint(figure="quarter_starts", series="iop", y=float(n), n=n, label=period)
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
    told = {row.period: row.n for row in released}
    assert told["2024Q1"] == Within(90, 99)  # one to ten fewer than started
    assert is_suppressed(told["2024Q2"])


def chart(rows, centre, figure="control_chart", **where):
    line = Result(**(RATE | {"analysis": figure} | where), estimate=centre)
    marks = tuple(
        FigurePoint(
            result_id=line.result_id,
            figure=figure,
            series="iop",
            x=float(i),
            y=row.numerator / row.denominator,
            low=0.2345,
            high=0.6789,
            n=row.n,
            label=row.period or row.site,
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
    shown = {(row.site, row.period): row for row in out(rows).results if not is_suppressed(row.estimate)}
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


@pytest.mark.parametrize("seed", range(6))
def test_a_solver_that_knows_every_bound_finds_no_small_count_pinned_or_narrowed(seed):
    rng = np.random.default_rng(seed)
    sites, payers = ["a", "b", "c", "d", "e"], ["MEDICAID", "COMMERCIAL", "OTHER"]
    people = rng.integers(12, 50, (5, 3))
    events = rng.binomial(people, rng.uniform(0.05, 0.5, (5, 1)))
    rows = [rate(int(events.sum()), int(people.sum()))]
    rows += [rate(int(events[i].sum()), int(people[i].sum()), site=site) for i, site in enumerate(sites)]
    rows += [rate(int(events[:, j].sum()), int(people[:, j].sum()), payer=payer) for j, payer in enumerate(payers)]
    stored = Tables(results=tuple(rows))
    assert list(by_integer_programs(stored, release(stored, RULE))) == []


def test_a_small_count_is_told_as_its_bound_with_of_how_many():
    [left] = out(rates("""
        site | of  | with
        -----+-----+-----
             | 280 | 5
        """)).results  # fmt: skip
    assert (left.numerator, left.denominator, left.estimate) == (Within(None, 10), 280, Within(None, 0.04))
    assert (left.low, left.high) == (None, None)
    assert (count(left.numerator), percent(left.estimate)) == ("fewer than 11", "under 4%")


def test_few_who_were_not_counted_are_told_as_a_bound_from_below():
    [left] = out([rate(275, 280)]).results
    assert (count(left.numerator), percent(left.estimate)) == ("more than 269", "over 96%")


def test_of_so_few_that_both_sides_may_be_small_it_is_not_told_which_is():
    few, most = out([rate(4, 20, site="a"), rate(16, 20, site="b")]).results
    assert (
        (few.numerator, few.estimate, few.n) == (most.numerator, most.estimate, most.n) == (SUPPRESSED, SUPPRESSED, 20)
    )


def test_a_site_beside_a_small_one_is_told_as_the_range_that_everybody_could_work_out():
    """500 people, of whom 200: north and south have 164, so east and west have 36, west fewer than 11."""
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
    assert released[3].numerator == Within(26, 35)
    assert released[4].numerator == Within(None, 10)


def test_two_sites_that_must_both_be_small_are_not_told_to_be():
    """13 in all, at two sites: fewer than 11 at each would leave at least three at the other."""
    released = out(
        rates("""
        site  | of  | with
        ------+-----+-----
              | 200 | 13
        north | 100 | 4
        south | 100 | 9
        """)
    ).results
    north, south = released[1:]
    assert all(is_suppressed(row.numerator) for row in (north, south))
    stored = Tables(results=tuple(rates("""
        site  | of  | with
        ------+-----+-----
              | 200 | 13
        north | 100 | 4
        south | 100 | 9
        """)))  # fmt: skip
    assert list(by_integer_programs(stored, Tables(results=released))) == []


def test_of_few_who_did_not_recover_nothing_is_told_where_fewer_than_eleven_improved_at_all():
    """Those who recovered improved, so at most ten of the 14 recovered, and four to ten did not: not all of 1 to 10."""
    recovered, improved = out([rate(7, 14), rate(9, 30, measure="reliable_improvement")]).results
    assert (improved.numerator, improved.denominator) == (Within(None, 10), 30)
    assert (recovered.numerator, recovered.denominator) == (SUPPRESSED, SUPPRESSED)


def test_of_about_so_many_nobody_works_out_the_few_who_were_not_counted_in_other_periods():
    """27 of all and 19 of 2024 were not counted: between which numbers both lie must leave the other eight open."""
    others = [rate(40, 86, measure=name) for name in ("response", "remission")]
    rows = [rate(51, 78), rate(31, 50, period="2024"), *others]
    starts = FigurePoint(figure="quarter_starts", series="iop", y=53.0, n=53, label="2024")
    stored = Tables(results=tuple(rows), points=(starts,))
    released = release(stored, RULE)
    everybody, year, *_ = released.results
    assert (everybody.numerator, everybody.denominator) == (51, Within(76, 85))
    assert (year.numerator, year.denominator) == (SUPPRESSED, Within(43, 52))
    assert list(by_integer_programs(stored, released)) == []


def test_those_measured_at_the_start_are_not_told_by_those_who_could_be_asked_again():
    """124 of 133 were measured at the start; that 36 of them, 29 %, improved would tell that nine were not."""
    start = rate(124, 133, measure="assessed_at_start")
    better = [rate(36, 124, measure="reliable_improvement"), rate(36, 79, measure="reliable_improvement_observed")]
    rows = [start, rate(79, 124, measure="assessed_again"), rate(7, 79, measure="reliable_deterioration"), *better]
    assert list(by_integer_programs(Tables(results=tuple(rows)), out(rows))) == []


def test_those_who_came_back_are_not_told_by_those_who_did_not_and_could_be_followed():
    """97 of 100 were followed after leaving inpatient care, since three were back within a month."""
    common = {"outcome": "", "day": 30, "arm": "inpatient", "population": "stays"}
    back = rate(3, 100, measure="readmission_30", **common)
    followed = rate(50, 97, measure="follow_up_after_24h", **common)
    released = out([back, followed]).results
    assert released[0].numerator == Within(None, 10)
    assert isinstance(released[1].denominator, Within)
    assert list(by_integer_programs(Tables(results=(back, followed)), out([back, followed]))) == []
