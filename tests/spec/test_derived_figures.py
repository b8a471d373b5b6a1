"""What is a function of a count that is not shown: hidden with it, or too coarse to give it back."""

from dataclasses import replace
from math import sqrt

import pytest

from pipeline.choices.answered import Disclosure
from pipeline.counting import MADE_OF_SIZE
from pipeline.report.disclosure.derived import coarse_limits
from pipeline.report.disclosure.gate import Tables, release
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.results import AttritionStep, CurvePoint, Diagnostic, FigurePoint, Result

RULE = Disclosure(threshold=11)
SCORECARD = {"question": "M", "analysis": "scorecard", "target": "observed", "arm": "iop"}
CONTRAST = {
    "question": "C2",
    "outcome": "phq9_day90",
    "day": 90,
    "target": "overlap",
    "estimator": "augmented",
    "gate": "passed",
}


STAYS = {"question": "C14", "analysis": "stay_length", "target": "observed", "arm": "iop"}


def out(*results, **tables):
    return release(Tables(results=results, **tables), RULE)


def starts(n, arm="iop"):
    return Result(**SCORECARD | {"arm": arm}, measure="starts", unit="people", n=n)


def mean(n, sd=6.0, estimate=14.237):
    width = 1.96 * sd / sqrt(n)
    return Result(
        **SCORECARD,
        measure="baseline_mean",
        outcome="phq9_day90",
        unit="points",
        estimate=estimate,
        raw_estimate=estimate,
        se=sd / sqrt(n),
        df=n - 1.0,
        low=estimate - width,
        high=estimate + width,
        p=0.0123,
        ess=float(n),
        n=n,
    )


def test_degrees_of_freedom_standard_error_p_and_effective_size_leave_only_beside_their_head_count():
    """57 started and df is 54: 55 were scored, so that two people were not."""
    _, told = out(starts(300), mean(200)).results
    _, silent = out(starts(57), mean(55)).results
    assert (told.df, told.n, told.p) == (199.0, 200, 0.0123)
    assert {silent.n, silent.df, silent.se, silent.p, silent.ess} == {SUPPRESSED}
    assert silent.estimate == 14.2


@pytest.mark.parametrize("n", [3000, 300, 95, 40])
def test_limits_read_the_same_for_every_count_less_than_eleven_away(n):
    """The width falls as one over the root of the count, so that exact limits would give it back."""
    shown = {
        (left.low, left.high)
        for other in (n, n - 3, n - 10)
        for left in [out(starts(other + 4), mean(other)).results[1]]
        if isinstance(left.low, float)
    }
    for low, high in shown:
        assert low < 14.237 < high
    [_, exact] = out(starts(n + 4), mean(n)).results
    assert exact.low is SUPPRESSED or exact.high - exact.low != pytest.approx(2 * 1.96 * 6 / sqrt(n), rel=11 / n / 4)


def test_a_share_is_hidden_where_another_row_tells_how_many_are_in_it():
    """165 stays began and 163 ended, which is not shown; 95 of them were completed, 58 %: 163 or 164 ended."""
    began = Result(**STAYS, measure="stays_of_weeks_to_months", unit="share", estimate=0.788, n=165, events=130)
    completed = Result(
        **STAYS,
        measure="stays_by_ending",
        stratum="completed",
        unit="share",
        estimate=95 / 163,
        numerator=95,
        denominator=163,
        n=163,
        events=95,
    )
    days = Result(**STAYS, measure="median_stay_days", stratum="completed", unit="days", estimate=42.0, n=95)
    [_, alone] = out(began, completed).results
    assert (alone.estimate, alone.n) == (0.58, SUPPRESSED)
    [_, beside, told] = out(began, completed, days).results
    assert (beside.estimate, told.n) == (SUPPRESSED, 95)


def test_each_limit_is_told_as_finely_as_it_may_be_whatever_the_other_needs():
    """Of 346 people: no unit fits both limits, and each has one, the same for 336 to 356 people."""
    low, high = 4.626 - 1.898, 4.626 + 1.898
    told = coarse_limits(replace(mean(346, estimate=4.626), low=low, high=high), "estimate", 346, 11)
    assert told == (3.0, 6.5)
    for other in range(336, 357):
        k = sqrt(346 / other)
        assert (round(4.626 - 1.898 * k), round(2 * (4.626 + 1.898 * k)) / 2) == told


