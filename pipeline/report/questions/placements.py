"""C15 in words: the level recommended beside the level received, and similar people placed at or beside the
recommendation."""

from pipeline.report.disclosure.held_back import is_held_back
from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.figures.placements import placement_figure
from pipeline.report.four_sentences import told_of
from pipeline.report.fragment import Picture
from pipeline.report.numbers import count, percent_and_range
from pipeline.report.released import Released
from pipeline.report.sentences.generic import generic
from pipeline.report.words import Sentence, reason
from pipeline.results import Result

PLACED = {
    "placed_less_than_recommended": "started at a less intensive level than was recommended",
    "placed_as_recommended": "started at the level that was recommended",
    "placed_more_than_recommended": "started at a more intensive level than was recommended",
}
NO_CAUSE = (
    "Why people were placed elsewhere is not recorded: a full program, a payer's refusal and a person's own wish all"
    " look the same."
)


def of_difference(released: Released, row: Result) -> Sentence:
    """Similar people at and beside the recommended level, as a hint; the careless count as it is."""
    if row.analysis == "as_observed":
        return generic(released, row)
    said = told_of(released, row)
    return Sentence(said.point, f"{said.whole} {NO_CAUSE}", said.tag, said.result_ids) if row.gate == "passed" else said


def of_share(released: Released, row: Result) -> Sentence:
    """How many started below, at and above the recommended level."""
    used = (row.result_id,)
    if is_held_back(row):
        return Sentence(f"How many {PLACED[row.measure]} is {reason(row)}.", "", "", used)
    if is_suppressed(row.estimate):
        return Sentence(f"How many {PLACED[row.measure]} is hidden.", "Few people did, or few did not.", "", used)
    if not isinstance(row.estimate, float):
        return Sentence(
            f"How many {PLACED[row.measure]} is not known.",
            f"The reason: {reason(row)}." if row.reason else "",
            "",
            used,
        )
    told, between = percent_and_range(row.estimate, row.low, row.high)
    return Sentence(
        f"Of {count(row.denominator)} people with a recommendation, {told} {PLACED[row.measure]}.",
        f"Likely range {between}. {NO_CAUSE}" if between else NO_CAUSE,
        "",
        used,
    )


def pictures(released: Released, row: Result) -> list[Picture]:
    """The figures of this question: title, what is below it, SVG or empty text."""
    return [
        (
            "Recommended and received level (as observed)",
            "Of those with one recommendation: the share at each level, and how many. Framed: as recommended.",
            placement_figure(released, "placement"),
        )
    ]


SENTENCES = {"difference": of_difference, **{measure: of_share for measure in PLACED}}
