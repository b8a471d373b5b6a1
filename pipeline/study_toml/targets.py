"""Targets that a program set itself: shares of a measure, named as in the measure library."""

import difflib

from pipeline.errors import StudyError
from pipeline.measures.library import measures
from pipeline.study import Study


def target_of(study: Study, measure: str, day: int | None) -> float | None:
    """The target of a measure at a day: the one of that day before the one of any day; None where none was set."""
    return study.targets.get(f"{measure}_day{day}", study.targets.get(measure))


def check_targets(study: Study) -> None:
    """Raises StudyError for a target of no known measure, or one that is no share."""
    if not study.targets:
        return
    known = [key for one in measures() for key in (one.id, *(f"{one.id}_day{day}" for day in one.rule.days))]
    for key, value in study.targets.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f'; did you mean "{near[0]}"?' if near else "; measures are the files of pipeline/measures"
            raise StudyError(f'study.toml [targets]: there is no measure "{key}"{hint}')
        if not 0 < value < 1:
            raise StudyError(f"study.toml [targets] {key} must be a share between 0 and 1, such as 0.4")


def meets(measure: str, found: float, target: float) -> bool:
    """Whether a share is on its target, in the direction that its measure declares."""
    fewer = next(one.direction for one in measures() if one.id == measure) == "fewer is better"
    return found <= target if fewer else found >= target
