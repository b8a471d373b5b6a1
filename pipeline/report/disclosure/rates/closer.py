"""Ranges that say too little to be read, told closer: a count that is hidden for others only is told as between two
round numbers, where each count that must stay open stays as open as it was.

M. Fischetti, J. J. Salazar. Partial cell suppression: a new methodology for statistical disclosure control. Statistics
and Computing 2003; 13: 13-21.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Self

from pipeline.report.disclosure.count_systems import Guards, Range, System, is_rest
from pipeline.report.disclosure.propagation import Numbers, Web
from pipeline.report.disclosure.rates.axes import Cell
from pipeline.report.disclosure.rates.cells import OTHER, WIDEST, Decided, Hanging, Pair, system_of, too_few_to_tell

STEPS = (500, 200, 100, 50, 20, 10)  # between which round numbers a count is told
Offer = Mapping[str, Range]  # between which numbers a part and its rest are to be told


@dataclass(frozen=True, slots=True)
class Reader:
    """What a reader works out of counts that add up, of which these are hidden; and which must stay open."""

    web: Web
    hidden: set[Cell]
    guards: Guards
    low: Numbers
    high: Numbers

    @classmethod
    def of(cls, system: System, hidden: set[Cell]) -> Self:
        unseen = hidden | {cell for cell in system.counts if is_rest(cell)}
        guarded = [cell for cell in unseen if cell in system.needed or cell in system.width]
        web = Web(system.sums, system.counts, system.least, system.most, system.axes, system.seen)
        return cls(web, unseen, Guards(system, guarded, web.at), *web.bounds([unseen]))

    def of_cell(self, cell: Cell) -> Range:
        """The smallest and the largest whole number that a count could be."""
        low, high = self.low[0, self.web.at[cell]], self.high[0, self.web.at[cell]]
        return int(low), inf if high == inf else int(high)

    def told(self, cell: Cell, lies: Range) -> Self:
        """The reader who is told between which numbers a hidden count lies, too."""
        web = self.web.told(cell, lies)
        low, high = web.bounds([self.hidden])
        return replace(self, web=web, low=low, high=high)

    def leaves_open(self, before: Self) -> bool:
        """Whether no count is known too well that was not, and none that was is known better."""
        was, now = before.guards.exposed(before.low, before.high)[0], self.guards.exposed(self.low, self.high)[0]
        same = ((self.low == before.low) & (self.high == before.high))[0, self.guards.at]
        return not bool((now & ~(was & same)).any())


Readers = Mapping[str, Reader]  # of the parts and of the rests


def ranges(hanging: Hanging, pairs: Mapping[Cell, Pair], out: Decided, threshold: int) -> dict[Cell, Range]:
    """Between which numbers each part lies that is not shown, or of which it is not shown of how many it is: those that
    a reader works out, told closer where that would say too little."""
    reader = {kind: Reader.of(system_of(kind, hanging, pairs, out, threshold), out.part) for kind in OTHER}
    found = within_reach(reader, pairs, out)
    offers = list(offered(found, pairs, out, threshold))
    if offers:
        found = within_reach(told_closer(reader, offers), pairs, out)
    return found | {cell: (pairs[cell].part, pairs[cell].part) for cell in out.about.keys() - out.part - out.whole}


def within_reach(reader: Readers, pairs: Mapping[Cell, Pair], out: Decided) -> dict[Cell, Range]:
    """Between which numbers each hidden part lies for a reader who works it out."""
    found: dict[Cell, Range] = {}
    for cell in out.part - out.whole - out.untold:
        least, most = whole_of(cell, pairs, out)
        (low, high), (under, over) = (reader[kind].of_cell(cell) for kind in OTHER)
        found[cell] = (max(low, least - over), min(high, most - under))
    return found


def whole_of(cell: Cell, pairs: Mapping[Cell, Pair], out: Decided) -> Range:
    """Between which numbers it is told that a whole lies."""
    return out.about.get(cell, (pairs[cell].whole, pairs[cell].whole))


def offered(
    found: Mapping[Cell, Range], pairs: Mapping[Cell, Pair], out: Decided, threshold: int
) -> Iterator[tuple[Cell, Offer]]:
    """Closer ranges of parts, the largest wholes first, of which neither few are in them nor few are not."""
    for cell in sorted(found, key=lambda cell: (-pairs[cell].whole, repr(cell))):
        one, (least, most) = pairs[cell], whole_of(cell, pairs, out)
        low, high = found[cell]
        small = any(one.few(kind, threshold) for kind in OTHER) or too_few_to_tell(one, threshold)
        told = None if small or high - low <= WIDEST * least else round_range(one.part, (low, high), WIDEST * least)
        if told is not None:
            yield cell, {"part": told, "rest": (max(least - told[1], 0), most - told[0])}


def round_range(count: int, known: Range, widest: float) -> Range | None:
    """The two round numbers around a count that lie no further apart than widest, within what is known of it; None
    where there are none."""
    step = next((step for step in STEPS if step <= widest), None)
    if step is None:
        return None
    low = step * (count // step)
    return max(low, known[0]), min(low + step - 1, known[1])


def told_closer(reader: Readers, offers: Iterable[tuple[Cell, Offer]]) -> Readers:
    """The readers who are told each offer, one after another, that leaves open what must be."""
    for cell, offer in offers:
        tried = {kind: reader[kind].told(cell, told) for kind, told in offer.items()}
        if all(tried[kind].leaves_open(reader[kind]) for kind in tried):
            reader = tried
    return reader
