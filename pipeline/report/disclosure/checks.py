"""Checks of results as they may leave: what they say of people is hidden, or told in whole percent, with the counts
that it would give away."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pipeline.counting import CHECKS, MADE_OF_SIZE, Checks
from pipeline.report.disclosure.declared import knows_check
from pipeline.report.disclosure.derived import WHOLE_PERCENT_FROM, conceal, in_whole_percent
from pipeline.report.disclosure.nested_counts import is_small, started
from pipeline.report.disclosure.suppressed import SUPPRESSED, Within
from pipeline.results import Diagnostic, Result

BOTH = ("before", "after")
RECORDED, MEASURED = "recorded", "observed_share"
SIZES = ("observed_n", MEASURED, "followed_n", "effective_size")  # say together how many people a result is about


@dataclass(frozen=True, slots=True)
class Behind:
    """What is known of the people behind checks.

    people    how many people of an arm a result's checks are about, by result and arm
    starts    how many started in each arm
    hidden    rows that are hidden whole
    uncounted rows whose head count is not shown, by result and arm
    silent    rows that do not show the head count of every arm
    counts    head counts that are not shown, by arm
    """

    people: dict[tuple[str, str], int]
    starts: dict[str, int]
    hidden: set[str]
    uncounted: set[tuple[str, str]]
    silent: set[str]
    counts: set[tuple[str, int]]
    threshold: int


def checks_as_they_leave(
    rows: Iterable[Diagnostic], results: Iterable[Result], leaving: Iterable[Result], hidden: set[str], threshold: int
) -> Iterator[Diagnostic]:
    """Diagnostics without the counts they would give away: of people measured, of people with something recorded, and
    of people behind a row that does not tell them; and without what follows from their number.

    results, leaving  the rows as they are stored and as they leave, in the same order
    """
    every, both = list(rows), list(zip(results, leaving, strict=True))
    uncounted, counts = hidden_heads(both)
    silent = {name for name, _ in uncounted}
    behind = Behind(people_behind(every), started(row for row, _ in both), hidden, uncounted, silent, counts, threshold)
    quiet = {(row.result_id, row.covariate) for row in every if row.check == RECORDED and telling(row, behind)}
    unsized = hidden | silent | {row.result_id for row in every if row.check in SIZES and telling(row, behind)}
    for row in every:
        gap = row.check == "recorded_gap" and (row.result_id, row.covariate) in quiet
        if gap or row.result_id in unsized:
            row = conceal(row, MADE_OF_SIZE.get(row.check, ()))
        if row.result_id in hidden or not knows_check(row) or gap or telling(row, behind):
            yield as_judged(row, behind)
        elif of_uncounted(row, behind):
            yield beside_hidden_count(row, behind)
        else:
            yield row


def hidden_heads(both: Iterable[tuple[Result, Result]]) -> tuple[set[tuple[str, str]], set[tuple[str, int]]]:
    """Rows and arms whose head count is not shown, and those head counts by arm."""
    uncounted, counts = set(), set()
    for row, out in both:
        for arm, name in ((row.arm, "n"), (row.reference, "n_reference"), (row.arm, "denominator")):
            if getattr(out, name) is SUPPRESSED:
                uncounted.add((row.result_id, arm))
                counts.add((arm, getattr(row, name)))
    return uncounted, counts


def of_uncounted(row: Diagnostic, behind: Behind) -> bool:
    """Whether a check is about people of a result and arm whose number is not shown."""
    if row.arm:
        return (row.result_id, row.arm) in behind.uncounted
    return row.result_id in behind.silent


def beside_hidden_count(row: Diagnostic, behind: Behind) -> Diagnostic:
    """A check beside a head count that is not shown: without how many, effective ones among them, and with shares in
    whole percent."""
    kind = CHECKS[row.check]
    if kind in (Checks.PEOPLE, Checks.EFFECTIVE):
        return conceal(row, BOTH)
    if kind is Checks.SHARE:
        people = behind.people.get((row.result_id, row.arm), behind.starts.get(row.arm, 0))
        if people < WHOLE_PERCENT_FROM + behind.threshold - 1:
            return as_judged(row, behind)
        return in_whole_percent(row, BOTH)
    return row


def as_judged(row: Diagnostic, behind: Behind) -> Diagnostic:
    """A check whose share is hidden: on which side of its line it lies, which is told with it, of so many people that
    few may be on either side."""
    bare, line = conceal(row, BOTH), row.threshold
    if row.check not in (RECORDED, MEASURED) or row.after is None or not isinstance(line, float):
        return bare
    people = behind.people.get((row.result_id, row.arm), behind.starts.get(row.arm, 0))
    if min(line, 1 - line) * people < behind.threshold:
        return bare
    side: Any = Within(line, None) if row.passed else Within(None, line)
    return replace(bare, after=side)


def telling(row: Diagnostic, behind: Behind) -> bool:
    """Whether a check tells of few people: those measured or not, those with something recorded or without."""
    kind, asked = CHECKS.get(row.check), behind.people.get((row.result_id, row.arm), 0)
    values = [value for value in (row.before, row.after) if value is not None]
    if kind is Checks.PEOPLE:
        return any(
            is_small(n, behind.threshold) or is_small(asked - n, behind.threshold) or (row.arm, n) in behind.counts
            for n in map(round, values)
        )
    if kind is Checks.EFFECTIVE:
        return any(value < behind.threshold for value in values)
    if kind is Checks.SHARE:
        whole, everybody = behind.people.get((row.result_id, row.arm)), behind.starts.get(row.arm, 0)
        if row.check == MEASURED and whole is not None and is_small(everybody - whole, behind.threshold):
            return (
                True  # beside how many were measured it says of how many, and so how few of those who started are not
            )
        whole = everybody if whole is None else whole
        parts = [share * whole for share in values]
        return any(0.5 <= min(part, whole - part) < behind.threshold - 0.5 for part in parts)
    return False


def people_behind(rows: Iterable[Diagnostic]) -> dict[tuple[str, str], int]:
    """How many people of an arm a result's checks are about: those with the outcome over their share."""
    found = {
        (row.check, row.result_id, row.arm): row.after
        for row in rows
        if row.check in ("observed_n", MEASURED, "followed_n")
    }
    followed = {
        (result_id, arm): round(n) for (check, result_id, arm), n in found.items() if check == "followed_n" and n
    }
    return followed | {
        (result_id, arm): round(n / share)
        for (check, result_id, arm), n in found.items()
        if check == "observed_n" and n and (share := found.get((MEASURED, result_id, arm)))
    }
