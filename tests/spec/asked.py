"""Asks one family of questions of drawn records, and says its rows by question and measure."""

from collections.abc import Callable, Iterable

import duckdb

from pipeline.analysis.cohort import read_records
from pipeline.analysis.headline import Asking
from pipeline.results import Result
from pipeline.study import Study
from tests.spec.staged import study_of


def asked(
    family: Callable[[Asking], Iterable[object]],
    con: duckdb.DuckDBPyConnection,
    study: Study | None = None,
    *,
    people: bool = True,
) -> list:
    """Every row the family gives; people is False for a family that looks at no shared frame, so that they need not be
    built."""
    study = study or study_of()
    records = read_records(con, study) if people else None
    return list(family(Asking(con, records, study, [])))  # type: ignore[arg-type]


def claim(rows: list) -> Result:
    """The one headline among the rows."""
    [row] = [row for row in rows if isinstance(row, Result) and row.analysis == "claim"]
    return row


def twin(rows: list) -> Result:
    """The naive twin of the headline."""
    [row] = [row for row in rows if isinstance(row, Result) and row.analysis == "as_observed"]
    assert row.twin_of == claim(rows).result_id
    return row


def the(rows: list, **wanted: object) -> Result:
    """The one results row with these values."""
    [row] = [
        row
        for row in rows
        if isinstance(row, Result) and all(getattr(row, name) == value for name, value in wanted.items())
    ]
    return row
