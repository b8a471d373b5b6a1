"""Words follow evidence: each verdict has its sentence and its tag, and numbers are written so that they mean what they
say."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.analysis.gate import APART, SITES_UNNAMED
from pipeline.choices.asked import Outcome
from pipeline.report.briefly import in_brief
from pipeline.report.disclosure.rates.bounds import between
from pipeline.report.disclosure.suppressed import SUPPRESSED, Within
from pipeline.report.numbers import (
    count,
    in_hundred,
    listed,
    percent,
    percent_and_range,
    percent_span,
    plain,
    plural,
    points,
    same_digits,
    size,
)
from pipeline.report.sentences.generic import between as limits_of
from pipeline.report.words import WAITING_LIST, compared, fixed_margin, for_whom, likely_range, margin, worded
from pipeline.results import Result, Verdict
from pipeline.study import Study

STUDY = Study(Path("study"))
SCORE = Result(
    question="C2",
    analysis="like_for_like",
    outcome="phq9_day90",
    day=90,
    arm="iop",
    reference="inpatient",
    measure="difference",
    unit="points",
    target="overlap",
    estimate=1.1,
    raw_estimate=-1.1,
    low=0.5,
    high=1.7,
    margin=1.0,
    verdict="better",
    gate="passed",
)
LEFT = Result(
    question="C4",
    analysis="like_for_like",
    outcome="dropped_out_day90",
    day=90,
    arm="iop",
    reference="outpatient",
    measure="risk_difference",
    unit="share",
    target="overlap",
    estimate=-0.061,
    raw_estimate=-0.061,
    low=-0.11,
    high=-0.012,
    verdict="better",
    gate="passed",
)
STAYED = replace(
    LEFT, outcome="retained_day90", estimate=0.04, raw_estimate=0.04, low=-0.02, high=0.1, verdict="inconclusive"
)


def said(row, **beside):
    sentence = compared(STUDY, row, **beside)
    return f"{sentence.point} {sentence.whole} [{sentence.tag}]".replace(" []", "")


def scored(verdict, estimate, low, high):
    return replace(SCORE, verdict=verdict, estimate=estimate, raw_estimate=-estimate, low=low, high=high)


def test_better_is_said_with_its_size_and_range_and_we_are_fairly_sure():
    assert (
        said(SCORE)
        == "IOP did better than inpatient care for similar people. Depression scores (PHQ-9) fell 1.1 points more "
        "(likely range 0.5 to 1.7 more). [Fairly sure]"
    )


def test_not_worse_by_more_than_the_margin_names_the_margin_and_never_says_equal():
    words = said(scored("not worse by more than the margin", -0.16, -0.71, 0.39))
    assert (
        words
        == "IOP did not do worse than inpatient care by more than the margin of 1 point, for similar people. Depression"
        " scores (PHQ-9) fell 0.2 points less (likely range 0.7 less to 0.4 more). [Fairly sure]"
    )
    assert "equal" not in words
    assert "same" not in words


@pytest.mark.parametrize(
    ("verdict", "point"),
    [
        (
            "worse, by less than the margin",
            "IOP did worse than inpatient care for similar people, by less than the margin of 1 point.",
        ),
        (
            "worse by more than the margin",
            "IOP did worse than inpatient care for similar people, by more than the margin of 1 point.",
        ),
        ("worse", "IOP did worse than inpatient care for similar people."),
    ],
)
def test_every_form_of_worse_is_said_plainly(verdict, point):
    assert said(scored(verdict, -0.8, -0.95, -0.2)).startswith(point)
    assert said(scored(verdict, -0.8, -0.95, -0.2)).endswith("[Fairly sure]")


def test_inconclusive_could_be_zero_and_says_what_would_have_shown():
    detectable = replace(SCORE, measure="detectable_difference", estimate=1.04, low=None, high=None)
    assert (
        said(scored("inconclusive", 0.4, -0.3, 1.2), detectable=detectable)
        == "Whether IOP does better or worse than inpatient care for similar people is still open. Depression scores"
        " (PHQ-9) fell 0.4 points more (likely range 0.3 less to 1.2 more). With this many people, a difference of"
        " 1.0 points or more would probably have shown. [Could be zero]"
    )


def test_inconclusive_because_of_the_unmeasured_says_so():
    assert said(scored("inconclusive: depends on those not measured", 0.9, 0.1, 1.7)).startswith(
        "Whether IOP does better or worse than inpatient care for similar people is still open: it depends on the"
        " people who were not measured."
    )


def test_what_it_would_take_stands_beside_an_answer_that_depends_on_the_unmeasured():
    tipping = replace(
        SCORE, measure="tipping_point", estimate=1.5, low=None, high=None, stratum="not worse by more than the margin"
    )
    words = said(scored("inconclusive: depends on those not measured", 0.1, -0.4, 0.6), tipping=tipping)
    assert words.endswith(
        "Taken alone, the range rules out that IOP does worse by more than the margin of 1 point. That would no"
        " longer hold if, in one of the two groups, the people who were not measured had done 1.5 points better or worse"
        " than similar people who were measured."
        " [Could be zero]"
    )


def test_a_withheld_contrast_says_why_and_what_can_still_be_said_and_holds_no_number():
    withheld = replace(
        SCORE,
        estimate=None,
        raw_estimate=None,
        low=None,
        high=None,
        gate="withheld",
        verdict="no comparable patients",
        reason="Suicide risk still differs between the groups after weighting",
    )
    assert (
        said(withheld)
        == "IOP and inpatient care cannot be compared here. The reason: Suicide risk still differs between the groups"
        " after weighting. What can be said is how people did at each level, not whether one level did better."
        " [Cannot say]"
    )


def test_where_level_and_site_coincide_the_sentence_says_that_it_could_be_the_site():
    withheld = replace(
        SCORE,
        estimate=None,
        low=None,
        high=None,
        gate="withheld",
        verdict="descriptive only",
        reason="level and site cannot be separated: too few people were treated at sites that offer both levels",
    )
    assert "could as well be one between sites" in said(withheld)
    assert said(withheld).endswith("[Cannot say]")


def test_where_no_site_is_named_nobody_is_said_to_have_been_treated_elsewhere():
    unnamed = replace(SCORE, estimate=None, low=None, high=None, gate="withheld", reason=APART[SITES_UNNAMED].format(1))
    assert "could as well be one between sites" not in said(unnamed)
    assert "name the site of each program there" in said(unnamed)


SCREENED = replace(
    Study(Path("study")),
    outcomes=(Outcome(name="uds_day90", instrument="UDS_OPIOID", margin=0.1, comparator_effect=0.2),),
)
SCREEN = replace(
    SCORE,
    outcome="uds_day90",
    unit="percentage points",
    estimate=3.2,
    raw_estimate=-3.2,
    low=1.0,
    high=7.0,
    margin=10.0,
)


def test_of_a_yes_or_no_screen_the_share_found_falls_by_percentage_points():
    told = compared(SCREENED, SCREEN)
    assert (
        told.detail == "Opioids found in urine screens fell 3.2 percentage points more (likely range 1.0 to 7.0 more)."
    )
    assert (
        in_brief(SCREENED, SCREEN)[1]
        == "Opioids found in urine screens fell 3.2 percentage points more (1.0 to 7.0 more)."
    )


def test_a_margin_is_told_in_the_unit_of_the_difference_it_is_held_against():
    assert margin(SCORE) == "the margin of 1 point"
    assert margin(SCREEN) == "the margin of 10 percentage points"
    assert fixed_margin(SCREENED.outcomes[0]) == "10 percentage points"
    assert fixed_margin(Outcome(margin=1.0)) == "1 point"


def test_the_naive_figure_stands_beside_the_adjusted_one():
    naive = replace(SCORE, analysis="as_observed", estimate=-1.8, raw_estimate=1.8, margin=None)
    assert "Before adjusting for who starts where, the same comparison reads 1.8 points less." in said(
        SCORE, naive=naive
    )


def test_fewer_people_leaving_early_is_better_and_is_said_as_people_in_a_hundred():
    assert (
        said(LEFT)
        == "Fewer people had left early by day 90 in IOP than in outpatient care, among similar people. Of 100 similar"
        " people, 6 fewer had left early by day 90 (likely range 1 to 11 fewer). [Fairly sure]"
    )


def test_more_people_leaving_early_is_worse():
    assert said(replace(LEFT, verdict="worse", estimate=0.06, low=0.01, high=0.11)).startswith(
        "More people had left early by day 90 in IOP"
    )


def test_an_open_share_names_both_directions():
    assert (
        said(STAYED)
        == "Whether more or fewer people were still in care at day 90 in IOP than in outpatient care is still open. Of"
        " 100 similar people, 4 more were still in care at day 90 (likely range 2 fewer to 10 more). [Could be zero]"
    )


def test_exploratory_is_a_hint_without_verdict_and_without_tag():
    words = said(replace(SCORE, verdict="exploratory"))
    assert words.startswith("A hint, not a finding:")
    assert not words.endswith("]")
    assert "better" not in words
    assert "worse" not in words


def test_a_hidden_contrast_draws_no_verdict():
    assert (
        said(replace(SCORE, estimate=SUPPRESSED, low=SUPPRESSED, high=SUPPRESSED))
        == "IOP and inpatient care: the comparison is hidden, because it rests on a small group.  [Cannot say]"
    )


def test_a_scale_on_which_higher_is_better_rises():
    assert "rose 1.1 points more" in said(replace(SCORE, raw_estimate=1.1))


def test_the_bound_to_these_sites_is_said_once_where_it_holds():
    assert (
        for_whom([replace(SCORE, note="holds for these sites only: 5 of them. Limits hold together.")])
        == "Holds for these sites only: 5 of them."
    )
    assert for_whom([SCORE]) == ""


def test_a_bound_that_is_about_one_comparison_names_it():
    bounded = replace(SCORE, reference="php", note="This holds for these sites only.")
    assert for_whom([SCORE, bounded]) == "IOP and PHP: this holds for these sites only."


@pytest.mark.parametrize("verdict", Verdict)
def test_no_sentence_says_proven_or_proof(verdict):
    words = said(scored(verdict, 0.4, -0.3, 1.2)).lower()
    assert "prove" not in words
    assert "proof" not in words
    assert "significant" not in words


def test_a_change_over_time_carries_the_waiting_list():
    assert "from 13.6 to 7.0 on the PHQ-9 in 16 weeks" in WAITING_LIST
    assert "secondary source" in WAITING_LIST


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.25, "0.3"), (-0.25, "−0.3"), (0.35, "0.4"), (1.005, "1.0"), (-0.04, "0.0"), (1234.5, "1,234.5")],
)
def test_numbers_round_half_away_from_zero_with_a_real_minus_sign(value, written):
    assert plain(value) == written


@pytest.mark.parametrize(
    ("value", "beside", "written"),
    [(0.03, 0.0, "0.03"), (0.96, 1.0, "0.96"), (1.0, 1.0, "1.0"), (0.94, 1.0, "0.9"), (0.0, 0.0, "0.0")],
)
def test_rounding_never_moves_a_number_onto_zero_or_the_margin(value, beside, written):
    assert size(value, (0.0, beside)) == written


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (0.0, "0%"),
        (0.004, "under 1%"),
        (0.005, "1%"),
        (0.125, "13%"),
        (0.995, "over 99%"),
        (1.0, "100%"),
        (None, "not known"),
        (SUPPRESSED, "hidden"),
    ],
)
def test_a_percentage_reads_0_or_100_only_where_it_is(share, written):
    assert percent(share) == written


@pytest.mark.parametrize(
    ("value", "low", "high", "written"),
    [
        (0.843, 0.81, 0.87, ("84%", "81% to 87%")),
        (0.843, 0.841, 0.844, ("84.3%", "84.1% to 84.4%")),
        (0.002, 0.001, 0.004, ("0.2%", "0.1% to 0.4%")),
        (0.84, 0.84, 0.84, ("84%", "")),
        (1.0, 0.999, 1.0, ("100%", "over 99% to 100%")),
        (0.84, None, None, ("84%", "")),
    ],
)
def test_a_likely_range_never_reads_as_one_number_twice(value, low, high, written):
    assert percent_and_range(value, low, high) == written


def test_one_site_has_no_range_of_sites_and_two_that_read_alike_keep_a_decimal():
    assert (percent_span(0.85, 0.85), percent_span(0.847, 0.853)) == ("85%", "84.7% to 85.3%")
    assert same_digits(("4", "4"), (3.6, 4.4)) == ("3.6", "4.4")
    assert same_digits(("4", "4"), (-3.6, 4.4)) == ("4", "4")


def test_a_bound_that_is_above_nobody_does_not_read_0_percent():
    assert percent(between(22 / 3281, 130 / 3281)) == "0.6% to 4%"
    assert percent(between(0.9, 3279 / 3281)) == "90% to 100%"
    assert percent(between(0, 30 / 300)) == "0% to 10%"


def test_small_differences_of_shares_keep_a_decimal():
    assert (in_hundred(0.061), in_hundred(-0.004), in_hundred(0.0)) == ("6", "0.4", "0")


def test_counts_lists_and_plurals():
    assert (count(3254), count(SUPPRESSED), points(None)) == ("3,254", "hidden", "not known")
    assert (plural(1, "site"), plural(12, "site"), plural(2, "stay", "stays")) == ("1 site", "12 sites", "2 stays")
    assert (listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])) == ("a", "a and b", "a, b and c")


def test_what_an_analysis_wrote_names_levels_and_scales_as_pages_do():
    assert worded("Its limits count people in inpatient and therapists in iop.") == (
        "Its limits count people in inpatient care and therapists in IOP."
    )
    assert worded('add instrument = "PCL5" to study.toml') == 'add instrument = "PCL5" to study.toml'
    assert worded("nobody has a PHQ9 score, 17 % a CSSRS") == "nobody has a PHQ-9 score, 17% a C-SSRS"


def test_a_bound_whose_ends_are_written_alike_is_one_number():
    assert percent(Within(0.0, 0.0)) == "0%"
    assert count(Within(12, 12)) == "12"
    assert count(Within(12, 15)) == "12 to 15"


@pytest.mark.parametrize(
    ("low", "high", "written"),
    [(1.1, 1.10001, "likely range 1.10 more"), (2.0, 2.0, "likely range 2.0 more"), (1.01, 1.04, "1.01 to 1.04 more")],
)
def test_a_range_of_points_reads_as_one_number_where_its_ends_do(low, high, written):
    assert likely_range(replace(SCORE, estimate=low, low=low, high=high)).endswith(written)


def test_a_ratio_has_no_range_from_a_number_to_itself():
    row = replace(SCORE, measure="hazard_ratio", unit="", estimate=1.0, low=0.998, high=1.002)
    assert limits_of(row) == "1.00"
