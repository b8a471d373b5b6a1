"""Single studies of the grid on disk, so that a cell that was stopped goes on where it stood, and one run with few
replicates is only added to."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.simulation.resumed import add_runs, read_runs, too_late
from tests.simulation.tally import Found, Study, answer_of

TOGETHER = 25  # studies that are written at once
REFUSED = ""  # the estimator of a study that was refused

Answers = dict[int, dict[str, Found]]  # by the study's number


@dataclass(frozen=True)
class Single:
    """What one estimator said of one study of a cell, with an effect or without (null)."""

    cell: str
    null: int
    number: int
    estimator: str
    estimate: float
    truth: float
    se: float
    df: float
    low: float
    high: float
    gate: int
    code: str

    @property
    def found(self) -> Found:
        return Found(self.estimate, self.truth, self.se, self.df, self.low, self.high, bool(self.gate))


@dataclass(frozen=True)
class Singles:
    """The studies of all cells in one file, made by one version of the code; no study is begun after HH:MM (until)."""

    path: Path
    code: str
    until: str = ""
    known: dict[tuple[str, int], Answers] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        for one in read_runs(Single, self.path, self.code):
            told = self.known[one.cell, one.null].setdefault(one.number, {})
            if one.estimator != REFUSED:
                told[one.estimator] = one.found

    def answers(self, cell: str, null: bool, study: Study, replicates: int, seed: int) -> list[dict[str, Found]] | None:
        """The studies of a cell as tally.answers gives them, those on disk not asked again; None where time is up."""
        known, draws = self.known[cell, int(null)], np.random.default_rng(seed).spawn(replicates)
        missing = [number for number in range(replicates) if number not in known]
        for first in range(0, len(missing), TOGETHER):
            if too_late(self.until):
                return None
            new = {number: answer_of(study, draws[number]) for number in missing[first : first + TOGETHER]}
            add_runs(self.path, [row for number, told in new.items() for row in self.rows(cell, null, number, told)])
            known.update(new)
        return [known[number] for number in range(replicates)]

    def rows(self, cell: str, null: bool, number: int, told: dict[str, Found]) -> Sequence[Single]:
        """One study as it is written: one row for each estimator, or one that says that all refused."""
        nothing = {REFUSED: Found(*[np.nan] * 6, gate=False)}
        return [
            Single(
                cell, int(null), number, name, one.estimate, one.truth, one.se, one.df, one.low, one.high,
                int(one.gate), self.code,
            )
            for name, one in (told or nothing).items()
        ]  # fmt: skip
