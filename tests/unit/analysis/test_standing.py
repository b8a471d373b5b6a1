"""How surely each confirmatory answer is read: all together are wrong in at most 5 in 100, and nothing is spent on what
is not answered."""

import numpy as np
import pytest

from pipeline.analysis.comparison.like_for_like import compare
from pipeline.analysis.contrasts import Contrast, contrasts, role, score_of
from pipeline.analysis.standing import Standing, begun, levels_of, read_together
from pipeline.results import Result
from pipeline.stats.estimate import wald
from pipeline.stats.robustness.noninferiority import judge
from tests.unit.analysis.made_records import made_records, study

STUDIES = 600
HELD = 3 * (0.05 * 0.95 / STUDIES) ** 0.5  # Monte-Carlo error


def standing(estimate, se=1.0, df=np.inf, **more):
    return Standing(question="C2", estimate=estimate, se=se, df=df, **more)


@pytest.mark.parametrize(
    ("one", "settled"),
    [
        (standing(4.0), True),  # better
        (standing(4.0, harm=True), True),  # worse, with no margin to be beyond
        (standing(1.0), False),
        (standing(1.0, se=0.6, margin=0.5), False),  # not worse: it could still be better
        (standing(2.0, se=0.6, margin=0.5), True),
        (standing(-2.0, se=0.9, margin=0.5), False),  # worse: it could still be beyond the margin, or within it
        (standing(-2.0, se=0.6, margin=0.7), True),
        (standing(-0.5, se=0.1, margin=1.0), True),  # worse, by less than the margin
    ],
)
def test_an_answer_passes_its_share_on_only_where_nothing_more_can_be_claimed_of_it(one, settled):
    assert one.settled(0.95) is settled


def test_one_answer_alone_is_read_at_95_percent_and_ten_that_show_nothing_at_99_5():
    assert levels_of({"one": standing(1.0)}) == {"one": pytest.approx(0.95)}
    assert list(levels_of({str(i): standing(0.1) for i in range(10)}).values()) == pytest.approx([0.995] * 10)


def test_what_one_answer_has_settled_the_others_may_spend():
    levels = levels_of({"sure": standing(9.0), "open": standing(1.0)})
    assert levels == {"sure": pytest.approx(0.975), "open": pytest.approx(0.95)}


def family(said, one=None):
    yield said
    if one is not None:
        level = yield one
        yield level


def test_a_family_waits_for_its_level_and_one_without_a_confirmatory_answer_does_not():
    assert begun(family("a")).to_the_end(0.99) == ["a"]
    assert begun(family("a", standing(1.0))).to_the_end(0.99) == ["a", 0.99]


def test_families_that_answer_nothing_spend_nothing():
    said = read_together({"withheld": family("a"), "answered": family("b", standing(1.0))})
    assert list(said) == ["a", "b", pytest.approx(0.95)]


def test_withheld_contrasts_do_not_widen_the_limits_of_those_that_are_answered(tmp_path):
    asked = study(tmp_path)
    confirmatory = [one for one in contrasts(asked) if one.role == "confirmatory"]
    rows = [one for one in compare(made_records(n=500), asked) if isinstance(one, Result) and one.reference]
    own = [one for one in rows if one.analysis == "like_for_like" and not one.twin_of]
    named = {(one.endpoint.name, one.arm, one.reference) for one in confirmatory}
    read = [one for one in own if (one.outcome, one.arm, one.reference) in named and one.gate == "passed"]
    assert 0 < len(read) < len(confirmatory)
    unsettled = [one for one in read if not one.low > 0 and not one.high < 0]
    assert {round(one.level, 6) for one in unsettled} <= {round(1 - 0.05 / k, 6) for k in range(1, len(read) + 1)}


def wrong(truth, read, margin):
    """Whether a word claims what is not so."""
    claims = {
        "better": truth > 0,
        "worse": truth < 0,
        "not worse by more than the margin": truth > -(margin or 0),
        "worse, by less than the margin": -(margin or 0) < truth < 0,
        "worse by more than the margin": truth < -(margin or 0),
    }
    return not claims.get(read, True)


@pytest.mark.parametrize("shared", [0.0, 0.6])
@pytest.mark.parametrize("truths", [(0.0,) * 8, (0.0, 3.0, -1.0, -1.0, 4.0, 0.0, -3.0, 0.01), (-1.0,) * 8])
def test_in_at_most_five_of_a_hundred_studies_any_claim_is_wrong_whoever_is_withheld(truths, shared):
    """Eight answers, half with a margin of 1, their estimates correlated; about half of them withheld, by a draw that
    knows nothing of the estimates."""
    rng = np.random.default_rng(20261130)
    margins = [1.0, None] * 4
    errors = 0
    for _ in range(STUDIES):
        common = rng.normal()
        noise = shared**0.5 * common + (1 - shared) ** 0.5 * rng.normal(size=8)
        df = rng.integers(6, 40, 8)
        se = np.sqrt(rng.chisquare(df) / df)
        answered = rng.random(8) < 0.5
        family = {
            str(i): standing(truths[i] + noise[i], se=se[i], df=float(df[i]), margin=margins[i])
            for i in range(8)
            if answered[i]
        }
        levels = levels_of(family)
        found = {name: wald(one.estimate, one.se, df=one.df, level=levels[name]) for name, one in family.items()}
        errors += any(
            wrong(truths[int(name)], judge(one.low, one.high, margins[int(name)]), margins[int(name)])
            for name, one in found.items()
        )
    assert errors / STUDIES <= 0.05 + HELD


def test_a_contrast_is_confirmatory_for_the_primary_outcome_and_leaving_early_only(tmp_path):
    asked = study(tmp_path)
    arm, reference = asked.comparison.contrasts[1]
    assert role(asked, score_of("C2", asked.outcomes[0]), arm, reference) == "confirmatory"
    assert (
        Contrast(endpoint=score_of("C2", asked.outcomes[0]), arm=arm, reference=reference, role="primary").level == 0.95
    )
