"""What is lacking, in words, and the naive twin that goes with an answer or a refusal."""

from types import SimpleNamespace

import pytest

from pipeline.analysis.headline import NaiveTwin, headline
from pipeline.analysis.lacking import NO_IOP, NO_IOP_ARM, arm_with, not_compared, too_few_started
from pipeline.results import GateWord, Verdict
from pipeline.stats.estimate import wald

LEVELS = {"outpatient": ("OP",), "iop": ("IOP",), "inpatient": ("RES", "IP")}
STUDY = SimpleNamespace(arms=LEVELS, comparison=SimpleNamespace(primary=(), contrasts=()))
RECORDS = SimpleNamespace(arms=("outpatient", "iop"))
TWIN = NaiveTwin("unadjusted", "nothing is adjusted for")
ROW = headline("C3", arm="iop", reference="outpatient", measure="risk_difference", target="overlap", margin=1.0, n=90)


@pytest.mark.parametrize(("levels", "arm"), [(("IOP",), "iop"), (("IP", "RES"), "inpatient"), (("PHP",), "")])
def test_an_arm_is_found_by_any_of_its_levels(levels, arm):
    assert arm_with(STUDY, *levels) == arm


def test_of_two_arms_with_a_level_the_one_that_the_study_compares_is_meant():
    arms = {"evening": ("IOP",), "day": ("IOP",), "outpatient": ("OP",)}
    declared = SimpleNamespace(primary=("day", "outpatient", "phq9_day90"), contrasts=(("evening", "outpatient"),))
    assert arm_with(SimpleNamespace(arms=arms, comparison=declared), "IOP") == "day"
    declared.primary = ()
    assert arm_with(SimpleNamespace(arms=arms, comparison=declared), "IOP") == "evening"


def test_only_the_arms_that_too_few_started_are_named():
    assert too_few_started(("iop", "outpatient"), RECORDS) == ""
    assert too_few_started(("iop", "inpatient", "php"), RECORDS) == "too few people started in inpatient and php"


@pytest.mark.parametrize(
    ("stays", "arm", "reason"),
    [(5, "iop", ""), (0, "php", NO_IOP), (5, "php", "too few people started in php"), (5, "", NO_IOP_ARM)],
)
def test_why_nobody_of_intensive_outpatient_care_is_compared(stays, arm, reason):
    con = SimpleNamespace(execute=lambda *_: SimpleNamespace(fetchall=lambda: [(stays,)]))
    assert not_compared(con, arm, RECORDS) == reason


def test_a_twin_has_its_own_number_and_counts_and_no_verdict_of_the_answer():
    answer = ROW.filled(wald(0.1, 0.02), verdict=Verdict.BETTER, gate=GateWord.PASSED)
    twin = TWIN.beside(answer, wald(0.3, 0.1), sign=-1.0, n=200)
    assert (twin.estimate, twin.raw_estimate, twin.n) == (0.3, -0.3, 200)
    assert (twin.analysis, twin.target, twin.twin_of) == ("as_observed", "observed", answer.result_id)
    assert (twin.verdict, twin.gate, twin.margin, twin.note) == ("descriptive only", "", None, TWIN.why)


def test_a_refused_answer_has_a_refused_twin_whatever_the_twin_would_have_said():
    row, twin = TWIN.refused(ROW, "nobody compares", Verdict.NO_COMPARABLE)
    assert {(one.gate, one.verdict, one.reason) for one in (row, twin)} == {
        ("withheld", "no comparable patients", "nobody compares")
    }
    told = TWIN.beside(row, wald(0.3, 0.1), n=200)
    assert (told.estimate, told.n, told.reason) == (None, None, "nobody compares")
