"""Where people at two levels can be compared: the difference along severity, and the map of suicide risk by
severity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.analysis.comparison.fitted import Fitted, coded_target
from pipeline.analysis.comparison.strata import needs
from pipeline.errors import NotEstimable
from pipeline.results import FigurePoint
from pipeline.stats.subgroups.heterogeneity import effect_curve
from pipeline.study import Study

COMPARED, ALONE, UNKNOWN = "compared", "no comparators", "not estimable"
STEPS = 30  # points of a curve over a long scale
REACH = 0.04  # of the scale's observed span: how near people must be for an effect to be shown


@dataclass(frozen=True, slots=True)
class Bands:
    """Bands of an instrument's score, cut at and including each of cuts from below."""

    instrument: str
    cuts: tuple[float, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Each band as words that follow 'people with'."""
        ends = [f"below {self.cuts[0]:.0f}"]
        ends += [f"of {low:.0f} to {high - 1:.0f}" for low, high in zip(self.cuts, self.cuts[1:], strict=False)]
        return tuple(f"a {self.instrument} {end} at the start" for end in (*ends, f"of {self.cuts[-1]:.0f} or more"))

    def of(self, scores: np.ndarray) -> np.ndarray:
        """(n,) the place of each score's band."""
        return np.asarray(np.digitize(scores, self.cuts), dtype=np.int64)


def effect_points(result_id: str, comparison: Fitted, study: Study) -> Iterator[FigurePoint]:
    """The difference at each score at the start with its limits, then with limits for the whole curve; none where
    nobody compares."""
    scores = comparison.used_people["baseline_score"].astype("float64").to_numpy()
    low, high = float(np.floor(scores.min())), float(np.ceil(scores.max()))
    grid = np.arange(low, high + 1, max(1.0, np.ceil((high - low) / STEPS)))
    others = [i for i, name in enumerate(comparison.design.of) if name != "baseline_score"]
    try:
        curve = effect_curve(
            comparison.outcome[comparison.rows],
            comparison.used_codes,
            comparison.design.values[:, others],
            scores,
            grid,
            comparison.site[comparison.rows],
            reach=max(1.0, REACH * (high - low)),
            target=coded_target(study.comparison.target, comparison.arms),
            inference=comparison.sites.method,
            cluster=comparison.clusters.codes,
            needs=needs(study),
            max_observation_weight=study.gate.max_observation_weight,
        )
    except NotEstimable as why:
        yield FigurePoint(result_id=result_id, figure="effect_curve", series=UNKNOWN, label=str(why))
        return
    for i, at in enumerate(grid):
        if not curve.comparable[i]:
            yield FigurePoint(result_id=result_id, figure="effect_curve", series=ALONE, x=float(at), label=ALONE)
            continue
        y = float(curve.estimate[i])
        yield FigurePoint(
            result_id=result_id,
            figure="effect_curve",
            series="each score",
            x=float(at),
            y=y,
            low=float(curve.low[i]),
            high=float(curve.high[i]),
            label=COMPARED,
        )
        yield FigurePoint(
            result_id=result_id,
            figure="effect_curve",
            series="whole curve",
            x=float(at),
            y=y,
            low=float(curve.all_low[i]),
            high=float(curve.all_high[i]),
            label=COMPARED,
        )


def positivity_points(
    result_id: str, comparison: Fitted, risk: np.ndarray, risks: Sequence[str], bands: Bands
) -> Iterator[FigurePoint]:
    """People of each arm by suicide risk (label) and band of severity (x); y the share of them who could plausibly have
    been in the other.

    Cells add up to everybody whose suicide risk is recorded, which the gate of disclosure knows; y is rounded to
    tenths.
    """
    chance = comparison.chances[:, 1] / (comparison.used_codes == 1).mean()
    against = comparison.chances[:, 0] / (comparison.used_codes == 0).mean()
    even = np.abs(chance / (chance + against) - 0.5) <= 0.2
    band = bands.of(comparison.used_people["baseline_score"].astype("float64").to_numpy())
    for code, arm in enumerate(comparison.arms):
        for place, name in enumerate(risks):
            for step in range(len(bands.names)):
                here = (comparison.used_codes == code) & (risk == place) & (band == step)
                share = round(float(even[here].mean()), 1) if here.any() else None
                yield FigurePoint(
                    result_id=result_id,
                    figure="positivity",
                    series=arm,
                    x=float(step),
                    y=share,
                    n=int(here.sum()),
                    label=f"{name}; {bands.names[step]}",
                )
