"""Scores against the instrument they claim: unknown names, totals out of range, another scoring of the same scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pipeline.ingest.quoting import literal, literals
from pipeline.ingest.row_rule import RowRule
from pipeline.measures.library import instrument_variants, instruments

if TYPE_CHECKING:
    import duckdb

TOTAL = "COALESCE(subscale, '') = ''"  # subscales have ranges of their own, which are not declared


def instrument_rules() -> Iterator[RowRule]:
    """Rows whose instrument is unknown or whose total the instrument cannot give."""
    known = instruments()
    yield RowRule(
        "unknown_instrument",
        f"instrument_id NOT IN ({literals(known)})",
        "quarantine",
        "name an instrument that the measure library does not know",
        "translate its name under [codes.assessments.instrument_id] in study.toml, or add the instrument to "
        "pipeline/measures/instruments.csv",
    )
    cases = " ".join(f"WHEN {literal(key)} THEN {outside(row)}" for key, row in known.items() if outside(row))
    yield RowRule(
        "score_outside_instrument",
        f"{TOTAL} AND CASE instrument_id {cases} ELSE FALSE END",
        "quarantine",
        "have a total score that their instrument cannot give",
        "check the scoring against pipeline/measures/instruments.csv; a subscale needs its name in the column subscale",
    )
    yield from item_rules(known)
    licensed = literals(key for key, row in known.items() if not row["license_class"].startswith("free"))
    items = " OR ".join(f"item_{i} IS NOT NULL" for i in range(1, 37))
    yield RowRule(
        "items_of_a_licensed_instrument",
        f"instrument_id IN ({licensed}) AND ({items})",
        "warning",
        "hold single items of an instrument that is not free",
        "only totals of licensed instruments are used; leave the items out of the export",
    )


def item_rules(known: Mapping[str, Mapping[str, str]]) -> Iterator[RowRule]:
    """Single items that the instrument does not have, or values that its items cannot take."""
    counted = [(key, row) for key, row in known.items() if row["items"]]
    more = " ".join(f"WHEN {literal(key)} THEN n_items_answered > {row['items']}" for key, row in counted)
    yield RowRule(
        "more_items_answered_than_there_are",
        f"{TOTAL} AND CASE instrument_id {more} ELSE FALSE END",
        "warning",
        "have more items answered than their instrument has",
        "is n_items_answered counted right, and is it this instrument?",
    )
    ranged = [(key, row) for key, row in counted if row["item_min"] and row["item_max"]]
    items = " ".join(
        f"WHEN {literal(key)} THEN "
        + " OR ".join(f"item_{i} NOT BETWEEN {row['item_min']} AND {row['item_max']}" for i in range(1, 37))
        for key, row in ranged
    )
    yield RowRule(
        "item_outside_instrument",
        f"CASE instrument_id {items} ELSE FALSE END",
        "warning",
        "have a single item that their instrument cannot give",
        "does the export count its answers from 1 where the instrument counts from 0? Recode them",
    )


def outside(row: dict[str, str]) -> str:
    """SQL that is TRUE for a total outside the instrument's range; empty where no range is declared."""
    bounds = [f"score {sign} {row[end]}" for sign, end in (("<", "total_min"), (">", "total_max")) if row[end]]
    return f"({' OR '.join(bounds)})" if bounds else ""


def variant_faults(con: duckdb.DuckDBPyConnection, file: str) -> list[str]:
    """Instruments whose totals can only come from another scoring of the same scale (K10 below 10 is the 0-40 form)."""
    faults = []
    for row in instrument_variants():
        sign = {"below": "<", "above": ">"}[row["side"]]
        [(count,)] = con.execute(
            f"SELECT count(*) FROM loaded.assessments WHERE instrument_id = ? AND {TOTAL} AND score {sign} ? "
            "AND score BETWEEN ? AND ?",
            [row["instrument_id"], float(row["limit"]), float(row["other_min"]), float(row["other_max"])],
        ).fetchall()
        if count:
            known = instruments()[row["instrument_id"]]
            faults.append(
                f"{file}: {count:,} totals of {row['instrument_id']} lie {row['side']} {row['limit']}, although it is"
                f" declared as {known['total_min']}–{known['total_max']}: they can only come from {row['other']}."
                " Rescore them in the export, or declare that form in pipeline/measures/instruments.csv; two scorings"
                " are never mixed"
            )
    return faults
