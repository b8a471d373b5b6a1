"""What is true of a draw: contrasts of potential outcomes on the overlap of two arms, and how wrong a naive comparison
is."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.choices.asked import ComparisonChoices
from pipeline.measures.library import instruments
from pipeline.study import Study
from pipeline.synthetic.choice import without_comparators
from pipeline.synthetic.people import logistic
from pipeline.synthetic.population import Draw, retention
from pipeline.synthetic.scenarios import LEVELS
from pipeline.synthetic.world import IOP, LEVEL_COUNT

DAY = 90


@dataclass(frozen=True, slots=True)
class TrueContrast:
    """What a truth is about, in the words of results.duckdb; day is 90 unless said otherwise."""

    question: str
    outcome: str
    arm: str
    reference: str
    measure: str
    target: str = "overlap"
    day: int = DAY

    @property
    def is_ratio(self) -> bool:
        """True where arm and reference are compared by a ratio."""
        return self.measure.endswith("_ratio")


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over people from which truths and their Monte-Carlo errors follow; moments of several draws add up.

    n                       people drawn
    weight, weighted        sums of h and of h times the person's contrast of potential outcomes
    square, cross, squared  sums of h^2, h^2 times the contrast, h^2 times its square
    naive                   (2, 2, 3) by [all sites, shared sites][arm, reference]: people, sum and sum of squares of
                            what is observed
    """

    n: int
    weight: float
    weighted: float
    square: float
    cross: float
    squared: float
    naive: np.ndarray

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(*(getattr(self, name) + getattr(other, name) for name in Moments.__slots__))

    @property
    def value(self) -> float:
        """The contrast in the target population; NaN where nobody could have started at either arm."""
        return self.weighted / self.weight if self.weight > 0 else float("nan")

    @property
    def error(self) -> float:
        """Monte-Carlo standard error of the value (ratio estimator)."""
        if self.weight <= 0:
            return float("nan")
        spread = self.squared - 2 * self.value * self.cross + self.value**2 * self.square
        return float(np.sqrt(max(spread, 0.0)) / self.weight)

    def naive_values(self, ratio: bool = False) -> tuple[float, float]:
        """Difference (or ratio) of observed means, smaller and larger of all sites and of sites that have both arms."""
        means = [row[:, 1] / row[:, 0] for row in self.naive if (row[:, 0] > 0).all()]
        values = [float(mean[0] / mean[1] if ratio else mean[0] - mean[1]) for mean in means]
        return (min(values), max(values)) if values else (float("nan"), float("nan"))

    def naive_variance(self, ratio: bool = False) -> float:
        """Variance of the naive difference times the number of people drawn; of a ratio of rates by the delta
        method."""
        row = self.naive[0] if (self.naive[0][:, 0] > 0).all() else self.naive[1]
        share, mean = row[:, 0] / self.n, row[:, 1] / row[:, 0]
        if ratio:
            return float((mean[0] / mean[1]) ** 2 * (self.n / row[:, 1]).sum())
        return float(((row[:, 2] / row[:, 0] - mean**2) / share).sum())


def moments_of(draw: Draw, eligible: np.ndarray | None = None) -> dict[TrueContrast, Moments]:
    """Every truth's sums over these people; with `eligible` (n,) only over those, and only over the two arms of each
    contrast, weighted e(1 - e): that is the sample's own value."""
    moments = {}
    sample = np.ones(draw.level.size, dtype=bool) if eligible is None else eligible
    outcomes = potential_outcomes(draw)
    arms = Study(Path()).arms
    for arm, reference in ComparisonChoices().contrasts:
        in_arm, in_reference = member(arms[arm]), member(arms[reference])
        for (question, outcome, measure), (values, seen, whom) in outcomes.items():
            asked = TrueContrast(question, outcome, arm, reference, measure)
            contrast = values[:, in_arm], values[:, in_reference]
            moments[asked] = two_arm_moments(
                draw, in_arm, in_reference, contrast, seen, sample & whom, eligible is not None
            )
    moments |= track_moments(draw, sample)
    moments |= refused_moments(draw, sample, outcomes)
    return moments


def member(levels: tuple[str, ...]) -> np.ndarray:
    """Positions of an arm's levels in scenarios.LEVELS."""
    return np.array([LEVELS.index(level) for level in levels])


