"""C10: does the trauma track of intensive outpatient care do more for post-traumatic stress than the general one?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.adjusted import answered, attempt, unadjusted
from pipeline.analysis.comparison.fitted import Comparison, named_target
from pipeline.analysis.comparison.like_for_like import overlap_points, whom
from pipeline.analysis.comparison.robustness import robustness_rows
from pipeline.analysis.comparison.strata import INTERACTION, by_stratum, countable, stratum_rows
from pipeline.analysis.contrasts import Contrast, Endpoint, confirmatory_level
from pipeline.analysis.gate import DESCRIPTIVE, NO_COMPARABLE
from pipeline.analysis.headline import Asking, headline, naive_twin, refused, refused_with_twin
from pipeline.analysis.questions.dose import IOP, not_compared
from pipeline.errors import NotEstimable
from pipeline.results import Result
from pipeline.study import TRACKS, Outcome, Study, tracks_are_primary

if TYPE_CHECKING:
    import pandas as pd

ARMS = tuple(f"{track} track" for track in reversed(TRACKS))  # the reference first
SEVERE = 45.0  # PCL-5 points; about the middle of those at or above the cut-off
BANDS = (f"a PCL-5 below {SEVERE:.0f} at the start", f"a PCL-5 of {SEVERE:.0f} or more at the start")
BY = "severity of post-traumatic stress"
WHY = (
    "everybody with post-traumatic stress and a day-90 score in the two tracks, without adjusting for who is sent to"
    " which track"
)
NO_SCALE = (
    'post-traumatic stress was not followed with the PCL-5 here: add an [[outcomes]] block with instrument = "PCL5" to '
    "study.toml, and collect it at the start and at day 90"
)
NO_TRACK = (
    "which track of intensive outpatient care people were in is not recorded: export the column track of episodes with "
    "trauma and general"
)
FEW = "too few people with post-traumatic stress started in each track: widen the study period"


def tracks(asking: Asking) -> Iterator[Any]:
    """The one confirmatory contrast of the two tracks, its naive twin, what would overturn it, and whether severity
    matters."""
    study = asking.study
    source = followed(study)
    if source is None:
        yield from without(
            headline("C10", outcome="pcl5", arm=ARMS[1], reference=ARMS[0], measure="difference"), NO_SCALE
        )
        return
    contrast = track_contrast(source, study)
    row = base(contrast, study)
    arm = next((arm for arm, levels in study.arms.items() if IOP in levels), "")
    if arm not in asking.records.arms:
        yield from without(row, not_compared(asking.warehouse, arm))
        return
    people = in_tracks(asking)
    if people.empty or not set(people["arm"]) >= set(ARMS):
        yield from without(row, NO_TRACK if people.empty else FEW)
        return
    asked, steps = people_asked(replace(asking.records, people=people), contrast.question, ARMS)
    yield from steps
    tried = attempt(asked, ARMS, study, contrast.question, row.result_id, asking.records.controls)
    yield from tried.diagnostics
    if tried.refusal or tried.comparison is None:
        assert tried.refusal is not None
        yield from without(row, of_tracks(tried.refusal.reason), tried.refusal.verdict)
        return
    yield from estimated(contrast, tried.comparison, row, study)


def followed(study: Study) -> Outcome | None:
    """The PCL-5 outcome that the question is put to: the primary contrast's own, else the study's first."""
    scales = [outcome for outcome in study.outcomes if outcome.instrument == "PCL5"]
    named = [outcome for outcome in scales if tracks_are_primary(study) and outcome.name == study.comparison.primary[2]]
    return next(iter([*named, *scales]), None)


def track_contrast(source: Outcome, study: Study) -> Contrast:
    """The contrast as the engine asks it: primary where the study names it so, else confirmatory."""
    margin = source.margin if source.margin > 0 and source.comparator_effect > 0 else None
    question = Endpoint("C10", source.name, source.day, "score", "points", margin, False, source, "improvement", "")
    primary = tracks_are_primary(study)
    return Contrast(
        question,
        ARMS[1],
        ARMS[0],
        "primary" if primary else "confirmatory",
        0.95 if primary else confirmatory_level(study),
    )


def base(contrast: Contrast, study: Study) -> Result:
    """What the headline says whether or not it carries a number."""
    overlap = "people with post-traumatic stress who could have started in either track of intensive outpatient care"
    return headline(
        "C10",
        outcome=contrast.question.name,
        day=contrast.question.day,
        arm=contrast.arm,
        reference=contrast.reference,
        measure="difference",
        unit="points",
        target=named_target(study.comparison.target, ARMS),
        estimator="augmented",
        margin=contrast.question.margin,
        population=whom(study.comparison.target, ARMS, overlap),
    )


def without(row: Result, reason: str, verdict: str = DESCRIPTIVE) -> Iterator[Result]:
    """The headline and its twin without any number."""
    return refused_with_twin(row, verdict, reason, estimator="unadjusted", why=WHY)


def in_tracks(asking: Asking) -> pd.DataFrame:
    """The people of the analysis set with post-traumatic stress, in the arms of the two tracks."""
    frame = asking.warehouse.execute("SELECT episode_id, track FROM trauma_tracks WHERE by_score OR by_diagnosis").df()
    people = asking.records.people.drop(columns=["track"], errors="ignore").merge(
        frame, on="episode_id", validate="one_to_one"
    )
    people = people[people["track"].isin(TRACKS)]
    return people.assign(arm=people["track"] + " track").drop(columns=["track"]).reset_index(drop=True)


def of_tracks(reason: str) -> str:
    """A reason of the gate in the words of tracks."""
    return (
        reason.replace("level and site", "track and site")
        .replace("at the other level", "in the other track")
        .replace("at sites that offer both levels", "at sites that offer both tracks")
        .replace("at one level than at the other", "in one track than in the other")
    )


def estimated(contrast: Contrast, comparison: Comparison, row: Result, study: Study) -> Iterator[Any]:
    """The headline with its number, its twin, what would overturn it, and the moderation by severity."""
    found, told = answered(contrast, comparison, row, study)
    yield told
    yield naive_twin(told, estimator="unadjusted", why=WHY, **unadjusted(comparison, contrast.question))
    yield from robustness_rows(contrast, comparison, study, found, told)
    yield from (replace(point, result_id=told.result_id) for point in overlap_points(contrast, comparison, study))
    yield from moderation(contrast, comparison, row, study)


def moderation(contrast: Contrast, comparison: Comparison, row: Result, study: Study) -> Iterator[Result]:
    """Exploratory: the difference among those with less and with more severe stress at the start, and whether the two
    differ."""
    severity = comparison.used_people["baseline_score"].astype("float64").to_numpy()
    blank = replace(row, analysis="tracks", margin=None)
    try:
        found = by_stratum(comparison, (severity >= SEVERE).astype(np.int64), BANDS, study)
        yield from stratum_rows(
            blank, contrast.question, found, BANDS, BY, countable(found, comparison, study.disclosure.threshold)
        )
    except NotEstimable as why:
        yield refused(replace(blank, measure=INTERACTION, unit="", stratum=BY), NO_COMPARABLE, str(why))
