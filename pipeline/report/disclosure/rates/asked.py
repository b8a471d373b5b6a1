"""Of how many people rates are: decided once for all rates that ask the same people, whatever is asked of them.

Two rates that each hide another part of one whole would together tell every part of it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from pipeline.report.disclosure.count_systems import Range, System, added_up, few_left, linked, settled, worked_out
from pipeline.report.disclosure.measure_sums import place_of
from pipeline.report.disclosure.propagation import Sum
from pipeline.report.disclosure.rates.axes import Axis, Cell
from pipeline.report.disclosure.rates.cells import WIDEST, Hanging, Pair, People, Turn, Why
from pipeline.report.disclosure.secondary_suppression import apart
from pipeline.results import Result

Key = tuple[object, ...]  # a measure, its scale and day
Same = Mapping[Cell, Cell]  # each rate, and the first one that asks the same people


@dataclass(frozen=True, slots=True)
class Asking:
    """Rates whose people hang together over several measures: the sums of those people, each once, and all cells."""

    hanging: Hanging
    members: Mapping[Cell, Sequence[Cell]]

    @property
    def cells(self) -> set[Cell]:
        return {cell for cells in self.members.values() for cell in cells}


def same_people(rows: Sequence[Result], pairs: Mapping[Cell, Pair]) -> dict[Cell, Cell]:
    """Each rate with the first one that asks the same people: measures of as many people wherever both are told."""
    places: dict[Key, dict[Key, Cell]] = defaultdict(dict)
    for i in pairs:
        row = rows[i] if isinstance(i, int) else None
        if row is not None:
            places[row.measure, row.outcome, row.day][row.analysis, row.arm, place_of(row)] = i
    alike = {key: key for key in places}
    for one, other in combinations(places, 2):
        both = places[one].keys() & places[other].keys()
        if both and all(pairs[places[one][p]].people == pairs[places[other][p]].people for p in both):
            old, new = alike[other], alike[one]
            alike = {key: new if of == old else of for key, of in alike.items()}
    first: dict[Key, Cell] = {}
    return {
        i: first.setdefault((alike[key], place, pairs[i].people), i)
        for key, here in places.items()
        for place, i in here.items()
    }


def askings(groups: Sequence[tuple[Hanging, set[Cell]]], same: Same) -> Iterator[Asking]:
    """The rates whose people hang together, over all measures."""
    members: dict[Cell, list[Cell]] = defaultdict(list)
    for cell, first in same.items():
        members[first].append(cell)
    sums = {(same[total], tuple(same[part] for part in parts)) for one, _ in groups for total, parts in one.sums}
    axes = {
        (axis.totals, tuple(sorted((same[cell], span) for cell, span in axis.spans.items())))
        for one, _ in groups
        for axis in one.axes
    }
    told = [Axis(totals, dict(spans)) for totals, spans in sorted(axes, key=repr)]
    in_turn, alone = sorted(sums, key=repr), set(members)
    for together in apart([*(Sum(*one) for one in in_turn), *map(linked, told)]):
        cells = {cell for one in together for cell in one.cells}
        alone -= cells
        here = [one for one in in_turn if one[0] in cells]
        hanging = Hanging(here, [one for one in told if one.spans.keys() & cells])
        yield Asking(hanging, {cell: members[cell] for cell in cells})
    yield from (Asking(Hanging([]), {cell: members[cell]}) for cell in sorted(alone, key=repr))


def heads_hidden(asking: Asking, pairs: Mapping[Cell, Pair], threshold: int) -> People:
    """Rates of which it is not told how many people they are of; and those of which it is told between which numbers,
    as everybody could work out."""
    system, small = system_of_heads(asking, pairs, threshold)
    hidden, _ = settled(system, small | (system.width.keys() | system.needed.keys()) & asking.members.keys())
    known = worked_out(system, hidden)
    out = People()
    for first, cells in asking.members.items():
        for cell in cells:
            one = pairs[cell]
            if one.is_uncounted:
                out.about.update({cell: one.between} if one.between is not None and first not in small else {})
            elif one.why is Why.CLOSED or (first in hidden and not may_be_about(first, one, known, small)):
                out.hidden.add(cell)
            elif first in hidden:
                out.about[cell] = known[first]
    return out


def may_be_about(first: Cell, one: Pair, known: Mapping[Cell, Range], small: set[Cell]) -> bool:
    """Whether a whole that counts people is known well enough for its share to be read."""
    low, high = known[first]
    return first not in small and one.people == one.whole and high - low <= WIDEST * one.whole


def system_of_heads(asking: Asking, pairs: Mapping[Cell, Pair], threshold: int) -> tuple[System, set[Cell]]:
    """The people as a reader sees them, and which of those are few; a number that no rate tells must not be known."""
    own = {first: [pairs[cell] for cell in cells] for first, cells in asking.members.items()}
    counts: dict[Cell, int] = {first: many[0].people for first, many in own.items()}
    small = {cell for cell, count in counts.items() if 0 < count < threshold}
    untold = {cell for cell, many in own.items() if all(one.why is Why.CLOSED or one.is_uncounted for one in many)}
    told = {
        cell: one.between
        for cell in untold - small
        for one in own[cell]
        if one.is_uncounted and one.between is not None
    }
    together, axes, rests = added_up(asking.hanging.sums, asking.hanging.axes, counts, threshold)
    counts |= rests
    system = System(
        together,
        counts,
        needed={cell: (1, threshold - 1) for cell in small | few_left(rests, threshold)} | told,
        width=dict.fromkeys(untold - small - told.keys(), threshold - 2),
        least={cell: 1 if cell in small else threshold if cell not in rests else 0 for cell in counts}
        | {cell: low for cell, (low, _) in told.items()},
        most=dict.fromkeys(small, threshold - 1) | {cell: high for cell, (_, high) in told.items()},
        fixed=frozenset(cell for cell, many in own.items() if any(one.turn is Turn.NEVER for one in many)),
        last=frozenset(cell for cell, many in own.items() if any(one.turn is not Turn.FIRST for one in many)),
        axes=axes,
    )
    return system, small
