"""How far from similar people those not measured could plausibly be: from what a study's own scores before the window,
and those taken late, say, or by the default rule."""

from dataclasses import dataclass

import numpy as np

from pipeline.analysis.comparison.fitted import Fitted, start_sd
from pipeline.analysis.contrasts import Endpoint
from pipeline.choices.answered import Gate
from pipeline.errors import NotEstimable
from pipeline.stats.imputation.late_departures import late_departures
from pipeline.stats.imputation.shown_departures import shown_departures
from pipeline.stats.weighting import missing

STEEPEST = 0.4  # height of the normal curve at its middle: the most people per standard deviation that lie anywhere


@dataclass(frozen=True, slots=True)
class Plausible:
    """How much worse than similar people those not measured did, at most, in the outcome's unit.

    alike         in both arms
    apart         on top of that in either one
    from_records  whether the study's own records say so, or the default rule
    late          whether those measured late or after reminders did worse than either would have it
    """

    alike: tuple[float, ...]
    apart: float
    from_records: bool
    late: bool = False

    def departures(self, times: float = 1.0, *, harm: bool = False) -> np.ndarray:
        """(m, 2) shifts of reference and arm, worse being more of a harmful event."""
        worse = times * missing.departures(self.alike, self.apart, arms=2)
        return -worse if harm else worse


def plausible(endpoint: Endpoint, comparison: Fitted, gate: Gate) -> Plausible:
    """Both arms alike by each of delta_alike SD, and on top of each either one arm by a margin, or delta_apart SD where
    there is none.

    Where scores before the window show how those not measured were doing, the farthest both could be alike is what no
    record shows of them at its upper limit, but no less than the smallest of delta_alike; and apart is no less than
    what the arms differ in that.  Where those measured late or after reminders did worse still, that is the farthest.
    For a yes-or-no outcome made of a score, the share of people that such a shift can at
    most move over its line: were scores normal, and the line where most people are.
    """
    unit = standard_deviation(comparison) if endpoint.kind == "score" else STEEPEST
    alike = tuple(unit * one for one in gate.delta_alike)
    apart = endpoint.margin or gate.delta_apart * unit
    told = endpoint.kind == "score" and bool(alike)
    hidden = hidden_departures(comparison) if told else None
    limit = Plausible(alike, apart, False)
    if hidden is not None:
        farthest = max(min(alike), float(hidden[0]))
        limit = Plausible((farthest / 2, farthest), max(apart, float(hidden[1])), True)
    late = late_departure(comparison) if told else 0.0
    if late <= max(limit.alike, default=0.0):
        return limit
    return Plausible((late / 2, late), limit.apart, True, late=True)


def late_departure(comparison: Fitted) -> float:
    """How much worse than similar people those measured late or only after reminders did, beyond chance; 0 where there
    are too few of them, or nothing says who was."""
    if "late" not in comparison.people:
        return 0.0
    rows, late = comparison.rows, comparison.used_people["late"].astype("float64").fillna(0.0).to_numpy()
    try:
        found = late_departures(
            comparison.outcome[rows], comparison.codes[rows], comparison.design.values, late, comparison.site[rows]
        )
    except NotEstimable:
        return 0.0  # whoever was measured late tells nothing here; the other rules stand
    return found.beyond_chance()


def hidden_departures(comparison: Fitted) -> tuple[float, float] | None:
    """How much worse than similar people the unmeasured of the arms could be beyond what records show, at most; and how
    far the arms differ in it.  None where no score tells."""
    if comparison.interim is None:
        return None
    rows = comparison.rows
    try:
        shown = shown_departures(
            comparison.outcome[rows],
            comparison.codes[rows],
            comparison.design.values,
            comparison.interim,
            comparison.site[rows],
        )
    except NotEstimable:
        return None  # the default rule stands in for what these records cannot say
    return float(shown.hidden_at_most().max()), float(np.ptp(shown.hidden))


def standard_deviation(comparison: Fitted) -> float:
    """SD of the score at the start, else of the outcome itself."""
    sd = start_sd(comparison)
    return float(np.nanstd(comparison.outcome[comparison.rows], ddof=1)) if np.isnan(sd) else sd
