"""Counts along one axis of running totals: passed along sums alone, bounds would miss what three overlapping ones tell
together.  What no row tells but several do together is a cell of its own where it is small, and must stay possible too.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

Cell = Hashable
Span = tuple[int, int]  # from the running total at one place of an axis to that at a later one


@dataclass(frozen=True, slots=True)
class Axis:
    """The rows of one place along time; how many running totals there are, and between which two each row lies."""

    totals: int
    spans: Mapping[Cell, Span]


def beside_gap(cell: Cell, one: Axis) -> tuple[Cell, ...]:
    """The rows that begin or end where a span does."""
    ends = set(one.spans[cell])
    return tuple(other for other, span in one.spans.items() if other != cell and ends & set(span))


def that_hold(one: Axis, counts: Mapping[Cell, int]) -> Axis:
    """The axis without rows that contradict shorter ones."""
    totals = Running(one.totals)
    in_turn = sorted(one.spans.items(), key=lambda item: item[1][1] - item[1][0])
    kept = {cell: span for cell, span in in_turn if totals.holds(*span, counts[cell])}
    return Axis(one.totals, kept)


class Running:
    """Running totals, as far as rows tell how they differ."""

    def __init__(self, how_many: int) -> None:
        self.group = list(range(how_many))
        self.value = [0] * how_many

    def holds(self, first: int, last: int, count: int) -> bool:
        """Whether a row agrees with those before it; if so it is remembered."""
        away = self.value[first] + count - self.value[last]
        into, moved = self.group[first], self.group[last]
        if into == moved:
            return away == 0
        before = self.group, self.value
        self.value = [value + away * (own == moved) for own, value in zip(self.group, self.value, strict=True)]
        self.group = [into if own == moved else own for own in self.group]
        if min((count for _, count in self.between()), default=0) < 0:
            self.group, self.value = before
            return False
        return True

    def between(self) -> Iterator[tuple[Span, int]]:
        """How many there are between any two totals of which that is known."""
        for a, b in combinations(range(len(self.group)), 2):
            if self.group[a] == self.group[b]:
                yield (a, b), self.value[b] - self.value[a]


def with_gaps(number: int, one: Axis, counts: Mapping[Cell, int], threshold: int) -> tuple[Axis, dict[Cell, int]]:
    """The axis with a cell for each small count between two totals that no row tells; and those counts."""
    totals = Running(one.totals)
    for cell, span in one.spans.items():
        totals.holds(*span, counts[cell])
    told = set(one.spans.values())
    few = {span: count for span, count in totals.between() if 0 < count < threshold and span not in told}
    gaps: dict[Cell, Span] = {("rest", ("gap", number, span)): span for span in few}
    return Axis(one.totals, {**one.spans, **gaps}), {cell: few[span] for cell, span in gaps.items()}
