"""What may leave: the disclosure gate's rules, drawn as small tables."""

from dataclasses import replace

import pytest

from pipeline.choices.answered import Disclosure
from pipeline.errors import DisclosureError
from pipeline.report.disclosure.gate import Tables, check, release
from pipeline.report.disclosure.suppressed import SUPPRESSED, Within
from pipeline.report.disclosure.table_sums import attrition_margins, hidden_cells
from pipeline.report.numbers import count, percent
from pipeline.results import AttritionStep, CurvePoint, Diagnostic, FigurePoint, Result
from tests.spec.drawn import drawn

RULE = Disclosure(threshold=11)
SCORECARD = {"question": "M", "analysis": "scorecard", "target": "observed"}


def shares(picture, **common):
    """Result rows of drawn counts: of, with, and whatever names the row."""
    rows = []
    for row in drawn(picture):
        whole, part = row.pop("of"), row.pop("with")
        rows.append(
            Result(
                **(SCORECARD | common | row),
                numerator=part,
                denominator=whole,
                n=whole,
                events=part,
                estimate=part / whole,
                low=part / whole / 2,
                high=(1 + part / whole) / 2,
            )
        )
    return tuple(rows)


def leaves(row):
    return isinstance(row.estimate, float)


def out(results=(), rule=RULE, **tables):
    return release(Tables(results=tuple(results), **tables), rule)


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 40, True),
        (1, 40, False),
        (10, 40, False),
        (11, 40, True),
        (29, 40, True),
        (30, 40, False),
        (39, 40, False),
        (40, 40, True),
        (5, 8, False),
    ],
)
def test_a_count_under_eleven_or_a_remainder_under_eleven_hides_the_whole_row(part, whole, shown):
    [row] = out(
        [Result(**SCORECARD, arm="iop", measure="observed", numerator=part, denominator=whole, estimate=part / whole)]
    ).results
    assert leaves(row) is shown
    assert shown or (row.numerator, row.denominator, row.estimate) == (SUPPRESSED, SUPPRESSED, SUPPRESSED)


def test_hidden_is_neither_zero_nor_unknown():
    zero, few, never = out(
        [
            Result(**SCORECARD, arm=arm, measure="readmitted", numerator=n, denominator=d, estimate=e)
            for arm, n, d, e in (("a", 0, 40, 0.0), ("b", 3, 40, 0.075), ("c", None, None, None))
        ]
    ).results
    assert (zero.numerator, zero.estimate) == (0, 0.0)
    assert (few.numerator, few.estimate) == (SUPPRESSED, SUPPRESSED)
    assert (never.numerator, never.estimate) == (None, None)


@pytest.mark.parametrize("part", [0, 40])
def test_none_or_all_of_a_sensitive_ending_is_hidden_too(part):
    dropped, readmitted = out(
        shares(f"""
        arm | measure     | of | with
        ----+-------------+----+-----
        iop | dropped_out | 40 | {part}
        iop | readmitted  | 40 | {part}
    """)
    ).results
    assert not leaves(dropped)
    assert leaves(readmitted)


def test_improved_and_worse_do_not_give_away_the_few_who_stayed_as_they_were():
    improved, worse = out(
        shares(
            """
        arm | measure               | of | with
        ----+-----------------------+----+-----
        iop | reliably_improved     | 90 | 70
        iop | reliably_deteriorated | 90 | 14
    """,
            outcome="phq9_day90",
        )
    ).results  # 6 neither; 90 - 70 - 14
    assert leaves(improved)
    assert not leaves(worse)


def test_one_hidden_ending_takes_another_with_it_because_endings_add_up():
    rows = out(
        [
            Result(
                question="C4",
                analysis="retention",
                arm="iop",
                measure="cumulative_incidence",
                stratum=state,
                day=90,
                n=400,
                events=count,
                estimate=count / 400,
            )
            for state, count in (("completed", 150), ("dropped out", 120), ("ended by program", 20), ("died", 2))
        ]
    ).results
    assert [row.stratum for row in rows if not leaves(row)] == ["ended by program", "died"]


def endings(counts):
    """Endings of 400 people in one arm, and the scorecard's row of those who left early."""
    rows = [
        Result(
            question="C4",
            analysis="retention",
            arm="iop",
            measure="cumulative_incidence",
            stratum=state,
            day=90,
            n=400,
            events=count,
            estimate=count / 400,
        )
        for state, count in counts.items()
    ]
    return [
        *rows,
        Result(
            **SCORECARD,
            arm="iop",
            measure="dropped_out",
            day=90,
            numerator=counts["dropped out"],
            denominator=400,
            estimate=0.1,
        ),
    ]


