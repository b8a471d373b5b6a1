"""The committed table of what the simulation found: one row per cell and estimator, added as cells finish."""

import csv
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import get_type_hints

import numpy as np

from tests.simulation.tally import LEAST_COVERAGE, MOST_BIAS, most_false

PATH = Path(__file__).with_name("results.csv")
STATS = Path(__file__).parents[2] / "pipeline" / "stats"
DIGITS = 6


@dataclass(frozen=True)
class Row:
    """What one estimator did in one cell; the columns of Performance, the null studies, and how to repeat it.

    null_answers of the studies without effect have one; false is the error of the first kind in them; sees_2,
    not_worse_1 the power to see 2 points and to rule out 1 where nothing differs; first_estimate and first_se are of
    the first study with an effect, which tells whether the estimator is still the one that was simulated.
    """

    cell: str
    estimator: str
    replicates: int
    refused: int
    truth: float
    bias: float
    bias_error: float
    empirical_sd: float
    mean_se: float
    coverage: float
    width: float
    gated: float
    bias_gated: float
    coverage_gated: float
    null_answers: int
    false: float
    sees_2: float
    not_worse_1: float
    passes: bool
    first_estimate: float
    first_se: float
    date: str
    seed: int
    versions: str
    code: str


def meets(row: Row) -> bool:
    """Whether a row meets the three lines of the specification; one without answers does not."""
    if row.replicates - row.refused < 2:
        return False
    return bool(
        abs(row.bias) <= MOST_BIAS * row.empirical_sd
        and row.coverage >= LEAST_COVERAGE
        and row.false <= most_false(row.null_answers)
    )


def read_rows(path: Path = PATH) -> list[Row]:
    """The rows written so far; empty before the first."""
    if not path.exists():
        return []
    types = get_type_hints(Row)
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            Row(**{name: _read(value, types[name]) for name, value in line.items()}) for line in csv.DictReader(lines)
        ]


def add_rows(rows: list[Row], path: Path = PATH) -> None:
    """Appends a finished cell; rows it had before are dropped."""
    kept = [row for row in read_rows(path) if row.cell not in {new.cell for new in rows}]
    whole = path.with_suffix(".part")
    with whole.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _written(value) for name, value in asdict(row).items()} for row in [*kept, *rows])
    whole.replace(path)


def code_version() -> str:
    """A hash of every estimator's source, for the record; what decides is whether the first study still gives the
    same."""
    parts = (path.read_bytes() for path in sorted(STATS.rglob("*.py")))
    return sha256(b"".join(parts)).hexdigest()[:12]


def _written(value: object) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.{DIGITS}g}" if abs(value) < 1e300 else "inf"
    return str(value)


def _read(value: str, kind: type) -> object:
    if kind is bool:
        return value == "True"
    return float(value or "nan") if kind is float else kind(value)
