"""Reads the people that hazards_people.R drew."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class HazardPeople:
    """One array per column; x holds x1, x2 and the indicators of arms 1 and 2."""

    day: NDArray[np.int64]
    time: NDArray[np.float64]
    cause: NDArray[np.int64]
    x: NDArray[np.float64]
    arm: NDArray[np.int64]
    stratum: NDArray[np.int64]
    site: NDArray[np.int64]
    entry: NDArray[np.int64]
    count: NDArray[np.int64]
    weight: NDArray[np.float64]

    @property
    def ended(self) -> NDArray[np.bool_]:
        return self.cause > 0

    def __getitem__(self, rows: NDArray[np.int64] | slice) -> "HazardPeople":
        return HazardPeople(*(getattr(self, name)[rows] for name in self.__slots__))


@cache
def hazard_people(set_name: str) -> HazardPeople:
    """The small (30) or the large (5,000) set."""
    with open(HERE / "hazards_people.csv", encoding="utf-8") as lines:
        rows = [
            row for row in csv.DictReader(line for line in lines if not line.startswith("#")) if row["set"] == set_name
        ]

    def column(name: str) -> NDArray[np.float64]:
        return np.array([float(row[name]) for row in rows])

    def whole(name: str) -> NDArray[np.int64]:
        return column(name).astype(np.int64)

    arm = whole("arm")
    x = np.column_stack([column("x1"), column("x2"), arm == 1, arm == 2]).astype(np.float64)
    return HazardPeople(
        whole("day"),
        column("time"),
        whole("cause"),
        x,
        arm,
        whole("stratum"),
        whole("site"),
        whole("entry"),
        whole("count"),
        column("weight"),
    )
