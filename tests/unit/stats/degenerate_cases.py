"""The ways in which what an estimator is given can be degenerate: missing, empty, tied, separated and so on."""

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.unit.stats.degenerate_calls import CALLS
from tests.unit.stats.degenerate_people import COLUMNS, Call, N, X, means_without_each_site, two_first_times


def missing_value(call: Call) -> dict[str, Any] | None:
    return first_is(call, call.main, np.nan)


def infinite_value(call: Call) -> dict[str, Any] | None:
    return first_is(call, call.main, np.inf)


def missing_covariate(call: Call) -> dict[str, Any] | None:
    name = next((name for name in ("covariates", "columns", "fixed") if name in call.data), "")
    return first_is(call, name, np.nan) if call.main != name else None


def nobody(call: Call) -> dict[str, Any] | None:
    return {name: np.asarray(values)[:0] for name, values in call.data.items()} or None


def one_person(call: Call) -> dict[str, Any] | None:
    return {name: np.asarray(values)[:1] for name, values in call.data.items()} or None


def one_arm(call: Call) -> dict[str, Any] | None:
    return constant(call, ("arm", "exposed"), 0)


def all_censored(call: Call) -> dict[str, Any] | None:
    return constant(call, ("ended", "cause", "state"), 0)


def separated(call: Call) -> dict[str, Any] | None:
    """One covariate tells the arm without fail; where there is no arm, who ends and how early."""
    if "covariates" not in call.data:
        return None
    values = np.array(call.data["covariates"], dtype=float)
    if "arm" in call.data:
        values[:, 0] = call.data["arm"]
    else:
        values[:, 0] = call.data.get("ended", call.data.get("cause", call.data.get("outcome"))) == 1
    return {"covariates": values}


def collinear(call: Call) -> dict[str, Any] | None:
    return with_column(call, 2 * X[:, 0])


def constant_covariate(call: Call) -> dict[str, Any] | None:
    return with_column(call, np.ones(N))


def constant_outcome(call: Call) -> dict[str, Any] | None:
    """Everybody (every point, every control) has the same."""
    return constant(call, ("outcome", "outcomes", "cost", "values", "after", "estimates", "p", "events", "counts"), 1)


def zero_weights(call: Call) -> dict[str, Any] | None:
    return constant(call, ("weights",), 0.0)


def negative_weight(call: Call) -> dict[str, Any] | None:
    return first_is(call, "weights", -1.0)


def ties_everywhere(call: Call) -> dict[str, Any] | None:
    return constant(call, ("day", "before", "severity", "time"), 5)


def lengths_differ(call: Call) -> dict[str, Any] | None:
    """Not for what takes a function of row numbers or one arm at a time: those have one length."""
    takes_rows = call.function in (means_without_each_site, two_first_times)
    return None if len(call.data) < 2 or takes_rows else {call.main: np.asarray(call.data[call.main])[:-1]}


def missing_number(call: Call) -> dict[str, Any] | None:
    """For what is called with single numbers: the first of them is missing."""
    return only_number(call, np.nan)


def infinite_number(call: Call) -> dict[str, Any] | None:
    return only_number(call, np.inf)


def nothing(call: Call) -> dict[str, Any] | None:
    """Every count, spread and standard error is 0."""
    zero = {
        name: 0 * value
        for name, value in call.options.items()
        if name
        in (
            "sd",
            "n",
            "se",
            "exposure",
            "expected",
            "covariance",
            "reference_n",
            "events",
            "m",
            "clinical_sd",
            "sd_before",
            "sd_after",
            "margin",
            "t",
            "replicates",
        )
    }
    return None if call.data or not zero else zero


CASES: dict[str, Callable[[Call], dict[str, Any] | None]] = {
    "missing value": missing_value,
    "infinite value": infinite_value,
    "missing covariate": missing_covariate,
    "nobody": nobody,
    "one person": one_person,
    "one arm": one_arm,
    "all censored": all_censored,
    "separated": separated,
    "collinear": collinear,
    "constant covariate": constant_covariate,
    "constant outcome": constant_outcome,
    "zero weights": zero_weights,
    "negative weight": negative_weight,
    "ties everywhere": ties_everywhere,
    "lengths differ": lengths_differ,
    "missing number": missing_number,
    "infinite number": infinite_number,
    "nothing": nothing,
}


def first_is(call: Call, name: str, value: float) -> dict[str, Any] | None:
    if name not in call.data:
        return None
    changed = np.array(call.data[name], dtype=float)
    changed.flat[0] = value
    return {name: changed}


def with_column(call: Call, column: np.ndarray) -> dict[str, Any] | None:
    """The second covariate becomes this one; a column more for models that come with their own intercept."""
    if "covariates" in call.data or "columns" in call.data:
        return {"covariates" if "covariates" in call.data else "columns": np.column_stack([X[:, 0], column])}
    return {"fixed": np.column_stack([COLUMNS, X[:, 0], column])} if "fixed" in call.data else None


def constant(call: Call, names: tuple[str, ...], value: float) -> dict[str, Any] | None:
    found = {name: np.full_like(np.asarray(call.data[name]), value) for name in names if name in call.data}
    return found or None


def only_number(call: Call, value: float) -> dict[str, Any] | None:
    if call.data:
        return None
    name = next(iter(call.options))
    given = call.options[name]
    return {name: np.full_like(np.asarray(given, dtype=float), value) if np.ndim(given) else value}


def degenerate() -> list[tuple[str, str]]:
    """Every estimator beside every case that applies to it."""
    return [(name, case) for name, call in CALLS.items() for case, change in CASES.items() if change(call) is not None]
