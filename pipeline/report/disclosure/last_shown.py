"""What an edition showed, as the ledger keeps it, and how it is shown again where a newer figure would tell of a few.

What was released is known already: shown again with its day, it adds nothing.  Rows that are read together (the steps
of a flow, the points of a curve, the marks of a series) are one group, shown anew or as they were, never mixed.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from pipeline.counting import Marks
from pipeline.report.disclosure.declared import KNOWN, marks_of
from pipeline.report.disclosure.earlier import Told, columns_of
from pipeline.report.disclosure.suppressed import SUPPRESSED, Within
from pipeline.results import COUNTS, AttritionStep, CurvePoint, FigurePoint, Result

HIDDEN = "hidden"
SAID = ("verdict", "gate", "reason", "note")  # of a result, beside its numbers
SAME = ("population", "unit", "measure_version")  # where these changed, it is another figure under the same name


def group_of(row: Any) -> str:
    """The group that a row is shown with, or replaced with."""
    if isinstance(row, AttritionStep):
        return row.analysis
    if isinstance(row, CurvePoint):
        return f"{row.result_id}|{row.arm}|{row.state}"
    if isinstance(row, FigurePoint):
        series = f"{row.figure}|{row.result_id}|{row.series}"
        return f"{series}|{row.label}" if marks_of(row) is Marks.OF_ROWS else series
    return str(row.result_id)


def grouped(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """Rows by group, in order."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[group_of(row)].append(row)
    return found


def kept(rows: Iterable[Any]) -> dict[str, list[dict[str, Any]]]:
    """The groups that say something, as the ledger keeps them."""
    groups = {name: [told(row) for row in group] for name, group in grouped(rows).items()}
    return {name: group for name, group in groups.items() if any(map(says_something, group))}


def says_something(row: Mapping[str, Any]) -> bool:
    return any(isinstance(value, int | float | list) for name, value in row.items() if name not in ("day", "x", "step"))


def told(row: Any) -> dict[str, Any]:
    """What a row says, without what is empty; a hidden cell says so."""
    names = (*KNOWN[Result], *SAID, *SAME) if isinstance(row, Result) else [one.name for one in fields(row)]
    values = {name: getattr(row, name) for name in names}
    return {name: as_kept(value) for name, value in values.items() if value is not None and value != ""}


def as_kept(value: Any) -> Any:
    """A cell as JSON holds it: a range as its two ends."""
    return [value.low, value.high] if isinstance(value, Within) else HIDDEN if value is SUPPRESSED else value


def as_shown(value: Any) -> Any:
    """The same read back."""
    return Within(*value) if isinstance(value, list) else SUPPRESSED if value == HIDDEN else value


def as_last_shown(
    rows: Sequence[Any], stored: Iterable[Any], before: Told, threshold: int
) -> tuple[list[Any], dict[str, str]]:
    """The rows of one table, each group that hides what was shown before, or tells it as another range, replaced by
    what it said then; and the days those were released, by group.

    stored  the rows before the gate: a curve may be gone behind it
    Nothing is shown again that the present threshold would hide, or that was another figure under the same name.
    """
    leaving = grouped(rows)
    again: dict[str, list[Any]] = {}
    for name, whole in grouped(stored).items():
        _, last = before.get(name, ("", ()))
        is_again = hides_again(leaving[name], last) or tells_otherwise(leaving[name], last, whole)
        made = [restored(one, whole[0]) for one in last] if is_again else []
        if made and not any(one is None or too_small(one, threshold) for one in made):
            again[name] = made
    first = {name: group[0] for name, group in leaving.items() if group}
    out = [one for row in rows for one in shown_for(row, first, again)]
    out += [one for name, group in again.items() if name not in first for one in group]
    return out, {name: before[name][0] for name in again}


def shown_for(row: Any, first: Mapping[str, Any], again: Mapping[str, list[Any]]) -> list[Any]:
    """A row, or its whole group as it was in the place of the group's first row."""
    name = group_of(row)
    if name not in again:
        return [row]
    return again[name] if first[name] is row else []


def hides_again(group: Sequence[Any], last: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a group hides a number that it showed then, or is gone."""
    then = {key_of(one): one for one in last}
    return not group or any(
        getattr(row, name) is SUPPRESSED and isinstance(then.get(key_of(row), {}).get(name), int | float | list)
        for row in group
        for name in telling(row)
    )


def tells_otherwise(group: Sequence[Any], last: Sequence[Mapping[str, Any]], stored: Sequence[Any]) -> bool:
    """Whether a result is told as another range than then, though its counts lie in that one still: a reader of both
    would know that they lie where the two overlap."""
    if not last or not all(isinstance(row, Result) for row in group):
        return False
    return any(
        ranges_of(now) != ranges_of(then) and all(holds(then.get(name), getattr(row, name)) for name in COUNTS)
        for now, then, row in zip(map(told, group), last, stored, strict=False)
        if ranges_of(now) and ranges_of(then)
    )


def ranges_of(row: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The counts of a row that the ledger keeps as ranges."""
    return {name: row[name] for name in COUNTS if isinstance(row.get(name), list)}


def holds(then: Any, count: int | None) -> bool:
    """Whether what was told of a count is still true of it."""
    if not isinstance(then, list):
        return then in (count, HIDDEN)
    low, high = then
    return count is not None and (low is None or low <= count) and (high is None or count <= high)


def telling(row: Any) -> tuple[str, ...]:
    """The columns without which a row says nothing: its number, or its count where it only counts."""
    if isinstance(row, CurvePoint):
        return ()
    if isinstance(row, AttritionStep):
        return columns_of(AttritionStep)
    number, count = ("y", "n") if isinstance(row, FigurePoint) else ("estimate", "n")
    return (count,) if getattr(row, number) is None else (number,)


def key_of(row: Any) -> Hashable:
    """What tells the rows of one group apart: nothing of a result, which is a group of its own."""
    names = ("step", "arm", "x", "label") if "step" in told_names(row) else ("x", "label")
    values = row if isinstance(row, Mapping) else {name: getattr(row, name, None) for name in names}
    return tuple(values.get(name) or 0 for name in names)


def told_names(row: Any) -> Iterable[str]:
    return row if isinstance(row, Mapping) else [one.name for one in fields(row)]


def restored(then: Mapping[str, Any], now: Any) -> Any:
    """A row as it was; None where it was another figure."""
    values = {name: as_shown(value) for name, value in then.items()}
    if not isinstance(now, Result):
        return type(now)(**{one.name: values.get(one.name, "") for one in fields(now)} | blanks(now, values))
    if any(values.get(name, "") != getattr(now, name) for name in SAME):
        return None
    empty: dict[str, Any] = {name: None for name in KNOWN[Result]} | dict.fromkeys(SAID, "")
    return replace(now, **empty | values)


def blanks(row: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers that a row did not have."""
    return {name: None for name in KNOWN[type(row)] if name not in values}


def too_small(row: Any, threshold: int) -> bool:
    """Whether a row of before would show a count that is small today."""
    return any(isinstance(count, int) and 0 < count < threshold for count in counts_told(row))


def counts_told(row: Any) -> Iterator[Any]:
    """The counts that a row shows, and what remains of them."""
    yield from (getattr(row, name) for name in columns_of(type(row)))
    for part, whole in (("numerator", "denominator"), ("events", "n")) if isinstance(row, Result) else ():
        inside, around = getattr(row, part), getattr(row, whole)
        if isinstance(inside, int) and isinstance(around, int):
            yield around - inside
