"""C9 in words: a hint at most, for the kind of service that takes most hours, and what the raw share would have
said."""

from pipeline.report.figures.modality_mix import mix_figure
from pipeline.report.fragment import Picture
from pipeline.report.names import scale
from pipeline.report.numbers import from_to, listed, size
from pipeline.report.released import Released
from pipeline.report.sentences.generic import generic
from pipeline.report.sentences.unanswered import unanswered
from pipeline.report.words import Sentence, number_of, points_of
from pipeline.results import Result

HINT_BELOW = 0.05  # adjusted p-value


def mix(released: Released, row: Result) -> Sentence:
    """'No kind of service stands out: …' or which ones may, always as a hint."""
    if row.analysis != "claim":
        return generic(released, row)
    if (silent := unanswered(row, "Whether improvement goes with the mix of services")) is not None:
        return silent
    kinds = [one for one in released.rows(question="C9", analysis="modality_mix", measure="slope_per_doubling")]
    hints = [
        one for one in kinds if isinstance(one.p, float) and one.p < HINT_BELOW and isinstance(one.estimate, float)
    ]
    point = (
        "A hint, not a finding: improvement may go with the mix of services."
        if hints
        else ("No kind of service stands out: improvement is not seen to go with the mix of services.")
    )
    parts = [per_doubling(released, row), listed_hints(hints), row.note]
    return Sentence(point, " ".join(part for part in parts if part), "", tuple(one.result_id for one in (row, *kinds)))


def per_doubling(released: Released, row: Result) -> str:
    """The kind with most hours, per doubling beside the others."""
    found = number_of(row)
    range_of = ""
    if isinstance(row.low, float) and isinstance(row.high, float):
        range_of = f" (likely range {from_to(moved(row, row.low), moved(row, row.high))})"
    return (
        f"Where {row.stratum} hours are twice as large beside the others, {scale(released.study, row.outcome)[0]}"
        f" improvement is {moved(row, found)}{range_of}."
    )


def moved(row: Result, value: float) -> str:
    return f"{size(value)} {points_of(row)} {'more' if value >= 0 else 'less'}"


def listed_hints(hints: list[Result]) -> str:
    if not hints:
        return ""
    return f"Hints after allowing for the number of kinds tested: {listed(one.stratum for one in hints)}."


def pictures(released: Released, row: Result) -> list[Picture]:
    """The figures of this question: title, what is below it, SVG or empty text."""
    return [
        (
            "Kinds of session, program by program (as observed)",
            (
                "Share of all hours; programs in their own order, each kind on a scale of its own. ×: hidden, to"
                " protect small groups."
            ),
            mix_figure(released, row, "mix"),
        )
    ]


SENTENCES = {"slope_per_doubling": mix}
