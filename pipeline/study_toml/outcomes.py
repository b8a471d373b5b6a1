"""Refuses an outcome of study.toml that cannot be one (its days, its margin, its name, its instrument), and what is
borrowed for no contrast."""

import difflib

from pipeline.choices.asked import Borrowed, Outcome
from pipeline.errors import StudyError
from pipeline.measures.library import instruments
from pipeline.study import LEAST_PRESERVED, RESERVED, Study, standing_outcomes

WHERE = "study.toml [[outcomes]]"


def check_instrument(outcome: Outcome) -> None:
    """Refuses an instrument that the measure library does not hold, or that has no total to average."""
    known = instruments().get(outcome.instrument)
    if known is None:
        near = difflib.get_close_matches(outcome.instrument, list(instruments()), n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else "its names are in pipeline/measures/instruments.csv"
        raise StudyError(f"{WHERE} {outcome.name}: the measure library has no such instrument; {hint}")
    if known["construct"].endswith("(safety)"):
        raise StudyError(
            f"{WHERE} {outcome.name}: the {known['label']} sorts people by danger and is no score that may be averaged;"
            " it is adjusted for and told as high risk. Name another instrument"
        )
    if known["higher_is"] not in ("worse", "better"):
        raise StudyError(f"{WHERE} {outcome.name}: this instrument has no total with a direction; choose another")


def check_outcome(outcome: Outcome) -> None:
    if outcome.name.startswith(RESERVED):
        raise StudyError(
            f"{WHERE} {outcome.name}: names that begin with {', '.join(RESERVED)} are taken; choose another"
        )
    check_instrument(outcome)
    if not (len(outcome.window) == 2 and outcome.window[0] <= outcome.day <= outcome.window[1]):
        raise StudyError(f"{WHERE} {outcome.name}: window is [first day, last day] and must hold day {outcome.day}")
    if not (len(outcome.baseline_window) == 2 and outcome.baseline_window[0] <= 0 <= outcome.baseline_window[1]):
        raise StudyError(f"{WHERE} {outcome.name}: baseline_window is [first day, last day] and must hold day 0")
    if outcome.margin < 0 or outcome.comparator_effect < 0:
        raise StudyError(f"{WHERE} {outcome.name}: margin and comparator_effect cannot be negative")
    if outcome.margin > 0 and outcome.preserved < LEAST_PRESERVED:
        raise StudyError(
            f"{WHERE} {outcome.name}: the margin may be at most half of comparator_effect, so that at"
            " least half of what the comparator does is kept; lower the margin or set it to 0 for no such verdict"
        )


def check_borrowing(study: Study) -> None:
    """Refuses what is borrowed for no contrast, without a standard error or weight, or from nobody named."""
    scores = [one.name for one in study.outcomes]
    known = [*scores, *(f"reliable_{name}" for name in scores), *standing_outcomes(study)]
    for one in study.borrowing:
        if one.outcome not in known or (one.arm, one.reference) not in study.comparison.contrasts:
            raise StudyError(
                "study.toml [[borrowing]]: outcome, arm and reference must name a comparison of this study: one of"
                f" {', '.join(known)}, and a pair of [comparison] contrasts in its order"
            )
        check_borrowed(one)


def check_borrowed(one: Borrowed) -> None:
    where = f"study.toml [[borrowing]] {one.outcome}"
    if not (one.se > 0 and one.apart >= 0 and 0 < one.weight < 1):
        raise StudyError(f"{where}: se must be above 0, apart not below 0, and weight between 0 and 1")
    if not one.source.strip():
        raise StudyError(f"{where}: source must say who found it; it stands on the pages beside what is borrowed")