@pytest.mark.parametrize(("high", "told"), [(-110.3, False), (-9000.0, True), (9000.0, True)])
def test_a_range_that_leaves_out_zero_is_not_told_as_one_that_ends_there(high, told):
    """Of 300 people the unit is a thousand, in which USD 110 less would read USD 0, beside the word cheaper."""
    row = Result(
        **CONTRAST | {"question": "C7"},
        analysis="claim",
        measure="cost_difference",
        arm="iop",
        reference="inpatient",
        unit="USD",
        estimate=-13433.0,
    )
    low, found = coarse_limits(replace(row, low=-26755.6, high=high), "estimate", 300, 11)
    assert (low is not SUPPRESSED, found is not SUPPRESSED) == (told, told)
    assert not told or (found < 0) == (high < 0)


@pytest.mark.parametrize(("low", "told"), [(-0.97, False), (-0.6, True)])
def test_a_limit_within_the_margin_is_not_told_as_the_margin(low, told):
    row = Result(
        **CONTRAST,
        analysis="claim",
        measure="difference",
        arm="iop",
        reference="inpatient",
        unit="points",
        estimate=2.3,
        margin=1.0,
    )
    found, _ = coarse_limits(replace(row, low=low, high=5.57), "estimate", 300, 11)
    assert (found is not SUPPRESSED) == told


def test_a_share_of_a_hidden_head_count_is_one_that_every_count_nearby_could_have_given():
    """48 of 57 is 0.842, which no other number of people under 67 has; 0.85 tells of nobody."""
    row = Result(
        question="C4",
        analysis="retention",
        arm="iop",
        measure="survival",
        unit="share",
        day=30,
        estimate=48 / 57,
        n=57,
        events=9,
        target="observed",
    )
    assert release(Tables(results=(starts(61), replace(row, events=12))), RULE).results[1].estimate == 0.85


def test_what_was_worked_out_from_limits_is_as_coarse_as_they_are():
    claim = Result(
        **CONTRAST, analysis="like_for_like", arm="iop", reference="op", measure="difference", unit="points",
        estimate=1.5, se=0.41, low=0.7, high=2.3, n=295, n_reference=900,
    )  # fmt: skip
    least = replace(
        claim, analysis="sensitivity", measure="detectable_difference", estimate=1.137, se=None, low=None, high=None,
        twin_of=claim.result_id,
    )  # fmt: skip
    _, _, shown = out(starts(300), claim, least).results
    assert shown.estimate == 1.2  # as with any count from 285 to 305
    assert out(starts(900), claim, least).results[2].estimate == 1.14


def test_checks_beside_a_hidden_head_count_neither_count_people_nor_effective_ones():
    claim = Result(
        **CONTRAST, analysis="like_for_like", arm="iop", reference="op", measure="difference", estimate=1.5, n=295,
        n_reference=900,
    )  # fmt: skip
    checks = tuple(
        Diagnostic(
            result_id=claim.result_id,
            check=check,
            arm="iop",
            covariate="people",
            before=None,
            after=value,
            threshold=30.0,
            passed=True,
        )
        for check, value in (("observed_n", 295.0), ("effective_size", 281.3), ("observed_share", 295 / 420))
    )
    people, effective, share = out(starts(300), claim, diagnostics=checks).diagnostics
    assert (people.after, effective.after, share.after) == (SUPPRESSED, SUPPRESSED, 0.7)
    people, effective, share = out(starts(900), claim, diagnostics=checks).diagnostics
    assert (people.after, effective.after, share.after) == (295, 281, 0.702)


@pytest.mark.parametrize("check", sorted(set(MADE_OF_SIZE) - {"design_effect"}))
def test_a_line_that_chance_sets_for_so_many_people_is_not_told_where_their_number_is_not(check):
    """1.5 / 113 of the weights may be cut off, so that 113 people are asked; and so is it of an effective number."""
    claim = Result(
        **CONTRAST, analysis="like_for_like", arm="iop", reference="op", measure="difference", estimate=1.5, n=295,
        n_reference=900,
    )  # fmt: skip
    line = Diagnostic(result_id=claim.result_id, check=check, arm="iop", after=0.01, threshold=1.5 / 113, passed=True)
    few = Diagnostic(
        result_id=claim.result_id, check="effective_size", arm="iop", after=9.7, threshold=30, passed=False
    )
    assert out(starts(300), claim, diagnostics=(line,)).diagnostics[0].threshold is SUPPRESSED
    assert out(starts(900), claim, diagnostics=(line, few)).diagnostics[0].threshold is SUPPRESSED
    assert out(starts(900), claim, diagnostics=(line,)).diagnostics[0].threshold == 0.0133


def test_how_alike_people_of_one_therapist_are_does_not_give_back_how_many_people_there_are():
    """The design effect less one, over the likeness, is how many people a therapist has, less one."""
    claim = Result(
        **CONTRAST, analysis="like_for_like", arm="iop", reference="op", measure="difference", estimate=1.5, n=295,
        n_reference=900,
    )  # fmt: skip
    lines = [
        Diagnostic(result_id=claim.result_id, check=check, covariate="therapists", after=value, passed=True)
        for check, value in (("icc", 0.062), ("design_effect", 1.57))
    ]
    told = [line.after for line in out(starts(300), claim, diagnostics=tuple(lines)).diagnostics]
    assert told == [0.062, SUPPRESSED]
    assert [line.after for line in out(starts(900), claim, diagnostics=tuple(lines)).diagnostics] == [0.062, 1.57]


