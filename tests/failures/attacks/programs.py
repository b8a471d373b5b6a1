"""An adversary with a solver: integer programs over every rate of the measure library that is shown, with its bounds.

It knows which parts add up to which wholes, that whoever is in a rate is in its whole, which measures lie inside others,
which ask the same people, and that a zero is shown unless it tells something.  A small count is given away where it could no longer be anything from
1 to 10.
"""

from collections import defaultdict
from itertools import combinations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from pipeline.report.disclosure.measure_sums import MEASURES, WITHIN, additions, is_measure, place_of
from pipeline.report.disclosure.suppressed import Within
from tests.failures.attacks.known import THRESHOLD, is_hidden, pairs

KINDS = ("part", "rest", "whole")
MANY = 1e7
# What one measure counts, another asks or counts too: of the same scale and day, or days, as numbers are the same.
OF_ANOTHER = (
    ("assessed_again", "whole", "assessed_at_start", "part"),
    ("assessed_again", "part", "reliable_deterioration", "whole"),
    ("follow_up_after_24h", "whole", "readmission_30", "rest"),
    *(
        (one, "part", f"{one}_observed", "part")
        for one in ("recovery", "reliable_improvement", "remission", "response")
    ),
    *((f"nhs_{one}", "part", f"nhs_{one}_from_intake", "part") for one in ("recovery", "reliable_recovery")),
    *(
        (f"nhs_{one}", "part", f"nhs_{one}_from_intake", "part")
        for one in ("reliable_improvement", "reliable_deterioration")
    ),
)
ONE_NUMBER = {*OF_ANOTHER, *((c, d, a, b) for a, b, c, d in OF_ANOTHER)}


class Program:
    """Unknown whole numbers with limits and the equations that tie them together."""

    def __init__(self):
        self.low, self.high, self.rows = [], [], []

    def number(self, low=0.0, high=MANY):
        self.low.append(low)
        self.high.append(high)
        return len(self.low) - 1

    def tie(self, terms, low=0.0, high=0.0):
        self.rows.append((terms, low, high))

    def ready(self):
        matrix = np.zeros((len(self.rows), len(self.low)))
        for line, (terms, _, _) in enumerate(self.rows):
            for place, weight in terms:
                matrix[line, place] += weight
        self.ties = LinearConstraint(matrix, [low for _, low, _ in self.rows], [high for _, _, high in self.rows])
        self.limits, self.whole = Bounds(self.low, self.high), np.ones(len(self.low))
        return self

    def extremes(self, place):
        """The smallest and the largest value of one number; None where no solution was found."""
        found = []
        for sign in (1, -1):
            aim = np.zeros(len(self.low))
            aim[place] = sign
            made = milp(aim, constraints=self.ties, bounds=self.limits, integrality=self.whole)
            found.append(None if made.x is None else round(made.x[place]))
        return found


def families(stored, released):
    """Rates that a reader can tie together: of one scale and arm, with what is shown of them."""
    found = defaultdict(list)
    for row, out in pairs(stored, released):
        if is_measure(row) and row.numerator is not None and row.denominator is not None:
            found[row.outcome, row.arm].append((row, out))
    return found.values()


def whole_study(stored, released):
    """All rates of all scales and arms at once: what one tells of how many were asked, it tells of all that ask them."""
    return [[pair for family in families(stored, released) for pair in family]]


def same_people(family):
    """Counts of two rows that are one number: of measures that ask the same people, and of those of which one counts,
    as its part or the others, whom another asks or counts."""
    counts = defaultdict(dict)
    for i, (row, _) in enumerate(family):
        for kind in KINDS:
            counts[row.measure, row.outcome, row.day, kind][row.analysis, row.arm, place_of(row)] = i, count(row, kind)
    for (name, one), (other_name, other) in combinations(counts.items(), 2):
        both = one.keys() & other.keys()
        asked = name[-1] == other_name[-1] == "whole"
        named = (name[0], name[-1], other_name[0], other_name[-1]) in ONE_NUMBER and name[1:2] == other_name[1:2]
        if (asked or named) and all(one[place][1] == other[place][1] for place in both):
            yield from (((one[place][0], name[-1]), (other[place][0], other_name[-1])) for place in both)


def shown(value):
    """Between which numbers a count lies for who reads it."""
    if isinstance(value, Within):
        return value.low or 0, MANY if value.high is None else value.high
    return (0, MANY) if is_hidden(value) else (value, value)


