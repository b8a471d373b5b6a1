"""An adversary with the released tables and every formula: what it finds out of counts that are not shown.

Each attack takes the tables as stored and as released and tells what it found, in words.  It knows the stored ones only
to judge its guesses: a count is given away where a count up to ten away could not have led to the same tables.
"""

import re
from collections import defaultdict
from itertools import combinations, pairwise
from math import isclose, sqrt

from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.results import COUNTS

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


def by_degrees_of_freedom(stored, released):
    """df is the head count less one or two; ess is at most the head count; se and p give it back with the estimate."""
    for row, out, _ in uncounted(stored, released):
        for name in ("df", "se", "ess", "p"):
            if isinstance(getattr(out, name), (int, float)):
                yield f"{row.result_id}: {name} stands beside a head count that is not shown"
    for out in released.results:
        untold = out.estimate is not None and out.n is None and out.denominator is None
        if untold and isinstance(out.df, float):
            yield f"{out.result_id}: df stands for a head count that the row does not tell"


def by_limits(stored, released):
    """The width of the limits falls as one over the root of the head count."""
    for row, out, count in uncounted(stored, released):
        if isinstance(out.low, float) and isinstance(out.high, float):
            yield from width(row.result_id, (row.estimate, row.low, row.high), (out.low, out.high), count)


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


def by_share(stored, released):
    """A share is a whole number of people over the head count."""
    for row, out, count in uncounted(stored, released):
        of_people = row.denominator in (None, row.n)  # and not of visits or weeks
        if row.unit == "share" and of_people and not row.reference and row.measure not in WEIGHTED:
            unit = unit_of(out.estimate)
            for other in others(count):
                if abs(round(out.estimate * other) / other - out.estimate) > unit / 2 + 1e-9:
                    yield f"{row.result_id}: {out.estimate} of {other} people is nobody's share, so there are {count}"
                    break


def by_curves(stored, released):
    """The limits of a curve give back how many were at risk."""
    true = {(p.result_id, p.arm, p.state, p.day): p for p in stored.curves}
    for out in released.curves:
        row = true[out.result_id, out.arm, out.state, out.day]
        if not isinstance(out.at_risk, int) and isinstance(out.low, float) and isinstance(out.high, float):
            name = f"{out.result_id} day {out.day}"
            yield from width(name, (row.estimate, row.low, row.high), (out.low, out.high), row.at_risk)


def by_other_tables(stored, released):
    """A head count that is hidden in one row stands in another table, or in another row."""
    hidden, shown = set(), defaultdict(set)
    for row, out in pairs(stored, released):
        place = tuple(getattr(row, name) for name in PLACE)
        for arm, name in head_counts(row):
            value, told = getattr(row, name), getattr(out, name)
            if is_hidden(told) and isinstance(out.estimate, float):
                hidden.add((arm, place, value))
            elif isinstance(told, int):
                shown[arm, place, value].add(f"{row.result_id} {name}")
    everywhere = ("", "", "")
    for step in released.attrition:
        if isinstance(step.n_left, int) and step.step and step.n_left:
            shown[step.arm, everywhere, step.n_left].add(f"flow {step.analysis}")
    for point in released.curves:
        if isinstance(point.at_risk, int):
            shown[point.arm, everywhere, point.at_risk].add(f"curve {point.result_id} day {point.day}")
    for check in released.diagnostics:
        if check.check in ("observed_n", "followed_n") and isinstance(check.after, float):
            shown[check.arm, everywhere, round(check.after)].add(f"check {check.check} of {check.result_id}")
    for arm, place, value in hidden & shown.keys():
        yield f"{arm} {place}: {value} is hidden, and stands in {sorted(shown[arm, place, value])[:2]}"


def by_adding_marks(stored, released):
    """The marks of a series add up to the head count that their row does not show."""
    gone = {
        (row.result_id, arm): getattr(row, name)
        for row, out, _ in uncounted(stored, released)
        for arm, name in head_counts(row)
        if is_hidden(getattr(out, name))
    }
    series = defaultdict(list)
    for row, out in zip(stored.points, released.points, strict=True):
        if (row.result_id, row.series) in gone and row.n is not None:
            series[row.figure, row.result_id, row.series].append(out)
    for (figure, result_id, arm), marks in series.items():
        if all(isinstance(mark.n, int) for mark in marks) and sum(m.n for m in marks) == gone[result_id, arm]:
            yield f"{figure} of {result_id}: the marks of {arm} add up to {gone[result_id, arm]}"


def by_subtracting(stored, released):
    """A hidden difference is one shown figure less another, and a hidden figure a shown difference and the other."""
    rows = pairs(stored, released)
    for row, out in rows:
        if not row.reference or row.estimate is None or row.analysis == "as_observed":
            continue
        both = {f"{row.arm} or {row.reference}", f"{row.reference} or {row.arm}", row.stratum}
        parts = [
            (other.arm, told)
            for other, told in rows
            if other.measure in WEIGHTED
            and (other.question, other.outcome, other.day) == (row.question, row.outcome, row.day)
            and (other.target, other.estimator) == (row.target, row.estimator)
            and other.arm in (row.arm, row.reference)
            and other.stratum in both
        ]
        if len(parts) == 2:
            seen = [isinstance(one.estimate, float) for one in (out, *(told for _, told in parts))]
            if sum(seen) == 2:
                yield f"{row.result_id} and its two figures: two of three are shown"


