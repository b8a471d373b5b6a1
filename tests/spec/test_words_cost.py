"""C7 in words: cost is said as cost, with what it covers, and cheaper is never called better care."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.sentences.cost import SENTENCES
from pipeline.results import Result
from pipeline.study import Study

ROW = Result(
    question="C7",
    analysis="claim",
    outcome="cost_day180",
    day=180,
    arm="iop",
    reference="inpatient",
    measure="cost_difference",
    unit="USD",
    target="overlap",
    estimator="weighted",
    estimate=-12600.0,
    low=-17000.0,
    high=-8230.0,
    verdict="better",
    gate="passed",
    note="Amounts paid, from the view of the payer, at prices of 2025.",
)
TWIN = replace(
    ROW,
    analysis="as_observed",
    estimator="index stay only",
    estimate=-11000.0,
    low=-11400.0,
    high=-10500.0,
    verdict="descriptive only",
    gate="",
    twin_of=ROW.result_id,
    note="the index stay alone, without what followed",
)
EFFECT = replace(
    ROW, analysis="cost_effect", outcome="reliable_phq9_day90", verdict="exploratory", twin_of=ROW.result_id
)


class Page:
    """Released rows as the sentences read them."""

    study = Study(Path("study"))

    def __init__(self, *rows):
        self.kept = rows

    def rows(self, **wanted):
        return tuple(row for row in self.kept if all(getattr(row, name) == value for name, value in wanted.items()))


def said(row, *beside):
    sentence = SENTENCES[row.question, row.measure](Page(row, *beside), row)
    return f"{sentence.point} {sentence.detail} [{sentence.tag}]".replace(" []", "").replace("  ", " ")


def test_costing_less_is_said_with_what_it_covers_and_the_index_stay_beside_it():
    assert (
        said(ROW, TWIN)
        == "IOP cost less than inpatient care over 180 days from the start, later care included, for similar people. On"
        " average USD 12,600 less a person (likely range USD 8,230 to 17,000 less). Counting only the first stay,"
        " and not adjusting for who starts where, the same comparison reads USD 11,000 less a person. Amounts paid,"
        " from the view of the payer, at prices of 2025. Costing less says nothing about how people did. [Fairly"
        " sure]"
    )


def test_costing_more_is_said_plainly():
    assert said(replace(ROW, verdict="worse", estimate=6070.0, low=5820.0, high=6310.0)).startswith(
        "IOP cost more than inpatient care over 180 days from the start, later care included, for similar people. On"
        " average USD 6,070 more a person (likely range USD 5,820 to 6,310 more)."
    )


def test_an_open_cost_names_both_directions():
    words = said(replace(ROW, verdict="inconclusive", estimate=-300.0, low=-1200.0, high=600.0))
    assert words.startswith("Whether IOP costs less or more than inpatient care over 180 days")
    assert "likely range USD 1,200 less to USD 600 more" in words
    assert words.endswith("[Could be zero]")


def test_an_exploratory_cost_is_a_hint():
    words = said(replace(ROW, analysis="cost", verdict="exploratory"))
    assert words.startswith("A hint, not a finding: what IOP costs beside inpatient care")
    assert not words.endswith("]")


@pytest.mark.parametrize(
    "measure", ["cost_difference", "adjusted_mean", "effect_difference", "net_monetary_benefit", "cost_per_effect"]
)
def test_what_is_withheld_hidden_or_unknown_has_no_number(measure):
    empty = replace(ROW, measure=measure, estimate=None, low=None, high=None, varied="worth 5000", note="")
    withheld = said(
        replace(empty, gate="withheld", verdict="descriptive only", reason="paid and charged are never added up")
    )
    hidden = said(replace(empty, estimate=SUPPRESSED, low=SUPPRESSED, high=SUPPRESSED))
    unknown = said(replace(empty, reason="the effect may be nothing", verdict="exploratory"))
    assert "The reason: paid and charged are never added up." in withheld
    assert withheld.endswith("[Cannot say]")
    assert hidden.endswith("is hidden, because it rests on a small group. [Cannot say]")
    assert "is not known. The reason: the effect may be nothing." in unknown
    assert not any(character.isdigit() for words in (withheld, hidden, unknown) for character in words)


def test_the_twin_says_why_it_differs():
    assert (
        said(TWIN)
        == "As observed, the first stay alone: USD 11,000 less a person (likely range USD 10,500 to 11,400 less). The"
        " index stay alone, without what followed."
    )


def test_net_benefit_names_what_an_improvement_would_have_to_be_worth():
    row = replace(
        EFFECT, measure="net_monetary_benefit", varied="worth 20000", estimate=12660.0, low=9660.0, high=15600.0
    )
    assert (
        said(row)
        == "If one more person who reliably improves on the PHQ-9 were worth USD 20,000, IOP would come out USD 12,660"
        " ahead of inpatient care for each person. Likely range USD 9,660 to 15,600 ahead. A hint, not a finding."
    )
    assert "USD 700 behind to USD 300 ahead" in said(replace(row, low=-700.0, high=300.0))


def test_the_effect_stands_beside_the_cost_of_the_same_people():
    row = replace(EFFECT, measure="effect_difference", unit="share", estimate=0.041, low=-0.04, high=0.12)
    assert (
        said(row)
        == "A hint, not a finding: of 100 people whose costs were compared, 4 more reliably improved in IOP than in"
        " inpatient care. Likely range 4 fewer to 12 more."
    )


def test_cost_per_person_improved_and_saving_per_person_given_up_are_told_apart():
    row = replace(
        EFFECT, measure="cost_per_effect", estimate=8000.0, low=2000.0, high=90000.0, note="extra cost per unit gained"
    )
    assert said(row).startswith("One more person who reliably improves costs USD 8,000, IOP beside inpatient care.")
    assert "saves, for each person fewer" in said(replace(row, note="saving per unit given up"))


def test_the_mean_of_one_level_says_for_whom_and_how_long():
    row = replace(
        ROW, measure="adjusted_mean", reference="", estimate=8110.0, low=7690.0, high=8540.0, verdict="", note=""
    )
    assert (
        said(row)
        == "For similar people, IOP cost USD 8,110 on average over 180 days from the start. Likely range USD 7,690 to"
        " USD 8,540."
    )


@pytest.mark.parametrize("verdict", ["better", "worse", "inconclusive", "exploratory"])
def test_cost_is_never_called_better_worse_or_proven(verdict):
    words = said(replace(ROW, verdict=verdict), TWIN).lower().replace("[fairly sure]", "")
    assert not any(word in words for word in ("better", "worse", "prove", "significant", "worth it"))