def program_of(family):
    """The program of one family, its numbers by row and kind, and what no part holds by sum and kind."""
    program, numbers, rests = Program(), {}, {}
    zeros = nothing_hidden(family)
    for i, (_, out) in enumerate(family):
        whole = program.number(*shown(out.denominator))
        low, high = shown(out.numerator)
        told = isinstance(out.numerator, Within)
        part = program.number(max(low, 1 if told and (i, "part") not in zeros else 0), high)
        rest = program.number(1 if told and (i, "rest") not in zeros else 0)
        numbers |= {(i, "part"): part, (i, "rest"): rest, (i, "whole"): whole}
        program.tie([(part, 1), (rest, 1), (whole, -1)])
        if isinstance(out.estimate, float) and is_hidden(out.numerator):  # a whole percent
            program.tie([(part, 1), (whole, -(out.estimate - 0.005))], 0, np.inf)
            program.tie([(part, 1), (whole, -(out.estimate + 0.005))], -np.inf, 0)
    for total, parts in sums_of(family):
        for kind in KINDS:
            rest = program.number()
            rests[total, tuple(parts), kind] = rest
            program.tie([(numbers[total, kind], -1), (rest, 1), *((numbers[part, kind], 1) for part in parts)])
    for inner, outer in nested(family):
        program.tie([(numbers[outer, "part"], 1), (numbers[inner, "part"], -1)], 0, np.inf)
    for one, other in same_people(family):
        program.tie([(numbers[one], 1), (numbers[other], -1)])
    return program.ready(), numbers, rests


def sums_of(family):
    """Which rows of a family add up to which."""
    by_measure = defaultdict(dict)
    for i, (row, _) in enumerate(family):
        by_measure[row.measure, row.outcome, row.day][i] = row
    for rows in by_measure.values():
        yield from ((total, parts) for total, parts in additions(rows) if parts)


def nothing_hidden(family):
    """Rows and kinds of which a zero would be hidden too: sensitive ones, and parts of a total that is not shown
    exactly: of those who are not in it, where of how many it is is not shown either."""
    found = {(i, kind) for i, (row, _) in enumerate(family) if "deteriorat" in row.measure for kind in ("part", "rest")}
    for total, parts in sums_of(family):
        out = family[total][1]
        if not isinstance(out.numerator, int):
            found |= {(part, "part") for part in parts}
        if not (isinstance(out.numerator, int) and isinstance(out.denominator, int)):
            found |= {(part, "rest") for part in parts}
    return found


def nested(family):
    """Rates of which one holds everybody of the other."""
    places = {(row.measure, row.outcome, row.day, place_of(row)): i for i, (row, _) in enumerate(family)}
    for (measure, *where), i in places.items():
        for inner, outer in WITHIN:
            if measure == inner and (outer, *where) in places:
                j = places[outer, *where]
                if family[j][0].analysis == family[i][0].analysis == MEASURES:
                    yield i, j


def by_one_integer_program(stored, released):
    """The same of everything at once, which takes a minute of some hundred people."""
    yield from by_integer_programs(stored, released, together=whole_study)


def by_integer_programs(stored, released, most=10_000, together=families):
    """Counts of 1 to 10 that the solver pins, or narrows inside 1 to 10."""
    looked = 0
    for family in together(stored, released):
        if not any(is_hidden(out.numerator) or isinstance(out.numerator, Within) for _, out in family):
            continue
        program, numbers, rests = program_of(family)
        for name, place, true in small_ones(family, numbers, rests):
            looked += 1
            if looked > most:
                return
            low, high = program.extremes(place)
            if low is None or high is None:
                yield f"{name}: no numbers fit what is shown"
            elif low > 1 or high < THRESHOLD - 1:
                yield f"{name}: {true} lies between {low} and {high}"


def small_ones(family, numbers, rests):
    """The small counts that are not shown, each with its name, its place in the program and its true value."""
    for i, (row, out) in enumerate(family):
        true = {"part": row.numerator, "rest": row.denominator - row.numerator, "whole": row.denominator}
        for kind in KINDS:
            if 0 < true[kind] < THRESHOLD and not isinstance(out.numerator, int):
                yield f"{row.result_id} {kind}", numbers[i, kind], true[kind]
    counts = {kind: [count(row, kind) for row, _ in family] for kind in KINDS}
    for (total, parts, kind), place in rests.items():
        left = counts[kind][total] - sum(counts[kind][part] for part in parts)
        if 0 < left < THRESHOLD:
            yield f"{family[total][0].result_id} less {len(parts)} parts, {kind}", place, left


def count(row, kind):
    return {"part": row.numerator, "rest": row.denominator - row.numerator, "whole": row.denominator}[kind]
