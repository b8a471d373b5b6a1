"""C14: how long intensive outpatient care lasts, with stays that are still open kept and seen as far as they go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.descriptive import mean
from pipeline.analysis.headline import Asking, NaiveTwin, headline
from pipeline.analysis.lacking import IOP, NO_IOP, arm_with
from pipeline.analysis.stay_ranges import RangedCurve, quantile_between, ranged_curve
from pipeline.endings import CAUSE_OF, GROUP_NAMES, OTHER
from pipeline.errors import NotEstimable
from pipeline.results import CurvePoint, FigurePoint, GateWord, Result, Verdict
from pipeline.stats.proportions import wilson
from pipeline.stats.time_in_care.incidence import aalen_johansen, incidence_at
from pipeline.stats.time_in_care.survival import at

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

SEVERAL_WEEKS, FEW_MONTHS = 21, 120  # days: what "several weeks to a few months" is taken for
HORIZON = 180  # days: stays seen at least so long have nearly all ended
POPULATION = "stays in intensive outpatient care that began within sight of these records"
CLOSED = "stays whose chart was closed"
SEEN_LONG = f"stays seen for at least {HORIZON} days from their start, whatever became of them"
NONE_IN_SIGHT = (
    "no stay began late enough to be new and early enough to be seen; give observed_from and observed_to that reach"
    " beyond the stays, or export a longer period"
)
ACROSS = (
    f"stays are known as ranges of days, and a range lies across {SEVERAL_WEEKS} or {FEW_MONTHS} days; export the days"
    " on which stays ended"
)
NO_CLOSURE = "no chart carries the day of its closure; export discharge_day"
TWIN = NaiveTwin(
    "closed charts, to the day of closure",
    "It counts only stays whose chart was closed, to the day of closure: stays still open are the long ones, and charts"
    " are closed days or weeks after the last contact",
)
SHARES = {"quartile_25_stay_days": 0.75, "median_stay_days": 0.5, "quartile_75_stay_days": 0.25}
GROUPS = {
    cause: OTHER if name == "died" else name for cause, name in enumerate(("in care", *GROUP_NAMES))
}  # deaths are few and stand with the other endings


def stay_length(asking: Asking) -> Iterator[Any]:
    """The headline and its twin, the distribution in days and attended days, by how it ended, and how late charts are
    closed."""
    every = asking.warehouse.execute("SELECT * FROM stay_lengths ORDER BY episode_id").df()
    stays = every[every["new_stay"].fillna(False) & ~every["too_young"].fillna(True).astype(bool)]
    where: dict[str, Any] = {
        "population": POPULATION,
        "arm": arm_with(asking.study, IOP),
        "stratum": IOP,
        "target": "observed",
        "verdict": Verdict.DESCRIPTIVE,
    }
    answer = headline(
        "C14", **where, measure="stays_of_weeks_to_months", day=FEW_MONTHS, unit="share", estimator="Aalen-Johansen"
    )
    where |= {"question": "C14", "analysis": "stay_length"}
    try:
        if stays.empty:
            raise NotEstimable(NO_IOP if every.empty else NONE_IN_SIGHT)
        row = replace(answer, **in_range(stays), gate=GateWord.PASSED)
    except NotEstimable as why:
        row = answer.refused(Verdict.DESCRIPTIVE, str(why))
    yield row
    yield closed_in_range(every, row)
    if stays.empty:
        return
    curve = ranged_curve(*ends(stays), stays["ended"].to_numpy(bool))
    yield from distribution(curve, where)
    yield from drawn(curve, where)
    yield from seen_long(stays[stays["days_seen"] >= HORIZON], where)
    yield from closure(stays, where)
    yield mean(stays["days_to_closure"], **where | {"population": CLOSED}, measure="mean_days_to_closure", unit="days")


def in_range(stays: pd.DataFrame) -> dict[str, Any]:
    """Share of stays of 21 to 120 days: the incidence of ending within that range, sooner and later endings
    competing."""
    (days, latest), ended = ends(stays), stays["ended"].to_numpy(bool)
    kind = np.where(days < SEVERAL_WEEKS, 1, np.where(days <= FEW_MONTHS, 2, 3)) * ended
    if (kind != np.where(latest < SEVERAL_WEEKS, 1, np.where(latest <= FEW_MONTHS, 2, 3)) * ended).any():
        raise NotEstimable(ACROSS)
    curves = aalen_johansen(days, kind, causes=3)
    found = incidence_at(curves, np.array([FEW_MONTHS]))
    return {
        "estimate": found.estimate[0, 1],
        "se": found.se[0, 1],
        "low": found.low[0, 1],
        "high": found.high[0, 1],
        "level": curves.level,
        "n": len(stays),
        "events": int(found.events[0, 1]),
    }


def ends(stays: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The earliest and the latest day that each stay can have lasted to; one and the same where it is known."""
    return stays["days"].to_numpy(np.int64), stays["days_latest"].to_numpy(np.int64)


