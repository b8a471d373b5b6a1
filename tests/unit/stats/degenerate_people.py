"""Ordinary people, sites and counts, and how an estimator is called with them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.stats import resampling
from pipeline.stats.imputation import imputation
from pipeline.stats.repeated_scores import mixed_model
from pipeline.stats.strategies import strategies
from pipeline.stats.time_in_care import incidence, risk_table, time_to_first
from pipeline.stats.weighting import negative_controls

N = 240
RNG = np.random.default_rng(20_240_103)
X = RNG.normal(size=(N, 2))
ARM = (RNG.random(N) < 1 / (1 + np.exp(-0.5 * X[:, 0]))).astype(int)
SITE = np.arange(N) % 4
OUTCOME = 2 + X[:, 0] + 1.0 * ARM + 2 * RNG.normal(size=N)
DAY = np.ceil(RNG.exponential(60, N) * np.exp(-0.3 * X[:, 0]))
CAUSE = RNG.integers(0, 3, N)
ENDED = (CAUSE > 0).astype(int)
WEIGHTS = RNG.uniform(0.5, 2, N)
BEFORE = np.clip(np.rint(16 + 4 * RNG.normal(size=N)), 0, 27)
AFTER = np.clip(np.rint(BEFORE - 5 + 4 * RNG.normal(size=N)), 0, 27)
STARTED = np.where(RNG.random(N) < 0.5, RNG.integers(0, 14, N), -1)
IMPROVED = np.where(RNG.random((N, 4)) < 0.8, RNG.random((N, 4)) < [0.2, 0.4, 0.5, 0.6], np.nan)

LOOKED = RNG.integers(5, 20, (N // 3, 3)).cumsum(axis=1)  # three assessments of each of 80 people


@dataclass(frozen=True)
class Call:
    """A function and its arguments; data are arrays with one entry per person (or point), options all else.

    main, the first of data, is what missing, infinite and short values go into.
    """

    function: Callable[..., Any]
    data: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def main(self) -> str:
        return next(iter(self.data), "")

    def __call__(self, **changed: Any) -> Any:
        return self.function(**{**self.data, **self.options, **changed})


MEANS = {"outcome": OUTCOME, "arm": ARM, "covariates": X, "site": SITE}
HOLED = {**MEANS, "outcome": np.where(np.arange(N) % 5 == 1, np.nan, OUTCOME)}
WEIGHTED = {**MEANS, "weights": WEIGHTS}
HALF_MEASURED = {
    **MEANS,
    "outcome": np.where(np.arange(N) % 5 < 3, OUTCOME, np.nan),
    "later": OUTCOME[:, None] + np.sin(np.arange(N))[:, None],
}
MOSTLY_MEASURED = {
    **{name: values for name, values in MEANS.items() if name != "weights"},
    "outcome": np.where(np.arange(N) % 20 > 0, OUTCOME, np.nan),
    "late": (np.arange(N) % 3 == 0).astype(float),
}
STAY = {"day": DAY, "ended": ENDED}
HAZARD = {**STAY, "covariates": X}
CURVES = {**STAY, "arm": ARM, "weights": WEIGHTS}
CONTROLS = {"estimates": np.linspace(-0.4, 0.5, 12), "standard_errors": np.full(12, 0.1)}
COSTS = {"cost": np.abs(1000 + 300 * RNG.normal(size=N)), "day": DAY, "ended": ENDED, "arm": ARM}
PAIRS = {"before": BEFORE, "after": AFTER}
POINTS = {"events": np.array([8, 12, 9, 15, 7, 11]), "n": np.array([40, 50, 45, 60, 35, 48])}
COUNTS = {"counts": POINTS["events"], "exposure": POINTS["n"]}
CHANCES = np.column_stack([1 - (e := 1 / (1 + np.exp(-0.5 * X[:, 0]))), e])
FUNNEL = {
    "observed": np.array([30, 45, 12, 60, 25, 80, 15, 22, 31, 44]),
    "size": np.array([100, 120, 60, 150, 110, 160, 70, 50, 90, 120]),
}
TWO_SHARES = {"events": 12, "n": 40, "reference_events": 20, "reference_n": 50}


def of(inner: Callable[..., Any], outer: Callable[[Any], Any]) -> Callable[..., Any]:
    """Something read from a fit, so that what the fit refuses is refused here too."""
    return lambda **data: outer(inner(**data))


def fitted_curves(**data: Any) -> Any:
    return incidence.incidence_curves(risk_table.risk_table(**data))


def means_without_each_site(**data: Any) -> Any:
    return resampling.jackknife_sites(
        lambda rows: np.atleast_1d(np.asarray(data["outcome"])[rows].mean()), data["site"]
    )


def imputed(**data: Any) -> Any:
    rows = len(data["outcome"])
    table = np.column_stack([data["outcome"], np.asarray(data["covariates"])[:rows]])
    return imputation.impute(
        table, data["arm"], ["number"] * table.shape[1], np.random.default_rng(1), site=data["site"], imputations=45
    )


def above_zero(found: Any) -> bool:
    return bool(found.low > 0)


def first_times(improved: Any, **data: Any) -> Any:
    marks = np.asarray(improved).shape[1]
    return time_to_first.first_time_incidence(time_to_first.first_confirmed(improved), marks, **data)


def two_first_times(improved: Any, arm: Any) -> Any:
    each = [first_times(np.asarray(improved)[np.asarray(arm) == a]) for a in (0, 1)]
    return time_to_first.first_time_difference(each[1], each[0], 2)


def scores_fit(fixed: Any, **data: Any) -> Any:
    return mixed_model.mixed_model(fixed=np.asarray(fixed)[:, :4], **data).fixed


def followed(**data: Any) -> Any:
    return strategies.clone_censor_weight(**data, draws=20, rng=np.random.default_rng(1))


TRADE = {"cost": -500.0, "effect": 0.8, "covariance": np.array([[160_000.0, 20.0], [20.0, 0.06]])}
ERROR = negative_controls.systematic_error(**CONTROLS)
FINE = {"day": DAY, "cause": CAUSE, "covariates": X}
BINS = {"bin_": (DAY // 30).astype(int), "ended": ENDED, "covariates": X}
PROFILE = {"outcome": ENDED, "exposed": ARM}
COVARIATES = {"covariates": X, "arm": ARM, "weights": WEIGHTS}
HAPPENED = (OUTCOME > 2).astype(float)
PERSON, VISIT = np.arange(N) // 3, np.arange(N) % 3
COLUMNS = np.column_stack([np.ones(N), VISIT, ARM[PERSON], ARM[PERSON] * VISIT]).astype(float)
REPEATED = {"outcome": OUTCOME, "person": PERSON, "fixed": COLUMNS}
MIXED = {**REPEATED, "time": VISIT.astype(float)}
ROW = np.array([1.0, 2, 1, 2])
SLOPES = [[1, 0, 1, 0], [1, 2, 1, 2]], [[1, 0, 0, 0], [1, 2, 0, 0]]
FOLLOWED = {"day": DAY, "cause": CAUSE, "changed": STARTED, "covariates": X}
WITHIN = {"grace": 13, "horizon": 30}
ADJUSTED = {
    "cost": COSTS["cost"][:, None],
    "day": DAY,
    "ended": ENDED,
    "effect": OUTCOME,
    "arm": ARM,
    "covariates": X,
    "site": SITE,
}
TWO_PARTS = {
    "cost": COSTS["cost"] * (OUTCOME > 0),
    "arm": ARM,
    "covariates": X,
    "tilt": WEIGHTS,
    "known": WEIGHTS,
    "site": SITE,
    "unit": SITE,
}
INTERVALS = {
    "entry": np.column_stack([np.zeros(N // 3), LOOKED[:, :2]]).ravel(),
    "day": LOOKED.ravel(),
    "person": PERSON,
    "assessed": VISIT < 2,
    "past": X,
}
