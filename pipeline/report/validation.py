"""What simulations with a known truth said of the estimators and of whole answers: the committed tables, as they are.

In a checkout they lie in tests/simulation, in an installed package beside the code; setup.py puts them there.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.report.numbers import UNKNOWN, percent, plain

CODE = Path(__file__).parents[1]
SHIPPED = CODE / "validation"
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Family:
    """How one estimator did in all cells of one kind."""

    kind: str
    estimator: str
    cells: int
    coverage: tuple[float, float]
    bias: float
    false: float
    missed: int


def folder() -> Path:
    """Where the tables lie."""
    here = CODE.parent / "tests" / "simulation"
    return here if (CODE.parent / "pyproject.toml").is_file() and here.is_dir() else SHIPPED


@cache
def rows_of(name: str) -> tuple[Row, ...]:
    """The rows of one table as text; none where it did not travel with the package."""
    path = folder() / f"{name}.csv"
    if not path.is_file():
        return ()
    with open(path, encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def number(row: Row, name: str) -> float | None:
    """A number of a row; None where there is none."""
    try:
        value = float(row.get(name) or "nan")
    except ValueError:
        return None
    return value if value == value else None


def share(row: Row, name: str) -> str:
    """A share as a page shows it."""
    return percent(number(row, name)) if number(row, name) is not None else "–"


def value(row: Row, name: str, decimals: int = 2) -> str:
    found = number(row, name)
    return UNKNOWN if found is None else plain(found, decimals)


def families(rows: Sequence[Row]) -> list[Family]:
    """The cells taken together by kind (what stands before the first comma) and estimator."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["cell"].split(",")[0], row["estimator"]), []).append(row)
    return [made for (kind, name), some in groups.items() if (made := family(kind, name, some)) is not None]


def family(kind: str, name: str, rows: Sequence[Row]) -> Family | None:
    """One kind and estimator; None where no cell of it has a coverage."""
    covered = [found for row in rows if (found := number(row, "coverage")) is not None]
    if not covered:
        return None
    biases = [
        abs(bias) / sd
        for row in rows
        if (bias := number(row, "bias")) is not None and (sd := number(row, "empirical_sd"))
    ]
    wrong = [found for row in rows if (found := number(row, "false")) is not None]
    missed = sum(row.get("passes") == "False" for row in rows)
    return Family(
        kind, name, len(rows), (min(covered), max(covered)), max(biases, default=0.0), max(wrong, default=0.0), missed
    )


def misses(rows: Sequence[Row], limits: Sequence[Row]) -> list[tuple[str, str, str]]:
    """Cell, estimators and the sentence of every cell that misses a line."""
    why = {row["cell"]: row["why"] for row in limits}
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.get("passes") == "False":
            found.setdefault(row["cell"], []).append(row["estimator"])
    return [(cell, ", ".join(names), why.get(cell, UNKNOWN)) for cell, names in found.items()]
