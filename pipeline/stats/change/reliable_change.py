"""Change of one person on one scale: reliable or not, recovered or not, and how large it is on average."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.estimate import Estimate
from pipeline.stats.proportions import wilson

Worse = Literal["higher", "lower"]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

RECOVERED, IMPROVED, UNCHANGED, DETERIORATED = "recovered", "improved", "no reliable change", "deteriorated"


@dataclass(frozen=True, slots=True)
class ReliableChange:
    """What measurement error alone could make of a score, in points of the scale.

    se_measurement  standard error of one score; se_difference  of the difference of two; points  the smallest reliable
                    change
    """

    se_measurement: float
    se_difference: float
    points: float


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """Scores at which a person moves from the clinical to the normal range, in points of the scale.

    a  two SD from the clinical mean; b  two SD from the normal mean; c  equally many SD from both
    """

    a: float
    b: float
    c: float


@dataclass(frozen=True, slots=True)
class ChangeClasses:
    """Each person's class of change and the shares of the classes.

    category          (n,) recovered, improved, no reliable change or deteriorated; '' where a score is missing
    improvement       (n,) points, positive is better; nan where a score is missing
    observed          (n,) both scores there
    case              (n,) observed and on the clinical side of the cut before (everybody observed where no cut is
                      given)
    not_improvable    (n,) observed and so near the best score that no reliable improvement is possible
    not_worsenable    (n,) observed and so near the worst score that no reliable deterioration is possible
    recovered         Estimate over cases, None without a cut or without cases
    improved, no_reliable_change, deteriorated  Estimates over all observed; improved includes the recovered
    """

    category: NDArray[Any]
    improvement: Floats
    observed: Mask
    case: Mask
    not_improvable: Mask
    not_worsenable: Mask
    recovered: Estimate | None
    improved: Estimate
    no_reliable_change: Estimate
    deteriorated: Estimate


def reliable_change_index(sd: float, reliability: float, *, z: float = 1.96) -> ReliableChange:
    """Smallest change that measurement error alone would rarely produce.

    sd  standard deviation of the pre-treatment clinical (or a normative) group; reliability  of the scale, 0 to below 1

    S_E = sd sqrt(1 - r); S_diff = sqrt(2) S_E; points = z S_diff. Jacobson & Truax (1991).
    Raises NotEstimable unless sd > 0 and 0 <= reliability < 1.
    """
    if not (np.isfinite(sd) and sd > 0 and 0 <= reliability < 1):
        raise NotEstimable(
            "a reliable change needs a positive standard deviation and a reliability below 1; state both"
        )
    se = sd * float(np.sqrt(1 - reliability))
    return ReliableChange(se, float(np.sqrt(2)) * se, z * float(np.sqrt(2)) * se)


def cutoffs(clinical_mean: float, clinical_sd: float, normal_mean: float, normal_sd: float) -> Cutoffs:
    """Cut-offs a, b and c between a clinical and a normal group, whichever of them scores higher.

    a = M1 -+ 2 s1, b = M0 +- 2 s0 (towards the other group), c = (s0 M1 + s1 M0)/(s0 + s1). Jacobson & Truax (1991).
    Raises NotEstimable where the means are equal or a standard deviation is not positive.
    """
    values = np.array([clinical_mean, clinical_sd, normal_mean, normal_sd])
    if not np.isfinite(values).all() or clinical_sd <= 0 or normal_sd <= 0 or clinical_mean == normal_mean:
        raise NotEstimable(
            "cut-offs need two groups with different means and positive standard deviations; state their source"
        )
    towards_clinical = 1.0 if clinical_mean > normal_mean else -1.0
    return Cutoffs(
        clinical_mean - towards_clinical * 2 * clinical_sd,
        normal_mean + towards_clinical * 2 * normal_sd,
        (normal_sd * clinical_mean + clinical_sd * normal_mean) / (normal_sd + clinical_sd),
    )


def classify_change(
    before: ArrayLike,
    after: ArrayLike,
    *,
    reliable: float,
    cut: float | None = None,
    worse: Worse = "higher",
    bounds: tuple[float, float] | None = None,
    inclusive: bool = True,
    level: float = 0.95,
) -> ChangeClasses:
    """Classes of change: recovered (reliable and across the cut) before improved, no reliable change, deteriorated.

    before, after  (n,) scores in points, nan where not measured; reliable  points of reliable change
    cut            caseness: at the cut or worse is clinical; worse  which direction of the scale is worse
    bounds         (lowest, highest) possible score, for those who cannot reliably improve or worsen
    inclusive      True: a change of exactly `reliable` counts (conventions such as *6 or more*); False: it does not
                   (|RC| > 1.96)

    Jacobson & Truax (1991). Raises NotEstimable where nobody has both scores, a score is infinite or reliable is not
    positive.
    """
    first, last = _checked(before, after, reliable)
    observed = np.isfinite(first) & np.isfinite(last)
    if not observed.any():
        raise NotEstimable("nobody has both scores; collect follow-up scores")
    sign = 1.0 if worse == "higher" else -1.0
    change = sign * (first - last)
    reaches = np.greater_equal if inclusive else np.greater
    better, poorer = observed & reaches(change, reliable), observed & reaches(-change, reliable)
    case = observed.copy() if cut is None else observed & (sign * first >= sign * cut)
    recovered = np.zeros_like(better) if cut is None else better & case & (sign * last < sign * cut)
    category = np.select([~observed, recovered, better, poorer], ["", RECOVERED, IMPROVED, DETERIORATED], UNCHANGED)
    room_up, room_down = _room(first, bounds, sign)
    people = int(observed.sum())
    return ChangeClasses(
        category,
        change,
        observed,
        case,
        observed & ~reaches(room_up, reliable),
        observed & ~reaches(room_down, reliable),
        wilson(int(recovered.sum()), int(case.sum()), level=level) if cut is not None and case.any() else None,
        wilson(int(better.sum()), people, level=level),
        wilson(int((category == UNCHANGED).sum()), people, level=level),
        wilson(int(poorer.sum()), people, level=level),
    )


def _checked(before: ArrayLike, after: ArrayLike, reliable: float) -> tuple[Floats, Floats]:
    first, last = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if first.shape != last.shape or np.isinf(first).any() or np.isinf(last).any():
        raise NotEstimable("scores before and after must be paired and finite; leave out impossible scores")
    if not (np.isfinite(reliable) and reliable > 0):
        raise NotEstimable("a reliable change is a positive number of points; state the instrument's own")
    return first, last


def _room(first: Floats, bounds: tuple[float, float] | None, sign: float) -> tuple[Floats, Floats]:
    """Points by which each score could still improve and still worsen; endless without bounds."""
    if bounds is None:
        endless = np.full(first.shape, np.inf)
        return endless, endless
    to_lowest, to_highest = first - bounds[0], bounds[1] - first
    return (to_lowest, to_highest) if sign > 0 else (to_highest, to_lowest)
