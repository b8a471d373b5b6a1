"""What this edition may not show anew, since the one before it would tell of a few: shown as it was released then, with
its day, or held back where it may not be shown again.

One sentence stands for what changed by few and for what would give that away, since a reader who could tell the two
apart would know which count changed by few, and by how little.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.choices.answered import Disclosure
from pipeline.report.disclosure.earlier import NOTHING, Earlier
from pipeline.report.disclosure.gate import Tables, check, release
from pipeline.report.disclosure.last_shown import as_last_shown, too_small
from pipeline.report.disclosure.suppressed import HELD_BACK, Within, is_suppressed
from pipeline.results import CurvePoint, Result

HELD = HELD_BACK + ": fewer than {threshold} people changed it, or a figure beside it, since it was last shown"
GROUPED = ("curves", "attrition", "points")


@dataclass(frozen=True, slots=True)
class Edition:
    """What one edition shows.

    tables  the released tables
    days    when those were released that stand as they were shown before: by table, then by group of rows
    gone    arms whose curves stay away because few more, or fewer, started
    """

    tables: Tables
    days: dict[str, dict[str, str]] = field(default_factory=dict)
    gone: tuple[str, ...] = ()


def leaving(tables: Tables, rule: Disclosure, earlier: Earlier) -> Edition:
    """The edition that leaves after the earlier ones.  Raises DisclosureError as release does."""
    out = release(tables, rule, earlier)
    if earlier == NOTHING:
        return Edition(out)
    days: dict[str, dict[str, str]] = {"results": {}}
    shown: dict[str, Any] = {"results": tuple(results_again(tables, out, earlier, rule.threshold, days["results"]))}
    for name in GROUPED:
        before = earlier.told.get(name, {})
        rows, days[name] = as_last_shown(getattr(out, name), getattr(tables, name), before, rule.threshold)
        shown[name] = tuple(rows)
    edition = replace(out, **shown)
    check(edition, rule.threshold, rule.round_to)
    return Edition(edition, days, gone(tables.curves, edition.curves, earlier))


def results_again(
    tables: Tables, out: Tables, earlier: Earlier, threshold: int, days: dict[str, str]
) -> Iterator[Result]:
    """The results, one by one in their order; adds to days when those were released that stand as they were."""
    before = earlier.told.get("results", {})
    for now, row in zip(tables.results, out.results, strict=True):
        [again], found = as_last_shown([row], [now], before, threshold)
        days |= found
        yield held(now, again, earlier, threshold)


def held(now: Result, out: Result, earlier: Earlier, threshold: int) -> Result:
    """A row that was shown before and is not now says that it is held back, unless its own people are few today, or a
    range stood in its place then as now."""
    if not concealed(out) or not was_told(now, earlier) or too_small(now, threshold):
        return out
    if isinstance(out.estimate, Within) and told_as_range(now.result_id, earlier):
        return out
    return replace(out, reason=HELD.format(threshold=threshold))


def was_told(now: Result, earlier: Earlier) -> bool:
    """Whether an earlier edition told a row's number, or the count of one that only counts; where what it said is not
    kept, since somebody withdrew, whether it showed any of its counts."""
    _, last = earlier.told.get("results", {}).get(now.result_id, ("", ()))
    if not last:
        return now.result_id in earlier.results
    name = "n" if now.estimate is None else "estimate"
    return any(isinstance(row.get(name), int | float | list) for row in last)


def told_as_range(name: str, earlier: Earlier) -> bool:
    """Whether the last edition told a row's number as a range, for reasons of its own."""
    _, last = earlier.told.get("results", {}).get(name, ("", ()))
    return any(
        isinstance(row.get("estimate"), list) and not str(row.get("reason", "")).startswith(HELD_BACK) for row in last
    )


def concealed(row: Result) -> bool:
    """Whether the number of a row, or the count of one that only counts, is hidden."""
    return is_suppressed(row.n if row.estimate is None else row.estimate)


def is_held_back(row: Result) -> bool:
    """Whether a released row is kept back for the edition before, and for nothing else."""
    return concealed(row) and row.reason.startswith(HELD_BACK)


def gone(stored: Sequence[CurvePoint], out: Sequence[CurvePoint], earlier: Earlier) -> tuple[str, ...]:
    """Arms that had a curve in an earlier edition and have none in this one."""
    left = {(point.result_id, point.arm) for point in out}
    before = {tuple(name.split("|")[:2]) for name in earlier.curves}
    lost = [p.arm for p in stored if (p.result_id, p.arm) in before and (p.result_id, p.arm) not in left]
    return tuple(dict.fromkeys(lost))
