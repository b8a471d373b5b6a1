"""What questions lack in the words that the analysis itself would refuse them with, before anything is fitted."""

from __future__ import annotations

from pipeline.analysis.contrasts import score_of
from pipeline.analysis.headline import Asking
from pipeline.analysis.lacking import IOP, arm_with
from pipeline.analysis.questions import dose, measurement, placements, speed, step_down, tapering
from pipeline.analysis.questions.modality_mix import kinds_told, people_with_a_mix
from pipeline.analysis.questions.spending import not_added_up
from pipeline.errors import NotEstimable
from pipeline.study import main_outcome


def own_words(asking: Asking) -> dict[str, str]:
    """By the code of the question; empty where nothing is lacking.  Questions of a scale are absent without one."""
    scale = main_outcome(asking.study)
    found = {
        "C1": hours_lack(asking),
        "C6": step_down.why_not(asking),
        "C7": not_added_up(asking.warehouse, asking.study),
        "C15": placements_lack(asking),
    }
    if scale is None:
        return found
    return found | {
        "C3": speed.why_not(asking),
        "C8": tapering.why_not(asking, scale.name),
        "C9": services_lack(asking),
        "C12": measurement.why_not(measurement.read_people(asking, scale.name), scale.name),
    }


def placements_lack(asking: Asking) -> str:
    """Why people placed as recommended cannot be compared with those placed lower."""
    placed = placements.placed_people(asking)
    return placements.why_not(asking, placed) or placements.measured_lack(asking, placed)


def hours_lack(asking: Asking) -> str:
    """Why the hours of intensive outpatient care cannot be told."""
    people = dose.read_people(asking.warehouse)
    return dose.cannot_say(people[people["level_of_care"] == IOP])


def services_lack(asking: Asking) -> str:
    """Why the mix of services cannot be asked about."""
    scale = main_outcome(asking.study)
    try:
        people, hours, _ = people_with_a_mix(
            asking, score_of("C9", scale) if scale else None, arm_with(asking.study, IOP)
        )
        kinds_told(people, hours, asking.study)
    except NotEstimable as why:
        return str(why)
    return ""
