"""Finds the sentence of a results row: each family of questions brings its own rules, keyed by question and measure."""

from collections.abc import Callable, Mapping

from pipeline.report.four_sentences import told_of
from pipeline.report.released import Released
from pipeline.report.sentences import (
    cost,
    dose,
    durability,
    measurement,
    measures,
    modality_mix,
    placements,
    satisfaction,
    severity,
    speed,
    stay_length,
    step_down,
    tapering,
    tracks,
)
from pipeline.report.sentences.generic import generic
from pipeline.report.words import Sentence
from pipeline.results import Result

Writer = Callable[[Released, Result], Sentence]

# Each family adds its own SENTENCES here: (question, measure) → the rule that writes it.
WRITERS: dict[tuple[str, str], Writer] = {
    **dose.SENTENCES,
    **placements.SENTENCES,
    **severity.SENTENCES,
    **speed.SENTENCES,
    **durability.SENTENCES,
    **tracks.SENTENCES,
    **stay_length.SENTENCES,
    **tapering.SENTENCES,
    **measurement.SENTENCES,
    **cost.SENTENCES,
    **satisfaction.SENTENCES,
    **modality_mix.SENTENCES,
    **step_down.SENTENCES,
    **measures.SENTENCES,
}


def writer_of(row: Result, writers: Mapping[tuple[str, str], Writer] = WRITERS) -> Writer | None:
    """The family's rule for this row; None where no family has one."""
    return writers.get((row.question, row.measure))


def told(released: Released, row: Result) -> Sentence:
    """What a row says: by its family's rule, as a like-for-like contrast, or by the rule for any row."""
    writer = writer_of(row)
    if writer is not None:
        return writer(released, row)
    if row.analysis == "like_for_like" and row.measure in ("difference", "risk_difference"):
        return told_of(released, row)
    return generic(released, row)
