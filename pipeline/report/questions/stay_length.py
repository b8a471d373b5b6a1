"""C14 in words: how many stays last several weeks to a few months, how long half of them last, and staying on."""

from typing import TypeGuard

from pipeline.report.figures.stay_length import stays_figure
from pipeline.report.fragment import Picture
from pipeline.report.numbers import in_hundred, points
from pipeline.report.released import Released
from pipeline.report.sentences.generic import generic
from pipeline.report.sentences.unanswered import spread, unanswered
from pipeline.report.words import Sentence, amount, likely_range, number_of, tag_of, worded
from pipeline.results import Result


def weeks_to_months(released: Released, row: Result) -> Sentence:
    """'81 of 100 stays in IOP last 3 weeks to 4 months (21 to 120 days).'"""
    if row.analysis == "as_observed":
        return generic(released, row)
    if (silent := unanswered(row, f"How long {row.stratum} lasts")) is not None:
        return silent
    found = number_of(row)
    low, middle, high, lag = (
        released.row(question="C14", analysis="stay_length", measure=measure, stratum=row.stratum, outcome="")
        for measure in ("quartile_25_stay_days", "median_stay_days", "quartile_75_stay_days", "median_closure_lag")
    )
    also = spread(row, in_hundred).replace(" (", "; ").rstrip(")")
    parts = [half(middle, low, high), late(lag)]
    used = tuple(one.result_id for one in (row, middle, low, high, lag) if one is not None)
    return Sentence(
        f"{in_hundred(found)} of 100 stays in {row.stratum} last three weeks to four months (21 to 120 days{also}).",
        " ".join(part for part in parts if part),
        "",
        used,
    )


def half(middle: Result | None, low: Result | None, high: Result | None) -> str:
    """The median, and the middle half where both quartiles can be shown."""
    if middle is not None and middle.reason.startswith("between "):
        return f"The length that half of all stays do not exceed lies {middle.reason}."
    if middle is None or not isinstance(middle.estimate, float):
        return ""
    between = ""
    if low is not None and high is not None and isinstance(low.estimate, float) and isinstance(high.estimate, float):
        between = f"; the middle half of stays last {points(low.estimate, 0)} to {points(high.estimate, 0)} days"
    return (
        f"Half last {points(middle.estimate, 0)} days or less{between}. Stays that are still open count as far as they"
        " were seen."
    )


def late(lag: Result | None) -> str:
    if lag is None or not isinstance(lag.estimate, float):
        return ""
    return (
        f"Half of the charts are closed {points(lag.estimate, 0)} days or more after the last contact, so closure days"
        " are not used."
    )


def stayed_on(released: Released, row: Result) -> Sentence:
    """'Had everybody left IOP within six weeks, 3 fewer in 100 would have been back …', as a hint."""
    if row.analysis == "as_observed":
        return generic(released, row)
    if (silent := unanswered(row, f"Whether {row.arm} would bring other people back to 24-hour care")) is not None:
        return silent
    twin = released.row(analysis="as_observed", twin_of=row.result_id)
    count = f" Counted by how long people stayed, it would read {amount(twin)}. {twin.note}" if known(twin) else ""
    return Sentence(
        f"A hint, not a finding: had all had {row.arm} instead of {row.reference}, {amount(row)} in 100 would have been"
        f" back in 24-hour care by day {row.day}.",
        f"{likely_range(row).capitalize()}. {worded(row.note)}{count}",
        tag_of(row),
        tuple(one.result_id for one in (row, twin) if one is not None),
    )


def known(twin: Result | None) -> TypeGuard[Result]:
    return twin is not None and isinstance(twin.estimate, float)


def risk(released: Released, row: Result) -> Sentence:
    """'With at least 6 weeks of IOP, an estimated 17 of 100 would have been back …'"""
    told = f"would have been back in 24-hour care by day {row.day}"
    if (silent := unanswered(row, f"How many people {told} with {row.arm}")) is not None:
        return silent
    said = f"With {row.arm}, an estimated {in_hundred(number_of(row))} of 100 {told}{spread(row, in_hundred)}."
    return Sentence(said, "", tag_of(row), (row.result_id,))


def pictures(released: Released, row: Result) -> list[Picture]:
    """The figures of this question: title, what is below it, SVG or empty text."""
    return [
        (
            "How long stays last (as observed)",
            (
                "Open stays count as far as they were seen. Shaded along the line: 95% range. ×: hidden, to protect"
                " small groups."
            ),
            stays_figure(released, row, "stay-length"),
        )
    ]


SENTENCES = {"stays_of_weeks_to_months": weeks_to_months, "risk_difference": stayed_on, "risk": risk}