def test_leaving_early_stays_readable_where_another_ending_can_be_hidden_instead():
    rows = out(endings({"completed": 150, "dropped out": 40, "other": 60, "ended by program": 3})).results
    assert [leaves(row) for row in rows] == [True, True, False, False, True]


def test_leaving_early_is_hidden_on_every_page_where_it_would_give_a_small_ending_away():
    rows = out(endings({"dropped out": 40, "ended by program": 3})).results
    assert [leaves(row) for row in rows] == [False, False, False]


def test_a_number_of_places_is_not_a_number_of_people():
    points = tuple(
        FigurePoint(figure="data_quality", series="programs", n=n, label=label)
        for label, n in (("read", 8), ("kept", 8))
    )
    assert [p.n for p in out(points=points).points] == [8, 8]


def test_two_hidden_counts_that_sum_to_few_are_not_hidden_enough():
    rows = out(
        [
            Result(
                question="C4",
                analysis="retention",
                arm="iop",
                measure="cumulative_incidence",
                stratum=state,
                day=90,
                n=400,
                events=count,
                estimate=count / 400,
            )
            for state, count in (("completed", 150), ("transferred", 30), ("ended by program", 1), ("other", 1))
        ]
    ).results
    assert [row.stratum for row in rows if not leaves(row)] == [
        "transferred",
        "ended by program",
        "other",
    ]  # 1 + 1 could only be 1 and 1


def test_head_counts_that_differ_by_few_are_not_shown_side_by_side_but_the_mean_is():
    starts, mean, other = out(
        [
            Result(**SCORECARD, arm="iop", measure="starts", n=300),
            Result(**SCORECARD, arm="iop", measure="baseline_mean", estimate=14.237, se=0.4, n=295),
            Result(**SCORECARD, arm="iop", measure="mean_change", estimate=5.1, n=200),
        ]
    ).results
    assert (starts.n, mean.n, other.n) == (300, SUPPRESSED, 200)
    assert mean.estimate == 14.2


def test_a_share_of_a_crowded_head_count_is_a_whole_percent_without_limits_or_nothing():
    _, large, _, small = out(
        [
            Result(**SCORECARD, arm="iop", measure="starts", n=300),
            *shares("""
        arm | measure   | of  | with
        ----+-----------+-----+-----
        iop | high_risk | 295 | 100
    """),
            Result(**SCORECARD, arm="php", measure="starts", n=60),
            *shares("""
        arm | measure   | of  | with
        ----+-----------+-----+-----
        php | high_risk |  55 | 20
    """),
        ]
    ).results
    assert (large.estimate, large.low, large.n, large.numerator) == (0.34, SUPPRESSED, SUPPRESSED, SUPPRESSED)
    assert not leaves(small)


def test_what_stands_on_a_hidden_row_is_hidden_with_it():
    adjusted = Result(
        question="C4",
        analysis="like_for_like",
        outcome="dropped_out_day90",
        arm="iop",
        reference="php",
        measure="risk_difference",
        n=200,
        n_reference=90,
        events=40,
        events_reference=4,
        estimate=0.15,
        low=0.1,
        high=0.2,
    )
    naive = Result(
        question="C4",
        analysis="as_observed",
        outcome="dropped_out_day90",
        arm="iop",
        reference="php",
        measure="risk_difference",
        estimate=0.16,
        twin_of=adjusted.result_id,
    )
    e_value = Result(
        question="C4",
        analysis="sensitivity",
        outcome="dropped_out_day90",
        arm="iop",
        reference="php",
        measure="e_value",
        estimate=2.1,
        twin_of=adjusted.result_id,
    )
    tables = out(
        [adjusted, naive, e_value],
        diagnostics=(
            Diagnostic(
                result_id=adjusted.result_id,
                check="balance",
                covariate="Age",
                before=0.2,
                after=0.01,
                threshold=0.1,
                passed=True,
            ),
        ),
    )
    assert not any(leaves(row) for row in tables.results)
    assert tables.diagnostics[0].after is SUPPRESSED


