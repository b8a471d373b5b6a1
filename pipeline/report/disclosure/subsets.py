"""May the answer for a part of the people leave?  Beside the answer for all of them it tells of the others too.

Whoever asks for women only, and for everybody, can subtract; whoever leaves a site out asks of that site.  So the rule
does not look at what was asked before: it counts the people by everything a question restricts them by, and asks
whether any sum or difference of such answers could tell of 1 to threshold-1 people.
1. Values with few people are taken together, the fewest first, until no group is small.  A part is answered only where
   what it keeps and what it leaves out are whole groups, and no crossing of them is small.
2. Its counts are shown only where the same holds within every site, and for those without the outcome too, and where
none differs by few from a count of the same kind of people that is released already.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pipeline.report.disclosure.derived import conceal
from pipeline.report.disclosure.gate import Tables
from pipeline.results import COUNTS, NUMBERS, Diagnostic, Result

EVERYTHING = (*NUMBERS, *COUNTS, "ess")
# Checks that say how alike the weighted groups are; the others are shares of people, whose counts could be subtracted.
WEIGHTED = ("balance", "balance_expanded", "variance_ratio", "overlap", "max_person_share", "negative_controls")
HIDDEN = "hidden: an answer for this part of the people, beside the one for all of them, would tell of a few"
UNCOUNTED = "counts hidden: beside other counts, of all of the people or of a site, they would tell of a few"
MEASURED = ("with", "without", "measured")  # a yes-or-no outcome happened or did not; a score was taken


@dataclass(frozen=True, slots=True)
class People:
    """The people of one kind: their arm, whether the outcome is known (or why it is not), site, restricted values."""

    arm: str
    outcome: str
    site: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subset:
    """Everybody at the compared levels, counted by what a question restricts them by, and what it keeps.

    kept      for each restricted column the value that is kept
    left_out  the sites that are left out
    """

    counts: Mapping[People, int]
    kept: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        return not self.kept and not self.left_out


def part_released(tables: Tables, subset: Subset, threshold: int, beside: Iterable[Result] = ()) -> Tables:
    """Released rows of an answer for a part of the people, without what would tell of the others.

    beside  what is released of the study already, perhaps of nearly the same people
    """
    if subset.is_whole:
        return tables
    answered = may_be_answered(subset, threshold)
    counted = answered and may_be_counted(subset, threshold) and not near(tables.results, subset, threshold, beside)
    results = tuple(row if counted else part_row(row, answered) for row in tables.results)
    return replace(tables, results=results, diagnostics=tuple(part_check(row, answered) for row in tables.diagnostics))


def near(rows: Iterable[Result], subset: Subset, threshold: int, beside: Iterable[Result]) -> bool:
    """Whether a count differs by few from one that is released of the same arm and the same kind of people."""
    kept = set(subset.kept)
    alike = [row for row in beside if kept & {row.payer, *re.findall(r"[\w-]+", row.stratum)}]
    told = [one for row in alike for one in heads(row)]
    own = [one for row in rows for one in heads(row)]
    return any(whose == arm and 0 < abs(n - other) < threshold for whose, n in own for arm, other in told)


def heads(row: Result) -> Iterator[tuple[str, int]]:
    """The head counts a row shows, each with its arm."""
    shown = ((row.arm, row.n), (row.arm, row.denominator), (row.reference, row.n_reference))
    yield from ((arm, count) for arm, count in shown if isinstance(count, int))


def part_row(row: Result, answered: bool) -> Result:
    """A row without its counts; without any number where nothing may be said, or where it is a plain average, which
    with the one for all would give that of the others."""
    if row.gate == "withheld":
        return row
    out: Result = conceal(row, (*COUNTS, "ess") if answered and row.analysis != "as_observed" else EVERYTHING)
    note = "; ".join(filter(None, (row.note, UNCOUNTED if answered else HIDDEN)))
    return replace(out, note=note)


def part_check(row: Diagnostic, answered: bool) -> Diagnostic:
    """A check without the numbers that could be subtracted; that it passed may be known."""
    out: Diagnostic = conceal(row, ("before",) if answered and row.check in WEIGHTED else ("before", "after"))
    return out


def may_be_answered(subset: Subset, threshold: int) -> bool:
    """Whether neither the part nor what it leaves out is few people."""
    measured = {one: n for one, n in subset.counts.items() if one.outcome in MEASURED}
    kept_values = [grouped(measured, value_at(place), by_outcome, threshold) for place in range(len(subset.kept))]
    sites = grouped(measured, lambda one: one.site, by_outcome, threshold)
    if not whole_groups(subset, kept_values, sites):
        return False

    def crossing(one: People) -> Hashable:
        held = tuple(value == kept for value, kept in zip(one.values, subset.kept, strict=True))
        return (*by_outcome(one), held, sites[one.site] if one.site in subset.left_out else "")

    return none_small(measured, crossing, threshold)


def may_be_counted(subset: Subset, threshold: int) -> bool:
    """Whether the part's own counts may be shown as well: nobody is few within a site, nor among those without the
    outcome."""
    measured = {one: n for one, n in subset.counts.items() if one.outcome in MEASURED}
    sites = grouped(measured, lambda one: one.site, by_outcome, threshold)

    def by_place(one: People) -> Hashable:
        return (*by_outcome(one), sites[one.site])

    kept_values = [grouped(measured, value_at(place), by_place, threshold) for place in range(len(subset.kept))]
    if not whole_groups(subset, kept_values, sites):
        return False

    def values(one: People) -> tuple[str, ...]:
        return tuple(group.get(value, value) for group, value in zip(kept_values, one.values, strict=True))

    return none_small(measured, lambda one: (by_place(one), values(one)), threshold) and none_small(
        subset.counts,
        lambda one: (*by_outcome(one), values(one), one.site if one.site in subset.left_out else ""),
        threshold,
    )


def by_outcome(one: People) -> tuple[Hashable, ...]:
    return one.arm, one.outcome


def value_at(place: int) -> Callable[[People], str]:
    return lambda one: one.values[place]


def whole_groups(subset: Subset, kept_values: list[dict[str, str]], sites: Mapping[str, str]) -> bool:
    """Whether what is kept, and what is left out, are groups of their own."""
    alone = all(
        kept in group and list(group.values()).count(group[kept]) == 1
        for kept, group in zip(subset.kept, kept_values, strict=True)
    )
    touched = {sites[site] for site in subset.left_out if site in sites}
    return alone and all(site in subset.left_out for site, group in sites.items() if group in touched)


def grouped(
    counts: Mapping[People, int], value: Callable[[People], str], within: Callable[[People], Hashable], threshold: int
) -> dict[str, str]:
    """Each value's group, named by one of its values: those with few people somewhere are taken together with the next
    fewest."""
    group = {value(one): value(one) for one in counts}
    while True:
        sizes: Counter[str] = Counter()
        cells: Counter[tuple[str, Hashable]] = Counter()
        for one, n in counts.items():
            sizes[group[value(one)]] += n
            cells[group[value(one)], within(one)] += n
        small = sorted(
            {name for (name, _), n in cells.items() if 0 < n < threshold}, key=lambda name: (sizes[name], name)
        )
        if not small or len(sizes) == 1:
            return group
        other = min((name for name in sizes if name != small[0]), key=lambda name: (sizes[name], name))
        group = {one: other if name == small[0] else name for one, name in group.items()}


def none_small(counts: Mapping[People, int], kind: Callable[[People], Hashable], threshold: int) -> bool:
    """Whether no kind of people holds 1 to threshold-1 of them."""
    cells: Counter[Hashable] = Counter()
    for one, n in counts.items():
        cells[kind(one)] += n
    return not any(0 < n < threshold for n in cells.values())
