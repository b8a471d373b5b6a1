"""Figures that are functions of a count that is not shown: hidden with it, or told so coarsely that they do not give it
back.

A reader who knows every formula may not tell the count from any other less than the threshold away.  Degrees of freedom
are the count less one or two; a standard error, a p value and an effective size give it back through the estimate;
limits do through their width, which falls as one over the root of the count; a share is a whole number over it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import floor, inf, log10, sqrt
from typing import Any, TypeVar

from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.results import BORROWED, COMPATIBLE, AttritionStep, CurvePoint, Diagnostic, FigurePoint, Result

Row = TypeVar("Row", Result, CurvePoint, Diagnostic, AttritionStep, FigurePoint)

BESIDE_COUNTS = ("se", "df", "p", "ess")  # give a head count back, one by one
WHOLE_PERCENT_FROM = 100  # of fewer people not every number has each whole percent
WEIGHTED = ("adjusted_mean", "adjusted_share", "risk")  # no whole number over the count
FROM_LIMITS = (
    *("detectable_difference", "e_value", "e_value_to_margin", "at_face_value", "at_plausible_limit"),
    *("plausible_departure", "tipping_point", "tipping_point_sd", "tipping_multiple"),
    *COMPATIBLE,
    *BORROWED[1:],  # the first has limits of its own
)
DIGITS = 3  # significant ones, of what is published
STEPS = (1, 2, 5)  # of a decade, by which figures are told more and more coarsely


def conceal(row: Row, names: Iterable[str]) -> Row:
    """The row with what it says under these names replaced by the marker; what is unknown stays unknown."""
    hidden: dict[str, Any] = {name: SUPPRESSED for name in names if getattr(row, name) is not None}
    return replace(row, **hidden) if hidden else row


def in_whole_percent(row: Row, names: Iterable[str]) -> Row:
    """The row with the shares under these names in whole percent; what is hidden or unknown stays so."""
    told: dict[str, Any] = {name: round(share, 2) for name in names if isinstance(share := getattr(row, name), float)}
    return replace(row, **told)


def without_head_count(row: Result, columns: Sequence[str], count: int, threshold: int) -> Result:
    """A row without these columns of counts, and what is left of its numbers then; count: the smallest head count among
    them."""
    gone = BESIDE_COUNTS if row.estimate is not None else ("se", "df", "ess")  # a p value alone gives nothing back
    row, bare = from_limits(row, count, threshold), conceal(row, (*columns, *gone))
    low, high = coarse_limits(row, "estimate", count, threshold)
    bare = replace(bare, estimate=row.estimate, low=low, high=high)
    if row.measure in WEIGHTED or (row.reference and row.target != "observed"):
        return bare
    unit = unit_of(count, threshold, is_share=row.unit == "share")
    return coarsened_to(bare, ("estimate", "raw_estimate"), unit)


def without_count(mark: FigurePoint, threshold: int) -> FigurePoint:
    """A mark whose head count is not shown, with its height and limits told so coarsely that it stays unknown."""
    if not isinstance(mark.n, int):
        return mark
    low, high = coarse_limits(mark, "y", mark.n, threshold)
    bare = replace(conceal(mark, ("n",)), low=low, high=high)
    return bare if mark.n == 0 else coarsened_to(bare, ("y",), unit_of(mark.n, threshold, is_share=False))


def from_limits(row: Result, count: int, threshold: int) -> Result:
    """What was worked out from the limits of a row whose head count is not shown, so coarse that it stays unknown."""
    if row.measure not in FROM_LIMITS or not isinstance(row.estimate, float):
        return row
    made = row.estimate if row.measure == "e_value" else coarse(row.estimate, count, threshold)
    return replace(conceal(row, ("low", "high", "raw_estimate")), estimate=made)


def coarsened_to(row: Row, names: Iterable[str], unit: float | None) -> Row:
    """The row with these numbers in whole units, or in three digits where those are coarser; hidden without a unit, and
    where one would make nothing or everything of a number that is neither."""
    told = {name: getattr(row, name) for name in names if isinstance(getattr(row, name), float)}
    if unit is None:
        return conceal(row, told)
    made: dict[str, Any] = {name: in_units(value, max(unit, last_digit(value, 3))) for name, value in told.items()}
    return replace(row, **made)


def in_units(value: float, unit: float) -> Any:
    """A number in whole units; hidden where that would make 0 or 1 of a number that is neither."""
    made = to_unit(value, unit)
    return SUPPRESSED if made in (0.0, 1.0) and abs(value) < 1 and value != made else made


def coarse(value: float, count: int, threshold: int) -> Any:
    """A figure that falls as one over the root of the count, at the finest unit at which it is the same for every count
    less than the threshold away."""
    for unit in units(last_digit(value, 3), abs(value) / 2):
        made = {to_unit(value * k, unit) for k in scales(count, threshold)}
        if len(made) == 1:
            return made.pop()
    return SUPPRESSED


def scales(count: int, threshold: int) -> list[float]:
    """How much wider limits would be with every count less than the threshold away."""
    return [sqrt(count / other) for other in range(max(1, count - threshold + 1), count + threshold)]


def unit_of(count: int, threshold: int, is_share: bool) -> float | None:
    """The finest unit of 1, 2 or 5 of a decade at which every count less than the threshold away could have given the
    same figure; None where none could, or none finer than a tenth for a share.

    A whole number over n has a neighbor within 1 / n of any value, so that a unit of 1 / n leaves each n possible.
    """
    least = count - threshold + 1
    if least < 1:
        return None
    finest = max(1 / least, 0.01) if is_share else 1 / least
    return next(units(finest, 0.1 if is_share else 1.0), None)


def coarse_limits(row: Any, value: str, count: int, threshold: int) -> tuple[Any, Any]:
    """The limits, each at the finest unit at which it is the same for every count less than the threshold away; hidden
    where no unit finer than their distance does that for both, or a limit would come to lie on the other side of what
    the verdict is about: a range that leaves out 0 is not told as one that holds it."""
    told, low, high = getattr(row, value), row.low, row.high
    if not (isinstance(told, float) and isinstance(low, float) and isinstance(high, float)):
        low, high = (SUPPRESSED if isinstance(limit, float) else limit for limit in (low, high))
        return low, high
    finest = max(last_digit(value, 3) for value in (high - low, low, high))  # what is published has three digits
    between = list(units(finest, (high - low) / 2))
    made = [coarse_limit(told, limit, scales(count, threshold), between) for limit in (low, high)]
    kept = all(same_side(one, limit, decisive(row)) for one, limit in zip(made, (low, high), strict=True))
    return (made[0], made[1]) if kept else (SUPPRESSED, SUPPRESSED)


def decisive(row: Any) -> tuple[float, ...]:
    """What limits of a comparison are held against: no difference, and the margin on either side."""
    if not getattr(row, "reference", "") or row.target == "observed":
        return ()
    none = 1.0 if row.unit == "ratio" else 0.0
    return (none,) if row.margin is None else (none, row.margin, -row.margin)


def same_side(made: Any, limit: float, marks: Sequence[float]) -> bool:
    """Whether a limit lies as it did to each of these marks; not where nothing is left of it."""
    return made is not SUPPRESSED and all((made > mark, made < mark) == (limit > mark, limit < mark) for mark in marks)


def coarse_limit(told: float, limit: float, wider: Sequence[float], between: Iterable[float]) -> Any:
    """One limit at the first of these units at which it is the same however much wider the limits would be."""
    for unit in between:
        made = {to_unit(told + (limit - told) * k, unit) for k in wider}
        if len(made) == 1:
            return made.pop()
    return SUPPRESSED


def units(finest: float, coarsest: float) -> Iterator[float]:
    """Units from finest to coarsest: one, two and five of every decade."""
    decade = floor(log10(finest)) if finest > 0 else 0
    while 10.0**decade <= coarsest:
        yield from (step * 10.0**decade for step in STEPS if finest <= step * 10.0**decade <= coarsest)
        decade += 1


def last_digit(value: float, digits: int) -> float:
    """The unit of the last of so many significant digits."""
    return float(10.0 ** (floor(log10(abs(value))) - digits + 1)) if value and abs(value) < inf else 0.0


def to_unit(value: float, unit: float) -> float:
    """A value as a whole number of units, without the dust of floating point."""
    return float(f"{round(value / unit) * unit:.10g}") if unit else value
