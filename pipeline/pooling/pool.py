"""What organizations say together: a mean over those whose true differences differ, never one pile of people."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import NotEstimable
from pipeline.pooling.files import Shared, SharedRow
from pipeline.stats.meta_analysis import RandomEffects, prediction_interval, random_effects

PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Limits:
    """An estimate with its limits, in the unit of the rows (a ratio for ratios)."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Pooled:
    """One question over all organizations.

    row        the question, in the words of the first that put it
    given      what each organization said: its name and its row
    used       names of those in the pool, in order; others were withheld, hidden or defined otherwise
    otherwise  names of those whose choices differ, so that it is another question
    answer     the mean difference; none where nobody has a number
    p          against no difference
    tau        standard deviation of true differences between organizations (of logs for ratios)
    expected   where the true difference of a new organization like these is expected; none for fewer than three
    without    the answer again without each organization
    """

    row: SharedRow
    given: tuple[tuple[str, SharedRow], ...]
    used: tuple[str, ...]
    otherwise: tuple[str, ...]
    answer: Limits | None
    p: float | None
    tau: float | None
    expected: Limits | None
    without: tuple[tuple[str, Limits], ...]


def pool(shared: Sequence[Shared]) -> tuple[Pooled, ...]:
    """Every question that some organization put, in the order of the first file."""
    asked = dict.fromkeys(row.asked for one in shared for row in one.rows)
    return tuple(
        pooled([(one.organization, row) for one in shared for row in one.rows if row.asked == name]) for name in asked
    )


def pooled(given: Sequence[tuple[str, SharedRow]]) -> Pooled:
    """One question: those who put it in the same way and may show their number."""
    common = Counter(row.definition for _, row in given).most_common(1)[0][0]
    same = [(name, row) for name, row in given if row.definition == common]
    used = [(name, row) for name, row in same if (usable if len(given) > 1 else answered)(row)]
    otherwise = tuple(name for name, row in given if row.definition != common)
    rows, names = [row for _, row in used], tuple(name for name, _ in used)
    found = together(rows) if len(rows) > 1 else None
    return Pooled(
        row=same[0][1],
        given=tuple(given),
        used=names,
        otherwise=otherwise,
        answer=limits_of(rows, found),
        p=found.estimate.p if found else rows[0].p if rows else None,
        tau=found.tau if found else None,
        expected=expected(rows[0], found) if found else None,
        without=leave_one_out(names, rows),
    )


def usable(row: SharedRow) -> bool:
    """Whether an organization's number may stand in a pool of several: it is answered, and its precision is shown."""
    return answered(row) and row.se is not None and row.se > 0


def answered(row: SharedRow) -> bool:
    """Whether an organization's own gate let its number pass; what is alone needs no weight to be shown."""
    return row.gate in (PASSED, "") and None not in (row.estimate, row.low, row.high)


def together(rows: Sequence[SharedRow]) -> RandomEffects:
    """The mean over organizations; limits by Knapp and Hartung, never narrower than those for no differences between
    them."""
    ratio = is_ratio(rows[0])
    values = [math.log(row.estimate or 1) if ratio else float(row.estimate or 0) for row in rows]
    return random_effects(values, [float(row.se or 0) for row in rows], limits="never narrower")


def limits_of(rows: Sequence[SharedRow], found: RandomEffects | None) -> Limits | None:
    """The answer; one organization's is its own, to the last digit."""
    if found:
        one = found.estimate
        return in_unit(rows[0], one.estimate, one.low, one.high)
    alone = rows[0] if rows else None
    if alone is None or alone.estimate is None or alone.low is None or alone.high is None:
        return None
    return Limits(alone.estimate, alone.low, alone.high)


def expected(row: SharedRow, found: RandomEffects) -> Limits | None:
    """What the next organization should expect; none where too few are there to say how they differ."""
    try:
        limits = prediction_interval(found)
    except NotEstimable:
        return None
    return in_unit(row, found.estimate.estimate, limits.low, limits.high)


def leave_one_out(names: Sequence[str], rows: Sequence[SharedRow]) -> tuple[tuple[str, Limits], ...]:
    """The answer without each organization in turn; nothing where that leaves nobody to pool."""
    if len(rows) < 3:
        return ()
    left = [[*rows[:place], *rows[place + 1 :]] for place in range(len(rows))]
    found = [limits_of(others, together(others)) for others in left]
    return tuple((name, one) for name, one in zip(names, found, strict=True) if one)


def in_unit(row: SharedRow, estimate: float, low: float, high: float) -> Limits:
    """As the rows have it: a ratio is pooled as its logarithm."""
    if not is_ratio(row):
        return Limits(estimate, low, high)
    return Limits(math.exp(estimate), math.exp(low), math.exp(high))


def is_ratio(row: SharedRow) -> bool:
    return row.measure.endswith("_ratio")
