"""C6 in words: IOP soon after 24-hour care, what would have been with and without it, and why counting from day 0
misleads."""

from pipeline.report.drawing.gaps import GAPS
from pipeline.report.figures.step_down import step_down_figure
from pipeline.report.fragment import Picture
from pipeline.report.numbers import in_hundred
from pipeline.report.released import Released
from pipeline.report.sentences.generic import generic
from pipeline.report.sentences.unanswered import spread, unanswered
from pipeline.report.words import Sentence, amount, likely_range, number_of, tag_of, worded
from pipeline.results import Result

BACK = "were back in 24-hour care by day"


def difference(released: Released, row: Result) -> Sentence:
    """The answer, or what stands beside it: the later day, those still out at the landmark."""
    if row.analysis == "as_observed":
        return generic(released, row)
    what = f"Whether more or fewer people {BACK} {row.day} with {row.arm}"
    if (silent := unanswered(row, what)) is not None:
        return silent
    twin = released.row(analysis="as_observed", twin_of=row.result_id)
    needed = released.row(measure="number_needed_to_link", twin_of=row.result_id)
    detail = [
        f"Of 100 people, {amount(row)} {BACK} {row.day} ({likely_range(row)}).",
        to_link(needed, row),
        carelessly(twin),
        worded(row.note),
    ]
    used = tuple(one.result_id for one in (row, twin, needed) if one is not None)
    return Sentence(point(row), " ".join(part for part in detail if part), tag_of(row), used)


def point(row: Result) -> str:
    """What a tired director takes away."""
    if row.analysis == "sensitivity":
        return f"Among those alone who were still out of 24-hour care at the {row.varied}, counted from there:"
    if row.verdict == "exploratory":
        return f"A hint, not a finding: {row.arm} beside {row.reference}, for similar people."
    if row.verdict in ("better", "worse"):
        fewer = "Fewer" if row.verdict == "better" else "More"
        return f"{fewer} people {BACK} {row.day} with {row.arm} than without it, for similar people."
    return f"Whether more or fewer people {BACK} {row.day} with {row.arm} is still open."


def to_link(needed: Result | None, row: Result) -> str:
    if needed is None or not isinstance(needed.estimate, float):
        return ""
    return f"About {needed.estimate:.0f} people would have to start for {needed.stratum} to be back by day {row.day}."


def carelessly(twin: Result | None) -> str:
    if twin is None or not isinstance(twin.estimate, float):
        return ""
    return f"Counted from the day of leaving by who ever started, it would read {amount(twin)}. {twin.note}"


def risk(released: Released, row: Result) -> Sentence:
    """'With IOP within 14 days, 15 of 100 similar people would have been back …'"""
    if (silent := unanswered(row, f"How many people {BACK} {row.day} with {row.arm}")) is not None:
        return silent
    found = number_of(row)
    said = (
        f"With {row.arm}, an estimated {in_hundred(found)} of 100 similar people {BACK}"
        f" {row.day}{spread(row, in_hundred)}."
    )
    return Sentence(said, "", tag_of(row), (row.result_id,))


def number_needed(released: Released, row: Result) -> Sentence:
    """How many would have to start; nothing where the difference could be none."""
    if (
        silent := unanswered(row, f"How many people would have to start {row.arm} for one fewer to come back")
    ) is not None:
        return silent
    found = number_of(row)
    said = (
        f"About {found:.0f} people would have to have {row.arm} for {row.stratum} to be back in 24-hour care by"
        f" day {row.day}"
    )
    return Sentence(f"{said}{spread(row, lambda value: f'{value:.0f}')}.", "", "", (row.result_id,))


def emergencies(released: Released, row: Result) -> Sentence:
    """Emergency visits as told, never compared."""
    if (silent := unanswered(row, f"How many people with {row.arm} had an emergency visit")) is not None:
        return silent
    found = number_of(row)
    said = f"With {row.arm}, {in_hundred(found)} of 100 people told of an emergency visit{spread(row, in_hundred)}."
    return Sentence(said, f"This is {row.note}.", "", (row.result_id,))


def pictures(released: Released, row: Result) -> list[Picture]:
    """The figures of this question: title, what is below it, SVG or empty text."""
    return [
        (
            "Back in 24-hour care by day: similar people",
            f"Had everybody started IOP in time, and had nobody; weighted, death competes. Shaded: 95% range. {GAPS}",
            step_down_figure(released, row, "step-down"),
        )
    ]


SENTENCES = {
    "risk_difference": difference,
    "risk": risk,
    "number_needed_to_link": number_needed,
    "ed_visit": emergencies,
}
