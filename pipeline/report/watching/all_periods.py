"""Harm and leaving early on the quality page: told of all periods together, as no measure of the library counts them by
period."""

from pipeline.report.released import Released
from pipeline.report.standing_in import staying
from pipeline.report.watching.course import Course
from pipeline.report.watching.measured import HARM, STAYING, Key
from pipeline.results import Result

ALL_PERIODS = {
    "self_harm": {"title": "Self-harm, of those asked"},
    "ed_visit": {"title": "Emergency visit, of those asked"},
    "died": {"title": "Died"},
    "dropped_out": {"title": "Left early"},
}
PLACES = {"self_harm": ("safety", HARM), "ed_visit": ("safety", HARM), "died": ("safety", HARM)} | {
    "dropped_out": ("scorecard", STAYING)
}


def of_all_periods(released: Released) -> list[Course]:
    """Each of them by the last day by which it is recorded, level by level, without a course."""
    found = []
    for measure, (analysis, group) in PLACES.items():
        rows = [row for row in released.rows(analysis=analysis, measure=measure, stratum="") if is_recorded(row)]
        last = max((row.day or 0 for row in rows), default=0)
        found += [alone(Key(group, measure, "", last), as_told(released, row)) for row in rows if row.day == last]
    return found


def as_told(released: Released, row: Result) -> Result:
    """The row as the director page tells it."""
    return (staying(released, row.measure, row.arm, row.day or 0) or row) if row.measure == "dropped_out" else row


def is_recorded(row: Result) -> bool:
    """Whether a row tells a number, or hides one; what nobody wrote down is no line of the page."""
    return row.estimate is not None and row.site == ""


def alone(key: Key, row: Result) -> Course:
    return Course(key, row.arm, row, None, (), (), None, None, None)
