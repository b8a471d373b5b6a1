"""The rates of one measure that hang together, over arms, sites, periods, payers and races: what is told of each."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from math import inf

from pipeline.periods import Grain, grain_of
from pipeline.report.disclosure.count_systems import Range, linked
from pipeline.report.disclosure.derived import WHOLE_PERCENT_FROM
from pipeline.report.disclosure.earlier import Counts
from pipeline.report.disclosure.measure_sums import (
    MEASURES,
    ON_SCORECARD,
    WHOLE,
    additions,
    close_nests,
    is_measure,
    nesting,
    place_of,
)
from pipeline.report.disclosure.propagation import Sum
from pipeline.report.disclosure.rates.asked import Asking, askings, heads_hidden, same_people
from pipeline.report.disclosure.rates.axes import Cell, that_hold
from pipeline.report.disclosure.rates.before import CALENDAR, is_known, was_hidden
from pipeline.report.disclosure.rates.cells import (
    OTHER,
    Decided,
    Hanging,
    Pair,
    People,
    Turn,
    Why,
    decide,
    is_primary,
    nobody_in,
    ranges,
)
from pipeline.report.disclosure.rates.nested_rates import (
    below_around,
    beneath,
    found_again,
    largest,
    narrowed_by_around,
    no_longer_around,
    no_longer_beneath,
)
from pipeline.report.disclosure.rates.overlaps import axes_of
from pipeline.report.disclosure.secondary_suppression import apart
from pipeline.results import ALL_LEVELS, Result

ASKED_AGAIN = "assessed_again"  # who is in it is the whole of other rates


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a rate whose numbers are hidden: between which numbers those in it lie, and, where it is not
    shown of how many people it is, between which those do."""

    low: float
    high: float
    whole: Range | None = None


ANY: Range = (0, inf)  # a whole of which nothing is told


@dataclass(frozen=True, slots=True)
class Rates:
    """What is decided of all rates of the measure library.

    hidden  result_ids of rates that are not shown
    told    what is told of some of those
    heads   counts of people who were asked again that are not shown, each with its row
    pairs   the counts of each, by its place among the rows
    """

    hidden: set[str]
    told: Mapping[str, Told]
    heads: Sequence[tuple[Result, int]]
    pairs: Mapping[Cell, Pair]


