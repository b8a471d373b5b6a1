"""Slow twin of propagation.Web: one sum after another, one choice of what is hidden at a time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import inf
from types import MappingProxyType

from pipeline.report.disclosure.propagation import Sum
from pipeline.report.disclosure.rates.axes import Axis, Cell


def feasible(
    sums: Sequence[Sum],
    counts: Mapping[Cell, int],
    hidden: Iterable[Cell],
    least: Mapping[Cell, float],
    most: Mapping[Cell, float] = MappingProxyType({}),
    axes: Sequence[Axis] = (),
) -> dict[Cell, tuple[float, float]]:
    """Smallest and largest whole number each hidden cell could hold.

    counts  every cell's true count; only those that are shown are used as known
    least   what a reader knows a hidden cell to be at least (1 where zeros are shown, 0 otherwise)
    most    what a reader knows it to be at most, where that is told
    axes    cells that overlap in time
    Bounds are passed along the sums and axes until nothing changes: exact where the sums form a tree, as ours do. A
    bound that leaves out the true count comes of rows that contradict each other: nobody can conclude it, and it is
    not passed on, so that this always ends.
    """
    concealed = set(hidden)
    low: dict[Cell, float] = {
        cell: least.get(cell, 0) if cell in concealed else count for cell, count in counts.items()
    }
    high: dict[Cell, float] = {
        cell: most.get(cell, inf) if cell in concealed else count for cell, count in counts.items()
    }
    telling = [one for one in sums if any(cell in concealed for cell in one.cells)]
    of: dict[Cell, list[Sum]] = defaultdict(list)
    for one in telling:
        for cell in one.cells:
            of[cell].append(one)
    waiting = dict.fromkeys(telling)
    while True:
        while waiting:
            one = next(iter(waiting))
            del waiting[one]
            waiting |= dict.fromkeys(
                other for cell in narrowed(one, low, high, concealed, counts) for other in of[cell]
            )
        waiting = dict.fromkeys(
            other for axis in axes for cell in tightened(axis, low, high, concealed, counts) for other in of[cell]
        )
        if not waiting:
            break
    return {cell: (low[cell], high[cell]) for cell in concealed}


def narrowed(
    one: Sum, low: dict[Cell, float], high: dict[Cell, float], hidden: Collection[Cell], counts: Mapping[Cell, int]
) -> list[Cell]:
    """The hidden cells whose bounds a sum narrows, which it does."""
    floor, tops = sum([low[part] for part in one.parts]), [high[part] for part in one.parts]
    endless, finite = tops.count(inf), sum([top for top in tops if top != inf])
    tighter = [(one.total, floor, inf if endless else finite)] if one.total in hidden else []
    for part in one.parts:
        if part in hidden:
            own = high[part]
            rest_ceiling = inf if endless - (own == inf) else finite - (0 if own == inf else own)
            tighter.append((part, low[one.total] - rest_ceiling, high[one.total] - (floor - low[part])))
    return drawn_in(tighter, low, high, counts)


def tightened(
    one: Axis, low: dict[Cell, float], high: dict[Cell, float], hidden: Collection[Cell], counts: Mapping[Cell, int]
) -> list[Cell]:
    """Narrows the bounds of the hidden rows of an axis to what all its rows leave possible; those that it did."""
    concealed = [(cell, span) for cell, span in one.spans.items() if cell in hidden]
    far = shortest(one, low, high) if concealed else []
    bounds = [(cell, -far[b][a], far[a][b]) for cell, (a, b) in concealed]
    return drawn_in(bounds, low, high, counts)


def drawn_in(
    bounds: Iterable[tuple[Cell, float, float]],
    low: dict[Cell, float],
    high: dict[Cell, float],
    counts: Mapping[Cell, int],
) -> list[Cell]:
    """The cells of which these bounds, a least and a most each, are tighter than those so far, which they then are; one
    that leaves out the true count comes of a contradiction and is passed over."""
    moved = [
        (cell, least, most)
        for cell, least, most in bounds
        if (least > low[cell] or most < high[cell]) and least <= counts[cell] <= most
    ]
    for cell, least, most in moved:
        low[cell], high[cell] = max(low[cell], least), min(high[cell], most)
    return [cell for cell, _, _ in moved]


def shortest(one: Axis, low: Mapping[Cell, float], high: Mapping[Cell, float]) -> list[list[float]]:
    """How much more each running total can be than each other at most."""
    places = range(one.totals)
    far = [[inf if a < b else 0 for b in places] for a in places]
    for cell, (a, b) in one.spans.items():
        far[a][b], far[b][a] = min(far[a][b], high[cell]), min(far[b][a], -low[cell])
    for by in places:
        onward = far[by]
        for line in far:
            here = line[by]
            if here < inf:
                line[:] = [min(direct, here + more) for direct, more in zip(line, onward, strict=True)]
    return far
