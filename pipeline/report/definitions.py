"""What the measure library says of each measure, and how its rates and counts are written."""

from collections import defaultdict

from pipeline.report.disclosure.held_back import is_held_back
from pipeline.report.disclosure.suppressed import HELD_BACK, Within, is_hidden, is_suppressed
from pipeline.report.fragment import text
from pipeline.report.names import arm_label, scale
from pipeline.report.numbers import HIDDEN, count, percent, percent_and_range, plain
from pipeline.report.released import Released
from pipeline.results import ALL_LEVELS, Result

REASONS = {
    "too early": "too early",
    "too few": "too few",
    "hardly anybody": "hardly measured",
}  # how a reason begins, in a cell
AT_THE_START = ("assessed_at_start",)  # its day is that of the score it is the start of
Key = tuple[str, str, int | None]  # measure, outcome, day
Said = dict[str, dict[str, str]]  # measure, what is said of it, in which words


def definitions(released: Released) -> Said:
    """What the measure library says of each measure: title, idea, numerator, …"""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in released.rows(analysis="measure_definition"):
        found[row.measure][row.stratum] = row.note
        found[row.measure]["version"] = row.measure_version
    return found


def named(released: Released, said: Said, measure: str, outcome: str, day: int | None) -> tuple[str, str]:
    """The measure's title, and its scale, day and version."""
    words, under = titled(released, said, measure, outcome, day)
    version = said.get(measure, {}).get("version")
    return words, ", ".join(part for part in (under, f"version {version}" if version else "") if part)


def titled(released: Released, said: Said, measure: str, outcome: str, day: int | None) -> tuple[str, str]:
    """The measure's title, and its scale and day."""
    words = said.get(measure, {}).get("title", measure.replace("_", " "))
    told = measure in AT_THE_START or f"day {day}" in words or f"{day} days" in words
    parts = [scale(released.study, outcome)[0] if outcome else "", f"day {day}" if day and not told else ""]
    return words, ", ".join(part for part in parts if part)


def level_label(arm: str) -> str:
    """A level at the head of a row; all of them together."""
    return "All levels" if arm == ALL_LEVELS else arm_label(arm)


def counted(row: Result) -> str:
    """'834 of 1,000'."""
    if any(is_hidden(one) for one in hideable(row)):
        return f"counts {HIDDEN}"
    if row.numerator is None or row.denominator is None:
        return text(count(row.n)) if row.n is not None else "–"
    return text(f"{count(row.numerator)} of {count(row.denominator)}")


def hideable(row: Result) -> tuple[object, ...]:
    """The counts of a row, any of which may be hidden."""
    return row.numerator, row.denominator, row.n


def rate(row: Result | None) -> str:
    """'83%' over its range; in its place why there is none."""
    if row is None or not isinstance(row.estimate, float | Within):
        return short(row)
    if row.unit != "share" or isinstance(row.estimate, Within):
        between = " to ".join(written(row, one) for one in (row.low, row.high) if isinstance(one, float))
        return f"<b>{short(row)}</b>{f'<small>{text(between)}</small>' if between else ''}"
    told, between = percent_and_range(row.estimate, row.low, row.high)
    return f"<b>{text(told)}</b>{f'<small>{text(between)}</small>' if between else ''}"


def short(row: Result | None) -> str:
    """The rate alone; 'too early', 'too few', 'hidden' or a dash where it was not counted."""
    if row is None:
        return "–"
    if isinstance(row.estimate, Within):
        return text(percent(row.estimate))
    if is_suppressed(row.estimate):
        return text(HELD_BACK if is_held_back(row) else percent(row.estimate))
    if isinstance(row.estimate, float):
        return text(written(row, row.estimate))
    reason = next(
        (words for start, words in REASONS.items() if row.reason.startswith(start)), row.reason or "not known"
    )
    return f'<span class="none">{text(reason)}</span>'


def written(row: Result, value: float) -> str:
    return percent(value) if row.unit == "share" else plain(value, 2)


def published(released: Released, measure: str, day: int | None) -> list[Result]:
    """The published figures of a measure, of any day where they name none."""
    return [row for row in released.rows(analysis="benchmark", measure=measure) if row.day in (None, day)]
