"""Measures with short windows, so that the boundary of every rule is met by random records; and a warehouse built with
them."""

import duckdb

from pipeline.warehouse.build import build_order, build_table, prepare, table_queries
from pipeline.warehouse.protocol import COLUMNS, write_table
from tests.unit.warehouse.records import tight_study


def build_tight(con: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Every table, with the study of short windows and measures that are as short."""
    prepare_tight(con, seed)
    queries = table_queries()
    for name in build_order(con, queries):
        build_table(con, name, queries[name])


def prepare_tight(con: duckdb.DuckDBPyConnection, seed: int) -> None:
    """The study tables alone."""
    prepare(con, tight_study(seed))
    write_table(con, "measure_definition", [tight_measure(**given) for given in TIGHT_MEASURES])


def tight_measure(measure: str, kind: str, event: str, **given: object) -> list[object]:
    """A row of measure_definition; numbers that the kind of measure does not need are none."""
    row = {
        "measure": measure,
        "version": "1",
        "kind": kind,
        "event": event,
        "unit": "person",
        "instrument_id": "",
        "other_instrument_id": "",
        "at_day": 0,
        "pick": "",
        "cases": False,
        "finished": False,
        "least_age": 0,
        "sud_only": False,
        "missing": "none",
        "observe_days": 9,
        "within_days": 0,
        "further_days": 0,
    } | given
    return [row.get(column.split()[0]) for column in COLUMNS["measure_definition"].split(", ")]


SCALE = {
    "instrument_id": "PHQ9",
    "at_day": 9,
    "window_from": 6,
    "window_to": 12,
    "pick": "nearest",
    "observe_days": 12,
    "rci": 4,
    "caseness": 10,
    "response_drop": 0.5,
    "remission_below": 8,
}
COURSE = {
    "unit": "course",
    "instrument_id": "PHQ9",
    "other_instrument_id": "WSAS",
    "window_from": 1,
    "window_to": 3,
    "rci": 4,
    "caseness": 10,
    "other_rci": 5,
    "other_caseness": 12,
}
TIGHT_MEASURES: list[dict] = [
    *(
        {"measure": f"scores {event}", "kind": "scores", "event": event, **SCALE, "missing": "failure"}
        for event in (
            "measured at the start",
            "measured again",
            "reliably better",
            "reliably worse",
            "recovered",
            "halved",
            "remitted",
        )
    ),
    {
        "measure": "better, of those measured",
        "kind": "scores",
        "event": "reliably better",
        **SCALE,
        "missing": "observed",
        "cases": True,
    },
    {
        "measure": "latest",
        "kind": "scores",
        "event": "remitted",
        **SCALE,
        "pick": "latest",
        "least_age": 18,
        "missing": "failure",
    },
    {  # without it the second scale of a course is in no use, and no course is counted
        "measure": "functioning",
        "kind": "scores",
        "event": "remitted",
        **SCALE,
        "instrument_id": COURSE["other_instrument_id"],
        "missing": "failure",
    },
    *(
        {"measure": f"course {event} {finished}", "kind": "course", "event": event, "finished": finished, **COURSE}
        for event in ("recovered", "reliably recovered", "reliably better", "reliably worse")
        for finished in (True, False)
    ),
    *(
        {"measure": f"stayed {scope}", "kind": "retention", "event": scope, "at_day": day, "observe_days": day + 5}
        for scope in ("any level", "level started")
        for day in (4, 15)
    ),
    {"measure": "visits", "kind": "attendance", "event": "", "at_day": 9},
    {
        "measure": "began",
        "kind": "engagement",
        "event": "initiated",
        "sud_only": True,
        "within_days": 3,
        "further_days": 6,
    },
    {"measure": "engaged", "kind": "engagement", "event": "engaged", "within_days": 3, "further_days": 6},
    {"measure": "engaged at once", "kind": "engagement", "event": "engaged from the start", "further_days": 6},
    *(
        {
            "measure": f"after a stay {event}",
            "kind": "stays",
            "event": event,
            "unit": "stay",
            "at_day": day,
            "observe_days": 30,
        }
        for event in ("seen", "readmitted")
        for day in (7, 30)
    ),
]