def test_an_unadjusted_difference_does_not_give_a_hidden_share_back():
    hidden, shown, difference = out(
        [
            *shares("""
        arm | measure     | day | of  | with
        ----+-------------+-----+-----+-----
        iop | dropped_out |  90 | 200 | 195
        op  | dropped_out |  90 | 200 | 100
    """),
            Result(
                question="C4",
                analysis="as_observed",
                outcome="dropped_out_day90",
                day=90,
                arm="iop",
                reference="op",
                measure="risk_difference",
                events=195,
                events_reference=100,
                estimate=0.475,
            ),
        ]
    ).results
    assert (leaves(hidden), leaves(shown), leaves(difference)) == (False, True, False)


def curve(counts, state="in care", n=100):
    """A weekly curve of drawn endings so far."""
    return tuple(
        CurvePoint(
            result_id=f"C4.retention.{state}",
            arm="iop",
            state=state,
            day=7 * week,
            estimate=1 - ended / n,
            at_risk=n - ended,
            events=ended,
        )
        for week, ended in enumerate(counts)
    )


def test_a_curve_steps_by_at_least_eleven_endings_and_never_says_how_many():
    released = out(curves=curve([0, 5, 11, 12, 20, 30])).curves
    assert [(p.day, p.at_risk, p.events) for p in released] == [(0, 100, None), (14, None, None), (35, None, None)]


def test_head_counts_of_a_curve_come_every_four_weeks_and_not_where_few_were_lost_from_sight():
    """100 started; at risk + ended so far leaves 3 lost by day 28 and 25 by day 56."""
    seen = [(0, 100, 0), (7, 88, 12), (28, 67, 30), (56, 30, 45)]
    points = tuple(
        CurvePoint(
            result_id="C4.retention",
            arm="iop",
            state="in care",
            day=day,
            estimate=1 - ended / 100,
            at_risk=at_risk,
            events=ended,
        )
        for day, at_risk, ended in seen
    )
    released = out([Result(**SCORECARD, arm="iop", measure="starts", n=100)], curves=points).curves
    assert [(p.day, p.at_risk) for p in released] == [(0, 100), (7, None), (28, SUPPRESSED), (56, 30)]


def test_a_curve_stops_where_few_are_at_risk():
    assert [p.day for p in out(curves=curve([0, 40, 80, 90])).curves] == [0, 7, 14]


def test_endings_do_not_give_a_hidden_ending_away_between_two_days():
    shown, died = curve([0, 20, 40, 60], "dropped out", 500), curve([0, 0, 3, 4], "died", 500)
    rows = [
        Result(
            question="C4",
            analysis="retention",
            arm="iop",
            measure="cumulative_incidence",
            stratum="died",
            n=500,
            events=4,
            estimate=0.008,
        )
    ]
    rows = [row for row in rows for _ in [0]]
    died = tuple(
        CurvePoint(
            result_id=rows[0].result_id,
            arm=p.arm,
            state=p.state,
            day=p.day,
            estimate=p.estimate,
            at_risk=p.at_risk,
            events=p.events,
        )
        for p in died
    )
    assert [p.day for p in out(rows, curves=shown + died).curves] == [0, 7]


def test_curves_of_another_question_neither_hide_nor_explain_those_of_this_one():
    """A hidden ending of the people discharged says nothing of the endings of those who started."""
    shown = curve([0, 20, 40, 60], "dropped out", 500)
    row = Result(
        question="C6",
        analysis="after_discharge",
        arm="iop",
        measure="risk",
        stratum="died",
        n=500,
        events=4,
        estimate=0.008,
    )
    other = tuple(
        CurvePoint(result_id=row.result_id, arm=p.arm, state=p.state, day=p.day, estimate=0.0, at_risk=500, events=4)
        for p in shown
    )
    assert [p.day for p in out([row], curves=shown + other).curves] == [0, 7, 14, 21]


def test_flows_of_one_level_hide_a_second_flow_beside_a_small_one():
    points = tuple(
        FigurePoint(figure="pathways", series="iop", n=n, label=label)
        for label, n in (("Completed", 80), ("Stepped down", 25), ("Left early", 60), ("Stepped up", 4))
    )
    assert [p.n for p in out(points=points).points] == [80, SUPPRESSED, 60, SUPPRESSED]


@pytest.mark.parametrize(
    ("aside", "repeated", "shown"),
    [
        (30, 4, [1000, SUPPRESSED, 30, SUPPRESSED, 0]),
        (4, 30, [1000, 966, SUPPRESSED, SUPPRESSED, 0]),
        (30, 40, [1000, 930, 30, 40, 0]),
    ],
)
def test_few_rows_set_aside_or_repeated_are_hidden_and_so_is_what_would_give_them_away(aside, repeated, shown):
    counts = {
        "read": 1000,
        "kept": 1000 - aside - repeated,
        "quarantined": aside,
        "duplicates": repeated,
        "forgotten": 0,
    }
    points = tuple(
        FigurePoint(figure="data_quality", series="sessions", n=n, label=label) for label, n in counts.items()
    )
    assert [p.n for p in out(points=points).points] == shown


