"""What is held back until more people have changed it: shown but for the edition before, and told so in its own reason.

One sentence stands for what changed by few and for what would give that away, since a reader who could tell the two
apart would know which count changed by few, and by how little.
"""

from dataclasses import replace

from pipeline.report.disclosure.earlier import NOTHING, Earlier
from pipeline.report.disclosure.gate import Tables, release
from pipeline.report.disclosure.suppressed import HELD_BACK, is_suppressed
from pipeline.results import CurvePoint, Result
from pipeline.study import Disclosure

HELD = HELD_BACK + ": fewer than {threshold} people changed it, or a figure beside it, since it was last shown"


def leaving(tables: Tables, rule: Disclosure, earlier: Earlier) -> tuple[Tables, tuple[str, ...]]:
    """The released tables, each row that only the edition before keeps back with that reason; and the arms whose curves
    stay away for the same.  Raises DisclosureError as release does."""
    out = release(tables, rule, earlier)
    if earlier == NOTHING:
        return out, ()
    alone = release(tables, rule)
    why = HELD.format(threshold=rule.threshold)
    rows = [
        replace(row, reason=why) if concealed(row) and not concealed(free) else row
        for row, free in zip(out.results, alone.results, strict=True)
    ]
    return replace(out, results=tuple(rows)), tuple(dict.fromkeys(gone(alone.curves, out.curves)))


def concealed(row: Result) -> bool:
    """Whether the number of a row, or the count of one that only counts, is hidden."""
    return is_suppressed(row.n if row.estimate is None else row.estimate)


def is_held_back(row: Result) -> bool:
    """Whether a released row is kept back for the edition before, and for nothing else."""
    return concealed(row) and row.reason.startswith(HELD_BACK)


def gone(alone: tuple[CurvePoint, ...], out: tuple[CurvePoint, ...]) -> list[str]:
    """Arms that have a curve without the edition before, and none with it."""
    left = {(point.result_id, point.arm, point.state) for point in out}
    return [point.arm for point in alone if (point.result_id, point.arm, point.state) not in left]
