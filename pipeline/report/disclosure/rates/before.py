"""Rates that earlier editions told: a reader has them still, so that hiding them anew would protect nobody."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from pipeline.periods import ROLLING, Grain, grain_of, quarter_named, quarter_number, quarters_of, twelve_months_to
from pipeline.report.disclosure.earlier import Counts
from pipeline.results import COUNTS, Result

CALENDAR = {Grain.YEAR, Grain.HALF, Grain.QUARTER, Grain.MONTH}  # periods that stay the same from edition to edition
SHARED = "shared by "  # how the name of the quarters begins that two rolling years share
WINDOWS_BACK = 40  # quarters: as far back as editions are kept together


def is_known(row: Result, before: Counts) -> bool:
    """Whether the counts of a rate are just those that were last shown."""
    then = dict(zip(COUNTS, before.get(row.result_id, ()), strict=False))
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


def shared_quarters(rows: Sequence[Result]) -> tuple[list[Result], list[tuple[int, list[int]]]]:
    """What two rolling years have in common, a row each to stand behind these, and the sums that tie it to the years
    and their quarters: bounds passed along sums would not see what one year less the other tells."""
    places: dict[tuple[object, ...], dict[str, int]] = defaultdict(dict)
    for i, row in enumerate(rows):
        key = (row.analysis, row.measure, row.outcome, row.day, row.arm, row.site, row.payer, row.stratum)
        places[key][row.period] = i
    found: list[Result] = []
    sums: list[tuple[int, list[int]]] = []
    for at in places.values():
        years = [period for period in at if grain_of(period) is Grain.ROLLING]
        for one, other in combinations(years, 2):
            parts = apart(at, one, other)
            if parts is not None:
                here, (both, first, second) = len(rows) + len(found), parts
                sides = ((at[one], first), (at[other], second))
                found.append(in_both(rows, both, sides, f"{SHARED}{one} and {other}"))
                sums += [(here, both), (at[one], [here, *first]), (at[other], [here, *second])]
    return found, sums


def apart(at: Mapping[str, int], one: str, other: str) -> tuple[list[int], list[int], list[int]] | None:
    """The places of the quarters that two years share, and of those that each has alone; None where they share none, or
    a quarter has no row."""
    here, there = set(quarters_of(one)), set(quarters_of(other))
    parts = (here & there, here - there, there - here)
    if not parts[0] or not (here | there) <= at.keys():
        return None
    both, first, second = ([at[quarter] for quarter in sorted(part)] for part in parts)
    return both, first, second


def in_both(
    rows: Sequence[Result], both: Sequence[int], sides: Iterable[tuple[int, Sequence[int]]], period: str
) -> Result:
    """What two years have in common as one row: the sum of its quarters, or where one of those has too few people for a
    rate, a year less the quarters that it has alone."""

    def counted(*places: int) -> bool:
        return all(None not in (rows[i].numerator, rows[i].denominator) for i in places)

    whole = next((side for side in sides if counted(side[0], *side[1])), None)
    if whole is None or counted(*both):
        counts = summed(rows, both)
    else:
        alone = summed(rows, whole[1])
        counts = {name: count - alone[name] for name, count in summed(rows, whole[:1]).items()}
    return replace(rows[both[0]], period=period, estimate=None, events=None, reason="", **counts)


def summed(rows: Sequence[Result], places: Sequence[int]) -> dict[str, Any]:
    """The counts of several rows together."""
    return {name: sum(getattr(rows[i], name) or 0 for i in places) for name in ("n", "numerator", "denominator")}
