"""The study that propensity.R drew, and the numbers the R scripts beside it wrote."""

import csv
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np

HERE = Path(__file__).parent


def table(name: str) -> dict[str, np.ndarray]:
    """Columns of a CSV; numbers where they are numbers."""
    with (HERE / f"{name}.csv").open() as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    return {
        key: np.array(column) if key == "name" else np.array([float(v.replace("NA", "nan")) for v in column])
        for key, column in columns.items()
    }


@cache
def values(name: str) -> dict[str, float]:
    """name, value pairs of a CSV."""
    columns = table(name)
    return dict(zip(columns["name"].tolist(), columns["value"].tolist(), strict=True))


@cache
def study() -> SimpleNamespace:
    """400 people in three arms (two: arm 0 against the others) at 8 sites; x (n, 4); outcome nan where not observed."""
    d = table("propensity")
    out = SimpleNamespace(**d)
    out.x = np.column_stack([d["x1"], d["x2"], d["x3"], d["x4"]])
    out.arm, out.two, out.site = d["arm"].astype(int), d["two"].astype(int), d["site"].astype(int)
    out.seen = d["observed"] == 1
    out.outcome = np.where(out.seen, d["change"], np.nan)
    return out
