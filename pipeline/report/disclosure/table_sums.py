"""Which counts of the result tables add up: the sums a reader could do by hand."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.counting import DESCRIBED, Heads
from pipeline.endings import DROPPED_OUT
from pipeline.errors import DisclosureError
from pipeline.questions import counting_of, every_counting
from pipeline.report.disclosure.nested_counts import flow_nests, heads_told
from pipeline.report.disclosure.propagation import Sum
from pipeline.report.disclosure.rates.axes import Cell
from pipeline.report.disclosure.secondary_suppression import protect
from pipeline.results import AttritionStep, Result

Group = tuple[str, int, Mapping[Cell, int]]  # a name, a known total, and its parts


@dataclass(frozen=True, slots=True)
class Margins:
    """Counts, how they add up, which of them nobody publishes, which are known from elsewhere, and which are hidden in
    any case."""

    sums: tuple[Sum, ...]
    counts: Mapping[Cell, int]
    unpublished: frozenset[Cell] = frozenset()
    fixed: frozenset[Cell] = frozenset()
    wanted: frozenset[Cell] = frozenset()
    withheld: frozenset[Cell] = frozenset()


def hidden_cells(margins: Margins, threshold: int) -> set[Cell]:
    """The cells to hide so that no small count can be worked out from these sums."""
    return protect(
        margins.sums,
        margins.counts,
        threshold=threshold,
        unpublished=margins.unpublished,
        fixed=margins.fixed,
        wanted=margins.wanted,
        withheld=margins.withheld,
    )


def with_remainder(name: str, total: int, parts: Mapping[Cell, int]) -> tuple[Sum, dict[Cell, int]]:
    """A known total, its shown parts and what is left over, as a sum and its counts."""
    rest = total - sum(parts.values())
    left_over: dict[Cell, int] = {("rest", name): rest} if rest else {}
    return Sum(("total", name), (*parts, *left_over)), {("total", name): total, **parts, **left_over}


def assembled(groups: Sequence[Group]) -> Margins:
    """Margins of groups that share nothing: (name, known total, parts)."""
    sums: list[Sum] = []
    counts: dict[Cell, int] = {}
    for name, total, parts in groups:
        if parts and total >= sum(parts.values()):
            one, numbers = with_remainder(name, total, parts)
            sums.append(one)
            counts |= numbers
    return Margins(
        tuple(sums),
        counts,
        frozenset(c for c in counts if isinstance(c, tuple) and c[0] == "rest"),
        frozenset(c for c in counts if isinstance(c, tuple) and c[0] == "total"),
    )


def result_margins(rows: Sequence[Result], already: set[str]) -> Margins:
    """Rows of one group of people that share a denominator: improved and worse, still in care and dropped out, one
    ending and another.

    A row that is hidden already counts as a small cell, whatever its size: it must stay unknown.
    """
    groups: dict[str, dict[Cell, int]] = defaultdict(dict)
    totals: dict[str, int] = {}
    kinds = {name: kind for one in every_counting() for kind, names in one.adds_up.items() for name in names}
    for row in rows:
        kind = kinds.get(row.measure)
        count, whole = (row.numerator, row.denominator) if row.denominator is not None else (row.events, row.n)
        if kind is None or row.reference or count is None or whole is None or (row.stratum and kind == "care"):
            continue
        table = row.stratum if kind == "hours" else row.analysis  # a headline and the rows beside it share their weeks
        name = "|".join(
            (
                kind,
                table,
                row.arm,
                row.outcome,
                str(row.day),
                row.site,
                row.payer,
                row.period,
                row.population,
                str(whole),
            )
        )
        groups[name][row.result_id] = count
        totals[name] = (
            sum(groups[name].values()) if kind == "ending" else whole
        )  # the curve of those in care gives all endings away
    margins = assembled(
        [(name, totals[name], parts) for name, parts in groups.items()] + within_level(rows) + within_harm(rows)
    )
    leaving = frozenset(
        row.result_id for row in rows if row.measure == "cumulative_incidence" and row.stratum == DROPPED_OUT
    )
    return replace(margins, unpublished=margins.unpublished | (already & margins.counts.keys()), wanted=leaving)


STARTED = "starts "  # how the nest of those who started begins
NOT_PEOPLE = ("programs",)  # rows of this table are places, and a place is no person


def within_level(rows: Sequence[Result]) -> list[Group]:
    """Still in care at the level started, among those still in care at any level."""
    retained = [row for row in rows if row.measure == "retained" and row.numerator is not None]
    whole = {(r.arm, r.day, r.site, r.payer, r.period): r.numerator for r in retained if not r.stratum}
    groups: list[Group] = []
    for row in retained:
        total = whole.get((row.arm, row.day, row.site, row.payer, row.period))
        if row.stratum and total is not None:
            groups.append((f"level|{row.result_id}", total, {row.result_id: row.numerator or 0}))
    return groups


def within_harm(rows: Sequence[Result]) -> list[Group]:
    """Harm by an earlier day within harm by a later one, measured every 14 days within every 30: what lies between
    counts people too; of those who left early, where the same people are asked on both days."""
    by_group: dict[tuple[str, ...], list[Result]] = defaultdict(list)
    for row in rows:
        counting = counting_of(row.question)
        if counting is None or row.numerator is None:
            continue
        if row.measure in counting.grows:
            by_group[(row.analysis, row.measure, row.arm, row.site, row.payer, row.period)].append(row)
        if row.measure in counting.within and not row.twin_of:
            by_group[(row.question, row.outcome, str(row.day), row.arm, row.site)].append(row)
    groups: list[Group] = []
    for same in by_group.values():
        in_time = sorted(same, key=lambda row: (row.day or 0, row.measure))
        for early, late in pairwise(in_time):
            if late.measure in DESCRIBED.grows and early.denominator != late.denominator:
                continue
            groups.append((f"harm|{late.result_id}", late.numerator or 0, {early.result_id: early.numerator or 0}))
    return groups


def part_margins(rows: Sequence[Result], already: set[str], count: str) -> Margins:
    """Rows of arms that add up to everybody's, and rows of sites that add up to their arm's, by one of their counts.

    count  numerator, denominator, or remainder (denominator less numerator)
    """
    levels: dict[tuple[object, ...], dict[tuple[str, str], Result]] = defaultdict(dict)
    for row in rows:
        if by_place(row) and row.numerator is not None and row.denominator is not None and not row.twin_of:
            levels[row.measure, row.outcome, row.day, row.stratum][row.arm, row.site] = row
    sums: list[Sum] = []
    counts: dict[Cell, int] = {}
    for placed in levels.values():
        numbers: dict[Cell, int] = {row.result_id: counted(row, count) for row in placed.values()}
        counts |= numbers
        for (arm, site), row in placed.items():
            if arm:
                inside = [other for (its, place), other in placed.items() if its == arm and place and not site]
            else:
                inside = [other for (its, place), other in placed.items() if its and not place]
            if inside and numbers[row.result_id] == sum(numbers[other.result_id] for other in inside):
                sums.append(Sum(row.result_id, tuple(other.result_id for other in inside)))
    return Margins(tuple(sums), counts, unpublished=frozenset(already & counts.keys()))


def by_place(row: Result) -> bool:
    """Whether rows of this question add up: sites within an arm, and arms within everybody."""
    counting = counting_of(row.question)
    return counting is not None and counting.heads is Heads.BY_PLACE


def counted(row: Result, count: str) -> int:
    """One count of a row that has a numerator and a denominator: numerator, denominator or what remains."""
    numerator, denominator = row.numerator, row.denominator
    if numerator is None or denominator is None:
        raise DisclosureError(f"{row.result_id} adds up with other rows and has no counts; please report this fault")
    return {"numerator": numerator, "denominator": denominator, "remainder": denominator - numerator}[count]


def told_of(step: AttritionStep, told: Mapping[tuple[str, str], set[int]]) -> set[int]:
    """The head counts that rows tell of people such as a step leaves, or of anybody where it leaves everybody or every
    arm; how many started is told of every flow, since all lead to them or begin with them."""
    nests = flow_nests(step)
    return {
        count
        for (arm, nest), counts in told.items()
        if not step.arm or (arm == step.arm and (not nests or nest in nests or nest.startswith(STARTED)))
        for count in counts
    }


def attrition_margins(steps: Sequence[AttritionStep], rows: Sequence[Result], close: set[Cell]) -> Margins:
    """Who was left before a step = who is left after it + who was removed by it, in all and in each arm.

    rows are those that leave: a count of the same people that stands in one of them as well is known, such as the last;
    the same number of other people is not, nor one beside another that differs by few, but for the last step.  close:
    cells that are hidden for another reason.  Where arms are first told apart, they add up to everybody left before.
    """
    counts: dict[Cell, int] = {}
    sums: list[Sum] = []
    last: dict[tuple[str, str], int] = {}
    split: dict[str, list[int]] = defaultdict(list)
    for place, step in enumerate(steps):
        counts |= {("n_left", place): step.n_left, ("n_removed", place): step.n_removed}
        before = last.get((step.analysis, step.arm))
        if before is not None:
            sums.append(Sum(("n_left", before), (("n_left", place), ("n_removed", place))))
        elif step.arm:
            split[step.analysis].append(place)
        last[(step.analysis, step.arm)] = place
    for analysis, places in split.items():
        everybody = last.get((analysis, ""))
        if everybody is not None:
            sums.append(
                Sum(("n_left", everybody), tuple((name, place) for place in places for name in ("n_left", "n_removed")))
            )
    told = heads_told(rows)
    known = frozenset(("n_left", place) for place, step in enumerate(steps) if step.n_left in told_of(step, told))
    right = tuple(one for one in sums if counts[one.total] == sum(counts[part] for part in one.parts))
    mere = close - {("n_left", place) for place in last.values()}  # only the last step is who was compared
    return Margins(right, counts, fixed=known - mere, withheld=frozenset(close) - known)
