"""Lengths of stay of which only a range of days is known: what a curve can still say, and between which days a median
lies.

Everything is told twice, with the earliest and with the latest end each stay can have had: where both agree it is known
to the day, elsewhere no number is made up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.time_in_care.survival import SurvivalCurve, at, kaplan_meier, median_day

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.results import Result

AS_RANGE = "between {} and {} days; longer stays are known here only as ranges of days"


@dataclass(frozen=True, slots=True)
class RangedCurve:
    """One Kaplan-Meier curve made with the earliest and with the latest day of every ending.

    edges  days at which a range begins or ends, where the two meet again
    """

    earliest: SurvivalCurve
    latest: SurvivalCurve
    edges: tuple[int, ...] = ()

    def known(self, days: NDArray[Any]) -> NDArray[np.bool_]:
        """Whether as many have left by each day, whichever day of its range each ending fell on."""
        if not self.edges:
            return np.ones(len(days), dtype=bool)
        last = min(self.earliest.day[-1], self.latest.day[-1])
        inside = np.minimum(days, last)
        return np.asarray(at(self.earliest, inside).events == at(self.latest, inside).events)

    def grid(self, step: int, horizon: int) -> NDArray[np.int64]:
        """The days a curve is kept at: every step, and the edges of ranges, where it is known."""
        last = min(horizon, int(self.earliest.day[-1]))
        days = np.unique([*range(0, last + 1, step), *(edge for edge in self.edges if edge <= last)]).astype(np.int64)
        return days[self.known(days)]

    def placed(self, row: Result, share: float = 0.5) -> Result:
        """The row with the day on which at most `share` are left, or with the range of days it lies in as its reason.

        Raises NotEstimable where the curve never gets there.
        """
        found, latest = median_day(self.earliest, share), median_day(self.latest, share)
        if found.estimate != latest.estimate:
            return replace(row, reason=AS_RANGE.format(int(found.estimate), int(latest.estimate)))
        return row.limited(found, note=found.note[:1].upper() + found.note[1:])


def ranged_curve(days: NDArray[np.int64], latest: NDArray[np.int64], ended: NDArray[np.bool_]) -> RangedCurve:
    """The curve of endings known as (n,) earliest and latest days, the same day where it is known.

    Raises NotEstimable if nobody is observed.
    """
    curve = kaplan_meier(days, ended)
    apart = days < latest
    if not apart.any():
        return RangedCurve(curve, curve)
    edges = np.unique(np.concatenate([days[apart] - 1, latest[apart]]))
    return RangedCurve(curve, kaplan_meier(latest, ended), tuple(int(edge) for edge in edges))


def quantile_between(days: NDArray[np.int64], latest: NDArray[np.int64], share: float) -> float:
    """The observed quantile of stays.  Raises NotEstimable with the range of days where it lies in one."""
    low, high = (float(np.quantile(one, share, method="inverted_cdf")) for one in (days, latest))
    if low != high:
        raise NotEstimable(AS_RANGE.format(int(low), int(high)))
    return low
