"""What happened between the start and the outcome: it tells who is measured, and how those who are not were doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.analysis.cohort import INTERIM_DAY, INTERIM_SCORE, SO_FAR
from pipeline.analysis.covariates import PER_COLUMN

if TYPE_CHECKING:
    import pandas as pd


def interim_columns(
    people: pd.DataFrame, codes: np.ndarray, outcome: np.ndarray, least: float, adjusted: int
) -> np.ndarray | None:
    """(n, q) the last score before the window and what stands with it; None where nobody is unmeasured, or in some arm
    fewer than the share `least` of those unmeasured have such a score.

    The score and whether there is none; with PER_COLUMN measured people in each arm for each of the `adjusted` columns
    and these, also its day, days in care and leaving early: a score tells the more the later it was taken.
    """
    gaps = ~np.isfinite(outcome)
    if INTERIM_SCORE not in people or not gaps.any():
        return None
    score = people[INTERIM_SCORE].astype("float64").to_numpy()
    known = np.isfinite(score)
    arms = np.unique(codes[gaps])
    if any(known[gaps & (codes == arm)].mean() < least for arm in arms):
        return None
    columns = [np.where(known, score, 0.0), (~known).astype(float)]
    fewest = min(int(np.sum(~gaps & (codes == arm))) for arm in np.unique(codes))
    more = [columns[0] * people[INTERIM_DAY].astype("float64").fillna(0).to_numpy()]
    more += [people[name].to_numpy(dtype=float) for name in SO_FAR if name in people]
    if fewest >= PER_COLUMN * (adjusted + len(columns) + len(more)):
        columns += more
    return np.column_stack(columns)
