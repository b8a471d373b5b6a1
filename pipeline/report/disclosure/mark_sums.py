"""Which counts behind the marks of figures add up: over a series, over a matrix, and to the head count of their row."""

from collections import defaultdict
from collections.abc import Container, Sequence

from pipeline.counting import Marks
from pipeline.levels import LEVELS
from pipeline.report.disclosure.declared import marks_of
from pipeline.report.disclosure.measure_sums import is_mark
from pipeline.report.disclosure.propagation import Sum
from pipeline.report.disclosure.rates.axes import Cell
from pipeline.report.disclosure.table_sums import NOT_PEOPLE, Margins
from pipeline.results import FigurePoint


def point_margins(points: Sequence[FigurePoint], known: Container[int], threshold: int) -> Margins:
    """Marks of one series add up to everybody in it, which is known from elsewhere; cells are the points' places in the
    table.

    Rows of a file: read = kept + set aside for each reason.  Breaches overlap and add up to nothing.
    known  how many people flows tell of: those kept of the file of patients stand there too
    """
    series: dict[str, dict[int, int]] = defaultdict(dict)
    sums: list[Sum] = []
    counts: dict[Cell, int] = {}
    fixed: set[Cell] = set()
    for place, point in enumerate(points):
        kind = marks_of(point)
        if point.series in NOT_PEOPLE or is_mark(point):  # such a mark is hidden with the row it stands for
            continue
        counts |= {place: point.n} if point.n is not None else {}
        if point.n is not None and kind not in (Marks.OVERLAP, Marks.WEEK_BY_WEEK):
            series["|".join((point.figure, point.result_id, point.series))][place] = point.n
    for name, parts in series.items():
        total = next(
            (place for place in parts if points[place].figure == "data_quality" and points[place].label == "read"), None
        )
        if total is None:
            counts[("total", name)] = sum(parts.values())
            fixed.add(("total", name))
        sums.append(Sum(("total", name) if total is None else total, tuple(place for place in parts if place != total)))
        # rows set aside are named again by the breaches, reason by reason: what is not small is known
        fixed |= {place for place, n in parts.items() if points[place].label == "quarantined" and n >= threshold}
        fixed |= {
            place for place, n in parts.items() if stands_in_flow(points[place]) and n in known and n >= threshold
        }
    for name, cells in placed_together(points).items():
        counts[("total", name)] = sum(counts[cell] for cell in cells)
        fixed.add(("total", name))
        sums.append(Sum(("total", name), cells))
    return Margins(tuple(sums), counts, fixed=frozenset(fixed))


def stands_in_flow(point: FigurePoint) -> bool:
    """Whether a mark says how many people are in the records, as the flow begins."""
    return (point.figure, point.series, point.label) == ("data_quality", "patients", "kept")


def uncounted_marks(points: Sequence[FigurePoint], uncounted: set[tuple[str, str]]) -> set[int]:
    """Places of marks that add up, over their series, to a head count that their row does not show.

    uncounted  results and arms whose head count is not shown
    """
    results = {result_id for result_id, _ in uncounted}
    arms = {arm for _, arm in uncounted}
    return {
        place
        for place, point in enumerate(points)
        if point.n is not None
        and point.result_id in results
        and marks_of(point) in (Marks.ADD_UP, Marks.SHARES, Marks.WEEK_BY_WEEK)
        and ((point.result_id, point.series) in uncounted or point.series not in arms)
    }


def placed_together(points: Sequence[FigurePoint]) -> dict[str, tuple[Cell, ...]]:
    """Cells of the matrix of recommended and received levels whose sum stands elsewhere: all below, at and above the
    recommendation, and the same without recommendations of the lowest level, of the highest, or of both."""
    ends = {"all": (), "not the lowest": LEVELS[:1], "not the highest": LEVELS[-1:], "between": (LEVELS[0], LEVELS[-1])}
    groups: dict[str, list[Cell]] = defaultdict(list)
    for place, point in enumerate(points):
        if marks_of(point) is not Marks.MATRIX or point.n is None:
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
        if marks_of(point) is Marks.SHARES and point.n is not None and point.y is not None:
            yes = round(point.n * point.y)
            series[point.figure][place] = yes if side == "yes" else point.n - yes
    counts: dict[Cell, int] = {cell: n for parts in series.values() for cell, n in parts.items()}
    totals: dict[Cell, int] = {("total", name): sum(parts.values()) for name, parts in series.items()}
    sums = tuple(Sum(("total", name), tuple(parts)) for name, parts in series.items())
    return Margins(sums, counts | totals, unpublished=frozenset(already & counts.keys()), fixed=frozenset(totals))


def leaving_points(points: Sequence[FigurePoint], dropped: set[Cell], threshold: int) -> set[int]:
    """Places of points week by week whose head count would tell how few left since one shown before; what they show may
    stay."""
    shown: dict[tuple[str, ...], list[int]] = {}
    near = set()
    for place, point in enumerate(points):
        if marks_of(point) is not Marks.WEEK_BY_WEEK or point.n is None or place in dropped:
            continue
        before = shown.setdefault((point.figure, point.result_id, point.series), [])
        if any(0 < abs(point.n - other) < threshold for other in before):
            near.add(place)
        else:
            before.append(point.n)
    return near
