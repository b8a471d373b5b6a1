"""The mark on each number that stands as it was last released, with the day of that edition."""

from collections.abc import Iterable
from typing import Any

from pipeline.report.fragment import text
from pipeline.report.numbers import day, listed
from pipeline.report.released import Released
from pipeline.results import Result


def again(released: Released, row: Result | None) -> str:
    """'as of 31 Jan 2026', small, below a number of an earlier edition; empty below one of this edition."""
    when = released.released_on(row) if row is not None else ""
    return f'<small class="nc">as of {text(day(when))}</small>' if when else ""


def again_said(released: Released, row: Result) -> str:
    """' As released 31 Jan 2026.' behind a sentence; empty behind one of this edition."""
    when = released.released_on(row)
    return f" As released {day(when)}." if when else ""


def drawn_again(released: Released, rows: Iterable[Any]) -> str:
    """' Drawn as released 31 Jan 2026.' below a figure or a flow, or which part of it is; empty below a new one."""
    days = [released.released_on(row) for row in rows]
    known = sorted({one for one in days if one})
    if not known:
        return ""
    return f" {'Drawn' if all(days) else 'In part drawn'} as released {listed(map(day, known))}."
