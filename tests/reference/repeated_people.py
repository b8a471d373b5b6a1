"""Reads the people that repeated_scores.R drew, as arrays."""

import csv
from functools import cache
from pathlib import Path

import numpy as np


@cache
def repeated_people() -> dict[str, np.ndarray]:
    """Columns id, arm, site, base, visit, week, score and flat, one entry per score."""
    with open(Path(__file__).parent / "repeated_scores_people.csv", encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
