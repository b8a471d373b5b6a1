"""C12 in words: how many people are measured often enough while in care, and what follows a score behind the expected
course."""

from pipeline.report.drawing.gaps import GAPS
from pipeline.report.figures.measurement import measured_figure
from pipeline.report.fragment import Picture
from pipeline.report.names import arm_label, scale
from pipeline.report.numbers import in_hundred, listed, percent
from pipeline.report.released import Released
from pipeline.report.sentences.generic import generic
from pipeline.report.sentences.unanswered import spread, unanswered
from pipeline.report.words import Sentence, number_of
from pipeline.results import Result


def measured(released: Released, row: Result) -> Sentence:
    """'70 of 100 people had a PHQ-9 score at least every 14 days while in care.'"""
    if row.analysis != "claim":
        return generic(released, row)
    if (silent := unanswered(row, "How often people are measured while in care")) is not None:
        return silent
    found = number_of(row)
    levels = [released.row(question="C12", measure=row.measure, arm=arm, site="") for arm in released.arms]
    flags = [
        released.row(question="C12", analysis="measurement", measure=name)
        for name in ("behind_course", "measured_soon_after_flag")
    ]
    parts = [by_level([one for one in levels if one is not None]), after_a_flag(*flags)]
    used = tuple(one.result_id for one in (row, *levels, *flags) if one is not None)
    return Sentence(
        f"{in_hundred(found)} of 100 people had a score on the {scale(released.study, row.outcome)[0]} at least every"
        f" 14 days while in care, up to day {row.day}{spread(row, in_hundred)}.",
        " ".join(part for part in parts if part),
        "",
        used,
    )


def by_level(rows: list[Result]) -> str:
    """Each level's share, in study order; short stays need fewer scores, so levels are not compared."""
    if not rows:
        return ""
    shares = listed(f"{arm_label(row.arm)} {percent(row.estimate)}" for row in rows)
    return f"By level: {shares}. A short stay needs fewer scores, so these figures do not compare the levels."


def after_a_flag(behind: Result | None, soon: Result | None) -> str:
    if behind is None or soon is None or not isinstance(behind.estimate, float) or not isinstance(soon.estimate, float):
        return ""
    return (
        f"{percent(behind.estimate)} of people scored behind the expected course at some point; of those who stayed, "
        f"{percent(soon.estimate)} were measured again within 14 days."
    )


def pictures(released: Released, row: Result) -> list[Picture]:
    """The figures of this question: title, what is below it, SVG or empty text."""
    return [
        (
            "Share measured every two weeks, by when people started (as observed)",
            f"Line: the first periods. Dashed: what varies anyway. Diamonds: beyond it. {GAPS}",
            measured_figure(released, row, "measured"),
        )
    ]


SENTENCES = {"measured_every_14_days": measured}
