"""The shape of an answer to one of the fifteen questions: one headline row, its naive twin, or a refusal with its
reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pipeline.analysis.cohort import Records
from pipeline.results import Analysis, Found, GateWord, Result, Verdict
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb


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
    return Result(question=code, analysis=Analysis.CLAIM, **columns)


@dataclass(frozen=True, slots=True)
class NaiveTwin:
    """What a careless analyst would have reported: by which estimator, and in one sentence how the two differ."""

    estimator: str
    why: str

    def beside(self, row: Result, found: Found | None = None, *, sign: float | None = 1.0, **more: Any) -> Result:
        """The twin of a row, with its own number and counts; withheld where the row is, for the same reason."""
        twin = replace(
            row.blank(),
            analysis=Analysis.AS_OBSERVED,
            estimator=self.estimator,
            target="observed",
            twin_of=row.result_id,
            margin=None,
            verdict=Verdict.DESCRIPTIVE,
            gate="",
            note=self.why,
            ess=None,
        )
        if row.gate == GateWord.WITHHELD:
            return twin.refused(Verdict(row.verdict), row.reason)
        return replace(twin if found is None else twin.filled(found, sign=sign), **more)

    def refused(self, row: Result, reason: str, verdict: Verdict = Verdict.DESCRIPTIVE) -> Iterator[Result]:
        """The refused row and its twin, neither with any number."""
        row = row.refused(verdict, reason)
        yield row
        yield self.beside(row)