def test_a_small_step_of_the_flow_hides_those_left_and_the_step_beside_it():
    steps = tuple(
        AttritionStep(analysis="all people", step=i, sentence="left out", arm="iop", n_left=left, n_removed=removed)
        for i, (left, removed) in enumerate([(500, 0), (420, 80), (416, 4), (300, 116)])
    )
    released = out([Result(**SCORECARD, arm="iop", measure="starts", n=300)], attrition=steps).attrition
    assert [(s.n_left, s.n_removed) for s in released] == [
        (500, 0),
        (420, 80),
        (SUPPRESSED, SUPPRESSED),
        (300, SUPPRESSED),
    ]


def test_who_started_is_known_from_the_scorecard_so_that_a_flow_does_not_tell_of_one_who_was_left_out_last():
    steps = tuple(
        AttritionStep(analysis="all people", step=i, sentence="left out", arm="iop", n_left=left, n_removed=removed)
        for i, (left, removed) in enumerate([(200, 0), (133, 67), (132, 1)])
    )
    released = out([Result(**SCORECARD, arm="iop", measure="starts", n=132)], attrition=steps).attrition
    assert [s.n_left for s in released] == [200, SUPPRESSED, 132]
    assert released[2].n_removed is SUPPRESSED


@pytest.mark.parametrize(("started", "told"), [(75, SUPPRESSED), (95, 0.262)])
def test_a_share_measured_is_not_told_beside_its_count_where_few_who_started_are_not_asked(started, told):
    """17 measured are 26 % of 65: ten of 75 who started."""
    checks = tuple(
        Diagnostic(
            result_id="C2.like_for_like.r",
            check=check,
            arm="iop",
            covariate="",
            after=value,
            threshold=1.0,
            passed=False,
        )
        for check, value in (("observed_n", 17.0), ("observed_share", 17 / 65))
    )
    start = Result(**SCORECARD, arm="iop", measure="starts", n=started)
    [count, share] = out([start], diagnostics=checks).diagnostics
    assert count.after == 17
    assert share.after == told


def test_a_count_of_a_flow_that_stands_in_an_answer_too_is_taken_for_known():
    counts = [(900, 0), (578, 322), (575, 3)]
    steps = tuple(
        AttritionStep(
            analysis="C6: IOP after 24-hour care",
            step=i,
            sentence="left out",
            arm="IOP within 14 days",
            n_left=left,
            n_removed=removed,
        )
        for i, (left, removed) in enumerate(counts)
    )
    answer = Result(
        question="C6",
        analysis="claim",
        measure="risk_difference",
        arm="IOP within 14 days",
        reference="no IOP",
        n=575,
        n_reference=1285,
        events=60,
        events_reference=200,
        estimate=0.02,
    )
    released = out([answer], attrition=steps).attrition
    assert [s.n_left for s in released][1:] == [SUPPRESSED, 575]
    assert released[1].n_removed is SUPPRESSED


def test_two_steps_of_a_flow_that_answers_tell_too_do_not_tell_how_few_were_left_out_between_them():
    counts = [(149, 0), (115, 34), (107, 8), (90, 17)]
    steps = tuple(
        AttritionStep(
            analysis="phq9_day180: iop and op", step=i, sentence="left out", arm="iop", n_left=left, n_removed=gone
        )
        for i, (left, gone) in enumerate(counts)
    )
    common = SCORECARD | {"arm": "iop", "outcome": "phq9_day180", "day": 180, "estimate": 5.0}
    retained = Result(**common, measure="retained", n=115)
    scored = Result(**common, measure="baseline_mean", n=107)
    released = out([retained, scored], attrition=steps).attrition
    assert [s.n_left for s in released].count(SUPPRESSED) == 1
    assert SUPPRESSED in (released[1].n_left, released[2].n_left)
    assert released[2].n_removed is SUPPRESSED


