"""C2 and C4 in words: similar people at two levels, as the study declares them."""

from pipeline.report.four_sentences import told_of
from pipeline.report.released import Released
from pipeline.report.sentences.generic import generic
from pipeline.report.words import Sentence
from pipeline.results import Result


def of_contrast(released: Released, row: Result) -> Sentence:
    """A declared contrast in full; what stands beside one by the rule for any row."""
    return told_of(released, row) if row.analysis == "like_for_like" else generic(released, row)


SENTENCES = {"difference": of_contrast, "risk_difference": of_contrast}
