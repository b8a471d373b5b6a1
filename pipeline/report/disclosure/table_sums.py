"""Which counts of the result tables add up: the sums a reader could do by hand."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.report.disclosure.measure_sums import is_mark
from pipeline.report.disclosure.secondary_suppression import Cell, Sum
from pipeline.results import AttritionStep, FigurePoint, Result
from pipeline.schema import LEVELS


@dataclass(frozen=True, slots=True)
class Margins:
    """Counts, how they add up, which of them nobody publishes, which are known from elsewhere, and which are hidden in
    any case."""

    sums: tuple[Sum, ...]
    counts: Mapping[Cell, int]
    unpublished: frozenset[Cell] = frozenset()
    fixed: frozenset[Cell] = frozenset()
    wanted: frozenset[Cell] = frozenset()
    withheld: frozenset[Cell] = frozenset()


def with_remainder(name: str, total: int, parts: Mapping[Cell, int]) -> tuple[Sum, dict[Cell, int]]:
    """A known total, its shown parts and what is left over, as a sum and its counts."""
    rest = total - sum(parts.values())
    left_over = {("rest", name): rest} if rest else {}
    return Sum(("total", name), (*parts, *left_over)), {("total", name): total, **parts, **left_over}


def assembled(groups: Sequence[tuple[str, int, Mapping[Cell, int]]]) -> Margins:
    """Margins of groups that share nothing: (name, known total, parts)."""
    sums, counts = [], {}
    for name, total, parts in groups:
        if parts and total >= sum(parts.values()):
            one, numbers = with_remainder(name, total, parts)
            sums.append(one)
            counts |= numbers
    return Margins(
        tuple(sums),
        counts,
        frozenset(c for c in counts if isinstance(c, tuple) and c[0] == "rest"),
        frozenset(c for c in counts if isinstance(c, tuple) and c[0] == "total"),
    )


def result_margins(rows: Sequence[Result], already: set[str]) -> Margins:
    """Rows of one group of people that share a denominator: improved and worse, still in care and dropped out, one
    ending and another.

    A row that is hidden already counts as a small cell, whatever its size: it must stay unknown.
    """
    groups: dict[str, dict[Cell, int]] = defaultdict(dict)
    totals: dict[str, int] = {}
    for row in rows:
        kind = next((kind for kind, measures in FAMILIES.items() if row.measure in measures), None)
        count, whole = (row.numerator, row.denominator) if row.denominator is not None else (row.events, row.n)
        if kind is None or row.reference or count is None or whole is None or (row.stratum and kind == "care"):
            continue
        table = row.stratum if kind == "hours" else row.analysis  # a headline and the rows beside it share their weeks
        name = "|".join(
            (
                kind,
                table,
                row.arm,
                row.outcome,
                str(row.day),
                row.site,
                row.payer,
                row.period,
                row.population,
                str(whole),
            )
        )
        groups[name][row.result_id] = count
        totals[name] = (
            sum(groups[name].values()) if kind == "ending" else whole
        )  # the curve of those in care gives all endings away
    margins = assembled(
        [(name, totals[name], parts) for name, parts in groups.items()] + within_level(rows) + within_harm(rows)
    )
    leaving = frozenset(
        row.result_id for row in rows if row.measure == "cumulative_incidence" and row.stratum == LEFT_EARLY
    )
    return replace(margins, unpublished=margins.unpublished | (already & margins.counts.keys()), wanted=leaving)


LEFT_EARLY = "dropped out"
NESTED = (
    "C5",
    "C6",
    "C8",
    "C9",
    "C14",
)  # questions whose rows are about people or stays that lie one group inside another
BY_PLACE = ("C12",)  # questions whose rows add up: sites within an arm, and arms within everybody
SHARES = "measured_"  # figures of shares, whose y and n tell how many were and were not
MEASURED = ("measured_every_14_days", "measured_every_30_days")
HARMS = ("self_harm", "ed_visit", "moved_up", "died")
# figures whose points hold those of the point before but for who left
WEEK_BY_WEEK = ("dose_by_week", "dose_response", "trajectory_week", "trajectory_hours")
# figures whose points hold those of the point before but for who left
NOT_PEOPLE = ("programs",)  # rows of this table are places, and a place is no person
FAMILIES = {
    "change": ("reliably_improved", "reliably_deteriorated"),
    "care": ("retained", "dropped_out"),
    "ending": ("cumulative_incidence",),
    "stays": ("stays_by_ending",),
    "remission": ("in_remission", "not_in_remission", "remission_unknown"),
    "lasting": ("still_recovered", "relapsed", "recovery_unknown"),
    "placement": ("placed_less_than_recommended", "placed_as_recommended", "placed_more_than_recommended"),
    "hours": ("weeks_below_hours", "weeks_within_hours", "weeks_above_hours"),
}


def within_level(rows: Sequence[Result]) -> list[tuple[str, int, Mapping[Cell, int]]]:
    """Still in care at the level started, among those still in care at any level."""
    retained = [row for row in rows if row.measure == "retained" and row.numerator is not None]
    whole = {(r.arm, r.day, r.site, r.payer, r.period): r.numerator for r in retained if not r.stratum}
    groups = []
    for row in retained:
        total = whole.get((row.arm, row.day, row.site, row.payer, row.period))
        if row.stratum and total is not None:
            groups.append((f"level|{row.result_id}", total, {row.result_id: row.numerator or 0}))
    return groups


def within_harm(rows: Sequence[Result]) -> list[tuple[str, int, Mapping[Cell, int]]]:
    """Harm by an earlier day within harm by a later one, measured every 14 days within every 30: what lies between
    counts people too."""
    by_group: dict[tuple[str, ...], list[Result]] = defaultdict(list)
    for row in rows:
        if row.measure in HARMS and row.numerator is not None:
            by_group[(row.analysis, row.measure, row.arm, row.site, row.payer, row.period)].append(row)
        if row.measure in MEASURED and row.numerator is not None and not row.twin_of:
            by_group[("measured", row.outcome, str(row.day), row.arm, row.site)].append(row)
    groups = []
    for same in by_group.values():
        in_time = sorted(same, key=lambda row: (row.day or 0, row.measure))
        for early, late in pairwise(in_time):
            groups.append((f"harm|{late.result_id}", late.numerator or 0, {early.result_id: early.numerator or 0}))
    return groups


def point_margins(points: Sequence[FigurePoint], threshold: int) -> Margins:
    """Marks of one series add up to everybody in it, which is known from elsewhere; cells are the points' places in the
    table.

    Rows of a file: read = kept + set aside for each reason.  Breaches overlap and add up to nothing.
    """
    series: dict[str, dict[Cell, int]] = defaultdict(dict)
    sums, counts, fixed = [], {}, set()
    for place, point in enumerate(points):
        if point.series in NOT_PEOPLE or is_mark(point):  # such a mark is hidden with the row it stands for
            continue
        counts |= {place: point.n} if point.n is not None else {}
        if point.n is not None and not point.figure.startswith("breach") and point.figure not in WEEK_BY_WEEK:
            series["|".join((point.figure, point.result_id, point.series))][place] = point.n
    for name, parts in series.items():
        total = next(
            (place for place in parts if points[place].figure == "data_quality" and points[place].label == "read"), None
        )
        if total is None:
            counts[("total", name)] = sum(parts.values())
            fixed.add(("total", name))
        sums.append(Sum(("total", name) if total is None else total, tuple(place for place in parts if place != total)))
        # rows set aside are named again by the breaches, reason by reason: what is not small of them is known
        fixed |= {place for place, n in parts.items() if points[place].label == "quarantined" and n >= threshold}
    for name, cells in placed_together(points).items():
        counts[("total", name)] = sum(counts[cell] for cell in cells)
        fixed.add(("total", name))
        sums.append(Sum(("total", name), cells))
    return Margins(tuple(sums), counts, fixed=frozenset(fixed))


def placed_together(points: Sequence[FigurePoint]) -> dict[str, tuple[Cell, ...]]:
    """Cells of the matrix of recommended and received levels whose sum stands elsewhere: all below, at and above the
    recommendation, and the same without recommendations of the lowest level, of the highest, or of both."""
    ends = {"all": (), "not the lowest": LEVELS[:1], "not the highest": LEVELS[-1:], "between": (LEVELS[0], LEVELS[-1])}
    groups: dict[str, list[Cell]] = defaultdict(list)
    for place, point in enumerate(points):
        if point.figure != "placement_matrix" or point.n is None:
            continue
        wanted, received = LEVELS.index(point.series), LEVELS.index(point.label)
        side = "below" if received < wanted else "above" if received > wanted else "at"
        for name, left_out in ends.items():
            if point.series not in left_out:
                groups[f"{side}, {name}"].append(place)
    return {f"placement|{name}": tuple(cells) for name, cells in groups.items()}


def side_margins(points: Sequence[FigurePoint], already: set[Cell], side: str) -> Margins:
    """Those with (yes) or without (no) what a share is about: over a series they add up to what the row beside the
    figure says.

    A point that is hidden already is hidden on both sides.
    """
    series: dict[str, dict[Cell, int]] = defaultdict(dict)
    for place, point in enumerate(points):
        if point.figure.startswith(SHARES) and point.n is not None and point.y is not None:
            yes = round(point.n * point.y)
            series[point.figure][place] = yes if side == "yes" else point.n - yes
    counts: dict[Cell, int] = {cell: n for parts in series.values() for cell, n in parts.items()}
    totals: dict[Cell, int] = {("total", name): sum(parts.values()) for name, parts in series.items()}
    sums = tuple(Sum(("total", name), tuple(parts)) for name, parts in series.items())
    return Margins(sums, counts | totals, unpublished=frozenset(already & counts.keys()), fixed=frozenset(totals))


def part_margins(rows: Sequence[Result], already: set[str], count: str) -> Margins:
    """Rows of arms that add up to everybody's, and rows of sites that add up to their arm's, by one of their counts.

    count  numerator, denominator, or remainder (denominator less numerator)
    """
    levels: dict[tuple[object, ...], dict[tuple[str, str], Result]] = defaultdict(dict)
    for row in rows:
        if row.question in BY_PLACE and row.numerator is not None and row.denominator is not None and not row.twin_of:
            levels[row.measure, row.outcome, row.day, row.stratum][row.arm, row.site] = row
    sums, counts = [], {}
    for placed in levels.values():
        numbers = {row.result_id: counted(row, count) for row in placed.values()}
        counts |= numbers
        for (arm, site), row in placed.items():
            if arm:
                inside = [other for (its, place), other in placed.items() if its == arm and place and not site]
            else:
                inside = [other for (its, place), other in placed.items() if its and not place]
            if inside and numbers[row.result_id] == sum(numbers[other.result_id] for other in inside):
                sums.append(Sum(row.result_id, tuple(other.result_id for other in inside)))
    return Margins(tuple(sums), counts, unpublished=frozenset(already & counts.keys()))


def counted(row: Result, count: str) -> int:
    assert row.numerator is not None
    assert row.denominator is not None
    return {"numerator": row.numerator, "denominator": row.denominator, "remainder": row.denominator - row.numerator}[
        count
    ]


def leaving_points(points: Sequence[FigurePoint], dropped: set[Cell], threshold: int) -> set[int]:
    """Places of points week by week whose head count would tell how few left since one shown before; what they show may
    stay."""
    shown: dict[tuple[str, ...], list[int]] = {}
    near = set()
    for place, point in enumerate(points):
        if point.figure not in WEEK_BY_WEEK or point.n is None or place in dropped:
            continue
        before = shown.setdefault((point.figure, point.result_id, point.series), [])
        if any(0 < abs(point.n - other) < threshold for other in before):
            near.add(place)
        else:
            before.append(point.n)
    return near


def attrition_margins(steps: Sequence[AttritionStep], rows: Sequence[Result], close: set[Cell]) -> Margins:
    """Who was left before a step = who is left after it + who was removed by it, in all and in each arm.

    rows are those that leave: a count of an arm that stands in one of them as well is known, such as its last.  close:
    cells that are hidden for another reason.  Where arms are first told apart, they add up to everybody left before.
    """
    counts: dict[Cell, int] = {}
    sums: list[Sum] = []
    last: dict[tuple[str, str], int] = {}
    split: dict[str, list[int]] = defaultdict(list)
    for place, step in enumerate(steps):
        counts |= {("n_left", place): step.n_left, ("n_removed", place): step.n_removed}
        before = last.get((step.analysis, step.arm))
        if before is not None:
            sums.append(Sum(("n_left", before), (("n_left", place), ("n_removed", place))))
        elif step.arm:
            split[step.analysis].append(place)
        last[(step.analysis, step.arm)] = place
    for analysis, places in split.items():
        everybody = last.get((analysis, ""))
        if everybody is not None:
            sums.append(
                Sum(("n_left", everybody), tuple((name, place) for place in places for name in ("n_left", "n_removed")))
            )
    told = {
        (arm, n)
        for row in rows
        for arm, n in ((row.arm, row.n), (row.arm, row.denominator), (row.reference, row.n_reference))
    }
    known = frozenset(
        ("n_left", place)
        for place, step in enumerate(steps)
        if (step.arm, step.n_left) in told or (not step.arm and step.n_left in {n for _, n in told})
    )
    right = tuple(one for one in sums if counts[one.total] == sum(counts[part] for part in one.parts))
    return Margins(right, counts, fixed=known - close, withheld=frozenset(close))