def test_marks_that_add_up_to_a_hidden_head_count_do_not_say_how_many():
    claim = Result(
        **CONTRAST, analysis="like_for_like", arm="iop", reference="op", measure="difference", estimate=1.5, n=295,
        n_reference=900,
    )  # fmt: skip
    marks = tuple(
        FigurePoint(
            result_id=claim.result_id,
            figure="overlap",
            series="iop",
            x=x,
            y=n / 295,
            low=None,
            high=None,
            n=n,
            label="",
        )
        for x, n in ((0.25, 95), (0.35, 120), (0.45, 80))
    )
    assert {mark.n for mark in out(starts(300), claim, points=marks).points} == {SUPPRESSED}
    assert [mark.n for mark in out(starts(900), claim, points=marks).points] == [95, 120, 80]


def test_limits_of_a_curve_do_not_give_back_how_many_are_at_risk():
    """Of 100, 12 left by day 7: from 0.88 and its standard error the number at risk follows exactly."""
    width = 1.96 * sqrt(0.88 * 0.12 / 100)
    curve = tuple(
        CurvePoint(
            result_id="C4.retention.iop",
            arm="iop",
            state="in care",
            day=day,
            estimate=share,
            low=share - half,
            high=share + half,
            at_risk=100 - gone,
            events=gone,
        )
        for day, share, half, gone in ((0, 1.0, 0.0, 0), (7, 0.88, width, 12))
    )
    _, point = out(starts(100), curves=curve).curves
    assert point.at_risk is None
    back = 0.88 * 0.12 / ((point.high - point.low) / 2 / 1.96) ** 2 if isinstance(point.low, float) else None
    assert back is None or abs(back - 100) > 1


def contrast_and_parts(events):
    """C6 as it is told: the difference, the two risks it is made of, and one day on which nobody counted events."""
    common = {"question": "C6", "outcome": "readmitted_day30", "target": "combined", "estimator": "clones"}
    arms = {"arm": "IOP", "reference": "no IOP"}
    claim = Result(
        **common, **arms, analysis="claim", measure="risk_difference", day=30, estimate=0.02, n=400, n_reference=900,
        events=events, events_reference=200,
    )  # fmt: skip
    risks = [
        Result(**common, analysis="strategies", arm=arm, measure="risk", day=30, estimate=risk, n=1300)
        for arm, risk in (("IOP", 0.15), ("no IOP", 0.13))
    ]
    later = Result(**common, **arms, analysis="strategies", measure="risk_difference", day=90, estimate=0.01)
    return [claim, *risks, later]


def test_a_hidden_difference_cannot_be_worked_out_from_two_risks_and_a_curve():
    rows = contrast_and_parts(events=4)
    curve = tuple(
        CurvePoint(
            result_id=rows[1].result_id,
            arm="IOP",
            state="readmitted",
            day=d,
            estimate=0.1,
            low=0.1,
            high=0.2,
            at_risk=400,
            events=40,
        )
        for d in (7, 14)
    )
    left = out(*rows, curves=curve)
    assert {row.estimate for row in left.results} == {SUPPRESSED}
    assert left.curves == ()


def test_a_difference_that_may_be_shown_is_shown_with_its_risks():
    assert all(isinstance(row.estimate, float) for row in out(*contrast_and_parts(events=60)).results)


def test_where_one_figure_is_hidden_the_other_does_not_stand_beside_the_difference():
    claim = Result(
        **CONTRAST, analysis="like_for_like", arm="iop", reference="op", measure="risk_difference", unit="share",
        estimate=0.1, n=295, n_reference=900, events=100, events_reference=200,
    )  # fmt: skip
    shares = [
        Result(
            **CONTRAST, analysis="like_for_like", arm=arm, measure="adjusted_share", unit="share",
            stratum="iop or op", estimate=share, n=n, events=events,
        )
        for arm, share, n, events in (("iop", 0.03, 295, 6), ("op", 0.2, 900, 200))
    ]  # fmt: skip
    assert [isinstance(row.estimate, float) for row in out(claim, *shares).results] == [True, False, False]


