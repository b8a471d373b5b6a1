"""C2 and C4 in words: similar people at two levels, as the study declares them; and how care ended, as observed."""

from pipeline.report.figures.endings import endings_figure
from pipeline.report.figures.pathways import pathways_figure
from pipeline.report.four_sentences import told_of
from pipeline.report.fragment import Picture
from pipeline.report.released import Released
from pipeline.report.sentences.generic import generic
from pipeline.report.words import Sentence
from pipeline.results import Result


def of_contrast(released: Released, row: Result) -> Sentence:
    """A declared contrast in full; what stands beside one by the rule for any row."""
    return told_of(released, row) if row.analysis == "like_for_like" else generic(released, row)


def pictures(released: Released, row: Result) -> list[Picture]:
    """How care ended and what followed, beside the answer on leaving early."""
    if row.question != "C4":
        return []
    return [
        (
            "How care ended, by level (as observed)",
            "Each ending competes with the others; white is still in care, and grey is not shown.",
            endings_figure(released),
        ),
        (
            "What followed the first stay (as observed)",
            "People, not adjusted. Flows and totals of small groups are not drawn.",
            pathways_figure(released),
        ),
    ]


SENTENCES = {"difference": of_contrast, "risk_difference": of_contrast}
