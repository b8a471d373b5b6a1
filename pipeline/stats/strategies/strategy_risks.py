"""Risks under two strategies, their difference and their ratio, with limits from the draws."""

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats
from pipeline.stats.estimate import Estimate, wald
from pipeline.stats.strategies.strategies import NOT, WITHIN, Strategies
from pipeline.stats.time_in_care.survival import curve_limits


def risk(found: Strategies, strategy: int, day: int, *, cause: int = 1, level: float = 0.95) -> Estimate:
    """Cumulative incidence of a cause by a day under a strategy; limits on the log(-log) scale from the draws."""
    value, drawn = _at(found, day, cause)
    se = np.array([drawn[:, strategy].std(ddof=1)]) if len(drawn) > 1 else np.array([np.nan])
    low, high = curve_limits(value[strategy : strategy + 1], se, "log-log", level)
    return Estimate(
        float(value[strategy]),
        float(se[0]),
        np.inf,
        float(low[0]),
        float(high[0]),
        np.nan,
        found.n,
        int(found.ended[_place(found, day), strategy, cause - 1]),
        found.note,
        level,
    )


def risk_difference(found: Strategies, day: int, *, cause: int = 1, level: float = 0.95) -> Estimate:
    """Risk with a change within the grace period minus risk without, by a day; Wald limits with the standard deviation
    of the draws."""
    value, drawn = _at(found, day, cause)
    return wald(
        float(value[WITHIN] - value[NOT]),
        _spread(drawn[:, WITHIN] - drawn[:, NOT]),
        level=level,
        n=found.n,
        note=found.note,
    )


def risk_ratio(found: Strategies, day: int, *, cause: int = 1, level: float = 0.95) -> Estimate:
    """Ratio of the two risks by a day; Wald limits for its logarithm, whose standard error is given.

    Raises NotEstimable where one of the risks, or one of the draws, is 0.
    """
    value, drawn = _at(found, day, cause)
    if not ((value > 0).all() and (drawn > 0).all()):
        raise NotEstimable("a risk is 0 in one of the strategies, so their ratio has no limits; report the difference")
    log = wald(
        float(np.log(value[WITHIN] / value[NOT])), _spread(np.log(drawn[:, WITHIN] / drawn[:, NOT])), level=level
    )
    return Estimate(
        float(np.exp(log.estimate)),
        log.se,
        np.inf,
        float(np.exp(log.low)),
        float(np.exp(log.high)),
        log.p,
        found.n,
        None,
        found.note,
        level,
    )


def incidence_se(found: Strategies) -> Floats:
    """(t, 2, c) standard deviation of the draws of every point of the curves.  Raises NotEstimable without draws."""
    if len(found.draws) < 2:
        raise NotEstimable("no draws were asked for, so there is no standard error; ask for 200 or more")
    return np.asarray(found.draws.std(axis=0, ddof=1), dtype=np.float64)


def _spread(drawn: Floats) -> float:
    return float(drawn.std(ddof=1)) if len(drawn) > 1 else np.nan


def _place(found: Strategies, day: int) -> int:
    if not found.day[0] <= day <= found.day[-1]:
        raise NotEstimable("this day is not on the curves; ask for a longer horizon")
    return int(day - found.day[0])


def _at(found: Strategies, day: int, cause: int) -> tuple[Floats, Floats]:
    place = _place(found, day)
    return found.incidence[place, :, cause - 1], found.draws[:, place, :, cause - 1]