def test_a_head_count_hidden_in_one_table_is_hidden_in_all():
    """295 measured beside 300 who started; the same 295 in a flow, a check and a curve."""
    steps = tuple(
        AttritionStep(
            analysis="phq9_day90: iop and op", step=i, sentence="left out", arm="iop", n_left=left, n_removed=removed
        )
        for i, (left, removed) in enumerate([(400, 0), (295, 105)])
    )  # fmt: skip
    other = Result(question="C1", analysis="dose", arm="iop", measure="hours_per_week", estimate=9.1, n=295)
    left = out(starts(300), mean(295), other, attrition=steps)
    assert [row.n for row in left.results] == [300, SUPPRESSED, SUPPRESSED]
    assert left.attrition[1].n_left is SUPPRESSED


def test_people_asked_how_often_they_are_measured_lie_within_those_whose_records_reach_so_far():
    """3,541 seen to day 30 and 3,533 of them asked for scores: eight people."""
    kept = Result(
        **SCORECARD, measure="retained", unit="share", day=30, estimate=0.5, n=3541, numerator=1800, denominator=3541,
        events=1800,
    )  # fmt: skip
    often = [
        Result(
            question="C12", analysis="measurement", arm="iop", measure=measure, outcome="phq9_day90", day=90,
            unit="share", estimate=yes / 3533, n=3533, numerator=yes, denominator=3533,
        )
        for measure, yes in (("measured_every_14_days", 1500), ("measured_every_30_days", 2500))
    ]  # fmt: skip
    left = out(starts(3600), kept, *often).results
    assert [row.n for row in left] == [3600, SUPPRESSED, 3533, 3533]  # the one that fewer rows tell
    assert left[1].estimate == 0.5


def test_rows_of_a_file_that_were_set_aside_are_not_read_less_kept_where_the_flow_says_who_was_kept():
    counts = {"read": 12008, "kept": 12000, "quarantined": 8, "duplicates": 0, "forgotten": 0}
    points = tuple(
        FigurePoint(
            result_id="",
            figure="data_quality",
            series="patients",
            x=None,
            y=None,
            low=None,
            high=None,
            n=n,
            label=label,
        )
        for label, n in counts.items()
    )
    flow = (
        AttritionStep(
            analysis="all people", step=0, sentence="people in the records", arm="", n_left=12000, n_removed=0
        ),
    )
    assert [p.n for p in out(points=points).points] == [12008, SUPPRESSED, SUPPRESSED, 0, 0]
    left = out(points=points, attrition=flow)
    assert [p.n for p in left.points] == [SUPPRESSED, 12000, SUPPRESSED, 0, 0]
    assert left.attrition[0].n_left == 12000


def test_those_left_after_a_step_are_hidden_also_where_other_people_happen_to_be_as_many():
    """56 had records that reach far enough and 51 of them a score; 51 courses of care ended, which is another 51."""
    flow = tuple(
        AttritionStep(
            analysis="phq9_day180: iop and inpatient", step=step, sentence="", arm="iop", n_left=n, n_removed=r
        )
        for step, (n, r) in enumerate(((71, 0), (56, 15), (51, 5)))
    )
    courses = replace(mean(51), measure="mean_change", outcome="gad7_day90", population="courses of care that ended")
    asked = replace(mean(30), outcome="phq9_day180")
    released = out(starts(71), courses, asked, attrition=flow)
    assert [row.n for row in released.results] == [71, 51, 30]
    assert [(one.n_left, one.n_removed) for one in released.attrition] == [(71, 0), (56, 15), (SUPPRESSED, SUPPRESSED)]


def left_early(day, some, everybody=251):
    return Result(
        **SCORECARD,
        measure="dropped_out",
        day=day,
        unit="share",
        estimate=some / everybody,
        n=everybody,
        events=some,
        numerator=some,
        denominator=everybody,
    )


def test_those_who_left_early_by_two_days_do_not_tell_of_the_few_between_them():
    """69 of 251 by day 60 and 71 of the same 251 by day 90: two people left in between."""
    assert len([row for row in out(left_early(60, 69), left_early(90, 71)).results if row.numerator == SUPPRESSED]) >= 1
    assert [row.numerator for row in out(left_early(60, 49), left_early(90, 71)).results] == [49, 71]
    other_people = out(left_early(60, 69), left_early(90, 71, 238))
    assert [row.numerator for row in other_people.results] == [69, 71]


def test_fewer_people_than_may_be_shown_stay_hidden_also_where_the_flow_counts_them():
    points = tuple(
        FigurePoint(figure="data_quality", series="patients", n=n, label=label)
        for label, n in {"read": 4, "kept": 4, "quarantined": 0}.items()
    )
    flow = (
        AttritionStep(analysis="all people", step=0, sentence="people in the records", arm="", n_left=4, n_removed=0),
    )
    left = out(points=points, attrition=flow)
    assert [p.n for p in left.points] == [SUPPRESSED, SUPPRESSED, 0]
    assert left.attrition[0].n_left is SUPPRESSED