def test_a_flow_does_not_count_the_few_who_were_asked_and_not_measured_again():
    counts = [(300, 0), (260, 40), (105, 155)]
    steps = tuple(
        AttritionStep(
            analysis="pcl5_day90: php and iop", step=i, sentence="left out", arm="php", n_left=left, n_removed=removed
        )
        for i, (left, removed) in enumerate(counts)
    )
    change = Result(**SCORECARD, arm="php", measure="mean_change", outcome="pcl5_day90", day=90, estimate=5.0, n=95)
    released = out([change], attrition=steps).attrition
    assert [s.n_left for s in released] == [300, 260, SUPPRESSED]
    assert released[2].n_removed is SUPPRESSED
    assert [s.n_left for s in out([replace(change, n=90)], attrition=steps).attrition] == [300, 260, 105]


def test_how_many_were_observed_is_not_told_where_few_of_those_asked_were_not():
    checks = (
        Diagnostic(
            result_id="C2.like_for_like.r",
            check="observed_n",
            arm="iop",
            covariate="people with the outcome",
            after=232.0,
            threshold=60.0,
            passed=True,
        ),
        Diagnostic(
            result_id="C2.like_for_like.r",
            check="observed_share",
            arm="iop",
            covariate="share with the outcome",
            after=232 / 237,
            threshold=0.2,
            passed=True,
        ),
    )
    assert [d.after for d in out(diagnostics=checks).diagnostics] == [SUPPRESSED, Within(0.2, None)]


def contrast(events, n, **columns):
    return Result(
        question="C4",
        analysis="like_for_like",
        outcome="retained_day90",
        day=90,
        arm="iop",
        reference="outpatient",
        measure="risk_difference",
        estimate=0.05,
        n=n,
        events=events,
        n_reference=900,
        events_reference=300,
        **columns,
    )


@pytest.mark.parametrize(
    ("events", "n", "shown"), [(749, 2323, False), (741, 2323, True), (300, 2950, False), (752, 3404, True)]
)
def test_events_of_a_contrast_do_not_count_the_few_at_sites_that_it_leaves_out(events, n, shown):
    everybody = shares("arm | of | with\niop | 3404 | 752", measure="retained", day=90)
    kept = out([*everybody, contrast(events, n)]).results[1]
    assert isinstance(kept.estimate, float)
    assert kept.n == n
    assert (kept.events == events) is shown
    assert (kept.events_reference is SUPPRESSED) is not shown


def test_events_of_a_contrast_do_not_give_back_the_hidden_number_of_one_of_its_sites():
    everybody = shares("arm | of | with\niop | 3404 | 752", measure="retained", day=90)
    sites = shares(
        "site | of | with\ns01 | 1500 | 400\ns02 | 800 | 4\ns03 | 1104 | 348",
        arm="iop",
        measure="retention_any_level",
        day=90,
        analysis="measures",
        population="people who started",
    )
    kept = out([*everybody, *sites, contrast(404, 2300)]).results[-1]
    assert (kept.n, kept.events) == (2300, SUPPRESSED)


def test_who_was_measured_every_30_days_and_not_every_14_is_no_small_group_either():
    rows = shares(
        "measure | of | with\nmeasured_every_14_days | 400 | 200\nmeasured_every_30_days | 400 | 204",
        question="C12",
        arm="iop",
        analysis="measurement",
        day=90,
    )
    assert sum(leaves(row) for row in out(rows).results) < 2


def test_a_share_recorded_does_not_give_away_the_few_who_lack_it():
    rows = [Result(**SCORECARD, arm="iop", measure="starts", n=300)]
    checks = tuple(
        Diagnostic(
            result_id="C2.like_for_like.r",
            check="recorded",
            arm="iop",
            covariate=label,
            after=share,
            threshold=0.8,
            passed=True,
        )
        for label, share in (("Age", 295 / 300), ("Housing", 0.7))
    )
    assert [d.after for d in out(rows, diagnostics=checks).diagnostics] == [Within(0.8, None), 0.7]


def test_of_a_broken_rule_it_is_told_that_few_rows_broke_it():
    """Rules are broken by the same rows, so that nothing adds up: the bound says what hidden says, in words."""
    points = tuple(
        FigurePoint(result_id="", figure="breach_warning", series="episodes", n=n, label=f"rule {n}") for n in (4, 11)
    )
    assert [count(mark.n) for mark in out(points=points).points] == ["fewer than 11", "11"]


