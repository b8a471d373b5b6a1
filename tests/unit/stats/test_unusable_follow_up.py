"""What every curve does with follow-up that cannot be followed up: it says why and what would help, never a number."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.time_in_care.incidence import aalen_johansen
from pipeline.stats.time_in_care.survival import kaplan_meier

UNUSABLE = {
    "nobody": ([], [], {}, "widen the study period"),
    "missing day": ([1, np.nan], [1, 0], {}, "leave them out"),
    "infinite day": ([1, np.inf], [1, 0], {}, "leave them out"),
    "negative day": ([1, -1], [1, 0], {}, "count days from that service"),
    "two-dimensional": ([[1, 2]], [[1, 0]], {}, "widen"),
    "missing ending": ([1, 2], [1, np.nan], {}, "leave them out"),
    "half an ending": ([1, 2], [1, 0.5], {}, "whole numbers"),
    "negative ending": ([1, 2], [1, -1], {}, "whole numbers"),
    "lengths differ": ([1, 2], [1], {}, "one value per person"),
    "zero weights": ([1, 2], [1, 0], {"weights": [0, 0], "kind": "probability"}, "target population"),
    "negative weight": ([1, 2], [1, 0], {"weights": [1, -1], "kind": "probability"}, "weight model"),
    "missing weight": ([1, 2], [1, 0], {"weights": [1, np.nan]}, "weight model"),
    "infinite weight": ([1, 2], [1, 0], {"weights": [1, np.inf]}, "weight model"),
    "fractional counts": ([1, 2], [1, 0], {"weights": [1, 1.5]}, "kind='probability'"),
    "too few weights": ([1, 2], [1, 0], {"weights": [1]}, "one weight per person"),
    "entry after exit": ([1, 2], [1, 0], {"entry": [3, 0]}, "check entry"),
    "too few entries": ([1, 2], [1, 0], {"entry": [0]}, "one value per person"),
    "never at risk": ([1, 2], [1, 0], {"entry": [1, 2]}, "widen the study period"),
}


@pytest.mark.parametrize("curve", [kaplan_meier, aalen_johansen])
@pytest.mark.parametrize("case", UNUSABLE)
def test_unusable_follow_up_is_refused_with_a_remedy(case, curve):
    day, state, keywords, remedy = UNUSABLE[case]
    with pytest.raises(NotEstimable, match=remedy):
        curve(day, state, **keywords)


@pytest.mark.parametrize(
    ("day", "ended", "estimate"),
    [
        ([5], [1], [0.0]),  # one person who ends
        ([5], [0], [1.0]),  # one person who does not
        ([0, 0, 0], [1, 0, 1], [1 / 3]),  # everybody leaves on day 0
        ([4, 4, 4], [0, 0, 0], [1.0]),  # all lost together
        ([2, 2, 2, 2], [1, 1, 0, 0], [0.5]),  # ties everywhere
    ],
)
def test_small_and_tied_groups_have_a_curve(day, ended, estimate):
    assert kaplan_meier(day, ended).estimate == pytest.approx(estimate, rel=1e-12)
    assert 1 - aalen_johansen(day, ended).estimate[:, 0] == pytest.approx(estimate, rel=1e-12)
