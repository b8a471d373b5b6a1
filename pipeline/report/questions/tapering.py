"""C8 in words: whether hours fall once people have reliably improved, said as a description and never as an effect."""

from pipeline.report.figures.tapering import tapering_figure
from pipeline.report.fragment import Picture
from pipeline.report.numbers import percent, size
from pipeline.report.released import Released
from pipeline.report.sentences.unanswered import unanswered
from pipeline.report.words import Sentence, number_of, worded
from pipeline.results import Result

AFTER, BEFORE = "weeks after reliable improvement", "weeks before it or without it"


def lower_after(released: Released, row: Result) -> Sentence:
    """'Hours fell no more often after people had improved than before.'"""
    if (silent := unanswered(row, "Whether hours fall as people get better")) is not None:
        return silent
    value, low, high = number_of(row), row.low, row.high
    if not isinstance(low, float) or not isinstance(high, float) or low <= 0 <= high:
        point = "Whether attended hours fall more often once people have reliably improved is not to be seen here."
    else:
        point = (
            f"Attended hours fell {'more' if value > 0 else 'less'} often once people had reliably improved than"
            " before."
        )
    seen = {
        name: released.row(question="C8", analysis="tapering", measure="lower_next_week", stratum=name)
        for name in (AFTER, BEFORE)
    }
    parts = [compared(value, low, high), crude(seen[AFTER], seen[BEFORE]), worded(row.note)]
    used = tuple(one.result_id for one in (row, *seen.values()) if one is not None)
    return Sentence(point, " ".join(part for part in parts if part), "", used)


def compared(value: float, low: object, high: object) -> str:
    """The difference for the same week of the stay and the same hours in it, with its range."""
    if not isinstance(low, float) or not isinstance(high, float):
        return ""
    here, least, most = (f"{size(one)} {'fewer' if one < 0 else 'more'}" for one in (value, low, high))
    return (
        f"Beside weeks of the same number and hours, {here} of 100 were followed by fewer hours (likely range {least}"
        f" to {most})."
    )


def crude(after: Result | None, before: Result | None) -> str:
    if (
        after is None
        or before is None
        or not isinstance(after.estimate, float)
        or not isinstance(before.estimate, float)
    ):
        return ""
    return (
        f"As observed, {percent(after.estimate)} of weeks after improvement and {percent(before.estimate)} of the"
        " others were."
    )


def pictures(released: Released, row: Result) -> list[Picture]:
    """The figures of this question: title, what is below it, SVG or empty text."""
    return [
        (
            "Attended hours by week, by when people improved (as observed)",
            "Mean hours of those still in the stay. A dot: hidden, to protect small groups.",
            tapering_figure(released, row, "tapering"),
        )
    ]


SENTENCES = {"lower_next_week_difference": lower_after}
