"""The shape of an answer to one of the fifteen questions: one headline row, its naive twin, or a refusal with its
reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pipeline.analysis.cohort import Records
from pipeline.analysis.descriptive import DESCRIPTIVE
from pipeline.results import COUNTS, NUMBERS, Result
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb

CLAIM = "claim"  # analysis of the one headline row of a question; C2 and C4 are answered by like_for_like
NAIVE = "as_observed"  # analysis of what a careless analyst would have reported


@dataclass(frozen=True, slots=True)
class Asking:
    """What a question may look at: the warehouse, the frames every question shares, and the study's choices.

    answers   the rows that the questions before it gave
    """

    warehouse: duckdb.DuckDBPyConnection
    records: Records
    study: Study
    answers: list[Result]


def headline(code: str, **columns: Any) -> Result:
    """The row that answers question code (C1 to C15); there is exactly one for each, with a number or withheld."""
    return Result(question=code, analysis=CLAIM, **columns)


def refused(row: Result, verdict: str, reason: str) -> Result:
    """The row without any number, with the verdict word and the reason in words."""
    return replace(without_numbers(row), gate="withheld", verdict=verdict, reason=reason)


def naive_twin(row: Result, *, estimator: str, why: str, **numbers: Any) -> Result:
    """What a careless analyst would have reported beside row; why says in one sentence how the two differ.

    The twin of a withheld row is withheld too, for the same reason.
    """
    twin = replace(
        without_numbers(row),
        analysis=NAIVE,
        estimator=estimator,
        target="observed",
        twin_of=row.result_id,
        margin=None,
        verdict=DESCRIPTIVE,
        gate="",
        note=why,
        ess=None,
    )
    if row.gate == "withheld":
        return replace(twin, gate="withheld", verdict=row.verdict, reason=row.reason)
    return replace(twin, **numbers)


def refused_with_twin(row: Result, verdict: str, reason: str, *, estimator: str, why: str) -> Iterator[Result]:
    """The refused row and its naive twin, neither with any number."""
    row = refused(row, verdict, reason)
    yield row
    yield naive_twin(row, estimator=estimator, why=why)


def without_numbers(row: Result) -> Result:
    """The row with every number and count taken out."""
    return replace(row, **dict.fromkeys((*NUMBERS, *COUNTS)))
