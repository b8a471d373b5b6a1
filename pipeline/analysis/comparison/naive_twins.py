"""What careless analyses of the same records would have reported, and in one sentence each why they mislead."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipeline.analysis.cohort import Records
from pipeline.analysis.comparison.fitted import Comparison
from pipeline.analysis.contrasts import Contrast, raw_sign
from pipeline.analysis.descriptive import crude_difference
from pipeline.analysis.frames import column_beside
from pipeline.analysis.headline import NaiveTwin
from pipeline.endings import DROPPED_OUT_CODES
from pipeline.errors import NotEstimable
from pipeline.results import Result
from pipeline.stats.estimate import Estimate, wald
from pipeline.stats.time_in_care.survival import at, kaplan_meier

COMPLETERS = NaiveTwin(
    "completers only",
    "Only people who completed care are counted here; whoever left early, and did worse, has vanished from both sides, "
    "and not equally.",
)
AT_DISCHARGE = NaiveTwin(
    "score at discharge",
    "The last score in care is taken after days at one level and after months at the other, and only from people who "
    "stayed to be asked.",
)
EVER = NaiveTwin(
    "ever at the level",
    "Whoever ever had the first level is counted for it, also people who came from the other level and had to do well,"
    " and stay, to get there.",
)
ONE_MINUS_KM = NaiveTwin(
    "one minus Kaplan-Meier",
    "One minus Kaplan-Meier treats people who completed or moved on as if they could still drop out, so it shows more "
    "dropout than there was, most where many complete early.",
)
UNADJUSTED = NaiveTwin(
    "unadjusted", "everybody with this outcome at these levels, at all sites, without adjusting for how they differ"
)


def careless_twins(contrast: Contrast, comparison: Comparison, records: Records, row: Result) -> Iterator[Result]:
    """The twins that stand beside a primary or confirmatory contrast; one that cannot be made is left out, for nobody
    will miss it."""
    if contrast.role == "exploratory" or records.other is None:
        return
    for twin, make in (
        (COMPLETERS, among_completers),
        (AT_DISCHARGE, at_discharge),
        (EVER, ever_at_the_level),
        (ONE_MINUS_KM, one_minus_kaplan_meier),
    ):
        try:
            found = make(contrast, comparison, records)
        except NotEstimable as reason:
            yield twin.beside(row, note=f"{twin.why} It could not be made here: {reason}")
            continue
        if found is not None:
            one, n, n_reference = found
            yield twin.beside(row, one, sign=raw_sign(contrast.endpoint), n=n, n_reference=n_reference)


Twin = tuple[Estimate, int, int] | None


def among_completers(contrast: Contrast, comparison: Comparison, records: Records) -> Twin:
    """Scores of those who completed care, unadjusted; dropout has no completers."""
    if contrast.endpoint.kind != "score":
        return None
    state = column_beside(comparison.people, records.care, "state")
    return crude(comparison.outcome, comparison.codes, (state == "completed").to_numpy())


def at_discharge(contrast: Contrast, comparison: Comparison, records: Records) -> Twin:
    """Improvement to the last score in care, whenever that was."""
    source = contrast.endpoint.source
    if contrast.endpoint.kind != "score" or source is None or records.other is None:
        return None
    last = records.other.last[records.other.last["outcome"] == source.name].set_index("episode_id")["improvement"]
    values = comparison.people["episode_id"].map(last.astype("float64")).to_numpy(dtype=float)
    return crude(values, comparison.codes, np.ones(len(values), dtype=bool))


def ever_at_the_level(contrast: Contrast, comparison: Comparison, records: Records) -> Twin:
    """Whoever had an episode at the first level within 90 days, wherever they started, against the rest."""
    if records.other is None:
        return None
    ever = set(records.other.ever.loc[records.other.ever["arm"] == contrast.arm, "patient_id"])
    exposed = comparison.people["patient_id"].isin(ever).to_numpy().astype(np.int64)
    return crude(comparison.outcome, exposed, np.ones(len(exposed), dtype=bool))


def one_minus_kaplan_meier(contrast: Contrast, comparison: Comparison, records: Records) -> Twin:
    """Dropout by the day as if every other ending were only lost sight of."""
    if not contrast.endpoint.harm:
        return None
    days = column_beside(comparison.people, records.care, "care_days").to_numpy(dtype=np.float64)
    dropped = column_beside(comparison.people, records.care, "state").isin(DROPPED_OUT_CODES).to_numpy()
    shares = []
    for code in (1, 0):
        here = (comparison.codes == code) & np.isfinite(days)
        if not here.any():
            raise NotEstimable("nobody's days in care are known at one level")
        point = at(kaplan_meier(days[here].astype(np.int64) + 1, dropped[here]), np.array([contrast.endpoint.day]))
        shares.append((1 - float(point.estimate[0]), float(point.se[0]), int(here.sum())))
    (one, se_one, n), (other, se_other, m) = shares
    return wald(one - other, float(np.hypot(se_one, se_other)), n=n + m), n, m


def crude(values: np.ndarray, codes: np.ndarray, who: np.ndarray) -> Twin:
    """Welch's difference among these people; NotEstimable where one side has fewer than two."""
    one, other = (values[who & (codes == code) & np.isfinite(values)] for code in (1, 0))
    return crude_difference(one, other), len(one), len(other)
