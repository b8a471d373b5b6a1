"""Reads the measure library's tables; editable CSVs, never constants in code."""

import csv
from pathlib import Path

HERE = Path(__file__).parent


def rows(name: str) -> list[dict[str, str]]:
    """The rows of measures/<name>.csv as text; an empty cell is an empty string."""
    with open(HERE / f"{name}.csv", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def instruments() -> dict[str, dict[str, str]]:
    """Instrument declarations by instrument_id."""
    return {row["instrument_id"]: row for row in rows("instruments")}


def level_codes() -> list[dict[str, str]]:
    """Billing codes and the level of care each stands for."""
    return rows("level_of_care_codes")
