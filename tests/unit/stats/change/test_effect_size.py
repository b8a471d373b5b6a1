"""Change beyond what equally severe people showed elsewhere: by hand, and refusals."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.change.effect_size import ReferenceRegression, severity_adjusted_effect_size

REFERENCE = ReferenceRegression(intercept=1.0, slope=0.5, baseline_sd=5.0, source="a stated group")


def test_change_beyond_what_equally_severe_people_showed():
    # expected afterwards: 6, 11 and 8.5
    found = severity_adjusted_effect_size([10, 20, 15, np.nan], [6, 6, 11, 3], reference=REFERENCE)
    assert found.person[:3] == pytest.approx([0, 1, -0.5])
    assert np.isnan(found.person[3])
    assert found.mean.estimate == pytest.approx(1 / 6)
    assert (found.mean.n, found.mean.df, found.source) == (3, 2, "a stated group")


def test_the_reference_group_itself_has_no_adjusted_change():
    draw = np.random.default_rng(4)
    before = draw.normal(15, 5, 400)
    after = 3 + 0.6 * before + draw.normal(0, 4, 400)
    slope, intercept = np.polyfit(before, after, 1)
    own = ReferenceRegression(float(intercept), float(slope), float(before.std(ddof=1)), "itself")
    assert severity_adjusted_effect_size(before, after, reference=own).mean.estimate == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        (lambda: severity_adjusted_effect_size([10], [5], reference=REFERENCE), "collect more"),
        (lambda: severity_adjusted_effect_size([10, np.inf], [5, 3], reference=REFERENCE), "impossible"),
        (lambda: severity_adjusted_effect_size([10, 10], [5, 5], reference=REFERENCE), "standard error"),
        (
            lambda: severity_adjusted_effect_size([10, 12], [5, 5], reference=ReferenceRegression(0, 1, 0, "")),
            "baseline SD",
        ),
    ],
)
def test_effect_sizes_that_do_not_exist_are_refused(call, remedy):
    with pytest.raises(NotEstimable, match=remedy):
        call()
