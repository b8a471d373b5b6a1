"""What a reader could work out: feasible ranges of hidden counts, given everything that is shown and adds up."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from types import MappingProxyType

from pipeline.report.disclosure.propagation import Sum, Web
from pipeline.report.disclosure.rates.axes import Axis, Cell


def feasible(
    sums: Sequence[Sum],
    counts: Mapping[Cell, int],
    hidden: Iterable[Cell],
    least: Mapping[Cell, float],
    most: Mapping[Cell, float] = MappingProxyType({}),
    axes: Sequence[Axis] = (),
    seen: Mapping[Cell, tuple[float, float]] = MappingProxyType({}),
) -> dict[Cell, tuple[float, float]]:
    """Smallest and largest whole number each hidden cell could hold (propagation.Web)."""
    concealed, web = set(hidden), Web(sums, counts, least, most, axes, seen)
    low, high = (dict(zip(web.at, map(whole, line[0].tolist()), strict=True)) for line in web.bounds([concealed]))
    return {cell: (low[cell], high[cell]) for cell in concealed}


def whole(number: float) -> float:
    return number if number == inf else int(number)


def protect(
    sums: Sequence[Sum],
    counts: Mapping[Cell, int],
    *,
    threshold: int,
    unpublished: Iterable[Cell] = (),
    fixed: Iterable[Cell] = (),
    sensitive: Iterable[Cell] = (),
    wanted: Iterable[Cell] = (),
    withheld: Iterable[Cell] = (),
) -> set[Cell]:
    """The cells to hide so that no count of 1 to threshold-1 can be worked out from those that stay.

    unpublished  cells that no table shows (a remainder, a complement): they need protection too, and are never shown
    fixed        cells that are known from elsewhere and cannot be hidden
    sensitive    cells whose zero tells as much as a small count does
    wanted       cells that are hidden beside a small one only where no other is left
    withheld     cells that are hidden for another reason, so that sums must not give them back, however large they are
    Small cells are hidden first; then, to a fixed point, the smallest shown neighbor of any hidden cell whose feasible
    range is too narrow. Where a total that is not small is all that is left to see, nothing more is hidden.  Sums that
    share no cell are looked at apart.
    """
    never_shown, known, delicate, back = set(unpublished), set(fixed), set(sensitive), set(withheld)
    small = {
        cell for cell, count in counts.items() if 0 < count < threshold or (count == 0 and cell in delicate)
    } - known
    guarded = small | (back & counts.keys() - known)
    hidden = guarded | never_shown
    least = {cell: 0 if cell in never_shown or cell in delicate else 1 for cell in counts}
    for together in apart(sums):
        cells = {cell for one in together for cell in one.cells}
        if guarded & cells:
            here = {cell: counts[cell] for cell in cells}
            hidden |= protected(together, here, guarded & cells, hidden & cells, known, set(wanted), least, threshold)
    return hidden


def apart(sums: Sequence[Sum]) -> list[list[Sum]]:
    """The sums in groups that share no cell, each in its order."""
    leader: dict[Cell, Cell] = {}

    def first(cell: Cell) -> Cell:
        while (above := leader.setdefault(cell, cell)) != cell:
            leader[cell] = leader[above]
            cell = above
        return cell

    for one in sums:
        for cell in one.parts:
            leader[first(cell)] = first(one.total)
    groups: dict[Cell, list[Sum]] = {}
    for one in sums:
        groups.setdefault(first(one.total), []).append(one)
    return list(groups.values())


def protected(
    sums: Sequence[Sum],
    counts: Mapping[Cell, int],
    guarded: set[Cell],
    hidden: set[Cell],
    known: set[Cell],
    wanted: set[Cell],
    least: Mapping[Cell, float],
    threshold: int,
) -> set[Cell]:
    """What to hide among sums that hang together."""
    excused, beside = set[Cell](), beside_each(sums)
    while True:
        ranges = feasible(sums, counts, hidden, least)
        exposed = sorted(
            (cell for cell in guarded - excused if narrow(ranges[cell], counts[cell], threshold)), key=repr
        )
        if not exposed:
            return hidden
        neighbor = nearest_shown(exposed[0], beside, counts, hidden | known, wanted)
        if neighbor is None:
            excused.add(exposed[0])
        else:
            guarded.add(neighbor)
            hidden.add(neighbor)


def narrow(bounds: tuple[float, float], count: int, threshold: int) -> bool:
    """True where a small count's range does not hold all of 1 to threshold-1, or another hidden count is known too
    well."""
    low, high = bounds
    if count < threshold:
        return low > 1 or high < threshold - 1
    return high - low < threshold - 2


def beside_each(sums: Iterable[Sum]) -> Mapping[Cell, set[Cell]]:
    """The cells that stand in a sum with each cell, itself among them."""
    found: dict[Cell, set[Cell]] = defaultdict(set)
    for one in sums:
        for cell in one.cells:
            found[cell].update(one.cells)
    return found


def nearest_shown(
    cell: Cell, beside: Mapping[Cell, set[Cell]], counts: Mapping[Cell, int], taken: set[Cell], wanted: set[Cell]
) -> Cell | None:
    """The smallest shown, non-zero count in a sum with this cell, else in the sums next to those; wanted ones last."""
    reached, fresh = {cell}, {cell}
    while fresh:
        near = set[Cell]().union(*(beside[one] for one in fresh))
        shown = {other for other in near - taken if counts[other] > 0}
        if shown:
            return min(shown, key=lambda other: (other in wanted, counts[other], repr(other)))
        fresh = near & taken - reached
        reached |= fresh
    return None
