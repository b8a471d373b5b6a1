from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ttest_ind

from pipeline.analysis.asking.run import check_results
from pipeline.analysis.comparison.like_for_like import all_arms, compare
from pipeline.analysis.comparison.verdicts import agrees, read_limits
from pipeline.analysis.contrasts import contrasts
from pipeline.analysis.descriptive import crude_difference
from pipeline.analysis.headline import Asking
from pipeline.choices.asked import ComparisonChoices, Outcome
from pipeline.results import NUMBERS, AttritionStep, Diagnostic, FigurePoint, Result
from tests.unit.analysis.made_records import made_records, study


def results(rows, **wanted):
    return [
        row
        for row in rows
        if isinstance(row, Result) and all(getattr(row, key) == value for key, value in wanted.items())
    ]


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    return list(compare(made_records(effect=0.0), study(tmp_path_factory.mktemp("study"))))


def test_the_adjusted_difference_is_near_the_truth_where_the_naive_one_is_not(compared):
    [adjusted] = results(
        compared, analysis="like_for_like", outcome="phq9_day90", measure="difference", reference="inpatient"
    )
    [naive] = results(compared, analysis="as_observed", outcome="phq9_day90", reference="inpatient")
    assert adjusted.low < 0.0 < adjusted.high
    assert naive.high < 0.0  # sicker people start in inpatient care and have further to fall: IOP looks worse
    assert naive.twin_of == adjusted.result_id


def test_every_row_has_its_own_id_and_every_contrast_its_diagnostics_and_flow(compared):
    check_results([row for row in compared if isinstance(row, Result)])
    checked = {row.result_id for row in compared if isinstance(row, Diagnostic)}
    assert checked == {row.result_id for row in results(compared, analysis="like_for_like") if row.reference}
    assert {row.analysis.split(":")[0] for row in compared if isinstance(row, AttritionStep)} == {
        "phq9_day90",
        "reliable_phq9_day90",
        "dropped_out_day90",
        "retained_day90",
    }
    assert {row.figure for row in compared if isinstance(row, FigurePoint)} == {"overlap"}


def test_attrition_adds_up_and_nobody_is_dropped_for_having_no_score(compared):
    steps = [
        row for row in compared if isinstance(row, AttritionStep) and row.analysis.startswith("phq9_day90: inpatient")
    ]
    for before, after in zip(steps[:-2], steps[2:], strict=True):
        assert after.n_left == before.n_left - after.n_removed
    assert not any("follow-up score" in row.sentence for row in steps)


def test_one_primary_contrast_and_the_other_verdicts_are_read_together(tmp_path):
    asked = contrasts(study(tmp_path))
    assert [(one.arm, one.reference, one.endpoint.name) for one in asked if one.role == "primary"] == [
        ("iop", "inpatient", "phq9_day90")
    ]
    confirmatory = [one for one in asked if one.role == "confirmatory"]
    assert {(one.reference, one.endpoint.name) for one in confirmatory} == {
        ("outpatient", "phq9_day90"),
        ("inpatient", "dropped_out_day90"),
        ("outpatient", "dropped_out_day90"),
    }
    assert {one.level for one in asked} == {0.95}  # until it is known who else is answered


def test_an_exploratory_answer_carries_no_verdict_word(compared):
    for row in results(compared, analysis="like_for_like", outcome="retained_day90"):
        assert row.verdict in ("exploratory", "")


def test_where_level_and_site_coincide_nothing_carries_a_number(tmp_path):
    rows = list(compare(made_records(site_is_level=True), study(tmp_path)))
    found = results(rows)
    assert found
    for row in found:
        assert row.gate == "withheld"
        assert "level and site cannot be separated" in row.reason
        assert all(getattr(row, name) is None for name in NUMBERS)
    baseline = [row for row in rows if isinstance(row, Diagnostic) and row.check == "baseline"]
    assert (
        max(row.before for row in baseline if row.before is not None) > 0.2
    )  # how the arms differ at the start is still described
    assert all(row.after is None and row.passed for row in baseline)