@dataclass(frozen=True, slots=True)
class Memory:
    """What rounds before found of the same rows: which rates hang together, with their cells, and whose people do,
    which lie inside others, and what was decided: the same of the same counts."""

    groups: list[tuple[Hanging, set[Cell]]] = field(default_factory=list)
    asked: list[Asking] = field(default_factory=list)
    nested: list[tuple[Cell, Cell]] = field(default_factory=list)
    heads: dict[Hashable, People] = field(default_factory=dict)
    decided: dict[Hashable, Decided] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What other rules decided of rates.

    closed     hidden whole
    uncounted  those that do not tell of how many people they are, or only between which numbers
    again      those of people asked again who are, as a head count of others, told to lie between these numbers
    sensitive  names of measures whose nobody, or everybody, tells as much as few do
    before     the counts that earlier editions showed, by result
    memory     what rounds before found
    """

    closed: frozenset[str]
    uncounted: Mapping[str, Range | None]
    again: Mapping[str, Range | None]
    sensitive: tuple[str, ...]
    threshold: int
    before: Counts = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)


def rates(rows: Sequence[Result], known: Known) -> Rates:
    """What is shown, told as a range, or hidden of every rate of the library; rows hold those told before too."""
    names = {i: row.result_id for i, row in enumerate(rows) if is_measure(row)}
    pairs: dict[Cell, Pair] = {i: pair_of(rows[i], name, known) for i, name in names.items()}
    groups, nested = known.memory.groups, known.memory.nested
    if not groups:
        groups += hanging_together(rows, names, pairs)
        nested += nesting(rows)
        known.memory.asked.extend(askings(groups, same_people(rows, pairs)))
    for together, _ in groups:
        pairs |= inherited(together.sums, pairs, known.threshold)
    nests: dict[Cell, Sequence[Cell]] = {
        i: outer for i, outer in close_nests(rows, known.threshold).items() if i in pairs
    }
    pairs |= {i: beneath(pairs[i], [pairs[j] for j in outer], known.threshold) for i, outer in nests.items()}
    pairs |= {i: replace(pairs[i], most=most) for i, most in largest(nested, pairs, known.threshold).items()}
    decided = decided_again(set(pairs), pairs, {}, known)
    while changes := {
        **found_again(rows, pairs, decided.values()),
        **no_longer_beneath(nests, pairs, decided.values()),
        **no_longer_around(nested, pairs, decided.values()),
        **below_around(nested, pairs, decided.values()),
        **narrowed_by_around(nested, pairs, decided.values(), known.threshold),
    }:
        pairs |= changes
        decided = decided_again(set(changes), pairs, decided, known)
    return as_rates(rows, names, pairs, decided.values(), known.threshold)


def as_rates(
    rows: Sequence[Result],
    names: Mapping[int, str],
    pairs: Mapping[Cell, Pair],
    decided: Iterable[Decided],
    threshold: int,
) -> Rates:
    hidden: set[str] = set()
    told: dict[str, Told] = {}
    heads: list[tuple[Result, int]] = []
    for one in decided:
        hidden |= {names[i] for i in {*one.part, *one.ranges} if isinstance(i, int)}
        told |= {
            names[i]: Told(low, high, one.about.get(i))
            for i, (low, high) in one.ranges.items()
            if isinstance(i, int) and rows[i].analysis == MEASURES and pairs[i].whole
        }
        told |= {
            names[i]: Told(pairs[i].part, pairs[i].part, ANY)
            for i in one.whole - one.untold
            if isinstance(i, int) and rows[i].analysis == MEASURES and of_many_visits(pairs[i], threshold)
        }
        heads += [(rows[i], pairs[i].part) for i in one.part if isinstance(i, int) and rows[i].measure == ASKED_AGAIN]
    return Rates(hidden, told, heads, pairs)


def of_many_visits(one: Pair, threshold: int) -> bool:
    """Whether a rate of visits, of how many people it is not told, can be told in whole percent: those tell of no
    number of visits, and visits of no number of people."""
    many = one.people != one.whole and one.whole >= WHOLE_PERCENT_FROM + threshold - 1
    return many and not is_primary(one, threshold) and not one.is_uncounted


def pair_of(row: Result, name: str, known: Known) -> Pair:
    """The two counts of a rate; a figure that is no rate is of so many people, and none of them is in it."""
    people = row.n or 0
    is_rate = row.numerator is not None and row.denominator is not None
    return Pair(
        part=row.numerator or 0,
        whole=(row.denominator or 0) if is_rate else people,
        people=people,
        tells=frozenset(OTHER) if is_rate and row.measure in known.sensitive else frozenset(),
        why=why_hidden(row, name, known),
        turn=turn_of(row, name, known),
        is_uncounted=name in known.uncounted,
        between=known.uncounted.get(name) if is_rate and people == row.denominator else None,
        lies=None if name in known.closed else known.again.get(name),
    )


def why_hidden(row: Result, name: str, known: Known) -> Why | None:
    """Why a rate is hidden before any other is looked at."""
    if name in known.closed:
        return Why.CLOSED
    if name in known.again:
        return Why.COUNTED
    return Why.BEFORE if grain_of(row.period) in CALENDAR and was_hidden(row, known.before) else None


def turn_of(row: Result, name: str, known: Known) -> Turn:
    """When a rate is hidden beside others: one that all levels, or half-years, tell goes first."""
    if (on_scorecard(row) or is_known(row, known.before)) and name not in known.closed | known.uncounted.keys():
        return Turn.NEVER
    return Turn.FIRST if row.arm == ALL_LEVELS or grain_of(row.period) is Grain.HALF else Turn.LAST


def on_scorecard(row: Result) -> bool:
    """Whether the scorecard tells the same number of the same people."""
    return row.analysis == MEASURES and place_of(row) == WHOLE and row.measure in ON_SCORECARD.values()


def hanging_together(
    rows: Sequence[Result], names: Iterable[int], pairs: Mapping[Cell, Pair]
) -> Iterator[tuple[Hanging, set[Cell]]]:
    """The rates that share a sum, or overlap in time, with their cells; those that do neither stand alone."""
    kinds = [{i: getattr(one, kind) for i, one in pairs.items()} for kind in ("part", "whole", "people")]
    families: dict[tuple[object, ...], dict[int, Result]] = defaultdict(dict)
    for i in names:
        families[rows[i].measure, rows[i].outcome, rows[i].day][i] = rows[i]
    for family in families.values():
        sums = [Sum(total, tuple(parts)) for total, parts in additions(family) if parts]
        sums += one_inside_another(sums)
        axes = [reduce(that_hold, kinds, one) for one in axes_of(family)]
        alone: set[Cell] = set(family)
        for together in apart([*sums, *map(linked, axes)]):
            cells = {cell for one in together for cell in one.cells}
            alone -= cells
            here = [(one.total, list(one.parts)) for one in sums if one.total in cells]
            yield Hanging(here, [one for one in axes if one.spans.keys() & cells]), cells
        yield from ((Hanging([]), {cell}) for cell in sorted(alone, key=repr))


def inherited(
    sums: Sequence[tuple[Cell, Sequence[Cell]]], pairs: Mapping[Cell, Pair], threshold: int
) -> dict[Cell, Pair]:
    """Rates whose nobody tells as much as few do, since few are in a rate that they are a part of: the others would be
    known to hold all of those.  Not where nobody is in another that they are a part of, and that is shown."""
    found: dict[Cell, Pair] = {}
    while True:
        now = {**pairs, **found}
        nobody = nobody_in(sums, now)
        more: dict[Cell, Pair] = {}
        for total, parts in sums:
            few = {kind for kind in OTHER if now[total].few(kind, threshold)}
            for part in parts:
                one = more.get(part, now[part])
                tells = one.tells | {kind for kind in few if (part, kind) not in nobody}
                more |= {part: replace(one, tells=tells)} if tells != one.tells else {}
        if not more:
            return found
        found |= more


def one_inside_another(sums: Sequence[Sum]) -> list[Sum]:
    """Where all parts of one sum are parts of another, as the periods of a chart are: what the second has besides."""
    found = []
    held = [(one, frozenset(one.parts)) for one in sums if len(one.parts) > 1]
    for inner, inside in held:
        for outer, around in held:
            if inner.total != outer.total and inside <= around:
                found.append(Sum(outer.total, (inner.total, *(part for part in outer.parts if part not in inside))))
    return found


def decided_again(
    changed: set[Cell], pairs: Mapping[Cell, Pair], decided: Mapping[int, Decided], known: Known
) -> dict[int, Decided]:
    """What is decided, anew of all rates whose people hang together with those of a changed one."""
    asked = [one for one in known.memory.asked if changed & one.cells]
    heads = [heads_of(one, pairs, known) for one in asked]
    together = People(
        {cell for one in heads for cell in one.hidden},
        {cell: lies for one in heads for cell, lies in one.about.items()},
    )
    touched = {cell for one in asked for cell in one.cells}
    anew = {
        i: decided_of(hanging, cells, pairs, together, known)
        for i, (hanging, cells) in enumerate(known.memory.groups)
        if touched & cells
    }
    return {**decided, **anew}


def heads_of(asking: Asking, pairs: Mapping[Cell, Pair], known: Known) -> People:
    key = tuple((cell, pairs[cell]) for cell in sorted(asking.cells, key=repr))
    if key not in known.memory.heads:
        known.memory.heads[key] = heads_hidden(asking, pairs, known.threshold)
    return known.memory.heads[key]


def decided_of(together: Hanging, cells: set[Cell], pairs: Mapping[Cell, Pair], heads: People, known: Known) -> Decided:
    here: dict[Cell, Pair] = {cell: pairs[cell] for cell in sorted(cells, key=repr) if isinstance(cell, int)}
    untold = frozenset(heads.hidden & here.keys()), frozenset((i, heads.about[i]) for i in heads.about.keys() & here)
    key = (*here.items(), *untold)
    if key not in known.memory.decided:
        found = decide(together, here, heads, known.threshold)
        found.ranges = ranges(together, here, found, known.threshold)
        known.memory.decided[key] = found
    return known.memory.decided[key]
