"""What is said where a question has no number: why it cannot be told, or that few people are behind it."""

from collections.abc import Callable

from pipeline.report.disclosure.held_back import is_held_back
from pipeline.report.words import CANNOT, FEW, Sentence, reason, why_hidden
from pipeline.results import Result


def unanswered(row: Result, what: str) -> Sentence | None:
    """The sentence of a row without a number; None where it has one.  what: 'How many hours people attended'."""
    if isinstance(row.estimate, float):
        return None
    if row.gate == "withheld" or (row.reason and not is_held_back(row)):
        return Sentence(
            f"{what} cannot be told from these records.", f"The reason: {reason(row)}.", CANNOT, (row.result_id,)
        )
    return Sentence(f"{what} is {why_hidden(row, FEW)}.", "", CANNOT, (row.result_id,))


def spread(row: Result, write: Callable[[float], str]) -> str:
    """' (likely range 34 to 47)'; nothing where the limits are not known or hidden, or would be written alike."""
    if not isinstance(row.low, float) or not isinstance(row.high, float):
        return ""
    low, high = write(row.low), write(row.high)
    return f" (likely range {low} to {high})" if low != high else ""
