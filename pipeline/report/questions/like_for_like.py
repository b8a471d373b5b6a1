"""C2 and C4 in words: similar people at two levels, as the study declares them; and how care ended, as observed."""

from pipeline.report.figures.endings import endings_figure
from pipeline.report.figures.pathways import pathways_figure
from pipeline.report.four_sentences import told_of
from pipeline.report.fragment import Picture
from pipeline.report.names import arm_phrase
from pipeline.report.numbers import p_value
from pipeline.report.released import Released
from pipeline.report.sentences.generic import generic
from pipeline.report.sentences.strata import CHANCE
from pipeline.report.words import CANNOT, Sentence, reason, why_hidden
from pipeline.results import Result


def of_contrast(released: Released, row: Result) -> Sentence:
    """A declared contrast in full; what stands beside one by the rule for any row."""
    return told_of(released, row) if row.analysis == "like_for_like" else generic(released, row)


def of_course(released: Released, row: Result) -> Sentence:
    """Whether people at two levels, similar or as they are, leave at one pace, however many are left in the end."""
    similar = "" if row.analysis == "as_observed" else "similar people "
    used, whom = (row.result_id,), f"{arm_phrase(row.arm)} and {similar}in {arm_phrase(row.reference)}"
    leave = "leave early" if row.outcome.startswith("dropped_out") else "leave"
    if row.gate == "withheld":
        return Sentence(
            f"Whether people in {whom} {leave} at one pace cannot be said.", f"The reason: {reason(row)}.", CANNOT, used
        )
    if not isinstance(row.p, float):
        return Sentence(f"Whether people in {whom} {leave} at one pace: {why_hidden(row)}.", "", CANNOT, used)
    if row.p < CHANCE:
        point = f"A hint that people in {whom} do not {leave} at one pace."
        return Sentence(point, f"Chance alone would seldom set the curves so far apart ({p_value(row.p)}).", "", used)
    return Sentence(
        f"Nothing here shows that people in {whom} {leave} at different paces.",
        f"Chance alone could set the curves so far apart ({p_value(row.p)}); a real difference could still be there.",
        "",
        used,
    )


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


SENTENCES = {"difference": of_contrast, "risk_difference": of_contrast, "course_test": of_course}