def test_of_a_hidden_share_it_is_told_whether_enough_is_recorded_where_that_leaves_the_few_open():
    """At least 80 % is needed: of 300 fewer than 60 lack it, which says nothing of one to ten; of 40 fewer than 8."""

    def recorded(share, people):
        starts = Result(**SCORECARD, arm="iop", measure="starts", n=people)
        check = {"result_id": "C2.like_for_like.r", "check": "recorded", "arm": "iop", "covariate": "Age"}
        line = Diagnostic(**check, after=share, threshold=0.8, passed=share >= 0.8)
        return out([starts], diagnostics=(line,)).diagnostics[0].after

    assert [percent(recorded(share, 300)) for share in (295 / 300, 5 / 300)] == ["over 80%", "under 80%"]
    assert recorded(37 / 40, 40) is SUPPRESSED


def test_published_numbers_have_three_significant_digits_and_counts_may_be_rounded_to_five():
    row = Result(**SCORECARD, arm="iop", measure="mean_change", estimate=5.12345, se=0.123456, n=203)
    [released] = out([row], rule=Disclosure(threshold=11, round_to=5)).results
    assert (released.estimate, released.se, released.n) == (5.12, 0.123, 205)


@pytest.mark.parametrize("n", [11, 12, 13])
def test_a_count_that_may_be_shown_is_not_rounded_among_those_that_may_not(n):
    row = Result(**SCORECARD, arm="iop", measure="mean_change", estimate=5.1, n=n)
    [released] = out([row], rule=Disclosure(threshold=11, round_to=5)).results
    assert released.n == 15


def test_two_rounded_counts_may_lie_nearer_than_they_are():
    row = Result(**SCORECARD | {"question": "C4"}, arm="iop", measure="adjusted_share", estimate=0.9, n=122, events=111)
    [released] = out([row], rule=Disclosure(threshold=11, round_to=5)).results
    assert (released.n, released.events) == (120, 110)


def test_what_slips_past_the_rules_is_stopped_at_the_door():
    with pytest.raises(DisclosureError, match="nothing was written"):
        check(Tables(results=(Result(**SCORECARD, arm="iop", measure="starts", n=7),)), 11)
    with pytest.raises(DisclosureError, match="nothing was written"):
        check(Tables(points=(FigurePoint(figure="pathways", series="iop", n=7, label="Left early"),)), 11)


def test_weeks_below_within_and_above_the_hours_share_their_weeks_whatever_table_they_stand_in():
    common = {
        "question": "C1",
        "arm": "iop",
        "stratum": "IOP",
        "outcome": "attended_hours",
        "n": 400,
        "denominator": 1000,
    }
    rows = [
        Result(**common, analysis="claim", measure="weeks_within_hours", numerator=600, estimate=0.6),
        Result(**common, analysis="dose", measure="weeks_below_hours", numerator=395, estimate=0.395),
        Result(**common, analysis="dose", measure="weeks_above_hours", numerator=5, estimate=0.005),
    ]
    assert [leaves(row) for row in out(rows).results] == [True, False, False]


def test_week_by_week_a_head_count_that_tells_how_few_left_is_not_shown_and_the_mean_may_stay():
    points = [
        FigurePoint(figure="dose_by_week", series="attended", x=float(week), y=7.5, n=n)
        for week, n in enumerate((40, 35, 29, 18, 6), start=1)
    ]
    assert [(point.n, point.y) for point in out(points=points).points] == [
        (40, 7.5),
        (SUPPRESSED, 7.5),
        (29, 7.5),
        (18, 7.5),
        (SUPPRESSED, SUPPRESSED),
    ]


def test_a_hidden_way_of_ending_takes_its_lengths_of_stay_with_it_and_a_quartile_needs_four_times_as_many():
    iop = {"question": "C14", "analysis": "stay_length", "arm": "iop"}
    stays = [
        Result(**iop, stratum=how, measure="stays_by_ending", numerator=n, denominator=400, n=400, estimate=n / 400)
        for how, n in (("completed", 250), ("dropped out", 100), ("transferred", 45), ("ended by program", 5))
    ]
    lengths = [
        Result(
            **iop,
            outcome="days",
            stratum=row.stratum,
            measure="quartile_25_stay_days",
            n=row.numerator,
            estimate=20.0,
            twin_of=row.result_id,
        )
        for row in stays
    ]
    few = Result(question="C14", analysis="stay_length", arm="php", measure="quartile_25_stay_days", n=43, estimate=5.0)
    shown = {(row.stratum, row.measure, row.arm): leaves(row) for row in out([*stays, *lengths, few]).results}
    assert [
        shown[how, measure, "iop"]
        for measure in ("stays_by_ending", "quartile_25_stay_days")
        for how in ("completed", "dropped out", "transferred", "ended by program")
    ] == [True, True, False, False] * 2
    assert not shown["", "quartile_25_stay_days", "php"]


