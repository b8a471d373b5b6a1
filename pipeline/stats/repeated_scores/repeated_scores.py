"""Scores of people measured more than once, checked and sorted by person."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers


@dataclass(frozen=True, slots=True)
class RepeatedScores:
    """Rows with a score, those of one person together.

    outcome  (n,); fixed (n, p); time (n,) or None; cluster (n,) codes or None
    begins   (N,) first row of each person
    """

    outcome: Floats
    fixed: Floats
    time: Floats | None
    cluster: Integers | None
    begins: Integers


def repeated_scores(
    person: ArrayLike,
    outcome: ArrayLike,
    fixed: ArrayLike,
    time: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> RepeatedScores:
    """Sorts by person, and by time where there is one; rows without a score are left out.

    Raises NotEstimable where nothing is left, a column or time is missing for a score, or a cluster changes within a
    person.
    """
    y = np.asarray(outcome, dtype=np.float64)
    x = np.asarray(fixed, dtype=np.float64)
    x = x[:, None] if x.ndim == 1 else x
    who = np.asarray(person)
    t = None if time is None else np.asarray(time, dtype=np.float64)
    unit = None if cluster is None else np.unique(np.asarray(cluster), return_inverse=True)[1].astype(np.int64)
    if y.ndim != 1 or x.ndim != 2 or any(len(one) != len(y) for one in (who, x, t, unit) if one is not None):
        raise NotEstimable(
            "person, outcome, columns, time and cluster have different numbers of rows; pass one row per score"
        )
    rows = _sorted(who, y, t)
    if not rows.size:
        raise NotEstimable("nobody has a score; widen the study period or measure people")
    whole = rows.size == len(y) and bool((np.diff(rows) == 1).all())
    if not whole:
        y, x, who = y[rows], np.take(x, rows, axis=0), who[rows]
        t, unit = None if t is None else t[rows], None if unit is None else unit[rows]
    if np.isinf(y).any() or not np.isfinite(x).all() or (t is not None and not np.isfinite(t).all()):
        raise NotEstimable(
            "a score is infinite, or a column or time is missing for somebody who has a score; "
            "fill numbers and add an indicator, or use an 'unknown' category"
        )
    begins = np.flatnonzero(np.append(True, who[1:] != who[:-1]))
    if unit is not None and (np.add.reduceat(unit, begins) != unit[begins] * np.diff(np.append(begins, len(y)))).any():
        raise NotEstimable(
            "somebody's scores lie in more than one cluster; use the cluster at the start for all of them"
        )
    return RepeatedScores(y, x, t, unit, begins)


def _sorted(who: np.ndarray, y: Floats, t: Floats | None) -> Integers:
    """Rows with a score in order of person and time; those of data that come in order are not sorted again."""
    seen = ~np.isnan(y)
    rows = np.flatnonzero(seen)
    kept = who if seen.all() else who[rows]
    in_order = (kept[1:] > kept[:-1]) if kept.dtype.kind in "iuf" else np.zeros(0, dtype=bool)
    if kept.dtype.kind in "iuf" and bool((in_order | (kept[1:] == kept[:-1])).all()):
        return rows
    codes = kept if kept.dtype.kind in "iuf" else np.unique(kept, return_inverse=True)[1]
    return rows[np.argsort(codes, kind="stable") if t is None else np.lexsort((t[rows], codes))]