def test_a_core_confounder_that_is_not_recorded_withholds_the_contrast_and_names_it(tmp_path):
    rows = list(compare(made_records(record=0.5), study(tmp_path)))
    [row] = results(rows, analysis="like_for_like", outcome="phq9_day90", reference="inpatient")
    assert (row.gate, row.verdict) == ("withheld", "descriptive only")
    assert "Suicide risk at start (CSSRS) is recorded for too few people" in row.reason


def test_too_few_measured_outcomes_withhold_the_contrast(tmp_path):
    rows = list(compare(made_records(observed=0.1), study(tmp_path)))
    [row] = results(rows, analysis="like_for_like", outcome="phq9_day90", reference="inpatient")
    assert row.gate == "withheld"
    assert "has the outcome measured" in row.reason


def test_an_arm_that_nobody_started_is_said_and_not_computed(tmp_path):
    asked = study(
        tmp_path,
        arms={"outpatient": ("OP",), "iop": ("IOP",), "php": ("PHP",)},
        comparison=ComparisonChoices(contrasts=(("iop", "php"),), primary=("iop", "php", "phq9_day90")),
    )
    rows = list(compare(made_records(n=400), asked))
    assert rows
    assert all(row.reason == "too few people started in php" for row in results(rows))


def test_a_study_without_scores_is_still_asked_about_retention(tmp_path):
    records = made_records(n=2000)
    empty = replace(records, scores=records.scores.iloc[:0])
    asked = study(tmp_path, outcomes=(), comparison=ComparisonChoices(primary=("iop", "inpatient", "retained_day90")))
    rows = list(compare(empty, asked))
    assert {row.outcome for row in results(rows)} == {"dropped_out_day90", "retained_day90"}
    assert all("Score at start is recorded for too few people" in row.reason for row in results(rows))


def test_more_dropout_is_worse_and_fewer_is_better(tmp_path):
    harm = next(one.endpoint for one in contrasts(study(tmp_path)) if one.endpoint.harm)
    assert read_limits(harm, crude_difference(np.array([1.0, 1, 1, 0]), np.array([0.0, 0, 0, 1, 0, 0, 0, 0]))) in (
        "worse",
        "inconclusive",
    )
    assert read_limits(harm, crude_difference(np.array([0.0, 0, 0, 1] * 30), np.array([1.0, 1, 1, 0] * 30))) == "better"


@pytest.mark.parametrize(
    ("claim", "reading", "kept"),
    [
        ("better", "better", True),
        ("better", "inconclusive", False),
        ("better", "not worse by more than the margin", False),
        ("not worse by more than the margin", "better", True),
        ("not worse by more than the margin", "inconclusive", False),
        ("worse", "worse by more than the margin", True),
        ("worse by more than the margin", "worse", False),
    ],
)
def test_a_claim_survives_only_readings_that_say_at_least_as_much(claim, reading, kept):
    assert agrees(claim, reading) is kept


def test_a_claim_that_the_unmeasured_could_overturn_is_called_so(tmp_path):
    strong = study(tmp_path, outcomes=(Outcome(margin=1.0, comparator_effect=2.0),))
    [fragile] = results(
        compare(made_records(effect=0.9, observed=0.5), strong),
        analysis="like_for_like",
        outcome="phq9_day90",
        measure="difference",
        reference="inpatient",
    )
    assert fragile.low > 0
    assert fragile.verdict == "inconclusive: depends on those not measured"
    [firm] = results(
        compare(made_records(effect=3.0, observed=0.9), strong),
        analysis="like_for_like",
        outcome="phq9_day90",
        measure="difference",
        reference="inpatient",
    )
    assert firm.verdict == "better"


def test_the_crude_difference_is_welchs():
    rng = np.random.default_rng(1)
    one, other = rng.normal(1, 2, 40), rng.normal(0, 1, 25)
    found, peer = crude_difference(one, other), ttest_ind(one, other, equal_var=False)
    assert (found.p, found.df) == pytest.approx((peer.pvalue, peer.df), rel=1e-10)
    assert (found.low, found.high) == pytest.approx(tuple(peer.confidence_interval()), rel=1e-10)


