"""The mean of a yes-or-no screen is a share: what is found of it is told in percentage points, never in points."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeline.measures.scales import is_screen
from pipeline.results import FigurePoint, Result
from pipeline.study import Study

POINTS, PERCENT = "points", "percent"
TOLD = ("estimate", "raw_estimate", "se", "low", "high", "margin")
DRAWN = ("effect_curve", "trajectory_week", "trajectory_hours")  # whose heights are in the unit of the outcome


def in_own_units(tables: Mapping[str, Sequence[Any]], study: Study) -> dict[str, list[Any]]:
    """A family's rows by result table; those of screens, and the marks drawn of them, in hundredths of their share."""
    screens = {one.name for one in study.outcomes if is_screen(one.instrument)}
    if not screens:
        return {name: list(rows) for name, rows in tables.items()}
    ids = {row.result_id for row in tables["results"] if row.outcome in screens}
    return {
        **{name: list(rows) for name, rows in tables.items()},
        "results": [in_percent(row) if row.result_id in ids else row for row in tables["results"]],
        "points": [mark_in_percent(one) if one.result_id in ids else one for one in tables["points"]],
    }


def in_percent(row: Result) -> Result:
    """A row in points of a screen, each from 0 to 1, as percentage points; its level at the start as a percent."""
    if not row.unit.startswith(POINTS):
        return row
    unit = PERCENT if row.measure == "baseline_mean" else f"percentage {row.unit}"
    return replace(row, unit=unit, **hundredfold(row, TOLD))


def mark_in_percent(one: FigurePoint) -> FigurePoint:
    return replace(one, **hundredfold(one, ("y", "low", "high"))) if one.figure in DRAWN else one


def hundredfold(one: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: 100 * value for name in names if (value := getattr(one, name)) is not None}
