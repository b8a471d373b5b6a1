"""Effects by stratum and along a severity on studies whose true effects are known, the sicker sent to the reference
arm."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import expit

from pipeline.errors import NotEstimable
from pipeline.stats.subgroups.heterogeneity import effect_curve, subgroup_effects

SITES = 12
MOST_BIAS = 0.15  # in empirical standard deviations; statistics.md section 3
LEAST_COVERAGE = 0.93
MOST_FALSE = 0.062
CERTAIN = 3  # Monte-Carlo standard errors
AT = np.array([-1.0, 0.0, 1.0])


@dataclass(frozen=True)
class Drawn:
    outcome: np.ndarray
    arm: np.ndarray
    covariates: np.ndarray
    severity: np.ndarray
    stratum: np.ndarray  # 0, 1, 2 by risk; 3: everybody is in the reference arm
    site: np.ndarray


def draw(rng, people, effects, slope=0.0):
    """The effect is effects[stratum] + slope * severity; two thirds are measured, fewer of the sicker ones."""
    x = rng.normal(size=(people, 3))
    site = rng.integers(0, SITES, people)
    stratum = np.clip(np.floor(1.2 + 0.6 * x[:, 0] + 0.7 * rng.normal(size=people)), 0, 2).astype(int)
    alone = (stratum == 2) & (rng.random(people) < 0.2)
    quality = rng.normal(size=SITES)
    arm = (rng.random(people) < expit(0.2 - 0.8 * x[:, 0] - 0.4 * stratum + 0.4 * quality[site])).astype(int)
    arm[alone] = 0
    stratum[alone] = 3
    effect = np.array([*effects, 0.0])[stratum] + slope * x[:, 0]
    outcome = (
        5 + 1.5 * x[:, 0] + 0.7 * x[:, 1] + quality[site] + 0.8 * stratum + arm * effect + 5 * rng.normal(size=people)
    )
    outcome[rng.random(people) > expit(0.9 - 0.3 * x[:, 0])] = np.nan
    return Drawn(outcome, arm, x, x[:, 0], stratum, site)


def strata_of(drawn):
    return subgroup_effects(
        drawn.outcome, drawn.arm, drawn.covariates, drawn.stratum, drawn.site, inference="jackknife_sites"
    )


def replicates(number, seed, people, effects, slope=0.0):
    return [draw(rng, people, effects, slope) for rng in np.random.default_rng(seed).spawn(number)]


def judged(studies, effects):
    """Errors (r, 3), coverage (r, 3) and interaction p-values (r,) given that the three strata passed; the fourth never
    does."""
    errors, covered, p = [], [], []
    for drawn in studies:
        found = strata_of(drawn)
        assert found.estimates[3] is None
        if None in found.estimates[:3]:
            continue
        errors.append([one.estimate - true for one, true in zip(found.estimates, effects, strict=False)])
        covered.append([one.low <= true <= one.high for one, true in zip(found.estimates, effects, strict=False)])
        p.append(found.interaction.p)
    assert len(p) >= 0.9 * len(studies)
    return np.array(errors), np.array(covered), np.array(p)


def test_each_stratum_is_near_its_own_effect_and_the_difference_is_found():
    effects = (3.0, 1.5, -3.0)
    errors, covered, p = judged(replicates(25, 1, 2500, effects), effects)
    assert (np.abs(errors.mean(axis=0)) <= CERTAIN * errors.std(axis=0, ddof=1) / len(errors) ** 0.5).all()
    assert covered.mean() >= 0.88
    assert (p < 0.05).mean() > 0.8


def test_equal_effects_are_seldom_called_different():
    _, _, p = judged(replicates(40, 2, 2500, (1.0, 1.0, 1.0)), (1.0, 1.0, 1.0))
    assert (p < 0.05).mean() <= 0.2


def test_whoever_pools_the_stratum_without_comparators_speaks_about_people_nobody_can_compare():
    drawn = draw(np.random.default_rng(3), 2500, (1.0, 1.0, 1.0))
    found = strata_of(drawn)
    assert found.counts[3].min() == 0
    assert found.refusals[3].startswith("nobody in one of the arms")
    rows = (drawn.stratum == 3) | (np.arange(2500) == np.flatnonzero(drawn.arm == 1)[0])
    with pytest.raises(NotEstimable, match="nobody in one of the arms"):
        subgroup_effects(
            drawn.outcome[rows],
            drawn.arm[rows],
            drawn.covariates[rows],
            np.zeros(rows.sum(), dtype=int) + 3 * (drawn.stratum[rows] == 3),
        )


def curve_of(drawn):
    return effect_curve(
        drawn.outcome,
        drawn.arm,
        drawn.covariates[:, 1:],
        drawn.severity,
        AT,
        drawn.site,
        reach=0.5,
        inference="jackknife_sites",
    )


def test_the_curve_follows_an_effect_that_falls_with_severity():
    errors = np.array(
        [
            curve_of(drawn).estimate - (1 - 1.5 * AT)
            for drawn in (comparable_only(one) for one in replicates(20, 4, 2500, (1.0, 1.0, 1.0), -1.5))
        ]
    )
    assert (np.abs(errors.mean(axis=0)) <= CERTAIN * errors.std(axis=0, ddof=1) / 20**0.5).all()


def comparable_only(drawn):
    rows = drawn.stratum < 3
    return Drawn(
        *(getattr(drawn, name)[rows] for name in ("outcome", "arm", "covariates", "severity", "stratum", "site"))
    )


@pytest.mark.slow
@pytest.mark.parametrize("people", [2500, 5000])
def test_bias_coverage_and_false_alarms_of_strata_meet_the_specification(people):
    number, effects = 2000, (2.0, 2.0, 2.0)
    errors, covered, p = judged(replicates(number, people, people, effects), effects)
    noise = CERTAIN * errors.std(axis=0, ddof=1) / len(p) ** 0.5
    assert (np.abs(errors.mean(axis=0)) <= MOST_BIAS * errors.std(axis=0, ddof=1) + noise).all()
    assert covered.mean(axis=0).min() >= LEAST_COVERAGE - CERTAIN * (0.07 * 0.93 / number) ** 0.5
    assert (p < 0.05).mean() <= MOST_FALSE + CERTAIN * (0.05 * 0.95 / number) ** 0.5


@pytest.mark.slow
def test_limits_of_the_whole_curve_hold_together():
    number, inside = 1000, []
    for one in replicates(number, 5, 2500, (1.0, 1.0, 1.0), -1.5):
        found, true = curve_of(comparable_only(one)), 1 - 1.5 * AT
        inside.append(
            [
                ((found.all_low <= true) & (true <= found.all_high)).all(),
                ((found.low <= true) & (true <= found.high)).all(),
            ]
        )
    together, each = np.mean(inside, axis=0)
    assert together >= LEAST_COVERAGE - CERTAIN * (0.07 * 0.93 / number) ** 0.5
    assert each < together
