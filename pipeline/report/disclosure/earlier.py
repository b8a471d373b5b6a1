"""Counts that were released before: a count that has changed by few since then would tell of those few."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.results import COUNTS, AttritionStep, CurvePoint, FigurePoint, Result

Counts = Mapping[str, tuple[int | None, ...]]
Told = Mapping[str, tuple[str, Sequence[Mapping[str, Any]]]]  # group → the day it was released, and its rows
HALF_A_PERCENT = 0.005  # what whole percents hide
STEPS = ("n_left", "n_removed")


@dataclass(frozen=True, slots=True)
class Earlier:
    """Counts as they were last shown, by what names a row, a step of a flow, a mark or a point of a curve."""

    results: Counts = field(default_factory=dict)
    attrition: Counts = field(default_factory=dict)
    points: Counts = field(default_factory=dict)
    curves: Counts = field(default_factory=dict)
    told: Mapping[str, Told] = field(default_factory=dict)  # by table: what each group of rows last said, and when


NOTHING = Earlier()


def name_of(row: Any) -> str:
    """What names a row from edition to edition."""
    if isinstance(row, Result):
        return row.result_id
    if isinstance(row, AttritionStep):
        return f"{row.analysis}|{row.step}|{row.arm}"
    if isinstance(row, FigurePoint):
        return f"{row.figure}|{row.result_id}|{row.series}|{row.label}|{row.x}"
    return f"{row.result_id}|{row.arm}|{row.state}|{row.day}"


def columns_of(kind: type) -> tuple[str, ...]:
    """The columns of a table that count people."""
    if issubclass(kind, Result):
        return COUNTS
    return STEPS if issubclass(kind, AttritionStep) else ("at_risk",) if issubclass(kind, CurvePoint) else ("n",)


def counts_of(row: Any) -> tuple[int | None, ...]:
    """The counts of a row that are known, or shown."""
    values = (getattr(row, name) for name in columns_of(type(row)))
    return tuple(value if isinstance(value, int) else None for value in values)


def shown_counts(rows: Iterable[Any]) -> dict[str, tuple[int | None, ...]]:
    """The counts that released rows show, by name."""
    found = {name_of(row): counts_of(row) for row in rows}
    return {name: counts for name, counts in found.items() if any(count is not None for count in counts)}


def changed_by_few(row: Any, before: Counts, threshold: int) -> Iterator[str]:
    """The columns whose count differs from the one last shown by 1 to threshold-1, and those for whom the remainder
    does."""
    then = before.get(name_of(row)) if before else None
    if then is None:
        return
    now, names = counts_of(row), columns_of(type(row))
    for name, new, old in zip(names, now, then, strict=True):
        if new is not None and old is not None and 0 < abs(new - old) < threshold:
            yield name
    if isinstance(row, Result):
        here, there = dict(zip(names, now, strict=True)), dict(zip(names, then, strict=True))
        for part, whole in (("numerator", "denominator"), ("events", "n"), ("events_reference", "n_reference")):
            values = (here[part], here[whole], there[part], there[whole])
            if None not in values and 0 < abs(rest(*values[:2]) - rest(*values[2:])) < threshold:
                yield part


def rest(part: int | None, whole: int | None) -> int:
    return (whole or 0) - (part or 0)


def changed_rows(
    rows: Iterable[Result], earlier: Earlier, twins: Mapping[str, str], threshold: int
) -> tuple[set[str], set[str]]:
    """Rows that changed by few people since they, or their twins, were last shown: those that are hidden whole, and
    those of so many people that a whole percent, or a figure without its head count, does not tell of the few.

    twins  rows that tell the same of the same people under another name, by name
    """
    whole: set[str] = set()
    large: set[str] = set()
    of_twin = {name: earlier.results[twin] for name, twin in twins.items() if twin in earlier.results}
    for row in rows:
        if any(any(changed_by_few(row, before, threshold)) for before in (earlier.results, of_twin)):
            people = min(n for n in (row.n, row.denominator, row.n_reference) if n is not None)
            (large if people * HALF_A_PERCENT >= threshold else whole).add(row.result_id)
    return whole, large
