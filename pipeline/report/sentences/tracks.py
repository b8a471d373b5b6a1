"""C10 in words: the trauma track beside the general one, for people with post-traumatic stress."""

from pipeline.report.four_sentences import told_of
from pipeline.report.released import Released
from pipeline.report.sentences.generic import generic
from pipeline.report.sentences.strata import of_interaction, of_stratum
from pipeline.report.words import Sentence
from pipeline.results import Result


def of_tracks(released: Released, row: Result) -> Sentence:
    """The headline as a like-for-like contrast, the bands of severity as hints, the careless count as it is."""
    if row.analysis == "claim":
        return told_of(released, row)
    return of_stratum(released, row) if row.analysis == "tracks" else generic(released, row)


SENTENCES = {("C10", "difference"): of_tracks, ("C10", "interaction"): of_interaction}
