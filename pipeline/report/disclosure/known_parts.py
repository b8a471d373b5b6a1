"""Shares whose head count is not shown, while how many of them there are stands in another row: one over the other
gives the head count back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from pipeline.report.disclosure.nested_counts import Crowded, is_crowded
from pipeline.results import COUNTS, Result

OF_NO_QUESTION = "M"
Alike = tuple[str, ...]  # what a row with the same number has in common with a share, beside arm and place


def hidden_beside_parts(rows: Sequence[Result], hidden: set[str], crowded: Crowded) -> set[str]:
    """Shares that are hidden because those who are in them, or the others, are counted by a row that is shown.

    Such a row is of the same question or of the same measure; another that happens to tell the same number says
    nothing.
    """
    shown: dict[Alike, set[int]] = defaultdict(set)
    for row in rows:
        if row.result_id not in hidden and not is_crowded(row, crowded):
            for alike in alikes(row):
                shown[alike] |= {count for name in COUNTS if (count := getattr(row, name))}
    return {
        row.result_id
        for row in rows
        if row.unit == "share"
        and row.result_id not in hidden
        and is_crowded(row, crowded)
        and any(part in shown[alike] for alike in alikes(row) for part in parts(row))
    }


def alikes(row: Result) -> Iterator[Alike]:
    """What rows about the same people have in common; measures of care are each of people of their own."""
    where = (row.arm, row.site, row.payer, row.period)
    if row.question == OF_NO_QUESTION:
        yield ("measure", row.measure, row.outcome, row.stratum, *where)
        return
    yield ("question", row.question, *where)
    yield ("measure", row.measure, row.outcome, row.stratum, *where)


def parts(row: Result) -> Iterable[int]:
    """How many are in a share, and how many are not."""
    for part, whole in ((row.numerator, row.denominator), (row.events, row.n)):
        if part and whole:
            yield from (part, whole - part)