def potential_outcomes(draw: Draw) -> dict[tuple[str, str, str], tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """By (question, outcome, measure): (n, 5) potential values, (n,) True where the value that happened is observed,
    (n,) for whom."""
    everybody = np.ones(draw.level.size, dtype=bool)
    measured = draw.scores.measured[np.arange(draw.level.size), draw.level]
    result = {}
    for name, instrument, before, after, whom in (
        ("phq9_day90", "PHQ9", draw.people.phq9, draw.scores.phq9, everybody),
        ("gad7_day90", "GAD7", draw.people.gad7, draw.scores.gad7, everybody),
        ("pcl5_day90", "PCL5", draw.people.pcl5, draw.scores.pcl5, draw.people.trauma),
    ):
        improvement = (before[:, None] - after).astype(float)
        reliable = (improvement >= float(instruments()[instrument]["rci_default"])).astype(float)
        result["C2", name, "difference"] = (improvement, measured, whom)
        result["C2", f"reliable_{name}", "risk_difference"] = (reliable, measured, whom)
    kept = np.zeros((draw.level.size, LEVEL_COUNT, 2))
    for level in range(LEVEL_COUNT):
        stayed = retention(draw.courses_at(level))
        kept[:, level] = np.column_stack([stayed.retained(DAY), stayed.dropped_out(DAY)])
    for i, name in enumerate(("retained_day90", "dropped_out_day90")):
        result["C4", name, "risk_difference"] = (kept[:, :, i], everybody, everybody)
    return result


def two_arm_moments(
    draw: Draw,
    arm: np.ndarray,
    reference: np.ndarray,
    values: tuple[np.ndarray, np.ndarray],
    seen: np.ndarray,
    whom: np.ndarray,
    in_sample: bool,
) -> Moments:
    """Sums for one contrast: h = P_a P_r / (P_a + P_r), the overlap of the two arms among all who come;
    in the sample h = e (1 - e) over the people who did start at one of the two."""
    chances = draw.chances[:, arm], draw.chances[:, reference]
    total = [chance.sum(axis=1) for chance in chances]
    both = total[0] + total[1]
    h = np.divide(total[0] * total[1], both, out=np.zeros_like(both), where=both > 0) * whom
    started = np.isin(draw.level, arm), np.isin(draw.level, reference)
    if in_sample:
        h = np.divide(h, both, out=np.zeros_like(both), where=both > 0) * (started[0] | started[1])
    mean = [
        np.divide((chance * value).sum(axis=1), t, out=np.zeros_like(t), where=t > 0)
        for chance, value, t in zip(chances, values, total, strict=True)
    ]
    happened = [value_at(draw.level, levels, value) for levels, value in zip((arm, reference), values, strict=True)]
    shared = np.asarray(draw.world.offered[:, arm].any(axis=1) & draw.world.offered[:, reference].any(axis=1))
    return sums(h, mean[0] - mean[1], naive_sums(happened, started, seen & whom, shared[draw.people.site]))


def value_at(level: np.ndarray, levels: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(n,) the value at the level that happened, 0 for people of another arm; values is (n, len(levels))."""
    return (values * (level[:, None] == levels)).sum(axis=1)


def sums(h: np.ndarray, contrast: np.ndarray, naive: np.ndarray) -> Moments:
    squares = h**2
    return Moments(
        h.size,
        h.sum(),
        (h * contrast).sum(),
        squares.sum(),
        (squares * contrast).sum(),
        (squares * contrast**2).sum(),
        naive,
    )


def naive_sums(
    value: list[np.ndarray], started: tuple[np.ndarray, np.ndarray], seen: np.ndarray, shared: np.ndarray
) -> np.ndarray:
    """(2, 2, 3) counts, sums and sums of squares of observed values, see Moments."""
    return np.array(
        [
            [
                [(who := began & seen & where).sum(), x[who].sum(), (x[who] ** 2).sum()]
                for x, began in zip(value, started, strict=True)
            ]
            for where in (np.ones_like(shared), shared)
        ],
        dtype=float,
    )


def track_moments(draw: Draw, sample: np.ndarray) -> dict[TrueContrast, Moments]:
    """C10: the trauma track against the general one, among people in IOP with trauma and a PCL-5 at or above its
    cut."""
    people = draw.people
    improvement = (people.pcl5[:, None] - draw.scores.pcl5_by_track).astype(float)
    whom = sample & people.trauma & (people.pcl5 >= float(instruments()["PCL5"]["caseness_cut"]))
    chance = logistic(0.05 * (people.pcl5 - 42))
    h = draw.chances[:, IOP] * chance * (1 - chance) * whom
    in_iop = draw.level == IOP
    started = in_iop & people.trauma_track, in_iop & ~people.trauma_track
    naive = naive_sums(
        [improvement[:, 1], improvement[:, 0]], started, draw.scores.measured[:, IOP] & whom, np.ones_like(whom)
    )
    asked = TrueContrast("C10", "pcl5_day90", "trauma track", "general track", "difference")
    return {asked: sums(h, improvement[:, 1] - improvement[:, 0], naive)}


def refused_moments(
    draw: Draw, sample: np.ndarray, outcomes: dict[tuple[str, str, str], Any]
) -> dict[TrueContrast, Moments]:
    """C11: the people whom only a hospital would take; their contrast exists, no record can show it."""
    values, seen, _ = outcomes["C2", "phq9_day90", "difference"]
    alone = without_comparators(draw.people, draw.world) & draw.world.offered[draw.people.site, IOP] & sample
    hospital = LEVELS.index("IP")
    started = draw.level == IOP, draw.level == hospital
    naive = naive_sums([values[:, IOP], values[:, hospital]], started, seen & sample, np.ones_like(alone))
    asked = TrueContrast("C11", "phq9_day90", "iop", "inpatient", "difference", target="region without comparators")
    return {asked: sums(alone.astype(float), values[:, IOP] - values[:, hospital], naive)}


def added(parts: Iterator[dict[TrueContrast, Moments]]) -> dict[TrueContrast, Moments]:
    """Moments of several draws together."""
    total: dict[TrueContrast, Moments] = {}
    for part in parts:
        for question, moments in part.items():
            total[question] = total[question] + moments if question in total else moments
    return total
