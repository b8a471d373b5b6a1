"""One fact, one decision: a difference and the two figures it is made of are shown so that none that is hidden can be
worked out from the others."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from pipeline.report.disclosure.nested_counts import is_small
from pipeline.results import Result

DIFFERENCES = ("difference", "risk_difference", "cost_difference", "effect_difference")
PARTS = ("adjusted_mean", "adjusted_share", "risk")


def hidden_with_difference(rows: Sequence[Result], hidden: set[str], threshold: int) -> set[str]:
    """Rows that are hidden because a difference is, or because they and a difference would give a hidden figure back.

    Where the difference is hidden, so is the figure of each arm that few people are behind, or both figures; and so is
    every row made the same way of which nobody can tell how many people had the event.  Where one arm's figure is
    hidden and the difference is not, the other arm's figure is hidden too.
    """
    made: dict[tuple[str, ...], list[Result]] = defaultdict(list)
    for row in rows:
        made[way(row)].append(row)
    found: set[str] = set()
    for row in rows:
        if row.measure in DIFFERENCES and row.reference and row.estimate is not None:
            parts = parts_of(row, made[way(row)])
            found |= decided(row, parts, hidden, threshold)
            if row.result_id in hidden:
                found |= {one.result_id for one in made[way(row)] if uncounted(one) and arms_of(one) <= arms_of(row)}
    return found - hidden


def way(row: Result) -> tuple[str, ...]:
    """What a difference has in common with the figures it is made of."""
    return (row.question, row.target, row.estimator, row.site, row.payer, row.period)


def arms_of(row: Result) -> set[str]:
    return {arm for arm in (row.arm, row.reference) if arm}


def parts_of(row: Result, others: Iterable[Result]) -> list[Result]:
    """The figures of the two arms of a difference, among rows made the same way."""
    both = f"{row.arm} or {row.reference}", f"{row.reference} or {row.arm}"
    return [
        one
        for one in others
        if one.measure in PARTS
        and (one.outcome, one.day) == (row.outcome, row.day)
        and one.arm in (row.arm, row.reference)
        and (one.stratum == row.stratum or one.stratum in both)
    ]


def decided(row: Result, parts: Sequence[Result], hidden: set[str], threshold: int) -> set[str]:
    """Which of two figures are hidden beside a difference that is, or is not."""
    if len(parts) != 2:
        return set()
    names = {one.result_id for one in parts}
    if row.result_id in hidden:
        few = {one.result_id for one in parts if is_few(row, one.arm, threshold)}
        return names if not names & hidden and not few else few
    return names if names & hidden else set()


def is_few(row: Result, arm: str, threshold: int) -> bool:
    """Whether few people of an arm are behind a difference, or had what it is about, or had not."""
    n, events = (row.n, row.events) if arm == row.arm else (row.n_reference, row.events_reference)
    rest = n - events if n is not None and events is not None else None
    return any(is_small(count, threshold) for count in (n, events, rest))


def uncounted(row: Result) -> bool:
    """Whether a risk, or a difference of two, does not say how many people had the event."""
    return row.measure in ("risk", "risk_difference") and row.events is None and row.numerator is None
