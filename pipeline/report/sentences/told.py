"""Finds the sentence of a results row: each family of questions brings its own rules, keyed by question and measure."""

from collections.abc import Callable, Mapping

from pipeline.report.released import Released
from pipeline.report.words import Sentence
from pipeline.results import Result

Writer = Callable[[Released, Result], Sentence]

# Each family adds its own SENTENCES here: (question, measure) → the rule that writes it.
WRITERS: dict[tuple[str, str], Writer] = {}


def writer_of(row: Result, writers: Mapping[tuple[str, str], Writer] = WRITERS) -> Writer | None:
    """The family's rule for this row; None where no family has one."""
    return writers.get((row.question, row.measure))
