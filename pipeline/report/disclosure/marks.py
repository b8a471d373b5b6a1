"""Marks of figures as they may leave: hidden with the few people behind them, or with the row they stand for."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from typing import Any

from pipeline.counting import Marks
from pipeline.report.disclosure.checks import hidden_heads
from pipeline.report.disclosure.declared import marks_of
from pipeline.report.disclosure.derived import conceal, in_whole_percent, without_count
from pipeline.report.disclosure.earlier import Earlier, changed_by_few
from pipeline.report.disclosure.mark_sums import leaving_points, point_margins, side_margins, uncounted_marks
from pipeline.report.disclosure.measure_sums import LostMarks, hidden_marks
from pipeline.report.disclosure.nested_counts import is_small
from pipeline.report.disclosure.rates.axes import Cell
from pipeline.report.disclosure.suppressed import Within, is_suppressed
from pipeline.report.disclosure.table_sums import hidden_cells
from pipeline.results import FigurePoint, Result

MARKED = ("n", "y", "low", "high")  # what a mark of a figure says; in a funnel its place along x is a head count too


def marks_as_they_leave(
    points: Sequence[FigurePoint],
    rows: Sequence[Result],
    leaving: Sequence[Result],
    hidden: set[str],
    in_flows: Container[int],
    earlier: Earlier,
    threshold: int,
) -> Iterator[FigurePoint]:
    """Marks without what they would give away.

    leaving   the rows as they leave
    in_flows  people counted by flows
    earlier   the counts that were last shown
    """
    changed = frozenset(i for i, one in enumerate(points) if any(changed_by_few(one, earlier.points, threshold)))
    margins = replace(point_margins(points, in_flows, threshold), withheld=changed)
    dropped = hidden_cells(margins, threshold) | changed
    for side in ("yes", "no"):
        dropped |= hidden_cells(side_margins(points, dropped, side), threshold)
    near = leaving_points(points, dropped, threshold)
    near |= uncounted_marks(points, hidden_heads(zip(rows, leaving, strict=True))[0])
    marks = hidden_marks(points, leaving)
    few = {i for i, one in enumerate(points) if marks_of(one) is Marks.OVERLAP and is_small(one.n, threshold)} - changed
    for i, point in enumerate(points):
        lost = hidden_of_mark(point, i, marks, dropped, hidden)
        if i in few and "n" in lost:  # of those that add up to nothing only small ones are hidden
            yield replace(conceal(point, lost), n=few_of(threshold))
            continue
        yield without_count(point, threshold) if i in near and not lost else left_of(point, i, lost, marks)


def few_of(threshold: int) -> Any:
    """A small count as its bound."""
    return Within(None, threshold - 1)


def hidden_of_mark(point: FigurePoint, i: int, marks: LostMarks, dropped: set[Cell], hidden: set[str]) -> Sequence[str]:
    """What the mark at place i loses with the row that it stands for, or because few people are behind it."""
    if i in marks.hidden or marks_of(point) is None:
        return ("x", *MARKED)
    if i in dropped or point.result_id in hidden:
        return MARKED
    return ("n",) if i in marks.uncounted else ()


def left_of(point: FigurePoint, i: int, lost: Sequence[str], marks: LostMarks) -> FigurePoint:
    """A mark without what it loses; in whole percent beside a hidden one that helped to make its limits."""
    left = conceal(point, lost)
    if i not in marks.coarse:
        return left
    told = ("y", "low", "high") if is_suppressed(left.n) else ("low", "high")
    return in_whole_percent(left, told)
