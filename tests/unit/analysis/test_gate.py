import re

import numpy as np
import pytest

from pipeline.analysis.comparison.diagnostics import tells_a_small_count
from pipeline.analysis.gate import DESCRIPTIVE, LINES, NO_COMPARABLE, confounders, refusal
from pipeline.results import Diagnostic


def line(check, passed, after=0.137, threshold=0.2, arm="iop", covariate="PHQ9 at start"):
    return Diagnostic("id", check, arm, covariate, None, after, threshold, passed)


def test_a_contrast_passes_only_when_every_line_passes():
    assert refusal([line(check, True) for check in LINES]) is None
    for check in LINES:
        assert refusal([line(other, other != check) for other in LINES]) is not None, check


@pytest.mark.parametrize(
    ("check", "verdict"),
    [
        ("shared_sites", DESCRIPTIVE),
        ("recorded", DESCRIPTIVE),
        ("observed_n", DESCRIPTIVE),
        ("observed_share", DESCRIPTIVE),
        ("overlap", NO_COMPARABLE),
        ("balance", NO_COMPARABLE),
        ("effective_size", NO_COMPARABLE),
        ("max_person_share", NO_COMPARABLE),
    ],
)
def test_each_failed_line_has_its_verdict(check, verdict):
    assert refusal([line(check, False)]).verdict == verdict


def test_a_refusal_names_the_rule_but_no_figure_of_the_people():
    for check in LINES:
        reason = refusal([line(check, False, after=0.137, threshold=0.2, covariate="functioning")]).reason
        assert "137" not in reason
        assert "13.7" not in reason


def test_the_gravest_reason_comes_first_and_many_are_counted():
    reason = refusal(
        [line("balance", False, covariate=name) for name in ("age", "sex", "payer", "housing")]
        + [line("shared_sites", False)]
    ).reason
    assert reason.startswith("level and site cannot be separated")
    assert re.search(r"and 3 more checks failed$", reason)


def test_lines_that_only_inform_withhold_nothing():
    assert refusal([line("sites", False), line("controls", False)]) is None


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("Race and ethnicity: NHPI (not in the model)", "Race and ethnicity"),
        ("PHQ9 at start, squared", "PHQ9 at start"),
        ("Site 4", "Site"),
        ("PHQ9 at start × Diagnosis: eating", "PHQ9 at start together with Diagnosis"),
    ],
)
def test_a_refusal_names_the_confounder_and_never_a_rare_category(term, said):
    assert confounders(term) == said
    assert (
        refusal([line("balance", False, covariate=term)]).reason == f"the groups still differ after weighting ({said})"
    )


def test_a_difference_is_not_kept_where_it_would_give_a_small_count_away():
    codes = np.repeat([0, 1], 40)
    columns = np.column_stack(
        [np.arange(80) % 40 < 3, np.arange(80) % 40 < 37, np.arange(80) % 2, np.arange(80), np.arange(80) < 40]
    )
    assert tells_a_small_count(columns.astype(float), codes, 11).tolist() == [True, True, False, False, False]