def test_the_all_arms_column_is_whole_or_withheld(tmp_path):
    asked = study(tmp_path)
    whole = results(all_arms(Asking(None, made_records(), asked, [])), outcome="phq9_day90")
    assert [row.arm for row in whole] == ["outpatient", "iop", "inpatient"]
    assert all(row.gate == "passed" and row.low < row.estimate < row.high for row in whole)
    refused = results(all_arms(Asking(None, made_records(site_is_level=True), asked, [])))
    assert refused
    assert all(row.gate == "withheld" and row.estimate is None for row in refused)


def test_adjusted_means_are_withheld_with_the_comparison_they_would_stand_for(tmp_path):
    asked, records = study(tmp_path), made_records(n=3000)
    answers = results(compare(made_records(n=3000, observed=0.1), asked))
    refused = results(all_arms(Asking(None, records, asked, answers)), outcome="phq9_day90")
    assert [row.gate for row in refused] == ["withheld"] * 3
    assert "is withheld" in refused[0].reason


def test_dropout_is_not_compared_where_nobody_wrote_down_how_care_ended(tmp_path):
    records = made_records(n=3000)
    lost = (
        (records.care["arm"] == "iop") & (np.arange(len(records.care)) % 2 == 0) & (records.care["state"] != "in_care")
    )
    forgetful = replace(records, care=records.care.assign(state=records.care["state"].mask(lost, "unknown")))
    for row in results(compare(forgetful, study(tmp_path)), analysis="like_for_like", outcome="dropped_out_day90"):
        assert (row.gate, row.estimate) == ("withheld", None)
        assert "How care ended is recorded" in row.reason
    passed = results(
        compare(records, study(tmp_path)),
        analysis="like_for_like",
        outcome="dropped_out_day90",
        measure="risk_difference",
    )
    assert [row.gate for row in passed] == ["passed", "passed"]


def test_the_row_names_the_target_it_was_estimated_in(tmp_path):
    asked = study(tmp_path, comparison=ComparisonChoices(target="treated:inpatient"))
    rows = results(
        compare(made_records(n=3000), asked),
        analysis="like_for_like",
        outcome="retained_day90",
        measure="risk_difference",
    )
    assert [(row.reference, row.target) for row in rows] == [
        ("inpatient", "treated:inpatient"),
        ("outpatient", "overlap"),
    ]
    assert rows[0].population == "people like those who started in inpatient"


def test_a_scale_on_which_more_is_better_gives_the_same_answer_with_a_sign_of_its_own(tmp_path):
    records = made_records(seed=3, n=3000, effect=2.0)
    scores = records.scores
    upside_down = scores.assign(
        outcome="who5_day90",
        improvement=3 * scores["improvement"],
        raw_change=-3 * scores["raw_change"],
        baseline_score=100 - 3 * scores["baseline_score"],
        followup_score=100 - 3 * scores["followup_score"],
    )
    well_being = Outcome(name="who5_day90", instrument="WHO5", margin=3.0, comparator_effect=6.0)
    asked = study(
        tmp_path, outcomes=(well_being,), comparison=ComparisonChoices(primary=("iop", "inpatient", "who5_day90"))
    )
    fallen = the_primary(compare(records, study(tmp_path)), "phq9_day90")
    risen = the_primary(compare(replace(records, scores=upside_down, main_outcome="who5_day90"), asked), "who5_day90")
    assert [row.verdict for row in risen] == [row.verdict for row in fallen]
    assert fallen[0].verdict == "better"
    for one, other in zip(fallen, risen, strict=True):
        assert (other.estimate, other.low, other.high) == pytest.approx((3 * one.estimate, 3 * one.low, 3 * one.high))
        assert one.raw_estimate == -one.estimate
        assert other.raw_estimate == other.estimate


def the_primary(rows, outcome):
    """The primary contrast, its plainest careless count, and the mean of each arm."""
    found = [row for row in rows if isinstance(row, Result) and row.outcome == outcome]
    head = next(
        row for row in found if row.analysis == "like_for_like" and (row.arm, row.reference) == ("iop", "inpatient")
    )
    twins = [
        row
        for row in found
        if row.twin_of == head.result_id and (row.measure == "adjusted_mean" or row.estimator == "unadjusted")
    ]
    return [head, *twins]
