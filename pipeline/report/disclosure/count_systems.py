"""Counts that add up, with what a reader knows of each: which more must not be shown, so that what is needed stays
possible, and between which numbers those that are not shown lie."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np
from numpy.typing import NDArray

from pipeline.report.disclosure.propagation import Numbers, Sum, Web
from pipeline.report.disclosure.rates.axes import Axis, Cell, beside_gap, with_gaps
from pipeline.report.disclosure.secondary_suppression import apart, beside_each, feasible, nearest_shown

Range = tuple[float, float]
TRIED = 6  # neighbors of an exposed count, before the smallest is hidden and another looked for


@dataclass(frozen=True, slots=True)
class System:
    """Counts of one kind that add up.

    needed       small ones, each with the range that must stay possible
    width        others that must not be known to less than so much
    least, most  what a reader knows of those that are hidden
    fixed        those that hiding would not protect
    last         those that are hidden only where no other is left near
    axes         those that overlap in time
    seen         of those that are not hidden, between which numbers a reader sees them where not exactly
    """

    sums: Sequence[Sum]
    counts: Mapping[Cell, int]
    needed: Mapping[Cell, Range]
    width: Mapping[Cell, int]
    least: Mapping[Cell, float]
    most: Mapping[Cell, float]
    fixed: frozenset[Cell]
    last: frozenset[Cell]
    axes: Sequence[Axis] = ()
    seen: Mapping[Cell, Range] = field(default_factory=dict)


def added_up(
    sums: Sequence[tuple[Cell, Sequence[Cell]]], axes: Sequence[Axis], counts: Mapping[Cell, int], threshold: int
) -> tuple[list[Sum], list[Axis], dict[Cell, int]]:
    """The sums with what no part holds as a cell of its own, those that do not hold left out; the axes with the small
    counts that no row tells as cells; and all of these counts."""
    rests: dict[Cell, int] = {}
    together = []
    for number, (total, parts) in enumerate(sums):
        rest = counts[total] - sum(counts[part] for part in parts)
        if rest > 0:
            rests[rest_of(number)] = rest
        if rest >= 0:
            together.append(Sum(total, (*parts, *((rest_of(number),) if rest else ()))))
    gapped = []
    for number, one in enumerate(axes):
        wider, gaps = with_gaps(number, one, counts, threshold)
        gapped.append(wider)
        rests |= gaps
    return together, gapped, rests


def rest_of(number: int) -> Cell:
    """The cell of what no part of a sum holds."""
    return "rest", number


def few_left(rests: Mapping[Cell, int], threshold: int) -> set[Cell]:
    return {cell for cell, count in rests.items() if count < threshold}


def settled(system: System, hidden: set[Cell]) -> tuple[set[Cell], set[Cell]]:
    """What must be hidden as well, so that what is needed stays possible; and the cells of which that cannot be."""
    stuck: set[Cell] = set()
    known = hidden | {cell for cell in system.counts if is_rest(cell)}
    links = [linked(one) for one in system.axes]
    for linking in apart([*system.sums, *links]):
        cells = {cell for one in linking for cell in one.cells}
        together = [one for one in linking if one not in links]
        guarded = [cell for cell in cells & known if cell in system.needed or cell in system.width]
        if guarded:
            found, held = protected(system, together, {c: system.counts[c] for c in cells}, guarded, known & cells)
            hidden = hidden | {cell for cell in found if not is_rest(cell)}
            stuck |= held
    return hidden, stuck


def linked(one: Axis) -> Sum:
    """The cells of an axis, which hang together, as if they were a sum."""
    first, *others = one.spans
    return Sum(first, tuple(others))


def is_rest(cell: Cell) -> bool:
    """Whether a cell is what no part holds."""
    return isinstance(cell, tuple) and cell[0] == "rest"


class Guards:
    """Counts of which a reader must not know more than is said, in an order that never changes."""

    def __init__(self, system: System, cells: Iterable[Cell], at: Mapping[Cell, int]) -> None:
        self.cells = sorted(cells, key=repr)
        self.at = [at[cell] for cell in self.cells]
        needed = [system.needed.get(cell, (inf, -inf)) for cell in self.cells]
        self.low, self.high = np.array(needed, dtype=float).reshape(-1, 2).T
        self.width = np.array([-inf if cell in system.needed else system.width[cell] for cell in self.cells])

    def exposed(self, low: Numbers, high: Numbers) -> NDArray[np.bool_]:
        """Which of them a reader who knows these bounds of all counts, in lines, knows too well."""
        lows, highs = low[:, self.at], high[:, self.at]
        return (lows > self.low) | (highs < self.high) | (highs - lows < self.width)


def protected(
    system: System, sums: Sequence[Sum], counts: Mapping[Cell, int], guarded: Iterable[Cell], hidden: set[Cell]
) -> tuple[set[Cell], set[Cell]]:
    """What to hide among sums that hang together, and what stays exposed when nothing is left to hide."""
    axes = [one for one in system.axes if one.spans.keys() & counts.keys()]
    web = Web(sums, counts, system.least, system.most, axes, system.seen)
    guards, excused, taken = Guards(system, guarded, web.at), set[Cell](), system.fixed & counts.keys()
    near = beside_each(
        [*sums, *(Sum(cell, beside_gap(cell, one)) for one in axes for cell in one.spans if is_rest(cell))]
    )
    known = guards.exposed(*web.bounds([hidden]))[0]
    while True:
        place = next((i for i in np.flatnonzero(known) if guards.cells[i] not in excused), None)
        if place is None:
            return hidden, excused
        exposed = guards.cells[place]
        in_turn = first_of(system, {cell for cell in near[exposed] - hidden - taken if counts[cell] > 0})
        tries = guards.exposed(*web.bounds([hidden | {one} for one in in_turn])) if in_turn else known[None]
        if not tries[:, place].all():
            enough = int(np.argmin(tries[:, place]))
            hidden, known = hidden | {in_turn[enough]}, tries[enough]
            continue
        neighbor = nearest_shown(exposed, near, counts, hidden | taken, set(system.last))
        if neighbor is None:
            excused.add(exposed)
        else:
            hidden = hidden | {neighbor}
            known = guards.exposed(*web.bounds([hidden]))[0]


def first_of(system: System, shown: Iterable[Cell]) -> list[Cell]:
    """The smallest of these shown counts, any of which might protect another if it were hidden too."""
    return sorted(shown, key=lambda cell: (cell in system.last, system.counts[cell], repr(cell)))[:TRIED]


def worked_out(system: System, hidden: set[Cell]) -> dict[Cell, Range]:
    """The range of every hidden cell, also of those that add up with nothing."""
    unseen = hidden | {cell for cell in system.counts if is_rest(cell)}
    return feasible(system.sums, system.counts, unseen, system.least, system.most, system.axes, system.seen)
