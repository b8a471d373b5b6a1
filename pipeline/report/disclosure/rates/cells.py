"""Which counts of a measure are shown, which are told as a bound or a range, and which not at all.

A rate is two counts: how many are in it, and of how many.  A small count is told as its bound (fewer than 11 of 280),
which says what everybody knows who knows the threshold.  Where parts add up, the reader who knows which counts are
small must still find every one of them able to be anything from 1 to 10; so others are not told exactly, but as the
range that the reader could work out anyway from all that is shown.  That range tells nothing new.  Of a whole in which
few are, nobody is told as a zero: the others would be known to hold them.
M. Fischetti, J. J. Salazar. Partial cell suppression: a new methodology for statistical disclosure control. Statistics
and Computing 2003; 13: 13-21.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from math import inf

from pipeline.report.disclosure.count_systems import Range, System, added_up, few_left, rest_of, settled, worked_out
from pipeline.report.disclosure.rates.axes import Axis, Cell


class Why(Enum):
    """Why the part of a rate is not shown exactly, for another reason than its own smallness; the first that holds."""

    CLOSED = "nothing is told of it, and sums must not give it back"
    ECHO = "it stands in another rate too, where it is not shown"
    BENEATH = "the rate around it holds few more, and those few are as small a count"
    COUNTED = "those in it are a head count of other rates, where it is not shown"
    BEFORE = "it was hidden before, and stays so"


class Turn(Enum):
    """When a count is hidden beside others of which one must be."""

    FIRST = "before others"
    LAST = "where no other is left near"
    NEVER = "not at all: it is known from elsewhere, so that hiding it would protect nobody"


@dataclass(frozen=True, slots=True)
class Pair:
    """The two counts of one rate, and what is decided of it already.

    part, whole   how many are in it, of how many
    people        how many people that is: the whole, unless it counts visits
    tells         of which of part and rest nobody tells as much as few do
    why           the reason that its part is hidden already
    turn          when it is hidden beside others
    is_uncounted  how many people it is of is not shown, for another reason; what share of them is
    between       for one that is uncounted: between which numbers its people lie, as is told
    most          how many can be in it at most, as other rates tell
    lies          between which numbers its part lies, of one told as beneath another, or as a head count is elsewhere
    """

    part: int
    whole: int
    people: int
    tells: frozenset[str] = frozenset()
    why: Why | None = None
    turn: Turn = Turn.LAST
    is_uncounted: bool = False
    between: Range | None = None
    most: int | None = None
    lies: Range | None = None

    @property
    def rest(self) -> int:
        return self.whole - self.part

    def few(self, kind: str, threshold: int) -> bool:
        """Whether the part, or the rest, is small, or nobody where that tells as much."""
        count = self.part if kind == "part" else self.rest
        return count < threshold and (count > 0 or kind in self.tells)


OTHER = {"part": "rest", "rest": "part"}
WIDEST = 0.35  # a range of more than so much of the whole says too little to be read


@dataclass(frozen=True, slots=True)
class People:
    """How many people rates are of, as far as that is not shown.

    hidden  rates of which it is not told
    about   those of which it is told between which numbers it lies
    """

    hidden: set[Cell] = field(default_factory=set)
    about: dict[Cell, Range] = field(default_factory=dict)


@dataclass(slots=True)
class Decided:
    """What is not shown exactly.

    whole   cells whose whole is hidden, and with it their part
    part    cells whose part is hidden
    about   cells of whose whole it is told between which numbers it lies
    untold  those of which no range is told
    near    those beside a count that nothing more among them could protect
    ranges  between which numbers the others lie
    """

    whole: set[Cell] = field(default_factory=set)
    part: set[Cell] = field(default_factory=set)
    about: dict[Cell, Range] = field(default_factory=dict)
    untold: set[Cell] = field(default_factory=set)
    near: set[Cell] = field(default_factory=set)
    ranges: dict[Cell, Range] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hanging:
    """Rates that hang together: which add up to which, in all their counts, and which overlap in time."""

    sums: Sequence[tuple[Cell, Sequence[Cell]]]
    axes: Sequence[Axis] = ()


def decide(together: Hanging, pairs: Mapping[Cell, Pair], heads: People, threshold: int) -> Decided:
    """What is hidden, and what is told in its place, among rates that hang together; heads: of how many people those
    are."""
    out = Decided(
        whole=heads.hidden & pairs.keys(), about={i: heads.about[i] for i in heads.about.keys() & pairs.keys()}
    )
    out.part = out.whole | {cell for cell, one in pairs.items() if is_primary(one, threshold)}
    out.untold = {cell for cell, one in pairs.items() if silent(one)}
    while True:
        before = len(out.part), len(out.untold)
        for kind in OTHER:
            out.part, stuck = settled(system_of(kind, together, pairs, out, threshold), out.part)
            few = {cell for cell, one in pairs.items() if one.few(kind, threshold)}
            out.near |= around(beside(stuck, together.sums), together.sums, few) & pairs.keys()
            out.part |= out.near & out.about.keys()  # else what is told of them tells of the few beside
            out.untold |= out.near
        if (len(out.part), len(out.untold)) == before:
            return out


def beside(cells: set[Cell], sums: Sequence[tuple[Cell, Sequence[Cell]]]) -> set[Cell]:
    """These cells and all that add up with one of them: of none is it told whether it is small, where a reader who knew
    that could work one out."""
    near = [one for number, one in enumerate(sums) if cells & {one[0], *one[1], rest_of(number)}]
    return cells | {cell for total, parts in near for cell in (total, *parts)}


def around(cells: set[Cell], sums: Sequence[tuple[Cell, Sequence[Cell]]], few: set[Cell]) -> set[Cell]:
    """These cells and the small totals that hold one of them: such a total tells that its parts are small too."""
    while more := {total for total, parts in sums if total in few and cells & {*parts}} - cells:
        cells = cells | more
    return cells


def silent(one: Pair) -> bool:
    """Whether no range is told of a rate."""
    return one.why in (Why.CLOSED, Why.ECHO) or is_unsaid(one)


def is_unsaid(one: Pair) -> bool:
    """Whether nothing is said of how many people a rate is of."""
    return one.is_uncounted and one.between is None


def is_primary(one: Pair, threshold: int) -> bool:
    return one.why is not None or one.few("part", threshold) or one.few("rest", threshold)


def system_of(kind: str, hanging: Hanging, pairs: Mapping[Cell, Pair], out: Decided, threshold: int) -> System:
    """The parts, or the rests, as a reader sees them."""
    counts: dict[Cell, int] = {cell: getattr(one, kind) for cell, one in pairs.items()}
    together, axes, rests = added_up(hanging.sums, hanging.axes, counts, threshold)
    needed: dict[Cell, Range] = {cell: (1, threshold - 1) for cell in few_left(rests, threshold)}
    width: dict[Cell, int] = {}
    least: dict[Cell, float] = {}
    most: dict[Cell, float] = {}
    seen: dict[Cell, Range] = {}
    for cell, one in pairs.items():
        if one.few(kind, threshold):
            needed[cell] = (1, threshold - 1)
        elif one.few(OTHER[kind], threshold) and cell not in out.whole:
            needed[cell] = (one.whole - threshold + 1, one.whole - 1)
        elif one.lies is not None:
            needed[cell] = lying(kind, one.lies, (one.whole, one.whole))
        elif one.why in (Why.CLOSED, Why.ECHO):
            width[cell] = threshold - 2
        if cell not in out.whole:
            whole = out.about.get(cell, (one.whole, one.whole))
            known = (0, whole[1]) if cell in out.untold else known_of(kind, one, whole, threshold)
            least[cell], most[cell] = beside_others(kind, one, whole, known)
            if cell in out.about and kind == "rest":
                seen[cell] = max(whole[0] - one.part, 0), whole[1] - one.part
        elif one.people < threshold and one.people == one.whole:
            most[cell] = threshold - 1
        elif one.most is not None:
            most[cell] = one.most if kind == "part" else inf
    fixed = frozenset(cell for cell, one in pairs.items() if one.turn is Turn.NEVER or is_unsaid(one))
    fixed |= {part for part, _ in nobody_in(hanging.sums, pairs)}  # a zero that is known gives its rest back
    last = frozenset(cell for cell, one in pairs.items() if one.turn is not Turn.FIRST)
    return System(together, counts | rests, needed, width, least, most, fixed, last, axes, seen)


def nobody_in(sums: Sequence[tuple[Cell, Sequence[Cell]]], pairs: Mapping[Cell, Pair]) -> set[tuple[Cell, str]]:
    """Which parts, or rests, hold nobody for all to see, since nobody is in one that they are a part of."""
    return {
        (part, kind)
        for total, parts in sums
        for kind in OTHER
        if not getattr(pairs[total], kind) and kind not in pairs[total].tells
        for part in parts
    }


def beside_others(kind: str, one: Pair, whole: Range, known: Range) -> Range:
    """Between which numbers a part, or rest, lies for a reader who knows also how many are in the rate around it."""
    if one.most is None:
        return known
    low, high = known
    return (low, min(high, one.most)) if kind == "part" else (max(low, whole[0] - one.most), high)


def known_of(kind: str, one: Pair, whole: Range, threshold: int) -> Range:
    """Between which numbers a part, or rest, lies for a reader who knows between which its whole does, and which counts
    are small."""
    here, there = (one.part, one.rest) if kind == "part" else (one.rest, one.part)
    none, every = int(kind not in one.tells), whole[1] - int(OTHER[kind] not in one.tells)
    if too_few_to_tell(one, threshold):
        return none, every
    if one.few(kind, threshold):
        return none, threshold - 1
    if one.few(OTHER[kind], threshold):
        return max(whole[0] - threshold + 1, 0), every
    if one.lies is not None:
        return lying(kind, one.lies, whole)
    return threshold if here else 0, whole[1] - threshold if there else whole[1]


def lying(kind: str, lies: Range, whole: Range) -> Range:
    """Where a part, or rest, lies when the part is told to lie there."""
    return lies if kind == "part" else (max(whole[0] - lies[1], 0), whole[1] - lies[0])


def just_beneath(one: Pair, ceiling: int, threshold: int) -> Range | None:
    """Where a rate lies that is told as just beneath another: all of 1 to threshold-1 more must be possible for a
    reader who knows that neither its part nor its rest is small; None where they are not."""
    low, high = ceiling - threshold + 1, ceiling - 1
    return (low, high) if threshold <= low <= one.part <= high <= one.whole - threshold else None


def too_few_to_tell(one: Pair, threshold: int) -> bool:
    """Whether a whole is so small that both its part and its rest may be small: which of them is not told."""
    return one.whole < 2 * threshold


def ranges(hanging: Hanging, pairs: Mapping[Cell, Pair], out: Decided, threshold: int) -> dict[Cell, Range]:
    """Between which numbers each part lies that is not shown, or of which it is not shown of how many it is."""
    known = {kind: worked_out(system_of(kind, hanging, pairs, out, threshold), out.part) for kind in OTHER}
    found: dict[Cell, Range] = {cell: (pairs[cell].part, pairs[cell].part) for cell in out.about.keys() - out.whole}
    for cell in out.part - out.whole - out.untold:
        least, most = out.about.get(cell, (pairs[cell].whole, pairs[cell].whole))
        (low, high), (under, over) = known["part"][cell], known["rest"][cell]
        found[cell] = max(low, least - over), min(high, most - under)
    return {cell: lies for cell, lies in found.items() if cell not in out.untold or cell not in out.part}
