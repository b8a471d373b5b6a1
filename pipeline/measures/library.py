"""Reads the measure library's tables; editable CSVs, never constants in code."""

import csv
from functools import cache
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


def instrument_variants() -> list[dict[str, str]]:
    """Other scorings of the same scale, and the totals by which each gives itself away."""
    return rows("instrument_variants")


def restricted_zip3() -> list[str]:
    """Three-digit ZIP areas with 20,000 people or fewer, which may not be shown; the vintage stands in the CSV."""
    return [row["zip3"] for row in rows("restricted_zip3")]


@cache
def person_names() -> frozenset[str]:
    """Common given and family names in lower case, without those that are ordinary words of a code list."""
    return frozenset(row["name"] for row in rows("person_names"))
