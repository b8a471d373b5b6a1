"""The same adversary with several tables side by side: sums, differences, nests and steps."""

from collections import defaultdict
from itertools import combinations, pairwise

from pipeline.report.disclosure.suppressed import Within
from pipeline.results import COUNTS
from tests.failures.attacks.known import PLACE, THRESHOLD, head_counts, is_hidden, others, pairs, uncounted, unit_of


def by_other_tables(stored, released):
    """A head count that is hidden in one row stands in another table, or in another row."""
    hidden, shown = set(), defaultdict(set)
    for row, out in pairs(stored, released):
        place = tuple(getattr(row, name) for name in PLACE)
        for arm, name in head_counts(row):
            value, told = getattr(row, name), getattr(out, name)
            if row.n is not None and row.denominator not in (None, row.n) and name != "n_reference":
                continue  # a rate of weeks or visits, which tells of no number of people
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


def by_people_asked(stored, released):
    """How many were asked is told in one measure exactly, or as one range, and as another where the same are asked; that
    they are no fewer than those counted among them is no other range."""
    told = defaultdict(dict)
    counts = defaultdict(dict)
    for row, out in pairs(stored, released):
        if row.analysis == "measures" and row.denominator is not None:
            key, place = (row.measure, row.outcome, row.day), (row.arm, row.stratum, *(getattr(row, n) for n in PLACE))
            counts[key][place] = row.denominator
            told[key][place] = None if is_hidden(out.denominator) else beyond_its_part(out)
    for one, other in combinations(counts, 2):
        both = counts[one].keys() & counts[other].keys()
        if all(counts[one][place] == counts[other][place] for place in both):
            for place in both:
                said = {told[one][place], told[other][place]} - {None}
                if len(said) == 2 and not one_range(*said):
                    yield f"{one} and {other} at {place}: {said}"


def beyond_its_part(out):
    """A head count as told; of a range that begins at the number counted in it, its end alone."""
    whole, part = out.denominator, out.numerator
    least = part.low if isinstance(part, Within) else part
    return Within(None, whole.high) if isinstance(whole, Within) and whole.low == least else whole


def one_range(one, other):
    """Whether two ranges differ in nothing but that one begins at the number counted in it."""
    return (
        isinstance(one, Within)
        and isinstance(other, Within)
        and one.high == other.high
        and None in (one.low, other.low)
    )


def by_those_measured_again(stored, released):
    """How many were measured again is told exactly, and as a head count of other rows it is not."""
    untold = {
        (arm, *(getattr(row, place) for place in PLACE), getattr(row, name))
        for row, out in pairs(stored, released)
        for arm, name in head_counts(row)
        if isinstance(getattr(out, name), Within) or (is_hidden(getattr(out, name)) and isinstance(out.estimate, float))
    }
    for row, out in pairs(stored, released):
        where = (row.outcome, row.arm, *(getattr(row, place) for place in PLACE), row.numerator)
        if row.measure in ("assessed_again", "observed") and isinstance(out.numerator, int) and where in untold:
            yield f"{row.result_id}: {out.numerator} measured again, who are not told elsewhere"
