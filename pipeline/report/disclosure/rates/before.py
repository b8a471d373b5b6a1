"""Rates that earlier editions told: a reader has them still, so that hiding them anew would protect nobody."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pipeline.periods import ROLLING, Grain, grain_of, quarter_named, quarter_number, twelve_months_to
from pipeline.report.disclosure.earlier import Counts
from pipeline.results import COUNTS, Result

CALENDAR = {Grain.YEAR, Grain.HALF, Grain.QUARTER, Grain.MONTH}  # periods that stay the same from edition to edition
WINDOWS_BACK = 40  # quarters: as far back as editions are kept together


def is_known(row: Result, before: Counts) -> bool:
    """Whether the counts of a rate are just those that were last shown."""
    then = dict(zip(COUNTS, before.get(row.result_id, ()) if before else (), strict=False))
    now = {name: getattr(row, name) for name in ("numerator", "denominator")}
    return None not in now.values() and all(then.get(name) == count for name, count in now.items())


def never_told(rows: Sequence[Result], before: Counts) -> set[str]:
    """result_ids of rates of which earlier editions told nothing, though they told of that measure and period: now they
    would give away what they were hidden for."""
    those = [
        (row.result_id, (row.measure, row.outcome, row.day, row.period))
        for row in rows
        if grain_of(row.period) in CALENDAR
    ]
    told = {whose for name, whose in those if name in before}
    return {name for name, whose in those if whose in told and name not in before}


def was_hidden(row: Result, before: Counts) -> bool:
    """Whether a rate was shown with of how many people it is, and without how many are in it."""
    then = dict(zip(COUNTS, before.get(row.result_id, ()), strict=False))
    return row.numerator is not None and then.get("numerator") is None and then.get("denominator") is not None


def windows_before(rows: Sequence[Result], before: Counts) -> Iterator[Result]:
    """The rolling years that were shown and are gone from these rows: beside a year of other quarters they tell what
    those have more."""
    if not before:
        return
    here = {row.result_id for row in rows}
    for row in rows:
        if grain_of(row.period) is not Grain.ROLLING:
            continue
        last = quarter_number(row.period.removeprefix(ROLLING))
        for number in range(last - WINDOWS_BACK, last):
            one = replace(row, period=twelve_months_to(quarter_named(number)))
            then = before.get(one.result_id)
            if then is not None and one.result_id not in here:
                counts: dict[str, Any] = dict(zip(COUNTS, then, strict=True))
                yield replace(one, **counts)
