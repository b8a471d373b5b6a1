"""Scores and columns on scales of their own: what a likelihood of repeated scores works on, and the way back."""

from dataclasses import dataclass

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers
from pipeline.stats.repeated_scores.fixed_effects import fixed_columns


@dataclass(frozen=True, slots=True)
class StandardScores:
    """Columns kept over their root mean square beside least-squares residuals over theirs.

    rows           (n, q + 1) columns, then residuals
    kept, dropped  (q,), (p - q,) columns in the model, and redundant ones; alias (q, p - q) the latter in terms of the
                   former
    scale          (q,) root mean square of each column
    ordinary       (q,) least-squares coefficients of the scaled columns
    size           root mean square of the residuals
    """

    rows: Floats
    kept: Integers
    dropped: Integers
    alias: Floats
    scale: Floats
    ordinary: Floats
    size: float

    @property
    def back(self) -> Floats:
        """(q, q) what a covariance of standard coefficients is multiplied by to be one of the coefficients."""
        return self.size**2 / np.outer(self.scale, self.scale)

    def coefficients(self, standard: Floats) -> Floats:
        """Coefficients (q,) of the columns and scores as they were given."""
        return (standard * self.size + self.ordinary) / self.scale

    def deviance(self, standard: float, residual_df: float, restricted: bool) -> float:
        """The deviance of the scores as they were given."""
        columns = 2 * float(np.log(self.scale).sum()) if restricted else 0.0
        return standard + 2 * residual_df * float(np.log(self.size)) + columns


def standard_scores(fixed: Floats, outcome: Floats) -> StandardScores:
    """From columns (n, p) and scores (n,).  Raises NotEstimable where scores are no more than columns or do not vary
    around them."""
    n = len(outcome)
    gram = fixed.T @ fixed
    kept, dropped, alias = fixed_columns(gram)
    if n <= kept.size:
        raise NotEstimable("there are no more scores than columns in the model; use fewer columns or more people")
    scale = np.sqrt(np.diag(gram)[kept] / n)
    both = np.empty((n, kept.size + 1))
    np.divide(fixed if not dropped.size else fixed[:, kept], scale, out=both[:, :-1])
    x = both[:, :-1]
    ordinary = np.linalg.solve(gram[np.ix_(kept, kept)] / np.outer(scale, scale), x.T @ outcome)
    residual = outcome - x @ ordinary
    size = float(np.sqrt(residual @ residual / n))
    if not size > 1e-9 * max(1.0, float(np.abs(outcome).max())):
        raise NotEstimable(
            "the scores do not vary around the model's columns; a model of their spread needs scores that vary"
        )
    both[:, -1] = residual / size
    return StandardScores(both, kept, dropped, alias, scale, ordinary, size)
