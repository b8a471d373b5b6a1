"""Head counts that are too near another of the same nest to be shown beside it, and between which numbers they lie."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from pipeline.report.disclosure.count_systems import Range
from pipeline.report.disclosure.nested_counts import Crowded, Whose, heads, is_small, nests, started
from pipeline.results import Result

NOT_STARTS = ("stays", "courses")  # nests whose periods are those in which something ended


@dataclass(frozen=True, slots=True)
class Crowding:
    """Head counts, each of an arm and site, payer, period.

    crowded  those that are not shown
    beside   those that stay around each, in all of its nests
    starts   those who started, then or at all
    """

    crowded: Crowded
    beside: Mapping[tuple[Whose, int], set[int]]
    starts: Crowded


def crowding(
    rows: Sequence[Result], hidden: set[str], threshold: int, by_period: Mapping[tuple[str, str], int]
) -> Crowding:
    """Head counts that differ by 1 to threshold-1 from those who started, then or at all, or from another in a nest
    that both belong to.  Of two such, the one that fewer rows tell is shown in none of them; of equals, the later.

    by_period  how many started in each arm and period, shown by a figure
    """
    told, nests_of = counted_heads(rows, hidden)
    kept = dict(starting(rows, nests_of, by_period))
    starts = {(place, count) for (place, _), counts in kept.items() for count in counts}
    crowded: Crowded = set()
    for head in sorted(told, key=lambda one: -told[one]):
        place, count = head
        around = [kept.setdefault((place, nest), set()) for nest in nests_of[head]]
        if any(is_small(abs(count - other), threshold) for others in around for other in others):
            crowded.add(head)
        else:
            for others in around:
                others.add(count)
    beside = {(place, n): set().union(*(kept[place, nest] for nest in nests_of[place, n])) for place, n in told}
    return Crowding(crowded, beside, starts)


def crowd_ranges(
    rows: Sequence[Result], found: Crowding, unsaid: set[str], untold: Crowded, threshold: int
) -> dict[tuple[Whose, int], Range]:
    """Between which numbers those head counts lie that are not shown for their nearness to others, where it can be
    told: everywhere between the same numbers the same is told.

    unsaid  rows that do not show their head count, so that no range may end where that one lies
    untold  head counts that no row shows
    """
    said = {head for row in counting(rows, unsaid) for head in heads(row)} - untold | found.starts
    ranges = {}
    for place, count in found.crowded:
        others = found.beside[place, count]
        lies = between_others(count, others, {n for n in others if (place, n) in said}, threshold)
        if lies is not None:
            ranges[place, count] = lies
    return ranges


def open_beside(count: int, others: Iterable[int], threshold: int) -> Range | None:
    """Between which numbers a head count must be able to lie, so that it can be any of 1 to threshold-1 away from each
    other that it is near; None where it is near none."""
    near = [other for other in others if is_small(abs(count - other), threshold)]
    ends = [
        (other + 1, other + threshold - 1) if other < count else (other - threshold + 1, other - 1) for other in near
    ]
    return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else None


def between_others(count: int, others: set[int], said: set[int], threshold: int) -> Range | None:
    """Where a head count lies that is near others: between the two beside it where whatever lies there is near one of
    them, else 1 to threshold-1 from the one it is near; between the next that are shown where those are not.  None
    where it would not leave open each of 1 to threshold-1 that it is away from any of them, or that it is itself small.

    others  the head counts beside it; said: those of them that are shown
    """
    reach = threshold - 1
    near = {other for other in others if abs(count - other) <= reach}
    low, high = around(count, others)
    if high - low >= 2 * reach:
        low, high = (low, low + reach - 1) if count - low < reach else (high - reach + 1, high)
    if not others & {low - 1, high + 1} <= said:
        low, high = around(count, said)
    needed = [(other + 1, other + reach) if other < count else (other - reach, other - 1) for other in near]
    is_open = (
        threshold <= low and high - low <= 4 * reach and all(low <= least and most <= high for least, most in needed)
    )
    return (low, high) if is_open and count not in near else None


def around(count: int, others: set[int]) -> Range:
    """Whatever lies between the two of these that are beside a count."""
    below = max((other for other in others if other < count), default=-1)
    return below + 1, min((other for other in others if other > count), default=inf) - 1


def lies_between(row: Result, crowded: Crowded, near: Mapping[tuple[Whose, int], Range]) -> Range | None:
    """Between which numbers the one head count of a row lies that is not shown; None where that is not told."""
    lost = set(heads(row)) & crowded
    return near.get(lost.pop()) if len(lost) == 1 else None


def counted_heads(
    rows: Iterable[Result], hidden: set[str]
) -> tuple[dict[tuple[Whose, int], int], dict[tuple[Whose, int], dict[str, None]]]:
    """How many rows tell each head count of an arm and part of it, and in which nests; in the order of the rows."""
    told: dict[tuple[Whose, int], int] = {}
    nests_of: dict[tuple[Whose, int], dict[str, None]] = {}
    for row in counting(rows, hidden):
        own = nests(row)
        for head in heads(row):
            told[head] = told.get(head, 0) + len(own)
            nests_of.setdefault(head, {}).update(dict.fromkeys(own))
    return told, nests_of


def counting(rows: Iterable[Result], hidden: set[str]) -> Iterator[Result]:
    """The rows that count heads and are not hidden, but for those of all who started."""
    return (row for row in rows if row.result_id not in hidden and row.measure != "starts")


def starting(
    rows: Iterable[Result],
    nests_of: Mapping[tuple[Whose, int], Iterable[str]],
    by_period: Mapping[tuple[str, str], int],
) -> Iterator[tuple[tuple[Whose, str], set[int]]]:
    """Those who started in an arm, at all or in a period, around each nest of groups of them."""
    everybody = started(rows)
    for (place, _), nests_here in nests_of.items():
        arm, site, payer, period = place
        for nest in nests_here:
            whole = by_period.get((arm, period)) if period else everybody.get(arm)
            if whole is not None and not (site or payer) and not (period and nest in NOT_STARTS):
                yield (place, nest), {whole}
