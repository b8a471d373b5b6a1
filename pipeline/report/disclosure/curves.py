"""Curves in steps that tell of no small group: a week and threshold endings apart, and none where few remain."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.report.disclosure.declared import knows_curve, starts_with_all
from pipeline.report.disclosure.derived import coarse_limits, conceal
from pipeline.report.disclosure.nested_counts import Crowded
from pipeline.results import CurvePoint

STEP_DAYS = 7
HEADS_EVERY = 28  # days
IN_CARE = "in care"


def coarsened(
    points: Sequence[CurvePoint], hidden: set[str], crowded: Crowded, started: Mapping[str, int], threshold: int
) -> Iterator[CurvePoint]:
    """The curves as they may leave: without event counts, hidden and undeclared ones gone.

    events of a stored point count the endings up to its day.  Endings of one arm add up with those still in care: where
    some are hidden, what they amount to together is a curve of its own, and the endings shown step no finer than that
    one may.
    """
    arms: dict[tuple[str, str], dict[str, list[CurvePoint]]] = defaultdict(lambda: defaultdict(list))
    for point in filter(knows_curve, points):
        arms[asked_in(point.result_id), point.arm][point.result_id].append(point)
    for (asked, arm), curves in arms.items():
        unseen = [curve for name, curve in curves.items() if name in hidden]
        days = {point.day for point in stepped(added_up(unseen), threshold, None)} if unseen else None
        for name, curve in curves.items():
            if name not in hidden:
                in_care = curve[0].state == IN_CARE
                told = list(stepped(curve, threshold, None if in_care else days))
                shown = in_sight(told, started.get(arm) if starts_with_all(asked) else None, crowded, threshold)
                for point, out in zip(told, shown if in_care else map(unnumbered, told), strict=True):
                    yield out if isinstance(out.at_risk, int) else coarse_point(point, out, threshold)


def unnumbered(point: CurvePoint) -> CurvePoint:
    return replace(point, at_risk=None, events=None)


def coarse_point(point: CurvePoint, out: CurvePoint, threshold: int) -> CurvePoint:
    """A point that does not say how many are at risk, its limits too coarse to give that back."""
    low, high = coarse_limits(point, "estimate", point.at_risk or 0, threshold)
    return replace(out, low=low, high=high)


def asked_in(result_id: str) -> str:
    """Question and analysis of a curve: the people of one analysis add up among themselves, and with nobody else's."""
    return ".".join(result_id.split(".")[:2])


def stepped(curve: Sequence[CurvePoint], threshold: int, days: set[int] | None) -> Iterator[CurvePoint]:
    """Points at least a week and threshold endings apart, or without any ending between them; ends where few are at
    risk."""
    last: CurvePoint | None = None
    for point in sorted(curve, key=lambda p: p.day):
        if (point.at_risk or 0) < threshold:
            return
        endings = (point.events or 0) - (last.events or 0 if last else 0)
        far = last is None or point.day - last.day >= STEP_DAYS
        if (endings == 0 or endings >= threshold) and far and (days is None or point.day in days):
            yield point
            last = point


def in_sight(
    curve: Iterable[CurvePoint], started: int | None, crowded: Crowded, threshold: int
) -> Iterator[CurvePoint]:
    """The curve with head counts every four weeks, each hidden where it tells of few people lost from sight since the
    one before, or is a head count that rows do not show.

    Lost from sight = those who started, less those at risk, less those whose care had ended.
    """
    lost = 0
    for point in curve:
        started = started or point.at_risk or 0
        now = started - (point.at_risk or 0) - (point.events or 0)
        if point.day % HEADS_EVERY:
            yield replace(point, at_risk=None, events=None)
        elif 0 < abs(now - lost) < threshold or ((point.arm, "", "", ""), point.at_risk) in crowded:
            yield replace(conceal(point, ("at_risk",)), events=None)
        else:
            lost = now
            yield replace(point, events=None)


def added_up(curves: Sequence[Sequence[CurvePoint]]) -> list[CurvePoint]:
    """Several curves of one arm as one: their endings added."""
    events: dict[int, int] = defaultdict(int)
    for curve in curves:
        for point in curve:
            events[point.day] += point.events or 0
    return [replace(point, events=events[point.day]) for point in max(curves, key=len)]
