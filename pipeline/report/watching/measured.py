"""The measures of the quality page, harm first, then benefit, then process."""

from dataclasses import dataclass, replace
from typing import Any

from pipeline.report.disclosure.suppressed import SUPPRESSED, is_hidden
from pipeline.report.edition import MEASURES, NOT_USED, TOO_EARLY
from pipeline.report.released import Released
from pipeline.results import Result
from pipeline.study import main_outcome

HARM, BENEFIT, STAYING, AFTER, MEASURED = "Harm", "Getting better", "Staying in care", "After 24-hour care", "Measured"
GROUPS = {
    HARM: (("reliable_deterioration", None), ("readmission_30", None)),
    BENEFIT: (("reliable_improvement", None), ("remission", None)),
    STAYING: (("retention_any_level", 30), ("attendance", None), ("engaged_34d", None)),
    AFTER: (("follow_up_after_24h", 7), ("follow_up_after_24h", 30)),
    MEASURED: (("assessed_at_start", None), ("assessed_again", None)),
}
FEWER_IS_BETTER = ("reliable_deterioration", "readmission_30")
BESIDE_HARM = {"reliable_improvement": "reliable_deterioration"}  # told only beside it, as on the scorecard


@dataclass(frozen=True, slots=True)
class Key:
    """A measure of the page: its id in the library, the scale it is asked of, its day, and the group it stands in."""

    group: str
    measure: str
    outcome: str
    day: int | None

    @property
    def fewer_is_better(self) -> bool:
        return self.measure in FEWER_IS_BETTER


def keys_of(released: Released) -> tuple[Key, ...]:
    """Every measure of the page that the study counts, of every scale; in the page's order, the first scale first."""
    first = first_scales(released)
    known = {(row.measure, row.outcome, row.day) for row in released.rows(analysis=MEASURES)}
    found = [
        Key(group, measure, outcome, day)
        for group, ideas in GROUPS.items()
        for measure, wanted in ideas
        for name, outcome, day in sorted(known, key=lambda one: (one[1] not in first, one[1], one[2] or 0))
        if name == measure and wanted in (None, day)
    ]
    return tuple(found)


def first_scales(released: Released) -> tuple[str, ...]:
    """No scale, and the study's main one under both its names."""
    scale = main_outcome(released.study)
    return ("",) if scale is None else ("", scale.name, scale.instrument)


def rows_of(released: Released, key: Key, arm: str, site: str = "") -> dict[str, Result]:
    """A measure at a level and site by period, '' for all of them; without those that are too early to be known, and
    none of a scale that nobody uses: no series is waited for there."""
    rows = released.rows(analysis=MEASURES, measure=key.measure, outcome=key.outcome, day=key.day, arm=arm, site=site)
    return {
        row.period: row
        for row in rows
        if not (row.payer or row.stratum or row.reason.startswith((TOO_EARLY, NOT_USED)))
    }


def is_told(row: Result | None) -> bool:
    """Whether a row shows its number."""
    return row is not None and isinstance(row.estimate, float)


def says_something(row: Result | None) -> bool:
    """Whether a row tells a number, or in its place more than that it is hidden."""
    return row is not None and row.estimate is not None and not is_hidden(row.estimate)


def told_beside_harm(released: Released, row: Result) -> bool:
    """Whether a benefit may be told: not where how many got worse is hidden, by one rule for scorecard and quality
    page."""
    harm = BESIDE_HARM.get(row.measure)
    if harm is None:
        return True
    beside = released.row(
        analysis=MEASURES,
        measure=harm,
        outcome=row.outcome,
        day=row.day,
        arm=row.arm,
        site=row.site,
        period=row.period,
        payer=row.payer,
        stratum=row.stratum,
    )
    return beside is None or says_something(beside) or beside.estimate is None


def beside_harm(released: Released, row: Result) -> Result:
    """The row, hidden where it is a benefit whose harm is."""
    return row if told_beside_harm(released, row) else replace(row, estimate=as_hidden(), low=None, high=None)


def as_hidden() -> Any:
    """The marker in a column that is typed as it is stored."""
    return SUPPRESSED
