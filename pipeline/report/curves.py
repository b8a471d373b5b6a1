"""Curves in steps that tell of no small group: a week and threshold endings apart, and none where few remain."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.results import CurvePoint

STEP_DAYS = 7
IN_CARE = "in care"


def coarsened(points: Sequence[CurvePoint], hidden: set[str], threshold: int) -> Iterator[CurvePoint]:
    """The curves as they may leave: without event counts, hidden ones gone.

    events of a stored point count the endings up to its day.  Endings of one arm add up with those still in care: where some
    are hidden, what they amount to together is a curve of its own, and the endings shown step no finer than that one may.
    """
    arms: dict[str, dict[str, list[CurvePoint]]] = defaultdict(lambda: defaultdict(list))
    for point in points:
        arms[point.arm][point.result_id].append(point)
    for curves in arms.values():
        unseen = [curve for name, curve in curves.items() if name in hidden]
        days = {point.day for point in stepped(added_up(unseen), threshold, None)} if unseen else None
        for name, curve in curves.items():
            if name not in hidden:
                bound = None if curve[0].state == IN_CARE else days
                yield from (replace(point, events=None) for point in stepped(curve, threshold, bound))


def stepped(curve: Sequence[CurvePoint], threshold: int, days: set[int] | None) -> Iterator[CurvePoint]:
    """Points at least a week, threshold endings and threshold people apart (or none at all); ends where few are at risk."""
    last: CurvePoint | None = None
    for point in sorted(curve, key=lambda p: p.day):
        if (point.at_risk or 0) < threshold:
            return
        endings = (point.events or 0) - (last.events or 0 if last else 0)
        people = (last.at_risk or 0) - (point.at_risk or 0) if last else 0
        quiet = all(count == 0 or count >= threshold for count in (endings, people))
        if quiet and (last is None or point.day - last.day >= STEP_DAYS) and (days is None or point.day in days):
            yield point
            last = point


def added_up(curves: Sequence[Sequence[CurvePoint]]) -> list[CurvePoint]:
    """Several curves of one arm as one: their endings added."""
    events: dict[int, int] = defaultdict(int)
    for curve in curves:
        for point in curve:
            events[point.day] += point.events or 0
    return [replace(point, events=events[point.day]) for point in max(curves, key=len)]
