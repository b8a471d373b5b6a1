"""What a like-for-like comparison of arms comes to, and the contrasts read from it."""

from dataclasses import dataclass, replace

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers
from pipeline.stats.estimate import Estimate, wald
from pipeline.stats.weighting.propensity import Propensity


@dataclass(frozen=True, slots=True)
class ArmMeans:
    """Mean outcome each arm would have in one target population.

    means                 (k,) in the outcome's unit; a share where the outcome is 0/1.  Not clipped to 0..1
    covariance            (k, k) of the means, nuisance models included
    df                    degrees of freedom of the t reference; inf for the normal
    unmeasured            (k,) weighted share of each arm, in the target population, whose outcome is not measured
    joint_covariance      (2k, 2k) of means and unmeasured together, for delta_adjust
    n, n_observed         (k,) people, and people with the outcome
    events                (k,) observed people with outcome 1; None where the outcome is not 0/1
    ess                   (k,) (sum w)^2 / sum w^2 over the observed, after all weights
    weights               (n,) balancing weight times observation weight times base weight; 0 where not observed
    balancing             (n,) balancing weight times base weight, observed or not: what balance() is judged on
    tilt                  (n,) how much each person belongs to the target population, base weight included
    propensity            the weight model; None where weights were taken as known
    observed_probability  (n,) chance of being observed, never below 1 / max_observation_weight
    truncated             (k,) share of each arm whose observation weight was cut off there
    target                overlap, combined, treated:<arm>, matching or entropy
    estimator             doubly robust, augmented, weighted or outcome model
    inference             sandwich, jackknife_sites or person
    clusters              clusters (sites or people) the standard error rests on
    replicates            (clusters, k) means without each site; None unless jackknife_sites
    note                  what a reader must know; empty where nothing
    """

    means: Floats
    covariance: Floats
    df: float
    unmeasured: Floats
    joint_covariance: Floats
    n: Integers
    n_observed: Integers
    events: Integers | None
    ess: Floats
    weights: Floats
    balancing: Floats
    tilt: Floats
    propensity: Propensity | None
    observed_probability: Floats
    truncated: Floats
    target: str
    estimator: str
    inference: str
    clusters: int
    replicates: Floats | None = None
    note: str = ""


def arm_mean(result: ArmMeans, arm: int, *, level: float = 0.95) -> Estimate:
    """Mean of one arm in the target population, in the outcome's unit; n and events are that arm's observed people."""
    unit = np.eye(len(result.means))[arm]
    return _judged(result, float(result.means[arm]), unit, (arm,), level, 0.0)


def difference(result: ArmMeans, arm: int = 1, reference: int = 0, *, level: float = 0.95) -> Estimate:
    """Mean of arm minus mean of reference, in the outcome's unit (risk difference where the outcome is 0/1)."""
    unit = np.eye(len(result.means))
    return _judged(
        result,
        float(result.means[arm] - result.means[reference]),
        unit[arm] - unit[reference],
        (arm, reference),
        level,
        0.0,
    )


def risk_ratio(result: ArmMeans, arm: int = 1, reference: int = 0, *, level: float = 0.95) -> Estimate:
    """Ratio of two arms' means; se is that of its logarithm (delta method), limits and p come from the log scale.

    Raises NotEstimable where either mean is not above zero.
    """
    m, unit = result.means, np.eye(len(result.means))
    if not (m[arm] > 0 and m[reference] > 0):
        raise NotEstimable("a mean is not above zero, so there is no ratio; report the difference instead")
    gradient = unit[arm] / m[arm] - unit[reference] / m[reference]
    return _exponentiated(_judged(result, float(np.log(m[arm] / m[reference])), gradient, (arm, reference), level, 0.0))


def odds_ratio(result: ArmMeans, arm: int = 1, reference: int = 0, *, level: float = 0.95) -> Estimate:
    """Ratio of two arms' odds; se is that of its logarithm (delta method), limits and p come from the log scale.

    Raises NotEstimable where the outcome is not 0/1 or either mean is not strictly between 0 and 1.
    """
    m, unit = result.means, np.eye(len(result.means))
    if result.events is None:
        raise NotEstimable("the outcome is not 0/1, so it has no odds; report the difference instead")
    pair = m[[arm, reference]]
    if not ((pair > 0) & (pair < 1)).all():
        raise NotEstimable("a share is not strictly between 0 and 1, so it has no odds; report the difference instead")
    log_odds = np.log(pair / (1 - pair))
    slope = 1 / (pair * (1 - pair))
    gradient = unit[arm] * slope[0] - unit[reference] * slope[1]
    return _exponentiated(_judged(result, float(log_odds[0] - log_odds[1]), gradient, (arm, reference), level, 0.0))


def contrast_covariance(result: ArmMeans, contrasts: Floats) -> tuple[Floats, Floats]:
    """Values (m,) and covariance (m, m) of linear contrasts (m, k) of the means, as simultaneous_limits takes them."""
    return contrasts @ result.means, contrasts @ result.covariance @ contrasts.T


def _judged(
    result: ArmMeans, value: float, gradient: Floats, arms: tuple[int, ...], level: float, null: float
) -> Estimate:
    variance = float(gradient @ result.covariance @ gradient)
    if not variance > 1e-24 * max(1.0, value**2):
        raise NotEstimable(
            "the outcome does not vary between people here, so its uncertainty is unknown; "
            "use an exact method for shares of 0 or 1, or more people"
        )
    chosen = list(arms)
    events = None if result.events is None else int(result.events[chosen].sum())
    return wald(
        value,
        variance**0.5,
        df=result.df,
        level=level,
        null=null,
        n=int(result.n_observed[chosen].sum()),
        events=events,
        note=result.note,
    )


def _exponentiated(log: Estimate) -> Estimate:
    with np.errstate(over="ignore"):  # a limit beyond the largest number is infinite
        ratio, low, high = np.exp([log.estimate, log.low, log.high]).tolist()
    return replace(log, estimate=ratio, low=low, high=high)
