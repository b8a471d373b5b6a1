"""Reads the reference numbers that R wrote, and the people they were computed on."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Written:
    """One number R wrote: its case, what it is, the arm, cause and day it belongs to (None where it belongs to
    none)."""

    case: str
    quantity: str
    arm: int | None
    cause: int | None
    day: float | None
    value: float


@cache
def written(name: str) -> tuple[Written, ...]:
    """All numbers of one reference file."""
    with open(HERE / f"{name}.csv", encoding="utf-8") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        return tuple(
            Written(
                row["case"],
                row["quantity"],
                int(row["arm"]) if row["arm"] else None,
                int(row["cause"]) if row["cause"] else None,
                float(row["day"]) if row["day"] else None,
                float(row["value"]),
            )
            for row in rows
        )


def numbers(
    name: str, case: str, quantity: str, cause: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Days (or arms) and values of one quantity of one case, in the order written."""
    rows = [row for row in written(name) if (row.case, row.quantity) == (case, quantity) and cause in (None, row.cause)]
    assert rows, f"{name}.csv holds no {quantity} for {case}"
    place = [row.arm if row.day is None else row.day for row in rows]
    return np.array(place, dtype=float), np.array([row.value for row in rows])


@dataclass(frozen=True, slots=True)
class People:
    """People drawn by people.R, one array per column."""

    day: NDArray[np.int64]
    state: NDArray[np.int64]
    entry: NDArray[np.int64]
    arm: NDArray[np.int64]
    stratum: NDArray[np.int64]
    count: NDArray[np.int64]
    weight: NDArray[np.float64]

    def __getitem__(self, rows: NDArray[np.bool_] | slice) -> "People":
        return People(*(getattr(self, name)[rows] for name in self.__slots__))


@cache
def people(set_name: str) -> People:
    """The small (30) or the large (5,000) set."""
    with open(HERE / "people.csv", encoding="utf-8") as lines:
        rows = [
            row for row in csv.DictReader(line for line in lines if not line.startswith("#")) if row["set"] == set_name
        ]
    return People(
        *(
            np.array([float(row[name]) if name == "weight" else int(row[name]) for row in rows])
            for name in People.__slots__
        )
    )
