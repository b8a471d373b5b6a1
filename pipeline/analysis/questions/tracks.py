"""C10: does the trauma track of intensive outpatient care do more for post-traumatic stress than the general one?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.adjusted import answered, overlap_points, unadjusted
from pipeline.analysis.comparison.attempt import attempt
from pipeline.analysis.comparison.fitted import Fitted, named_target, whom
from pipeline.analysis.comparison.robustness import robustness_rows
from pipeline.analysis.comparison.strata import INTERACTION, by_stratum, countable, stratum_rows
from pipeline.analysis.contrasts import Contrast, Role, score_of
from pipeline.analysis.gate import Refused
from pipeline.analysis.headline import Asking, NaiveTwin, headline
from pipeline.analysis.lacking import IOP, arm_with, not_compared
from pipeline.analysis.standing import at_its_level
from pipeline.choices.asked import Outcome
from pipeline.errors import NotEstimable
from pipeline.results import Result, Verdict
from pipeline.stats.weighting.arm_means import difference
from pipeline.study import TRACKS, Study, tracks_are_primary

if TYPE_CHECKING:
    import pandas as pd

ARMS = tuple(f"{track} track" for track in reversed(TRACKS))  # the reference first
SEVERE = 45.0  # PCL-5 points; about the middle of those at or above the cut-off
BANDS = (f"a PCL-5 below {SEVERE:.0f} at the start", f"a PCL-5 of {SEVERE:.0f} or more at the start")
BY = "severity of post-traumatic stress"
TWIN = NaiveTwin(
    "unadjusted",
    "everybody with post-traumatic stress and a day-90 score in the two tracks, without adjusting for who is sent to"
    " which track",
)
NO_PCL5 = (
    "post-traumatic stress was not followed with the PCL-5 here: add an [[outcomes]] block of the PCL-5 to study.toml,"
    " and collect it at the start and at day 90"
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
        row = headline("C10", outcome="pcl5", arm=ARMS[1], reference=ARMS[0], measure="difference")
        yield from TWIN.refused(row, NO_PCL5)
        return
    contrast = track_contrast(source, study)
    row = base(contrast, study)
    if lacking := not_compared(asking.warehouse, arm_with(study, IOP), asking.records):
        yield from TWIN.refused(row, lacking)
        return
    people = in_tracks(asking)
    if people.empty or not set(people["arm"]) >= set(ARMS):
        yield from TWIN.refused(row, NO_TRACK if people.empty else FEW)
        return
    asked, steps = people_asked(replace(asking.records, people=people), contrast.endpoint, ARMS)
    yield from steps
    tried = attempt(asked, ARMS, study, contrast.endpoint, row.result_id, asking.records.controls)
    yield from tried.diagnostics
    if isinstance(tried, Refused):
        yield from TWIN.refused(row, of_tracks(tried.reason), tried.verdict)
        return
    yield from estimated(contrast, tried.fitted, row, study)


def followed(study: Study) -> Outcome | None:
    """The PCL-5 outcome that the question is put to: the primary contrast's own, else the study's first."""
    scales = [outcome for outcome in study.outcomes if outcome.instrument == "PCL5"]
    named = [outcome for outcome in scales if tracks_are_primary(study) and outcome.name == study.comparison.primary[2]]
    return next(iter([*named, *scales]), None)


def track_contrast(source: Outcome, study: Study) -> Contrast:
    """The contrast as the engine asks it: primary where the study names it so, else confirmatory."""
    role: Role = "primary" if tracks_are_primary(study) else "confirmatory"
    return Contrast(endpoint=score_of("C10", source), arm=ARMS[1], reference=ARMS[0], role=role)


def base(contrast: Contrast, study: Study) -> Result:
    """What the headline says whether or not it carries a number."""
    overlap = "people with post-traumatic stress who could have started in either track of intensive outpatient care"
    return headline(
        "C10",
        outcome=contrast.endpoint.name,
        day=contrast.endpoint.day,
        arm=contrast.arm,
        reference=contrast.reference,
        measure="difference",
        unit="points",
        target=named_target(study.comparison.target, ARMS),
        estimator="augmented",
        margin=contrast.endpoint.margin,
        population=whom(study.comparison.target, ARMS, overlap),
    )


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
        .replace("offer both levels", "offer both tracks")
        .replace("which offers one level", "which offers one track")
        .replace("at one level than at the other", "in one track than in the other")
    )


def estimated(contrast: Contrast, comparison: Fitted, row: Result, study: Study) -> Iterator[Any]:
    """The headline with its number, its twin, what would overturn it, and the moderation by severity."""
    contrast = yield from at_its_level(contrast, difference(comparison.means, 1, 0))
    found, told = answered(contrast, comparison, row, study)
    yield told
    yield unadjusted(comparison, contrast.endpoint, told, TWIN)
    yield from robustness_rows(contrast, comparison, study, found, told)
    yield from overlap_points(comparison, told.result_id)
    yield from moderation(contrast, comparison, row, study)


def moderation(contrast: Contrast, comparison: Fitted, row: Result, study: Study) -> Iterator[Result]:
    """Exploratory: the difference among those with less and with more severe stress at the start, and whether the two
    differ."""
    severity = comparison.used_people["baseline_score"].astype("float64").to_numpy()
    blank = replace(row, analysis="tracks", margin=None)
    try:
        found = by_stratum(comparison, (severity >= SEVERE).astype(np.int64), BANDS, study)
        yield from stratum_rows(
            blank, contrast.endpoint, found, BANDS, BY, countable(found, comparison, study.disclosure.threshold)
        )
    except NotEstimable as why:
        untold = replace(blank, measure=INTERACTION, unit="", stratum=BY)
        yield untold.refused(Verdict.NO_COMPARABLE, str(why))
