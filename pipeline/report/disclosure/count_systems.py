"""Counts that add up, with what a reader knows of each: which more must not be shown, so that what is needed stays
possible, and between which numbers those that are not shown lie."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.report.disclosure.secondary_suppression import Cell, Sum, apart, feasible, nearest_shown

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class System:
    """Counts of one kind that add up.

    needed       small ones, each with the range that must stay possible
    width        others that must not be known to less than so much
    least, most  what a reader knows of those that are hidden
    fixed        those that hiding would not protect
    last         those that are hidden only where no other is left near
    """

    sums: Sequence[Sum]
    counts: Mapping[Cell, int]
    needed: Mapping[Cell, Range]
    width: Mapping[Cell, int]
    least: Mapping[Cell, float]
    most: Mapping[Cell, float]
    fixed: frozenset[Cell]
    last: frozenset[Cell]


def added_up(
    sums: Sequence[tuple[Cell, Sequence[Cell]]], counts: Mapping[Cell, int]
) -> tuple[list[Sum], dict[Cell, int]]:
    """The sums with what no part holds as a cell of its own; sums that do not hold are left out."""
    rests: dict[Cell, int] = {}
    together = []
    for number, (total, parts) in enumerate(sums):
        rest = counts[total] - sum(counts[part] for part in parts)
        if rest > 0:
            rests[rest_of(number)] = rest
        if rest >= 0:
            together.append(Sum(total, (*parts, *((rest_of(number),) if rest else ()))))
    return together, rests


def rest_of(number: int) -> Cell:
    """The cell of what no part of a sum holds."""
    return "rest", number


def few_left(rests: Mapping[Cell, int], threshold: int) -> set[Cell]:
    return {cell for cell, count in rests.items() if count < threshold}


def settled(system: System, hidden: set[Cell]) -> tuple[set[Cell], set[Cell]]:
    """What must be hidden as well, so that what is needed stays possible; and the cells of which that cannot be."""
    stuck: set[Cell] = set()
    known = hidden | {cell for cell in system.counts if is_rest(cell)}
    for together in apart(system.sums):
        cells = {cell for one in together for cell in one.cells}
        guarded = [cell for cell in cells & known if cell in system.needed or cell in system.width]
        if guarded:
            found, held = protected(system, together, {c: system.counts[c] for c in cells}, guarded, known & cells)
            hidden = hidden | {cell for cell in found if not is_rest(cell)}
            stuck |= held
    return hidden, stuck


def is_rest(cell: Cell) -> bool:
    """Whether a cell is what no part holds."""
    return isinstance(cell, tuple) and cell[0] == "rest"


def protected(
    system: System, sums: Sequence[Sum], counts: Mapping[Cell, int], guarded: Iterable[Cell], hidden: set[Cell]
) -> tuple[set[Cell], set[Cell]]:
    """What to hide among sums that hang together, and what stays exposed when nothing is left to hide."""
    excused: set[Cell] = set()
    taken = system.fixed & counts.keys()
    guards = sorted(guarded, key=repr)
    while True:
        known = feasible(sums, counts, hidden, system.least, system.most)
        exposed = next((c for c in guards if c not in excused and is_exposed(system, c, known[c])), None)
        if exposed is None:
            return hidden, excused
        neighbor = nearest_shown(exposed, sums, counts, hidden | taken, set(system.last))
        if neighbor is None:
            excused.add(exposed)
        else:
            hidden = hidden | {neighbor}


def is_exposed(system: System, cell: Cell, known: Range) -> bool:
    """Whether a reader could work out more of a count than may be known."""
    if cell in system.needed:
        low, high = system.needed[cell]
        return known[0] > low or known[1] < high
    return known[1] - known[0] < system.width[cell]


def worked_out(system: System, hidden: set[Cell]) -> dict[Cell, Range]:
    """The range of every hidden cell, also of those that add up with nothing."""
    unseen = hidden | {cell for cell in system.counts if is_rest(cell)}
    return feasible(system.sums, system.counts, unseen, system.least, system.most)
