"""An adversary with the released tables and every formula: what single figures give away of counts that are not shown.

Each attack takes the tables as stored and as released and tells what it found, in words.  It knows the stored ones only
to judge its guesses: a count is given away where a count up to ten away could not have led to the same tables.
"""

from collections import defaultdict

from pipeline.report.disclosure.decisions import DIFFERENCES
from pipeline.results import COUNTS
from tests.failures.attacks.known import (
    THRESHOLD,
    WEIGHTED,
    head_counts,
    is_hidden,
    numbers_in,
    others,
    pairs,
    uncounted,
    unit_of,
    width,
)


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


def by_subtracting(stored, released):
    """A hidden difference is one shown figure less another, and a hidden figure a shown difference and the other."""
    rows = pairs(stored, released)
    for row, out in rows:
        made_of_two = row.reference and row.measure in DIFFERENCES
        if not made_of_two or row.estimate is None or row.analysis == "as_observed":
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
        (row.question, row.outcome, row.arm, row.varied)
        for row, out in pairs(stored, released)
        if row.measure == "people" and not isinstance(out.n, int)
    }
    for out in released.results:
        effective = out.measure == "effective_people" and isinstance(out.estimate, float)
        if effective and (out.question, out.outcome, out.arm, out.varied) in untold:
            yield f"{out.result_id}: {out.estimate} effective people of a number that is not told"


def by_lines(stored, released):
    """The line that chance sets for a check of so many people, solved for how many those are."""
    untold = {row.result_id: count for row, _, count in uncounted(stored, released)}
    for check in released.diagnostics:
        if check.check in ("observation_weight", "max_person_share") and isinstance(check.threshold, float):
            count = untold.get(check.result_id)
            solved = [k / check.threshold for k in (1, 1.5, 7) if check.threshold]
            if count and any(abs(found - count) < 1 for found in solved):
                yield f"{check.result_id}: the line of {check.check} stands for {count} people"