def test_a_small_program_takes_a_second_one_with_it_so_that_its_level_does_not_give_it_away():
    c12 = {"question": "C12", "analysis": "measurement", "measure": "measured_every_14_days", "outcome": "phq9_day90"}
    counts = {
        ("", ""): (900, 1300),
        ("iop", ""): (500, 700),
        ("op", ""): (400, 600),
        ("iop", "a"): (5, 60),
        ("iop", "b"): (95, 140),
        ("iop", "c"): (400, 500),
        ("op", "d"): (400, 600),
    }
    rows = [
        Result(**c12, arm=arm, site=site, numerator=yes, denominator=n, n=n, estimate=yes / n)
        for (arm, site), (yes, n) in counts.items()
    ]
    shown = {(row.arm, row.site) for row in out(rows).results if leaves(row)}
    assert shown == set(counts) - {("iop", "a"), ("iop", "b")}


def test_a_share_in_a_chart_is_hidden_where_few_were_or_few_were_not_and_a_second_point_with_it():
    points = [
        FigurePoint(figure="measured_iop", series="share", x=float(x), y=yes / 100, low=0.1, high=0.9, n=100)
        for x, yes in enumerate((50, 40, 95, 30), start=1)
    ]
    assert [point.y for point in out(points=points).points] == [SUPPRESSED, 0.4, SUPPRESSED, 0.3]


def test_the_marks_of_a_hidden_result_are_hidden_with_it():
    small = Result(
        question="C7",
        analysis="claim",
        outcome="cost_day90",
        arm="iop",
        reference="inpatient",
        measure="cost_difference",
        estimate=-900.0,
        n=7,
        n_reference=400,
    )
    large = Result(
        question="C7",
        analysis="cost",
        outcome="cost_day90",
        arm="iop",
        reference="php",
        measure="cost_difference",
        estimate=-900.0,
        n=70,
        n_reference=400,
    )
    marks = [
        FigurePoint(result_id=row.result_id, figure="cost_plane", series="ellipse", x=0.1, y=-900.0)
        for row in (small, large)
    ]
    hidden, shown = out([small, large], points=tuple(marks)).points
    assert (hidden.y, shown.y) == (SUPPRESSED, -900.0)


def test_costs_over_two_periods_count_nested_groups_of_people():
    rows = [
        Result(
            question="C7",
            analysis="cost",
            outcome=f"cost_day{day}",
            day=day,
            arm="iop",
            reference="php",
            measure="cost_difference",
            estimate=-900.0,
            n=n,
            n_reference=400,
        )
        for day, n in ((90, 300), (180, 295))
    ]
    first, second = out(rows).results
    assert (first.n, second.n, second.estimate) == (300, SUPPRESSED, -900.0)


def harmed(picture):
    """One row per day of people in IOP who had harmed themselves."""
    return shares(picture, question="C11", analysis="safety")


def test_harm_of_few_or_of_nobody_is_hidden_because_it_is_sensitive():
    few, nobody, shown = out(
        harmed("""
        arm        | measure   | day | with | of
        iop        | self_harm | 90  | 4    | 900
        outpatient | died      | 90  | 0    | 900
        inpatient  | self_harm | 90  | 30   | 900
        """)
    ).results
    assert [leaves(row) for row in (few, nobody, shown)] == [False, False, True]


def test_harm_by_day_30_does_not_give_away_the_few_who_came_to_harm_between_day_30_and_day_90():
    close = out(
        harmed("""
        arm | measure   | day | with | of
        iop | self_harm | 30  | 20   | 900
        iop | self_harm | 90  | 24   | 880
        """)
    ).results
    apart = out(
        harmed("""
        arm | measure   | day | with | of
        iop | self_harm | 30  | 20   | 900
        iop | self_harm | 90  | 44   | 880
        """)
    ).results
    assert [leaves(row) for row in close].count(True) <= 1
    assert all(leaves(row) for row in apart)


def test_an_empty_cell_of_the_map_is_shown_as_empty_and_a_small_one_takes_another_with_it():
    cells = [
        FigurePoint(result_id="C11.claim", figure="positivity", series="iop", x=float(x), y=0.5 if n else None, n=n)
        for x, n in enumerate((0, 4, 30, 60))
    ]
    empty, small, other, large = out(points=cells).points
    assert empty.n == 0
    assert (small.n, small.y) == (SUPPRESSED, SUPPRESSED)
    assert (other.n, other.y) == (SUPPRESSED, SUPPRESSED)
    assert large.n == 60