def by_nests(stored, released, nested=(("retained", "measured_every_14_days"), ("observed", "retained"))):
    """Two shown head counts of groups that lie one inside another differ by few."""
    shown = defaultdict(set)
    for row, out in pairs(stored, released):
        if isinstance(out.denominator, int) and not row.stratum:
            shown[row.measure, row.arm, *(getattr(row, name) for name in PLACE)].add(out.denominator)
    for inner, outer in nested:
        for (measure, *where), counts in list(shown.items()):
            if measure == inner:
                for one in counts:
                    for other in shown.get((outer, *where), ()):
                        if 0 < abs(one - other) < THRESHOLD:
                            yield f"{where}: {one} {inner}, {other} {outer}"


def by_flows(stored, released):
    """Two steps of a flow that follow each other tell how few were removed between them."""
    flows = defaultdict(list)
    for step in released.attrition:
        flows[step.analysis, step.arm].append(step)
    for (analysis, arm), steps in flows.items():
        for before, after in pairwise(sorted(steps, key=lambda one: one.step)):
            both_shown = isinstance(before.n_left, int) and isinstance(after.n_left, int)
            if both_shown and 0 < before.n_left - after.n_left < THRESHOLD:
                yield f"{analysis} {arm} step {after.step}: {before.n_left} and {after.n_left} left"


def by_growing_days(stored, released):
    """Those who had left by a later day less those by an earlier one, of the same people."""
    days = defaultdict(set)
    for row in released.results:
        if row.measure in ("dropped_out", "cumulative_incidence") and not row.reference:
            place = tuple(getattr(row, name) for name in PLACE)
            for some, everybody in ((row.numerator, row.denominator), (row.events, row.n)):
                if isinstance(some, int):
                    days[row.measure, row.arm, row.stratum, row.estimator, *place, everybody].add(some)
    for what, counts in days.items():
        for one, other in combinations(sorted(counts), 2):
            if 0 < other - one < THRESHOLD:
                yield f"{what}: {one} by one day and {other} by another"


def by_known_parts(stored, released):
    """A share of people whose number is not shown, and another row of the question that tells how many are in it."""
    told = defaultdict(set)
    for out in released.results:
        if out.question != "M":
            told[out.question, out.arm, out.site] |= {n for name in COUNTS if isinstance(n := getattr(out, name), int)}
    for row, out, count in uncounted(stored, released):
        known = {row.numerator, row.events} & told[row.question, row.arm, row.site] - {None, 0}
        if row.unit == "share" and not row.reference and known:
            part = min(known)
            fits = [n for n in others(count) if abs(part / n - out.estimate) <= unit_of(out.estimate) / 2 + 1e-9]
            if len(fits) < len(others(count)):
                yield f"{row.result_id}: {part} are {out.estimate} of {fits}"


def by_rows_of_files(stored, released):
    """Rows of a file: read less kept, where the flow says how many are kept, is how many were set aside."""
    told = {(p.series, p.label): p.n for p in released.points if p.figure == "data_quality"}
    kept = {p.series: p.n for p in stored.points if p.figure == "data_quality" and p.label == "kept"}
    flow = {step.n_left for step in released.attrition if not step.arm}
    read, aside = told.get(("patients", "read")), told.get(("patients", "quarantined"))
    known = kept.get("patients") in flow or isinstance(told.get(("patients", "kept")), int)
    if is_hidden(aside) and known and isinstance(read, int):
        yield f"patients: {read} read, {kept['patients']} kept"


def by_words(stored, released):
    """A count that is hidden stands in the row's own words or in its name."""
    said_of = defaultdict(list)
    for row in stored.results:
        said_of[row.analysis, row.measure].append(numbers_in(row))
    for row, out in pairs(stored, released):
        gone = {str(getattr(row, name)) for name in COUNTS if is_hidden(getattr(out, name))} - {"0"}
        own = numbers_in(row) - set.intersection(
            *said_of[row.analysis, row.measure]
        )  # days and hours of its definition
        if found := {n for n in gone & own if int(n) >= THRESHOLD}:
            yield f"{row.result_id}: {sorted(found)} in “{row.note} {row.reason}”"


def numbers_in(row):
    words = " ".join((row.note, row.reason, row.stratum, row.estimator, row.varied))
    return set(re.findall(r"(?<![\d.,])\d+(?![\d.,]*\d)", words.replace(",", "")))


def by_checks(stored, released):
    """A check counts the people of a row that does not tell them, or the effective ones among them."""
    gone = {
        (row.result_id, arm): getattr(row, name)
        for row, out, _ in uncounted(stored, released)
        for arm, name in head_counts(row)
        if is_hidden(getattr(out, name))
    }
    for check in released.diagnostics:
        counting = check.check in ("observed_n", "followed_n", "effective_size") and isinstance(check.after, float)
        if counting and (check.result_id, check.arm) in gone:
            yield f"{check.result_id}: {check.check} of {check.arm} is {check.after}"
    untold = {
        (row.question, row.outcome, row.arm)
        for row, out in pairs(stored, released)
        if row.measure == "people" and not isinstance(out.n, int)
    }
    for out in released.results:
        effective = out.measure == "effective_people" and isinstance(out.estimate, float)
        if effective and (out.question, out.outcome, out.arm) in untold:
            yield f"{out.result_id}: {out.estimate} effective people of a number that is not told"


ATTACKS = (
    by_degrees_of_freedom,
    by_limits,
    by_share,
    by_curves,
    by_other_tables,
    by_adding_marks,
    by_subtracting,
    by_nests,
    by_flows,
    by_growing_days,
    by_known_parts,
    by_rows_of_files,
    by_words,
    by_checks,
)
