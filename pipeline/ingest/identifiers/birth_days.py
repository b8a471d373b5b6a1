"""Dates of birth under another name: a column of days that lies a life before the care it should belong to."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipeline.ingest.identifiers.harmless import harmless, way_out
from pipeline.ingest.identifiers.screened import Screened
from pipeline.ingest.identifiers.undeclared import TO_DO
from pipeline.ingest.loaded import Loaded
from pipeline.storage.quoting import name
from pipeline.study import Study

CARE = (("sessions", "service_day"), ("episodes", "start_day"))
BEFORE, APART = 15 * 365.25, 20 * 365.25  # days before care, and between the earliest and the latest tenth


def screen_births(con: duckdb.DuckDBPyConnection, study: Study, loaded: Sequence[Loaded]) -> Screened:
    """Columns of dates that can only be birthdays; under day numbers there is no calendar, hence no birthday."""
    dated = [one for one in loaded if one.dates]
    held = {one.table.name: one for one in dated}
    care = next((median(con, table, day) for table, day in CARE if table in held and day in held[table].columns), None)
    if care is None:
        return Screened()
    faults = []
    for one in dated:
        for column in one.table.columns:
            if column.kind != "day" or column.staged not in one.columns or (one.table.name, column.staged) in CARE:
                continue
            if not births(con, one.table.name, column.staged, care):
                continue
            if not harmless(study).covers(one.table.name, column.name, column.staged, *column.spellings):
                files = ", ".join(part.file for part in one.parts)
                out = way_out(one.table.name, column.spellings[1])
                faults.append(f'{files}: "{column.spellings[1]}" holds what looks like dates of birth; {TO_DO}{out}')
    return Screened(tuple(faults))


def median(con: duckdb.DuckDBPyConnection, table: str, day: str) -> float | None:
    [(found,)] = con.execute(f"SELECT median({name(day)}) FROM loaded.{table}").fetchall()
    return None if found is None else float(found)


def births(con: duckdb.DuckDBPyConnection, table: str, day: str, care: float) -> bool:
    """Half of the days lie fifteen years or more before the care, and they are decades apart."""
    cell = name(day)
    [(middle, low, high)] = con.execute(
        f"SELECT median({cell}), quantile_cont({cell}, 0.1), quantile_cont({cell}, 0.9) FROM loaded.{table}"
    ).fetchall()
    return middle is not None and middle < care - BEFORE and (high - low >= APART or middle < care - 2 * BEFORE)
