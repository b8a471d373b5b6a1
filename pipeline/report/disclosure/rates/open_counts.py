"""Between which numbers each of many counts lies for a reader who is told one thing after another: what follows is
passed on from count to count only where something moved, and taken back where it would leave too little open.

Each sum is passed on as propagation.Web does; of counts along an axis every difference of two totals is a count of its
own, and adds up with the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil, floor, inf

from pipeline.report.disclosure.count_systems import Range
from pipeline.report.disclosure.propagation import DUST, Sum
from pipeline.report.disclosure.rates.axes import Axis, Cell

ENDLESS = 10**12


@dataclass(frozen=True, slots=True)
class Saying:
    """What is told of one rate: between which numbers its counts lie, and between which its share does."""

    row: int
    lies: Mapping[str, Range]
    share: Range | None = None


class OpenCounts:
    """Counts that hang together, and between which numbers each lies.

    sums are of whole numbers: a total and its parts; a share, a whole and its part, has its limits beside them.
    """

    def __init__(self, sums: Sequence[Sum], axes: Sequence[Axis], needed: Mapping[Cell, Range]) -> None:
        self.at: dict[Cell, int] = {}
        self.sums = [(self.place(one.total), [self.place(part) for part in one.parts]) for one in sums]
        for number, one in enumerate(axes):
            self.add_axis(number, one)
        size = len(self.at)
        self.low, self.high = [0] * size, [ENDLESS] * size
        self.least, self.most = [ENDLESS] * size, [-1] * size  # what must stay open
        for cell, (low, high) in needed.items():
            if cell in self.at:
                self.least[self.at[cell]], self.most[self.at[cell]] = int(low), int(high)
        self.within: list[list[int]] = [[] for _ in range(size)]
        for number, (total, parts) in enumerate(self.sums):
            for place in (total, *parts):
                self.within[place].append(number)
        self.shares: dict[int, Range] = {}
        self.moved: list[tuple[int, int, int]] = []  # counts, and between which numbers each lay before

    def place(self, cell: Cell) -> int:
        return self.at.setdefault(cell, len(self.at))

    def add_axis(self, number: int, one: Axis) -> None:
        """Adds every difference of two totals of an axis, those that rows tell among them."""
        between: dict[tuple[int, int], int] = {}
        for cell, span in one.spans.items():
            place = self.place(cell)
            if between.setdefault(span, place) != place:
                self.sums.append((between[span], [place]))
        ends = sorted({end for span in one.spans.values() for end in span})
        for span in combinations(ends, 2):
            between.setdefault(span, -1)
            if between[span] < 0:
                between[span] = self.place(("between", number, span))
        for a, b, c in combinations(ends, 3):
            self.sums.append((between[a, c], [between[a, b], between[b, c]]))

    def lies(self, cell: Cell) -> Range:
        """The smallest and the largest whole number that a count could be."""
        low, high = self.low[self.at[cell]], self.high[self.at[cell]]
        return low, inf if high > ENDLESS // 1000 else high

    def taking(self, sayings: Sequence[Saying]) -> list[Saying]:
        """Takes as many of these as leave open what must be, the first before the others; those that do not."""
        if not sayings or self.takes(sayings):
            return []
        if len(sayings) == 1:
            return list(sayings)
        half = len(sayings) // 2
        return self.taking(sayings[:half]) + self.taking(sayings[half:])

    def takes(self, sayings: Sequence[Saying], anyhow: bool = False) -> bool:
        """Takes these, all or none: whether what must stay open does, or anyhow."""
        before = len(self.sums)
        self.moved = []
        if self.told(sayings, anyhow):
            return True
        for place, low, high in reversed(self.moved):
            self.low[place], self.high[place] = low, high
        for number in range(before, len(self.sums)):
            total, parts = self.sums[number]
            for place in (total, *parts):
                self.within[place].remove(number)
            del self.shares[number]
        del self.sums[before:]
        return False

    def told(self, sayings: Sequence[Saying], anyhow: bool) -> bool:
        waiting: dict[int, None] = {}
        for one in sayings:
            for kind, (low, high) in one.lies.items():
                place = self.at[kind, one.row]
                if (low > self.low[place] or high < self.high[place]) and not self.draw_in(
                    place, int(low), ENDLESS if high == inf else int(high), waiting, anyhow
                ):
                    return False
            if one.share is not None:
                low, high = one.share
                waiting[self.add_share("part", one.row, (low, high))] = None
                waiting[self.add_share("rest", one.row, (1 - high, 1 - low))] = None
        return self.passed_on(waiting, anyhow)

    def add_share(self, kind: str, row: int, share: Range) -> int:
        number = len(self.sums)
        part, whole = self.at[kind, row], self.at["whole", row]
        self.sums.append((whole, [part]))
        self.within[part].append(number)
        self.within[whole].append(number)
        self.shares[number] = share
        return number

    def passed_on(self, waiting: dict[int, None], anyhow: bool = False) -> bool:
        """Passes on what these sums tell, and what follows; whether all stays open that must."""
        low, high = self.low, self.high
        while waiting:
            number = next(iter(waiting))
            del waiting[number]
            changes = self.of_share(number) if number in self.shares else self.of_sum(number)
            for place, under, over in changes:
                if (under > low[place] or over < high[place]) and not self.draw_in(place, under, over, waiting, anyhow):
                    return False
        return True

    def of_sum(self, number: int) -> list[tuple[int, int, int]]:
        """What a sum tells of its total and of each part."""
        low, high = self.low, self.high
        total, parts = self.sums[number]
        lows, highs = 0, 0
        for part in parts:
            lows += low[part]
            highs += high[part]
        bottom, top = max(low[total], lows), min(high[total], highs)
        changes = [(total, lows, highs)] if lows > low[total] or highs < high[total] else []
        under, over = bottom - highs, top - lows
        for part in parts:
            if under + high[part] > low[part] or over + low[part] < high[part]:
                changes.append((part, under + high[part], over + low[part]))
        return changes

    def of_share(self, number: int) -> list[tuple[int, int, int]]:
        """What a share tells of its part and its whole."""
        whole, (part,) = self.sums[number]
        least, most = self.shares[number]
        top = floor(self.high[part] / least + DUST) if least > 0 else ENDLESS
        return [
            (part, ceil(least * self.low[whole] - DUST), floor(most * self.high[whole] + DUST)),
            (whole, ceil(self.low[part] / most - DUST), top),
        ]

    def draw_in(self, place: int, under: int, over: int, waiting: dict[int, None], anyhow: bool) -> bool:
        """Draws the range of one count in; whether it stays as open as it must."""
        low, high = self.low[place], self.high[place]
        self.moved.append((place, low, high))
        low, high = max(low, under), min(high, over)
        self.low[place], self.high[place] = low, high
        for number in self.within[place]:
            waiting[number] = None
        if low <= self.least[place] and high >= self.most[place]:
            return True
        if anyhow:  # known too well already, it must not be known better
            self.least[place], self.most[place] = min(low, self.least[place]), max(high, self.most[place])
        return anyhow
