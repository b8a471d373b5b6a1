"""Everything that is told of all rates, read together by one reader: counts, ranges and whole percents, of all measures
at once.  What would narrow a small count is taken back, the least useful first; what is hidden for others only is told
as between two round numbers, where every count that must stay open does.

The reader knows that a part and its rest make a whole, which of those add up to which, which overlap in time, which
measures ask the same people, count the same ones or lie inside another, and which counts are small.
M. Fischetti, J. J. Salazar. Partial cell suppression: a new methodology for statistical disclosure control. Statistics
and Computing 2003; 13: 13-21.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from pipeline.periods import Grain, grain_of
from pipeline.report.disclosure.count_systems import Range, added_up, few_left, linked, rest_of
from pipeline.report.disclosure.measure_sums import MEASURES, close_nests, same_numbers
from pipeline.report.disclosure.propagation import Sum
from pipeline.report.disclosure.rates.axes import Axis, Cell
from pipeline.report.disclosure.rates.cells import WIDEST, Hanging, Pair, Turn
from pipeline.report.disclosure.rates.families import Memory, Told
from pipeline.report.disclosure.rates.open_counts import OpenCounts, Saying
from pipeline.report.disclosure.secondary_suppression import apart
from pipeline.report.disclosure.suppressed import Within
from pipeline.results import ALL_LEVELS, Result

KINDS = ("part", "rest", "whole")
HALF = 0.005  # of a whole percent
STEPS = (500, 200, 100, 50, 20, 10)  # between which round numbers: closer ones of two editions would tell a change
CLOSER = (0.1, 0.2, WIDEST)  # how wide a range may be, as a share of its whole: the closest that all else allows


@dataclass(frozen=True, slots=True)
class Ties:
    """All counts of all rates, how they hang together, and which must stay open, each between which numbers."""

    sums: list[Sum] = field(default_factory=list)
    axes: list[Axis] = field(default_factory=list)
    counts: dict[Cell, int] = field(default_factory=dict)
    needed: dict[Cell, Range] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """All rates, with what rounds before found of how they hang together.

    must  between which numbers head counts that are not shown must be able to lie, by kind and place
    """

    rows: Sequence[Result]
    pairs: Mapping[int, Pair]
    memory: Memory
    must: Mapping[Cell, Range]
    threshold: int


def ties_of(reading: Reading) -> Ties:
    """Everything a reader can put together."""
    ties, pairs, threshold = Ties(), reading.pairs, reading.threshold
    for i, one in pairs.items():
        ties.counts.update({(kind, i): getattr(one, kind) for kind in KINDS})
        ties.sums.append(Sum(("whole", i), (("part", i), ("rest", i))))
        few = {(kind, i) for kind in ("part", "rest") if one.few(kind, threshold)}
        few |= {("whole", i)} if 0 < one.whole < threshold else set()
        ties.needed.update(dict.fromkeys(few, (1, threshold - 1)))
    for number, (hanging, _) in enumerate(reading.memory.groups):
        for kind in KINDS:
            add(ties, hanging, kind, (kind, number), threshold)
        ties.sums.extend(whole_of_rests(ties, hanging, number))
    own = {(kind, i): getattr(one, kind) for i, one in pairs.items() for kind in KINDS}
    ties.sums.extend(Sum(one, (other,)) for one, other in (*same_wholes(reading), *same_numbers(reading.rows, own)))
    ties.sums.extend(around_others(ties, reading))
    ties.needed.update({("part", i): one.lies for i, one in pairs.items() if one.lies is not None})
    return replace(ties, needed={**reading.must, **ties.needed})


def same_wholes(reading: Reading) -> Iterator[tuple[Cell, Cell]]:
    """The wholes of rates that ask the same people."""
    of_people = {i for i, one in reading.pairs.items() if one.people == one.whole}
    for asking in reading.memory.asked:
        for first, same in asking.members.items():
            yield from ((("whole", first), ("whole", i)) for i in same if i != first and {i, first} <= of_people)


def around_others(ties: Ties, reading: Reading) -> Iterator[Sum]:
    """Those in a rate that holds another are those in that one and some more; where they are few, they stay so."""
    close = close_nests(reading.rows, reading.threshold)
    inside = {*reading.memory.nested, *((i, j) for i, around in close.items() for j in around)}
    for inner, outer in sorted(inside, key=repr):
        if not (isinstance(inner, int) and isinstance(outer, int) and {inner, outer} <= reading.pairs.keys()):
            continue
        more, rest = reading.pairs[outer].part - reading.pairs[inner].part, ("more", inner, outer)
        if more >= 0:
            ties.counts[rest] = more
            ties.needed.update({rest: (1, reading.threshold - 1)} if 0 < more < reading.threshold else {})
            yield Sum(("part", outer), (("part", inner), rest))


def whole_of_rests(ties: Ties, hanging: Hanging, number: int) -> Iterator[Sum]:
    """What no part of a sum holds is made of a part and a rest too."""
    for place in range(len(hanging.sums)):
        whole, *inside = (((kind, number), rest_of(place)) for kind in ("whole", "part", "rest"))
        parts = tuple(cell for cell in inside if cell in ties.counts)
        if whole in ties.counts and ties.counts[whole] == sum(ties.counts[cell] for cell in parts):
            yield Sum(whole, parts)


def add(ties: Ties, hanging: Hanging, kind: str, name: Cell, threshold: int) -> None:
    """Adds the sums and axes of rates that hang together, by one of their counts."""
    cells = {cell for total, parts in hanging.sums for cell in (total, *parts)}
    cells |= {cell for axis in hanging.axes for cell in axis.spans}
    counts = {cell: ties.counts[kind, cell] for cell in cells}
    sums, axes, rests = added_up(hanging.sums, hanging.axes, counts, threshold)

    def named(cell: Cell) -> Cell:
        return (name, cell) if cell in rests else (kind, cell)

    ties.sums.extend(Sum(named(one.total), tuple(map(named, one.parts))) for one in sums)
    ties.axes.extend(replace(one, spans={named(cell): span for cell, span in one.spans.items()}) for one in axes)
    ties.counts.update({(name, cell): count for cell, count in rests.items()})
    ties.needed.update({(name, cell): (1, threshold - 1) for cell in few_left(rests, threshold)})


def read_together(
    reading: Reading,
    leaving: Mapping[int, Result],
    before: Mapping[int, Mapping[str, Range]],
    hidden: set[str],
    barred: set[str],
) -> tuple[set[str], dict[str, Told]]:
    """result_ids of rates that are hidden after all, and what is told of those that are not shown.

    leaving  the rates as they would leave without this, by their place among rows; those told before are there as well
    before   between which numbers, of part and whole, the last edition told that they lie
    hidden   those that are not shown
    barred   those of which nothing more is told
    """
    gone: set[str] = set()
    told: dict[str, Told] = {}
    said = {i: saying(i, reading.rows[i], out, reading.pairs[i]) for i, out in leaving.items()}
    for ties in ties_apart(ties_of(reading)):
        reader = OpenCounts(ties.sums, ties.axes, ties.needed)
        here = sorted((i for i in said if ("whole", i) in ties.counts), key=lambda i: turn(reading, said[i]))
        known = {i for i in here if reading.pairs[i].turn is Turn.NEVER and reading.rows[i].result_id not in hidden}
        reader.takes([Saying(i, before[i]) for i in here if before.get(i)], anyhow=True)
        reader.takes([said[i] for i in here if i in known], anyhow=True)
        vague = {i for i in beside_few(ties) & said.keys() if said[i].share is not None}
        said |= {i: replace(said[i], share=None) for i in vague}
        silent = vague | {one.row for one in reader.taking([said[i] for i in here if i not in known])}
        gone |= {reading.rows[i].result_id for i in silent}
        open_to = [i for i in here if i not in known and may_be_told(i, reading, barred)]
        untold = [i for i in open_to if i in silent or not is_said(said[i])]
        rolling = beside_few_in_time(ties)
        closer(reader, reading, [i for i in untold if i not in rolling])
        told |= ranges(reader, reading, untold)
    return gone, told


def beside_few(ties: Ties) -> set[int]:
    """Rates that add up with a few, whose share of an unknown number would tell of those few in ways that sums alone do
    not pass on."""
    few = {cell for cell in ties.needed if kind_of(cell) != "whole"}
    beside = {cell for one in ties.sums if few & {*one.cells} for cell in one.cells}
    return {cell[1] for cell in beside if isinstance(cell, tuple) and kind_of(cell) in KINDS}


def beside_few_in_time(ties: Ties) -> set[int]:
    """Rates of a place where few are in a period that overlaps others: a year that rolls on and is told more closely
    would, beside the year of the next edition, tell of those few."""
    few = ties.needed.keys()
    beside = {cell for axis in ties.axes if few & axis.spans.keys() for cell in axis.spans}
    return {cell[1] for cell in beside if isinstance(cell, tuple) and kind_of(cell) in KINDS}


def kind_of(cell: Cell) -> Any:
    """Part, rest or whole of a rate; something else of a cell that is none of those."""
    return cell[0] if isinstance(cell, tuple) else None


def turn(reading: Reading, one: Saying) -> tuple[bool, ...]:
    """When a rate is told: counts before ranges, the last twelve months first, wholes before their parts."""
    row = reading.rows[one.row]
    parts = (row.site or row.payer or row.stratum, row.arm != ALL_LEVELS)
    return (not is_exact(one), grain_of(row.period) is not Grain.ROLLING, *map(bool, parts))


def may_be_told(i: int, reading: Reading, barred: set[str]) -> bool:
    """Whether a range may stand for a rate: not of few people."""
    row, many = reading.rows[i], reading.pairs[i].people >= reading.threshold
    return many and row.analysis == MEASURES and bool(row.denominator) and row.result_id not in barred


def is_exact(one: Saying) -> bool:
    return len(one.lies) == 2 and all(low == high for low, high in one.lies.values())


def is_said(one: Saying) -> bool:
    """Whether a rate is told as its counts, or in whole percent."""
    return is_exact(one) or one.share is not None


def closer(reader: OpenCounts, reading: Reading, silent: Sequence[int]) -> None:
    """Tells rates that are not shown as between round numbers, where what follows from all else says too little and
    everything stays open that must."""
    for widest in CLOSER:
        for i in silent:
            one = offer(i, reader, reading, widest)
            if one is not None:
                reader.takes([one])


def ranges(reader: OpenCounts, reading: Reading, silent: Sequence[int]) -> dict[str, Told]:
    """What follows of rates that are not shown from all that is told, where that can be read."""
    found = {}
    for i in silent:
        (low, high), (least, most) = reader.lies(("part", i)), reader.lies(("whole", i))
        if most - least <= WIDEST * least:
            found[reading.rows[i].result_id] = Told(low, min(high, most), None if least == most else (least, most))
    return found


def offer(i: int, reader: OpenCounts, reading: Reading, widest: float) -> Saying | None:
    """What could be told of a rate in round numbers, where what follows from all else says too little."""
    one, threshold = reading.pairs[i], reading.threshold
    if one.whole < 2 * threshold:
        return None
    lies: dict[str, Range] = {}
    least, most = reader.lies(("whole", i))
    if most - least > widest * one.whole:
        lies["whole"] = round_range(one.whole, (least, most), widest * one.whole) or (0, inf)
    small = [kind for kind in ("part", "rest") if one.few(kind, threshold)]
    for kind in small:
        if reader.lies((kind, i))[1] >= threshold:
            lies[kind] = (int(kind not in one.tells), threshold - 1)
    low, high = reader.lies(("part", i))
    if not small and high - low > widest * least:
        lies["part"] = round_range(one.part, (low, high), widest * one.whole) or (0, inf)
    return Saying(i, lies) if lies and (0, inf) not in lies.values() else None


def round_range(count: int, known: Range, widest: float) -> Range | None:
    """The two round numbers around a count that lie no further apart than widest, within what is known of it; None
    where there are none."""
    step = next((step for step in STEPS if step <= widest + 1), None)
    if step is None:
        return None
    low = step * (count // step)
    return max(low, known[0]), min(low + step - 1, known[1])


def ties_apart(ties: Ties) -> Iterator[Ties]:
    """Those that share no count, apart."""
    joined = [(linked(axis), axis) for axis in ties.axes]
    axis_of = {one: axis for one, axis in joined}
    for together in apart([*ties.sums, *axis_of]):
        cells = {cell for one in together for cell in one.cells}
        yield Ties(
            [one for one in together if one not in axis_of],
            [axis_of[one] for one in together if one in axis_of],
            {cell: ties.counts[cell] for cell in cells},
            {cell: ties.needed[cell] for cell in cells & ties.needed.keys()},
        )


def saying(place: int, row: Result, out: Result, one: Pair) -> Saying:
    """What a rate says as it leaves."""
    lies: dict[str, Range] = {}
    whole = out.n if row.denominator is None else out.denominator
    for kind, told in (("part", out.numerator), ("whole", whole)):
        if isinstance(told, Within):
            none = int(kind == "whole" or "part" not in one.tells)
            lies[kind] = (none if told.low is None else told.low, inf if told.high is None else told.high)
        elif isinstance(told, int):
            lies[kind] = (told, told)
    if isinstance(out.numerator, Within):
        lies["rest"] = (int("rest" not in one.tells), inf)
    of_unknown = row.numerator is not None and not isinstance(out.numerator, int)
    share = out.estimate if of_unknown and isinstance(out.estimate, float) else None
    return Saying(place, lies, None if share is None else (share - HALF, share + HALF))