def bands_of_recovery(remitted, still, relapsed, unknown, *, started=400, not_measured=150):
    """What became of those in remission, of everybody who started: the rows as the durability question writes them."""
    where = {"question": "C13", "analysis": "durability", "arm": "iop", "outcome": "phq9_day90"}
    first = shares(
        f"""
        measure           | of        | with
        in_remission      | {started} | {remitted}
        not_in_remission  | {started} | {started - remitted - not_measured}
        remission_unknown | {started} | {not_measured}
        """,
        **where,
        day=90,
    )
    return first + shares(
        f"""
        measure          | of         | with
        still_recovered  | {remitted} | {still}
        relapsed         | {remitted} | {relapsed}
        recovery_unknown | {remitted} | {unknown}
        """,
        **where,
        day=180,
        twin_of=first[0].result_id,
    )


def test_a_small_band_of_those_in_remission_takes_another_with_it():
    leaving = {row.measure for row in out(bands_of_recovery(100, 60, 5, 35)).results if leaves(row)}
    assert "relapsed" not in leaving
    assert len({"still_recovered", "recovery_unknown"} & leaving) == 1
    assert leaving >= {"in_remission", "not_in_remission", "remission_unknown"}


def test_where_those_in_remission_are_hidden_nothing_is_told_of_what_became_of_them():
    for few in (bands_of_recovery(8, 4, 2, 2), bands_of_recovery(100, 60, 20, 20, not_measured=5)):
        leaving = {row.measure for row in out(few).results if leaves(row)}
        if "in_remission" not in leaving:
            assert not {"still_recovered", "relapsed", "recovery_unknown"} & leaving
        assert len(leaving & {"in_remission", "not_in_remission", "remission_unknown"}) < 2


def test_that_everybody_in_remission_relapsed_is_not_told():
    assert "relapsed" not in {row.measure for row in out(bands_of_recovery(40, 0, 40, 0)).results if leaves(row)}


def matrix(counts):
    """Points of recommended and received levels, and the level pairs that stay readable."""
    points = [
        FigurePoint(figure="placement_matrix", series=wanted, y=0.5, n=n, label=got)
        for (wanted, got), n in counts.items()
    ]
    return {(point.series, point.label) for point in out(points=points).points if point.n is not SUPPRESSED}


def test_a_small_cell_of_placements_cannot_be_worked_out_from_how_many_were_placed_above_their_recommendation():
    counts = {
        ("OP", "OP"): 300,
        ("OP", "IOP"): 40,
        ("IOP", "OP"): 60,
        ("IOP", "IOP"): 400,
        ("IOP", "PHP"): 4,
        ("PHP", "IOP"): 30,
        ("PHP", "PHP"): 200,
        ("PHP", "RES"): 20,
    }
    above = {("OP", "IOP"), ("IOP", "PHP"), ("PHP", "RES")}
    assert len(above - matrix(counts)) >= 2


def test_nor_from_how_many_were_placed_above_a_recommendation_that_was_not_the_lowest():
    counts = {
        ("OP", "OP"): 300,
        ("OP", "IOP"): 40,
        ("IOP", "IOP"): 400,
        ("IOP", "PHP"): 4,
        ("IOP", "OP"): 15,
        ("PHP", "PHP"): 200,
        ("PHP", "RES"): 90,
    }
    assert not {("IOP", "PHP"), ("PHP", "RES")} & matrix(counts)


def test_a_matrix_without_small_cells_is_shown_whole():
    counts = {("OP", "OP"): 300, ("OP", "IOP"): 40, ("IOP", "OP"): 60, ("IOP", "IOP"): 400}
    assert matrix(counts) == set(counts)


def test_who_was_left_out_is_not_worked_out_from_a_head_count_that_stands_in_a_row():
    """121 people, four left out, then 72: the row's 45 and the 72 would give the 117 back, and so the four, also where
    the flow itself does not show the 45."""
    flow = tuple(
        AttritionStep(analysis="pcl5: op and iop", step=i, sentence="left out", arm="op", n_left=left, n_removed=gone)
        for i, (left, gone) in enumerate([(121, 0), (117, 4), (45, 72)])
    )
    row = Result(**SCORECARD, arm="op", measure="observed", numerator=25, denominator=45, n=45, estimate=25 / 45)
    for close in (set(), {("n_left", 1), ("n_left", 2)}):
        assert ("n_removed", 2) in hidden_cells(attrition_margins(flow, [row], close), 11)
