"""A like-for-like answer in one line: the point in few words, then the number with its range."""

from collections.abc import Callable

from pipeline.report.names import arm_label, arm_phrase, event, scale, screened
from pipeline.report.numbers import in_hundred
from pipeline.report.words import amount, is_share, likely_range, margin, number_of, pair
from pipeline.results import Result, Verdict
from pipeline.study import Study


def in_brief(study: Study, row: Result) -> tuple[str, str]:
    """A contrast that has a number in a line: the point in few words, and the number with its range."""
    arms = f"in {arm_phrase(row.arm)} than in {arm_phrase(row.reference)}"
    low_high = likely_range(row).removeprefix("likely range ")
    if is_share(row):
        did = event(study, row.outcome, row.day)
        more = "more" if number_of(row) > 0 else "fewer"
        opened = f"Whether more or fewer people {did} {arms} is open"
        said = opened if row.verdict.startswith("inconclusive") else f"{more.capitalize()} people {did} {arms}"
        return f"{said}.", f"{in_hundred(number_of(row))} in 100 {more} ({low_high})."
    instrument = screened(study, row.outcome) or scale(study, row.outcome)[0]
    moved = "fell" if row.raw_estimate is None or number_of(row) * row.raw_estimate <= 0 else "rose"
    return BRIEF[row.verdict](row), f"{instrument} {moved} {amount(row)} ({low_high})."


def which(row: Result) -> str:
    return f"Whether {arm_phrase(row.arm)} or {arm_phrase(row.reference)} does better"


BRIEF: dict[str, Callable[[Result], str]] = {
    Verdict.BETTER: lambda row: f"{arm_label(row.arm)} did better than {arm_phrase(row.reference)}.",
    Verdict.NOT_WORSE: lambda row: (
        f"{arm_label(row.arm)} did not do worse than {arm_phrase(row.reference)} by more than {margin(row)}."
    ),
    Verdict.WORSE_WITHIN: lambda row: (
        f"{arm_label(row.arm)} did worse than {arm_phrase(row.reference)}, by less than {margin(row)}."
    ),
    Verdict.WORSE_BEYOND: lambda row: (
        f"{arm_label(row.arm)} did worse than {arm_phrase(row.reference)}, by more than {margin(row)}."
    ),
    Verdict.WORSE: lambda row: f"{arm_label(row.arm)} did worse than {arm_phrase(row.reference)}.",
    Verdict.INCONCLUSIVE: lambda row: (
        f"Whether {arm_phrase(row.arm)} or {arm_phrase(row.reference)} does better is open."
    ),
    Verdict.DEPENDS: lambda row: f"{which(row)} is open: it depends on the people who were not measured.",
    Verdict.EXPLORATORY: lambda row: f"A hint only: {arm_phrase(row.arm)} beside {arm_phrase(row.reference)}.",
    Verdict.DESCRIPTIVE: lambda row: f"{arm_label(row.arm)} beside {arm_phrase(row.reference)}, as observed.",
    Verdict.NO_COMPARABLE: lambda row: f"{pair(row)} cannot be compared here.",
}
