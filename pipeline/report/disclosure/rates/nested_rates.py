"""Rates one inside another, and those that tell the same number: what is told of one tells of the other."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.report.disclosure.measure_sums import MEASURES, place_of
from pipeline.report.disclosure.rates.axes import Cell
from pipeline.report.disclosure.rates.cells import OTHER, Decided, Pair, Why, is_primary, just_beneath
from pipeline.results import Result

Nested = Sequence[tuple[Cell, Cell]]  # a rate, and one that counts everybody in it


def beneath(one: Pair, around: Sequence[Pair], threshold: int) -> Pair:
    """A rate inside others that hold few more: told as lying beneath the one that is shown, or as small as they are, or
    closed."""
    exact = [outer.part for outer in around if not is_primary(outer, threshold)]
    if not exact and same_side(one, around, threshold):
        return one
    alone = len(exact) == len(around) == 1 and not is_primary(one, threshold)
    lies = just_beneath(one, exact[0], threshold) if alone else None
    return replace(one, why=Why.CLOSED if lies is None else Why.BENEATH, lies=lies)


def same_side(one: Pair, around: Iterable[Pair], threshold: int) -> bool:
    """Whether few are in all of these rates, or few are in none of them."""
    return any(one.few(kind, threshold) and all(outer.few(kind, threshold) for outer in around) for kind in OTHER)


def largest(nested: Nested, pairs: Mapping[Cell, Pair], threshold: int) -> dict[Cell, int]:
    """How many can be in a rate at most: as many as are in a shown one that holds all of it, of the same people."""
    found: dict[Cell, int] = {}
    for inner, outer in nested:
        if inner in pairs and outer in pairs and not is_primary(pairs[outer], threshold):
            most = pairs[outer].part
            found |= {inner: min(found.get(inner, most), most)} if pairs[inner].part <= most else {}
    return found


def no_longer_beneath(
    nests: Mapping[Cell, Sequence[Cell]], pairs: Mapping[Cell, Pair], decided: Iterable[Decided]
) -> dict[Cell, Pair]:
    """Rates told as lying beneath one that is not shown after all: those are closed."""
    hidden = {cell for one in decided for cell in one.part}
    return {
        i: replace(pairs[i], why=Why.CLOSED, lies=None)
        for i, around in nests.items()
        if pairs[i].why is Why.BENEATH and any(j in hidden or pairs[j].is_uncounted for j in around)
    }


def no_longer_around(nested: Nested, pairs: Mapping[Cell, Pair], decided: Iterable[Decided]) -> dict[Cell, Pair]:
    """Rates that hold all of one which stands beside a count that nothing else could protect: how many are in those
    tells how many are in it at most, and so they are closed."""
    every = list(decided)
    near = {cell for one in every for cell in one.near & one.part}
    tops = {cell: most for one in every for cell, (_, most) in one.ranges.items()}
    found: dict[Cell, Pair] = {}
    for inner, outer in nested:
        told = tops.get(outer, pairs[outer].part) if outer in pairs else None
        if inner in near and told is not None and told == pairs[inner].most and pairs[outer].why is None:
            found |= {outer: replace(pairs[outer], why=Why.CLOSED), inner: replace(pairs[inner], most=None)}
    return found


def below_around(nested: Nested, pairs: Mapping[Cell, Pair], decided: Iterable[Decided]) -> dict[Cell, Pair]:
    """Hidden rates of which fewer can be in it than so far, as it is told of the rate around it."""
    every = list(decided)
    hidden = {cell for one in every for cell in one.part}
    tops = {cell: int(most) for one in every for cell, (_, most) in one.ranges.items()}
    found: dict[Cell, Pair] = {}
    for inner, outer in nested:
        if inner in hidden and outer in tops:
            so_far = found.get(inner, pairs[inner])
            most = min(tops.get(inner, so_far.whole), so_far.whole if so_far.most is None else so_far.most)
            if so_far.part <= tops[outer] < most:
                found[inner] = replace(so_far, most=tops[outer])
    return found


def narrowed_by_around(
    nested: Nested, pairs: Mapping[Cell, Pair], decided: Iterable[Decided], threshold: int
) -> dict[Cell, Pair]:
    """Rates in which few are not, where what is told of the rate around it leaves fewer of those few open: they are
    closed, with how many they are of."""
    ranges = {cell: most for one in decided for cell, (_, most) in one.ranges.items()}
    return {
        inner: replace(pairs[inner], why=Why.CLOSED, lies=None)
        for inner, outer in nested
        if outer in ranges
        and pairs[inner].few("rest", threshold)
        and pairs[inner].why is not Why.CLOSED
        and pairs[inner].whole - ranges[outer] > 1
    }


def found_again(rows: Sequence[Result], pairs: Mapping[Cell, Pair], decided: Iterable[Decided]) -> dict[Cell, Pair]:
    """Rates shown though the same number of the same people on the same scale and day is hidden in another measure."""
    hidden = {i for one in decided for i in one.part}
    same: dict[tuple[object, ...], set[Cell]] = defaultdict(set)
    for i, one in pairs.items():
        row = rows[i] if isinstance(i, int) else None
        if row is not None and one.part and row.analysis == MEASURES:
            same[row.outcome, row.day, row.arm, place_of(row), one.part].add(i)
    echoes = {i for group in same.values() if group & hidden for i in group - hidden}
    return {i: replace(pairs[i], why=Why.ECHO, lies=None) for i in echoes if pairs[i].why is not Why.ECHO}
