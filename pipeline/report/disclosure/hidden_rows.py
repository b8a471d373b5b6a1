"""Which results rows are hidden whole, and which head counts are shown in none: primary and secondary suppression,
and what stands on a hidden row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from pipeline.endings import DROPPED_OUT
from pipeline.endings import SENSITIVE as ENDINGS
from pipeline.report.disclosure.count_systems import Range
from pipeline.report.disclosure.crowding import Crowding, crowd_ranges, crowding, lies_between, open_beside
from pipeline.report.disclosure.decisions import hidden_with_difference
from pipeline.report.disclosure.declared import knows_row, undeclared_rows
from pipeline.report.disclosure.derived import WHOLE_PERCENT_FROM
from pipeline.report.disclosure.earlier import Counts
from pipeline.report.disclosure.known_parts import hidden_beside_parts
from pipeline.report.disclosure.measure_sums import (
    MEASURES,
    ON_SCORECARD,
    WHOLE,
    hidden_on_scorecard,
    is_measure,
    place_of,
)
from pipeline.report.disclosure.nested_counts import Crowded, Whose, heads, is_crowded, is_small
from pipeline.report.disclosure.rates.axes import Cell
from pipeline.report.disclosure.rates.before import never_told, windows_before
from pipeline.report.disclosure.rates.cells import Pair
from pipeline.report.disclosure.rates.families import ASKED_AGAIN, Known, Memory, Rates, Told, rates
from pipeline.report.disclosure.rates.together import Reading
from pipeline.report.disclosure.table_sums import Margins, by_place, hidden_cells, part_margins, result_margins
from pipeline.results import COUNTS, Result

ON_CARD = "observed"  # who was measured again, on the scorecard
COUNTED = ("numerator", "remainder", "denominator")  # of the rows that add up over arms and sites
SENSITIVE = (
    "high_risk",
    "screen_positive",
    "reliably_deteriorated",
    "reliable_deterioration",
    "nhs_reliable_deterioration",
    "nhs_reliable_deterioration_from_intake",
    *ENDINGS,
    "relapsed",
    "self_harm",
)  # 0 or 100 % of these tells something of everybody


@dataclass(frozen=True, slots=True)
class Hiding:
    """What is hidden.

    rows     result_ids of the rows that are hidden
    crowded  the head counts that are not shown
    told     what is told of some hidden rows
    reading  all rates as one reader sees them
    barred   rates of which nothing more may be told
    """

    rows: set[str]
    crowded: Crowded
    told: Mapping[str, Told]
    reading: Reading
    barred: set[str]


def hidden_and_crowded(
    rows: Sequence[Result],
    threshold: int,
    by_period: Mapping[tuple[str, str], int],
    changed: set[str],
    uncounted: Crowded,
    before: Counts,
) -> Hiding:
    """What is hidden, and what is told of some of it.

    by_period  how many started in each arm and period, shown by a figure
    changed    rows that are hidden because they changed by few people since they were last shown
    uncounted  head counts that are not shown for the same reason
    before     the counts that earlier editions showed

    Parts of an arm that would give back a hidden part, or a head count that is not shown, are hidden too.
    """
    measured = {row.result_id for row in rows if is_measure(row)}
    counted_before = {row.result_id for row in rows if is_measure(row) and is_crowded(row, uncounted)}
    hidden = hidden_results([row for row in rows if knows_row(row)], threshold, changed)
    closed = undeclared_rows(rows) | changed | never_told([row for row in rows if is_measure(row)], before)
    closed |= hidden_on_scorecard(rows, hidden, threshold)
    closed |= {row.result_id for row in rows if is_measure(row) and row.result_id in hidden and not few(row, threshold)}
    hidden, crowded = with_twins(rows, hidden | closed), set(uncounted)
    barred = closed | counted_before
    unsaid: set[str] = set()
    untold: Crowded = set()  # head counts of which not even a range is told
    as_asked: dict[tuple[Whose, int], Range] = {}  # those of which it is told how many were asked again
    memory = Memory()
    with_years_before = [*rows, *windows_before(rows, before)]
    while True:
        crowding_now = crowding(rows, hidden - (measured - closed), threshold, by_period)
        crowded |= crowding_now.crowded
        packed = {row.result_id: row for row in rows if is_measure(row) and is_crowded(row, crowded)}
        near = crowd_ranges(rows, crowding_now, hidden - (measured - closed) | unsaid, crowded, threshold)
        near = {head: lies for head, lies in (as_asked | near).items() if head not in untold}
        coarse = {name for name, row in packed.items() if row.numerator is None or is_coarse(row, threshold)}
        between = {name: None if name in coarse else lies_between(row, crowded, near) for name, row in packed.items()}
        closed |= {name for name in packed.keys() - coarse if between[name] is None}
        again = dict(asked_again_of_hidden(rows, crowded, near))
        closed |= {name for name, lies in again.items() if lies is None}
        known = Known(frozenset(closed & measured), between, again, SENSITIVE, threshold, before, memory)
        found = rates(with_years_before, known)
        packed_too = {(whose, count) for row, count in found.heads for whose, _ in heads(row)}
        untold_too = narrowing(found, near, threshold)
        as_asked |= dict(ranges_of_asked(found, crowded))
        more = closed | found.hidden
        others = hidden_beside_places(rows, hidden | more, crowded, threshold)
        others |= hidden_beside_parts(rows, hidden | more | others, crowded)
        others |= hidden_with_difference(rows, hidden | more | others, threshold)
        others |= effective_of_hidden(rows, hidden | more | others, crowded)
        others |= {row.result_id for row in rows if row.measure == ON_CARD and in_it_crowded(row, crowded)}
        others = with_twins(rows, more | others) - found.hidden
        silent = {name for name in found.hidden if name not in found.told or found.told[name].whole is not None}
        agreed = packed_too <= crowded and untold_too <= untold and silent <= unsaid
        if others <= closed | hidden and more <= hidden and agreed:
            pairs = {i: one for i, one in found.pairs.items() if isinstance(i, int)}
            must = dict(must_stay_open(with_years_before, pairs, crowding_now, crowded, threshold))
            reading = Reading(with_years_before, pairs, memory, must, threshold)
            return Hiding(hidden, crowded, found.told, reading, barred)
        closed |= others & measured
        barred |= others & measured
        hidden |= more | others
        crowded |= packed_too
        untold |= untold_too
        unsaid |= silent


def must_stay_open(
    rows: Sequence[Result], pairs: Mapping[int, Pair], found: Crowding, crowded: Crowded, threshold: int
) -> Iterator[tuple[Cell, Range]]:
    """Between which numbers head counts of rates must be able to lie that are not shown, by kind and place."""
    for i, one in pairs.items():
        for whose, count in heads(rows[i]) if one.is_uncounted and one.people == one.whole else ():
            lies = open_beside(count, found.beside.get((whose, count), ()), threshold)
            if (whose, count) in crowded and lies is not None:
                yield (("whole", i), lies)


def narrowing(found: Rates, near: Mapping[tuple[Whose, int], Range], threshold: int) -> Crowded:
    """Counts of people asked again whose range, told of the rates they are the whole of, says more than their own rate
    does: any of 1 to threshold-1 must be possible of those who were not asked again."""
    heard: Crowded = set()
    for row, count in found.heads:
        told, asked = found.told.get(row.result_id), row.denominator or 0
        least, most = (told and told.whole) or (asked, asked)
        for head in ((whose, count) for whose, _ in heads(row)):
            low, high = near.get(head, (0, inf))
            open_to_all = told is not None and low <= least - threshold + 1 and most - 1 <= high
            as_much = told is not None and low <= told.low and told.high <= high
            if head in near and not as_much and not (open_to_all and is_small(asked - count, threshold)):
                heard.add(head)
    return heard


def told_on_scorecard(
    rows: Sequence[Result], hidden: set[str], told: Mapping[str, Told], threshold: int
) -> dict[str, Told]:
    """What is told of hidden rows of the scorecard: the same bound as of the measure that counts the same people."""
    bounds = {
        (row.measure, row.arm, row.outcome, row.day, row.numerator, row.denominator): told[row.result_id]
        for row in rows
        if row.result_id in told and place_of(row) == WHOLE and few(row, threshold)
    }
    found = {}
    for row in rows:
        measure = ON_SCORECARD.get((row.measure, row.stratum)) if row.analysis == "scorecard" else None
        same = (measure or "", row.arm, row.outcome, row.day, row.numerator, row.denominator)
        if row.result_id in hidden and same in bounds:
            found[row.result_id] = bounds[same]
    return found


def hidden_beside_places(rows: Sequence[Result], hidden: set[str], crowded: Crowded, threshold: int) -> set[str]:
    """Rows of sites or arms that are hidden because they would add up to a head count that is not shown."""
    packed = {
        row.result_id for row in rows if row.result_id not in hidden and by_place(row) and is_crowded(row, crowded)
    }
    margins = replace(part_margins(rows, hidden, "denominator"), withheld=frozenset(packed))
    return {str(cell) for cell in hidden_cells(margins, threshold)} - packed - hidden if packed else set()


def effective_of_hidden(rows: Sequence[Result], hidden: set[str], crowded: Crowded) -> set[str]:
    """Effective numbers of people in Table 1 beside a number of people that is not shown there."""
    untold = {
        (row.question, row.outcome, row.arm, row.varied)
        for row in rows
        if row.measure == "people" and (row.n is None or row.result_id in hidden or is_crowded(row, crowded))
    }
    effective = (row for row in rows if row.measure == "effective_people")
    return {row.result_id for row in effective if (row.question, row.outcome, row.arm, row.varied) in untold}


def ranges_of_asked(found: Rates, crowded: Crowded) -> Iterator[tuple[tuple[Whose, int], Range]]:
    """Between which numbers those lie who were asked again, as told of the rate that they are in: they are the whole of
    others, and are near no other count."""
    for row, count in found.heads:
        told = found.told.get(row.result_id)
        if told is not None:
            yield from (
                ((whose, count), (told.low, told.high)) for whose, _ in heads(row) if (whose, count) not in crowded
            )


def in_it_crowded(row: Result, crowded: Crowded) -> list[tuple[Whose, int]]:
    """Those in a rate where they are, as a head count of other rows, not shown."""
    return [(whose, row.numerator) for whose, _ in heads(row) if row.numerator and (whose, row.numerator) in crowded]


def asked_again_of_hidden(
    rows: Iterable[Result], crowded: Crowded, near: Mapping[tuple[Whose, int], Range]
) -> Iterator[tuple[str, Range | None]]:
    """Rates of those asked again who are, as a head count of other rates, not shown; and what is told of those there,
    if it can be a part of this one."""
    for row in rows:
        for head in in_it_crowded(row, crowded) if is_measure(row) and row.measure == ASKED_AGAIN else ():
            lies = near.get(head)
            yield row.result_id, None if lies is None or lies[1] >= (row.denominator or 0) else lies


def guarding(margins: Margins, changed: set[str]) -> Margins:
    """Sums that must not give back what is hidden for its change alone, however large it is."""
    return replace(margins, withheld=margins.withheld | (changed & margins.counts.keys()))


def hidden_results(rows: Sequence[Result], threshold: int, changed: set[str]) -> set[str]:
    """result_ids of the rows that are hidden whole."""
    primary = changed | {
        row.result_id
        for row in rows
        if any(is_small(count, threshold) for count in counts_behind(row)) or tells_of_all(row)
    }
    hidden = primary | {
        cell
        for cell in hidden_cells(guarding(result_margins(rows, primary), changed), threshold)
        if isinstance(cell, str)
    }
    for count in COUNTED:
        hidden |= {str(cell) for cell in hidden_cells(guarding(part_margins(rows, hidden, count), changed), threshold)}
    left_early = {(row.arm, row.day) for row in rows if row.result_id in hidden and row.stratum == DROPPED_OUT}
    hidden |= {row.result_id for row in rows if row.measure == "dropped_out" and (row.arm, row.day) in left_early}
    entire = [row for row in rows if row.result_id in hidden and (row.analysis != MEASURES or place_of(row) == WHOLE)]
    taken = {(row.arm, count) for row in entire for count in (row.numerator, row.events) if count}
    hidden |= {
        row.result_id
        for row in rows
        if row.reference and taken & {(row.arm, row.events), (row.reference, row.events_reference)}
    }
    return with_twins(rows, hidden)


def is_coarse(row: Result, threshold: int) -> bool:
    """Whether a share of people, whose number is not shown, is told in whole percent: of many people, and neither few
    in it nor few who are not."""
    return (row.denominator or 0) >= WHOLE_PERCENT_FROM + threshold - 1 and not few(row, threshold)


def few(row: Result, threshold: int) -> bool:
    """Whether few are in a rate, or are not, or are asked; or none or all where that tells as much."""
    numbers = (row.n, row.numerator, None if row.numerator is None else (row.denominator or 0) - row.numerator)
    return any(is_small(count, threshold) for count in numbers) or tells_of_all(row)


def with_twins(rows: Iterable[Result], hidden: set[str]) -> set[str]:
    """These rows and every row that is about one of them, in turn."""
    every = list(rows)
    while more := {row.result_id for row in every if row.twin_of in hidden} - hidden:
        hidden = hidden | more
    return hidden


def counts_behind(row: Result) -> Iterator[int | None]:
    """Every count a row gives away: its own, what remains of them, and half of a group for a median."""
    yield from (getattr(row, name) for name in COUNTS)
    for part, whole in (("numerator", "denominator"), ("events", "n"), ("events_reference", "n_reference")):
        inside, around = getattr(row, part), getattr(row, whole)
        if inside is not None and around is not None:
            yield around - inside
    if row.measure.startswith("median") and row.n is not None:
        yield row.n // 2
    if row.measure.startswith("quartile") and row.n is not None:
        yield row.n // 4


def tells_of_all(row: Result) -> bool:
    """True for a share of 0 or 100 % of a sensitive ending."""
    named = row.measure in SENSITIVE or row.stratum in SENSITIVE or row.outcome.startswith(SENSITIVE)
    shares = ((row.numerator, row.denominator), (row.events, row.n), (row.events_reference, row.n_reference))
    return named and any(whole and count in (0, whole) for count, whole in shares)
