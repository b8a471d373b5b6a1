"""Bounds of hidden counts, passed along everything that adds up and everything that overlaps in time, all at once and
for several choices of what is hidden side by side, until none moves.

Every count stands in a line of numbers twice, as itself and negated: the least that a negated count can be says the
most that the count can be, so that one rule passes both on.  A sum is a list of such numbers that add up to nothing
(its parts and its negated total): each is at most what the least of all others leave.  Of running totals, how much
one exceeds another is at least what any way from one to the other adds up to.
The bounds of differences are longest paths, and exact for whole numbers too (R. Bellman. On a routing problem.
Quarterly of Applied Mathematics 1958; 16: 87-90).
"""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pipeline.report.disclosure.rates.axes import Axis, Cell

Numbers = NDArray[np.float64]
Places = NDArray[np.intp]
ENDLESS = 1e12  # more than any count; sums of it stay exact
DUST = 1e-6  # of floating point


@dataclass(frozen=True, slots=True)
class Sum:
    """total = the sum of parts.  Parts that nobody publishes are cells as well: they are hidden from the start."""

    total: Cell
    parts: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (self.total, *self.parts)


class Aims:
    """Which numbers entries tell something of; the second half of entries is the first half, negated."""

    def __init__(self, numbers: Places, true: Numbers) -> None:
        self.source = np.argsort(numbers, kind="stable")
        ordered = numbers[self.source]
        where = np.argsort(self.source)
        self.counterpart = where[(self.source + len(numbers) // 2) % len(numbers)]
        self.numbers, self.first = np.unique(ordered, return_index=True)
        self.true = true[ordered]

    def draw_in(self, least: Numbers, told: Numbers) -> bool:
        """Raises the least of numbers to what entries, in the order of source, tell; whether any moved.  What leaves
        out the true count comes of a contradiction: nobody can conclude it, and it is passed over."""
        wrong = told > self.true
        if wrong.any():
            told = np.where(wrong | wrong[:, self.counterpart], -ENDLESS, told)
        best, now = np.maximum.reduceat(told, self.first, axis=1), least[:, self.numbers]
        moved = bool((best > now).any())
        if moved:
            least[:, self.numbers] = np.maximum(best, now)
        return moved


class Sums:
    """Sums as lists of numbers that add up to nothing, each once as it is and once negated."""

    def __init__(self, sums: Sequence[Sum], at: Mapping[Cell, int], true: Numbers) -> None:
        size = len(at)
        plain = [[size + at[one.total], *(at[part] for part in one.parts)] for one in sums]
        lengths = [len(one) for one in plain] * 2
        entries = np.array([number for one in plain for number in one], dtype=np.intp)
        self.entries = np.concatenate([entries, (entries + size) % (2 * size)])
        self.first = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.intp)
        self.aims = Aims((self.entries + size) % (2 * size), true)
        self.list_of = np.repeat(np.arange(len(lengths)), lengths)[self.aims.source]
        self.entry_of = self.entries[self.aims.source]

    def pass_on(self, least: Numbers) -> bool:
        """Raises the least of each number to what the others of its sums leave; whether any moved."""
        together = np.add.reduceat(least[:, self.entries], self.first, axis=1)
        others = together[:, self.list_of] - least[:, self.entry_of]
        others[others < -ENDLESS / 2] = -ENDLESS
        return self.aims.draw_in(least, others)


class Overlaps:
    """Axes of running totals, as the least by which each total of an axis exceeds each other."""

    def __init__(self, axes: Sequence[Axis], at: Mapping[Cell, int], true: Numbers) -> None:
        self.totals, size = max(one.totals for one in axes), len(at)
        spans = [(number, *span, at[cell]) for number, one in enumerate(axes) for cell, span in one.spans.items()]
        axis, early, late, cell = np.array(spans, dtype=np.intp).T
        numbers = np.concatenate([cell, (cell + size) % (2 * size)])
        self.aims = Aims(numbers, true)
        between = np.concatenate([self.place(axis, late, early), self.place(axis, early, late)])
        self.numbers, self.told_in = numbers[np.argsort(between, kind="stable")], between[self.aims.source]
        self.between, self.first = np.unique(np.sort(between), return_index=True)
        self.none = np.tile(np.tril(np.full((self.totals, self.totals), -ENDLESS), -1), (len(axes), 1, 1))

    def place(self, axis: Places, total: Places, other: Places) -> Places:
        """Where it stands how much a total exceeds another."""
        return (axis * self.totals + other) * self.totals + total

    def pass_on(self, least: Numbers) -> bool:
        """Raises the least of each number to what all ways between its two totals leave; whether any moved."""
        more = np.tile(self.none.ravel(), (len(least), 1))
        told = np.maximum.reduceat(least[:, self.numbers], self.first, axis=1)
        more[:, self.between] = np.maximum(more[:, self.between], told)
        ways = more.reshape(len(least), *self.none.shape)
        for by in range(self.totals):
            np.maximum(ways, ways[:, :, :, by, None] + ways[:, :, None, by, :], out=ways)
        more[more < -ENDLESS / 2] = -ENDLESS
        return self.aims.draw_in(least, more[:, self.told_in])


def line_of(ranges: Sequence[tuple[float, float]]) -> Numbers:
    """Ranges as a line of numbers: the least of each count, then of each negated."""
    low, high = np.array(ranges, dtype=float).reshape(-1, 2).T
    return np.concatenate([low, -high])


class Web:
    """Counts that hang together, with what a reader knows of each that is hidden.

    counts  every cell's true count; only those that are shown are used as known
    seen    between which numbers a reader sees one that is shown, where not exactly
    least   what a reader knows a hidden cell to be at least, 0 where nothing is said
    most    what a reader knows it to be at most, where that is told
    axes    cells that overlap in time
    """

    def __init__(
        self,
        sums: Sequence[Sum],
        counts: Mapping[Cell, int],
        least: Mapping[Cell, float],
        most: Mapping[Cell, float] = MappingProxyType({}),
        axes: Sequence[Axis] = (),
        seen: Mapping[Cell, tuple[float, float]] = MappingProxyType({}),
    ) -> None:
        self.at = {cell: place for place, cell in enumerate(counts)}
        true = np.array(list(counts.values()), dtype=float)
        self.true = np.concatenate([true, -true])
        self.known = line_of([(least.get(cell, 0), min(most.get(cell, inf), ENDLESS)) for cell in counts])
        self.shown = line_of([seen.get(cell, (count, count)) for cell, count in counts.items()])
        self.ties: list[Sums | Overlaps] = [Sums(sums, self.at, self.true)] if sums else []
        if axes:
            self.ties.append(Overlaps(axes, self.at, self.true))

    def told(self, cell: Cell, lies: tuple[float, float]) -> Self:
        """The same counts for a reader who knows between which numbers a hidden one lies."""
        other, place = copy(self), self.at[cell]
        other.known = self.known.copy()
        other.known[[place, place + len(self.at)]] = lies[0], -lies[1]
        return other

    def bounds(self, choices: Sequence[Collection[Cell]]) -> tuple[Numbers, Numbers]:
        """The smallest and the largest whole number that each count could be, a line for each choice of what is hidden;
        exact where the sums form a tree, as ours do."""
        hidden = np.zeros((len(choices), len(self.at)), dtype=bool)
        for line, choice in enumerate(choices):
            hidden[line, [self.at[cell] for cell in choice if cell in self.at]] = True
        least = np.where(np.tile(hidden, 2), self.known, self.shown)
        turn = 0
        while turn < len(self.ties):
            turn = 0 if self.ties[turn].pass_on(least) else turn + 1
        high = -least[:, len(self.at) :]
        high[high >= ENDLESS] = inf
        return least[:, : len(self.at)], high
