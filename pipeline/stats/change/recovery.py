"""Recovery rates as the NHS Talking Therapies programme defines them, and the same from everybody who started."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.change.reliable_change import Worse
from pipeline.stats.estimate import Estimate
from pipeline.stats.proportions import wilson

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """One of the two measures: caseness (that score or worse is a case) and points of reliable change (that many or
    more)."""

    caseness: float
    reliable: float
    worse: Worse = "higher"


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with what it counts; estimate is None where nobody is in the denominator."""

    numerator: int
    denominator: int
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class RecoveryMetrics:
    """NHS-style rates; finished = at least so many attended treatment contacts.

    recovery                case at the start, below caseness on both measures at the end; over finished cases
    reliable_improvement    reliable decrease on either and no reliable increase on the other; over finished with paired
                            scores
    reliable_recovery       both; over finished cases
    reliable_deterioration  reliable increase on either and no reliable decrease on the other; over finished with paired
                            scores
    recovery_from_intake, reliable_recovery_from_intake   over all cases at the start, whoever did not finish counted as
        not recovered
    reliable_improvement_from_intake, reliable_deterioration_from_intake   over all who started, missing scores counted
        as neither
    started, finished       people
    """

    recovery: Rate
    reliable_improvement: Rate
    reliable_recovery: Rate
    reliable_deterioration: Rate
    recovery_from_intake: Rate
    reliable_improvement_from_intake: Rate
    reliable_recovery_from_intake: Rate
    reliable_deterioration_from_intake: Rate
    started: int
    finished: int


def recovery_metrics(
    depression_first: ArrayLike,
    depression_last: ArrayLike,
    anxiety_first: ArrayLike,
    anxiety_last: ArrayLike,
    contacts: ArrayLike,
    *,
    depression: Scale,
    anxiety: Scale,
    least_contacts: int = 2,
    level: float = 0.95,
) -> RecoveryMetrics:
    """Recovery, reliable improvement, reliable recovery and reliable deterioration of courses of treatment.

    *_first, *_last  (n,) first and last scores in points (the last one carried forward), nan where not measured
    contacts         (n,) attended treatment contacts

    Finished cases without a last score stay in the denominator of recovery as not recovered. NHS England, Talking
    Therapies manual. Raises NotEstimable where nobody started, arrays are not paired or a score is infinite.
    """
    scores, attended = _checked([depression_first, depression_last, anxiety_first, anxiety_last], contacts)
    case = _is_case(scores[0], depression) | _is_case(scores[2], anxiety)
    below = _below(scores[1], depression) & _below(scores[3], anxiety)
    better_d, worse_d = _reliable(scores[0], scores[1], depression)
    better_a, worse_a = _reliable(scores[2], scores[3], anxiety)
    paired = np.isfinite(scores).all(axis=0)
    improved = paired & (better_d | better_a) & ~(worse_d | worse_a)
    worsened = paired & (worse_d | worse_a) & ~(better_d | better_a)
    recovered = case & below
    finished, everybody = attended >= least_contacts, np.ones(attended.shape, dtype=bool)

    def rate(event: Mask, among: Mask) -> Rate:
        return _rate(finished & event & among, among, level)

    return RecoveryMetrics(
        rate(recovered, finished & case),
        rate(improved, finished & paired),
        rate(recovered & improved, finished & case),
        rate(worsened, finished & paired),
        rate(recovered, case),
        rate(improved, everybody),
        rate(recovered & improved, case),
        rate(worsened, everybody),
        int(attended.size),
        int(finished.sum()),
    )


def _checked(columns: list[ArrayLike], contacts: ArrayLike) -> tuple[list[Floats], Floats]:
    scores = [np.asarray(values, dtype=np.float64) for values in columns]
    attended = np.asarray(contacts, dtype=np.float64)
    if attended.size == 0:
        raise NotEstimable("nobody started treatment; widen the study period or the group")
    finite = np.isfinite(attended).all() and not any(np.isinf(values).any() for values in scores)
    if not finite or any(values.shape != attended.shape for values in scores):
        raise NotEstimable("scores and contacts must be given per person and be finite; leave out impossible scores")
    return scores, attended


def _rate(event: Mask, among: Mask, level: float) -> Rate:
    numerator, denominator = int(event.sum()), int(among.sum())
    return Rate(numerator, denominator, wilson(numerator, denominator, level=level) if denominator else None)


def _is_case(score: Floats, scale: Scale) -> Mask:
    return np.asarray(score >= scale.caseness if scale.worse == "higher" else score <= scale.caseness)


def _below(score: Floats, scale: Scale) -> Mask:
    return np.asarray(score < scale.caseness if scale.worse == "higher" else score > scale.caseness)


def _reliable(first: Floats, last: Floats, scale: Scale) -> tuple[Mask, Mask]:
    change = (first - last) * (1.0 if scale.worse == "higher" else -1.0)
    return np.asarray(change >= scale.reliable), np.asarray(-change >= scale.reliable)
