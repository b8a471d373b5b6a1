"""C1 in words: how many whole weeks had the hours that intensive outpatient care sells."""

from pipeline.report.drawing.gaps import GAPS
from pipeline.report.figures.dose import hours_figure, weeks_figure
from pipeline.report.fragment import Picture
from pipeline.report.numbers import count, in_hundred, points
from pipeline.report.released import Released
from pipeline.report.sentences.generic import generic
from pipeline.report.sentences.unanswered import spread, unanswered
from pipeline.report.words import Sentence, number_of
from pipeline.results import Result


def weeks_within(released: Released, row: Result) -> Sentence:
    """'In 39 of 100 whole weeks of IOP, people attended 9 to under 20 hours.'"""
    if row.analysis == "as_observed":
        return generic(released, row)
    attended = row.outcome == "attended_hours"
    what = f"How many hours a week people {'attended' if attended else 'were scheduled for'} ({row.stratum})"
    if (silent := unanswered(row, what)) is not None:
        return silent
    lines = released.study.episodes
    found = number_of(row)
    point = (
        f"In {in_hundred(found)} of 100 whole weeks of {row.stratum}, people"
        f" {'attended' if attended else 'were scheduled for'} {lines.iop_hours:g} to under {lines.php_hours:g}"
        f" hours{spread(row, in_hundred)}."
    )
    hours = {
        kind: released.row(
            question="C1", analysis="dose", measure="hours_per_week", stratum=row.stratum, outcome=f"{kind}_hours"
        )
        for kind in ("attended", "scheduled")
    }
    twin = released.row(analysis="as_observed", twin_of=row.result_id)
    parts = [mean_hours(hours["attended"], hours["scheduled"]), row.note, as_scheduled(twin)]
    used = tuple(one.result_id for one in (row, *hours.values(), twin) if one is not None)
    return Sentence(point, " ".join(part for part in parts if part), "", used)


def mean_hours(attended: Result | None, scheduled: Result | None) -> str:
    if (
        attended is None
        or scheduled is None
        or not isinstance(attended.estimate, float)
        or not isinstance(scheduled.estimate, float)
    ):
        return ""
    return (
        f"On average {points(attended.estimate)} hours a week were attended, of {points(scheduled.estimate)} scheduled."
    )


def as_scheduled(twin: Result | None) -> str:
    if twin is None or not isinstance(twin.estimate, float):
        return ""
    return f"Had every scheduled hour counted as attended, it would read {in_hundred(twin.estimate)} of 100."


def pictures(released: Released, row: Result) -> list[Picture]:
    """The figures of this question: title, what is below it, SVG or empty text."""
    return [
        (
            "Hours a week, by week of the stay (as observed)",
            f"Whole weeks of IOP. Shaded: what IOP is meant to hold. {behind(released, row)}{GAPS}",
            hours_figure(released, row, "dose_by_week", "hours-week"),
        ),
        (
            "Hours a week, by period (as observed)",
            f"The same weeks by when they were. {GAPS}",
            hours_figure(released, row, "dose_by_period", "hours-period"),
        ),
        (
            "Attended weeks by their hours, site by site (as observed)",
            "Share of whole weeks of IOP; sites in their own order, not adjusted for who is treated there.",
            weeks_figure(released, row, "hours-site"),
        ),
    ]


SENTENCES = {"weeks_within_hours": weeks_within}


def behind(released: Released, row: Result) -> str:
    """'Week 1 rests on 4,514 people, week 13 on 14. '; empty where that is not told."""
    sought = ("dose_by_week", "attended", row.result_id)
    told = [p for p in released.tables.points if (p.figure, p.series, p.result_id) == sought]
    heads = {int(p.x): p.n for p in told if isinstance(p.x, float) and isinstance(p.y, float) and isinstance(p.n, int)}
    if len(heads) < 2:
        return ""
    most, least = max(heads, key=heads.__getitem__), min(heads, key=heads.__getitem__)
    return f"Week {most} rests on {count(heads[most])} people, week {least} on {count(heads[least])}. "
