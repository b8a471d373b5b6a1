"""What every attack begins with: the rows that show something of people whose number they do not tell."""

import re
from math import isclose, sqrt

from pipeline.report.disclosure.suppressed import SUPPRESSED

THRESHOLD = 11
GRID = [step * 10.0**decade for decade in range(6, -6, -1) for step in (5, 2, 1)]
WEIGHTED = ("adjusted_mean", "adjusted_share", "risk")
PLACE = ("site", "payer", "period")


def pairs(stored, released):
    return list(zip(stored.results, released.results, strict=True))


def is_hidden(value):
    return value is SUPPRESSED


def head_counts(row):
    """Arm and column of each head count of a row."""
    return [(row.arm, "n"), (row.arm, "denominator"), (row.reference, "n_reference")]


def uncounted(stored, released):
    """Rows that show something although they do not show how many people are behind it, with the smallest number."""
    for row, out in pairs(stored, released):
        counts = [getattr(row, name) for _, name in head_counts(row) if is_hidden(getattr(out, name))]
        if counts and isinstance(out.estimate, float):
            yield row, out, min(counts)


def unit_of(*values):
    """The coarsest unit of which all shown values are whole numbers."""
    return next((unit for unit in GRID if all(isclose(v / unit, round(v / unit), abs_tol=1e-6) for v in values)), 0.0)


def others(count):
    """Every count that is less than the threshold away."""
    return range(max(1, count - THRESHOLD + 1), count + THRESHOLD)


def width(name, true, shown, count):
    """Counts that could not have led to the limits shown."""
    estimate, low, high = true
    units = [unit_of(limit) for limit in shown]  # each limit is told in units of its own
    for other in (count, *others(count)):
        k = sqrt(count / other)
        made = estimate - (estimate - low) * k, estimate + (high - estimate) * k
        if any(abs(a - b) > unit / 2 + 1e-9 for a, b, unit in zip(made, shown, units, strict=True)):
            if other != count:  # else the guess at the units is wrong, and so is all that would follow from it
                yield f"{name}: limits {shown} rule {other} out for {count}"
            return


def numbers_in(row):
    words = " ".join((row.note, row.reason, row.stratum, row.estimator, row.varied))
    return set(re.findall(r"(?<![\d.,])\d+(?![\d.,]*\d)", words.replace(",", "")))