def closed_in_range(stays: pd.DataFrame, row: Result) -> Result:
    """The naive twin: the same share among closed charts, by their closure day."""
    days = stays["days_to_closure"].dropna()
    if row.gate == GateWord.WITHHELD or days.empty:
        return TWIN.beside(row, reason=NO_CLOSURE)
    inside = int(days.between(SEVERAL_WEEKS, FEW_MONTHS).sum())
    return TWIN.beside(row, n=len(days), numerator=inside, denominator=len(days)).limited(wilson(inside, len(days)))


def distribution(curve: RangedCurve, where: dict[str, Any]) -> Iterator[Result]:
    """Quartiles and median in days by Kaplan-Meier; open stays count as far as they were seen."""
    for measure, share in SHARES.items():
        row = Result(**where, measure=measure, unit="days", estimator="Kaplan-Meier", n=curve.earliest.n)
        try:
            yield curve.placed(row, share)
        except NotEstimable as why:
            yield replace(row, reason=str(why))


def drawn(curve: RangedCurve, where: dict[str, Any]) -> Iterator[CurvePoint | FigurePoint]:
    """The curve of stays still going on, week by week, and the share of stays that ended in each week."""
    row = Result(**where, measure="median_stay_days", unit="days", estimator="Kaplan-Meier")
    grid = curve.grid(7, HORIZON)
    along = at(curve.earliest, grid)
    for i, day in enumerate(grid):
        yield CurvePoint(
            result_id=row.result_id,
            arm=where["arm"],
            state="in care",
            day=int(day),
            estimate=along.estimate[i],
            low=along.low[i],
            high=along.high[i],
            at_risk=int(along.at_risk[i]),
            events=int(along.events[i]),
        )
    for i in whole_weeks(grid):
        yield FigurePoint(
            result_id=row.result_id,
            figure="stay_length",
            series=IOP,
            x=float(grid[i] // 7),
            y=float(along.estimate[i - 1] - along.estimate[i]),
            n=int(along.events[i] - along.events[i - 1]),
            label=f"week {grid[i] // 7}",
        )


def whole_weeks(grid: NDArray[np.int64]) -> list[int]:
    """The places of a grid at which a whole week ends: endings within a range of days belong to no week."""
    return [i for i in range(1, len(grid)) if grid[i] % 7 == 0 and grid[i] - grid[i - 1] == 7]


def seen_long(stays: pd.DataFrame, where: dict[str, Any]) -> Iterator[Result]:
    """Attended days, and days by how the stay ended, among stays seen so long that which of them are counted does not
    depend on it."""
    where = where | {"population": SEEN_LONG}
    yield from quartiles(stays["attended_days"], where | {"outcome": "attended_days"}, "attended days")
    ending = np.where(stays["ended"], stays["ending"].map(CAUSE_OF).fillna(CAUSE_OF["unknown"]), 0)
    group = np.array([GROUPS[int(code)] for code in ending], dtype=object)
    for name in dict.fromkeys(GROUPS.values()):
        rows = stays[group == name]
        if len(rows):
            row = Result(
                **where | {"stratum": name},
                measure="stays_by_ending",
                unit="share",
                estimator="observed",
                estimate=len(rows) / len(stays),
                n=len(stays),
                numerator=len(rows),
                denominator=len(stays),
            )
            yield row
            yield from quartiles_of_stays(rows, where | {"stratum": name, "outcome": "days", "twin_of": row.result_id})


def quartiles(values: pd.Series, where: dict[str, Any], unit: str) -> Iterator[Result]:
    """Observed quartiles and median; nothing was cut short."""
    known = values.dropna().to_numpy(float)
    for measure, share in SHARES.items():
        row = Result(**where, measure=measure, unit=unit, estimator="observed", n=len(known))
        yield (
            replace(row, estimate=float(np.quantile(known, 1 - share, method="inverted_cdf")))
            if len(known)
            else replace(row, reason="attended days are not known here; export sessions")
        )


def quartiles_of_stays(stays: pd.DataFrame, where: dict[str, Any]) -> Iterator[Result]:
    """Observed quartiles and median of stays in days, or the range of days one lies in."""
    for measure, share in SHARES.items():
        row = Result(**where, measure=measure, unit="days", estimator="observed", n=len(stays))
        try:
            yield replace(row, estimate=quantile_between(*ends(stays), 1 - share))
        except NotEstimable as why:
            yield replace(row, reason=str(why))


def closure(stays: pd.DataFrame, where: dict[str, Any]) -> Iterator[Result]:
    """How many days after the last contact charts are closed: the median, and the share later than a week."""
    lag = stays["closure_lag"].dropna().to_numpy(float)
    row = Result(
        **where | {"population": CLOSED}, measure="median_closure_lag", unit="days", estimator="observed", n=len(lag)
    )
    if not len(lag):
        yield replace(row, reason=NO_CLOSURE)
        return
    late = int((lag > 7).sum())
    yield replace(row, estimate=float(np.median(lag)))
    counts = {"numerator": late, "denominator": len(lag)}
    yield row.limited(wilson(late, len(lag)), measure="closed_after_a_week", unit="share", **counts)
