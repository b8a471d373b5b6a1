"""Everybody who left 24-hour care: what followed in days, what was known on the day of leaving, and who can be
compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.analysis.covariates import CovariateDesign, design
from pipeline.analysis.frames import of_its_value, text_places
from pipeline.results import AttritionStep
from pipeline.study import Study, main_outcome

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

Array = np.ndarray

LAST_DAY = 90
LABEL = "C6: IOP after 24-hour care"
AT_LEAVING = (
    "level_of_care",
    "ended_as",
    "stay_days",
)  # known on the day of leaving, beside the study's own confounders
# The recorded destination is left out on purpose: it is the choice that is being studied, not a reason for it.


@dataclass(frozen=True, slots=True)
class Leaving:
    """n people on the day they left 24-hour care.

    frame    one row per person
    day      (n,) days to readmission, death or the end of observation; cause (n,) 1, 2 or 0
    changed  (n,) day of the first IOP service before that, -1 where there was none
    started  (n,) True where it came within the grace period
    site     (n,) codes
    design   model columns
    """

    frame: pd.DataFrame
    day: Array
    cause: Array
    changed: Array
    started: Array
    site: Array
    design: CovariateDesign

    @property
    def n(self) -> int:
        return len(self.frame)


def left_care(con: duckdb.DuckDBPyConnection, study: Study, grace: int) -> Leaving:
    """Everybody of step_down_set, with the last score of the study's main outcome."""
    frame = con.execute("SELECT * FROM step_down_set ORDER BY patient_id").df()
    scale = main_outcome(study)
    if scale is not None:
        scores = con.execute(
            "SELECT stay_id, value AS baseline_score FROM discharge_readings WHERE role = ? ORDER BY stay_id",
            [scale.name],
        ).df()
        frame = frame.merge(scores, on="stay_id", how="left", validate="one_to_one")
    return described(frame, study, grace)


def described(frame: pd.DataFrame, study: Study, grace: int) -> Leaving:
    """The people of a frame with their days and model columns.  Readmission comes before death on one day."""
    never = 10**6
    back, dead, end, iop = (
        frame[name].astype("float64").fillna(never).to_numpy().astype(np.int64)
        for name in ("to_readmission", "to_death", "to_end", "to_iop")
    )
    day = np.minimum(np.minimum(back, dead), end)
    cause = np.where(back == day, 1, np.where(dead == day, 2, 0))
    changed = np.where(iop <= day, iop, -1)
    _, site = text_places(frame["site"])
    names = (*study.confounders.core, *study.confounders.more, *AT_LEAVING)
    return Leaving(
        frame, day, cause, changed, (changed >= 0) & (changed <= grace), site, design(frame, study, None, names)
    )


def who_can_be_asked(everybody: Leaving, study: Study, arms: tuple[str, str]) -> tuple[Leaving, list[AttritionStep]]:
    """Those new to care, at sites and with kinds of leaving after which enough people start IOP and enough do not; and
    who is left out."""
    least, grace = study.gate.min_observed_per_site, study.episodes.chain_days
    frame, started = everybody.frame, everybody.started
    enough = f"fewer than {least} went on to IOP within {grace} days, or fewer than {least} did not"
    rules = (
        ("site", f"left out: of those at their site {enough}"),
        ("ended_as", f"left out: of those who left like them (as planned, otherwise, or not recorded) {enough}"),
    )
    steps = counted(frame, started, arms, 0, "people who left 24-hour care alive and not for other 24-hour care", None)
    new = (frame["came_as"] == "new").to_numpy()
    stepped_up = "left out: other care came shortly before this stay, or too little before it was seen to tell"
    steps += counted(frame[new], started[new], arms, 1, stepped_up, started)
    frame, started = frame[new].reset_index(drop=True), started[new]
    for number, (column, sentence) in enumerate(rules, start=2):
        kept = np.minimum(*(of_its_value(frame[column], those) for those in (started, ~started))) >= least
        steps += counted(frame[kept], started[kept], arms, number, sentence, started)
        frame, started = frame[kept].reset_index(drop=True), started[kept]
    return described(frame, study, grace), steps


def counted(
    frame: pd.DataFrame, started: Array, arms: tuple[str, str], step: int, sentence: str, before: Array | None
) -> list[AttritionStep]:
    """One attrition row for those who started and one for those who did not."""
    left = (int((~started).sum()), int(started.sum()))
    earlier = left if before is None else (int((~before).sum()), int(before.sum()))
    return [
        AttritionStep(analysis=LABEL, step=step, sentence=sentence, arm=arm, n_left=now, n_removed=was - now)
        for arm, now, was in zip(arms, left, earlier, strict=True)
    ]
