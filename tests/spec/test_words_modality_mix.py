"""What is said about the mix of services: nothing stands out, or a hint; never an effect."""

from dataclasses import replace

from pipeline.analysis.questions.modality_mix import NOTE
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.results import Result
from tests.spec.told_rows import said

ROW = Result(
    question="C9",
    analysis="claim",
    arm="iop",
    outcome="phq9_day90",
    day=90,
    stratum="group",
    measure="slope_per_doubling",
    unit="points",
    estimate=-0.326,
    low=-1.1,
    high=0.449,
    p=0.37,
    n=2105,
    gate="passed",
    verdict="exploratory",
    note=NOTE,
)
KINDS = [
    replace(ROW, analysis="modality_mix", stratum=kind, p=p, gate="") for kind, p in (("group", 0.49), ("family", 0.62))
]


def test_where_no_kind_stands_out_this_is_said_first():
    assert (
        said(ROW, *KINDS)
        == "No kind of service stands out: improvement is not seen to go with the mix of services. Where group hours"
        " are twice as large beside the others, PHQ-9 improvement is 0.3 points less (likely range 1.1 points less"
        " to 0.4 points more). Per doubling of these hours beside the others, among similar people at the same site."
        " Clinicians choose the mix by need, so this is no effect of the mix."
    )


def test_a_kind_that_survives_the_number_of_kinds_tested_is_a_hint_and_not_a_finding():
    words = said(ROW, KINDS[0], replace(KINDS[1], p=0.03))
    assert words.startswith("A hint, not a finding")
    assert "Hints after allowing for the number of kinds tested: family." in words


def test_hidden_limits_and_hidden_kinds_are_left_out():
    words = said(replace(ROW, low=SUPPRESSED), replace(KINDS[0], p=SUPPRESSED))
    assert "likely range" not in words
    assert words.startswith("No kind of service stands out")


def test_a_refusal_says_what_is_missing():
    assert (
        said(replace(ROW, estimate=None, gate="withheld", reason="export service_type"))
        == "Whether improvement goes with the mix of services cannot be told from these records. The reason: export"
        " service_type. [Cannot say]"
    )
    assert said(KINDS[0]).startswith("Improvement per doubling of these hours")
