"""What late scores say of those never measured, where the truth of it is planted."""

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from pipeline.errors import NotEstimable
from pipeline.stats.imputation.late_departures import late_departures


def drawn(worse=1.0, n=4000, seed=1, late=0.3):
    """Two arms at two sites; whoever is measured late does worse by `worse`, and a fifth is never measured."""
    rng = np.random.default_rng(seed)
    x, arm, site = rng.normal(size=(n, 2)), np.arange(n) % 2, rng.integers(0, 2, n)
    tardy = rng.random(n) < late * (1 + 0.3 * np.tanh(x[:, 0]))
    y = x @ [1.0, 0.5] + 0.3 * site + 2 * rng.normal(size=n) - worse * tardy
    return np.where(rng.random(n) < 0.8, y, np.nan), arm, x, tardy.astype(float), site


def test_the_gap_is_what_was_planted_though_sicker_people_are_measured_late():
    found = late_departures(*drawn())
    assert (np.abs(found.gap - 1.0) < 3 * found.se).all()
    assert found.beyond_chance() == pytest.approx(found.gap.max())


def test_the_gap_and_its_error_are_those_of_least_squares_by_statsmodels():
    y, arm, x, late, site = drawn(n=600)
    found = late_departures(y, arm, x, late, site)
    for code in (0, 1):
        own = (arm == code) & np.isfinite(y)
        fit = OLS(y[own], np.column_stack([np.ones(len(y)), x, site, late])[own]).fit(cov_type="HC1")
        assert found.gap[code] == pytest.approx(-fit.params[-1], rel=1e-9)
        assert found.se[code] == pytest.approx(fit.bse[-1], rel=1e-9)


def test_with_nothing_to_adjust_for_it_is_the_difference_of_two_means():
    y, arm, _, late, _ = drawn(n=600)
    found = late_departures(y, arm, np.zeros((600, 0)), late)
    prompt, tardy = (np.nanmean(y[(arm == 0) & (late == one)]) for one in (0, 1))
    assert found.gap[0] == pytest.approx(prompt - tardy)


def test_where_late_is_like_prompt_chance_seldom_passes_for_a_gap():
    beyond = [late_departures(*drawn(worse=0.0, n=600, seed=seed)).beyond_chance() > 0 for seed in range(200)]
    assert np.mean(beyond) <= 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5  # 2.5 % in each of two arms


def test_an_arm_in_which_all_are_measured_asks_for_nothing():
    y, arm, x, late, site = drawn()
    y[arm == 1] = np.where(np.isfinite(y), y, 0.0)[arm == 1]
    assert late_departures(y, arm, x, late, site).gap[1] == 0.0


def test_too_few_late_tell_nothing():
    with pytest.raises(NotEstimable, match="fewer than 30 people measured promptly, or late"):
        late_departures(*drawn(late=0.01))
