"""The scorecard: what was observed at each level, in study order, never a comparison."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.report.fragment import Fragment, ids, section, table, text
from pipeline.report.names import arm_label, arm_styles, scale
from pipeline.report.numbers import count, percent, points
from pipeline.report.released import Released
from pipeline.report.words import WAITING_LIST
from pipeline.results import Result
from pipeline.study import main_outcome

NOT_ADJUSTED = (
    "Scorecard figures are as observed. They are <em>not</em> adjusted for who starts at each level; "
    "see “Like for like” before comparing rows."
)

NOT_ASKED = '<span class="none" aria-hidden="true">–</span><span class="vh">does not apply</span>'


@dataclass(frozen=True, slots=True)
class ScorecardColumn:
    """One column: its heading, a smaller line under it, the row it shows for an arm, and how."""

    title: str
    under: str
    row: Callable[[str], Result | None]
    write: Callable[[Result], str]
    compared_as: str = ""


def scorecard(released: Released) -> Fragment:
    """One row per level; columns that nobody has are left out."""
    shown = [column for column in columns(released) if any(column.row(arm) for arm in released.arms)]
    rows, used = [], []
    for arm in released.arms:
        found = [column.row(arm) for column in shown]
        used += [row for row in found if row is not None]
        cells = [
            column.write(row) + caution(released, arm, column) if row else NOT_ASKED
            for column, row in zip(shown, found, strict=True)
        ]
        rows.append(
            [
                (
                    '<span class="dot"'
                    f' style="background:{arm_styles(released.study)[arm].color}"></span>{text(arm_label(arm))}'
                ),
                *cells,
            ]
        )
    head = ["Level of care", *(f"{text(c.title)}<small>{text(c.under)}</small>" for c in shown)]
    note = NOT_ADJUSTED + (f" {WAITING_LIST}" if any(c.title.endswith("change") for c in shown) else "")
    return Fragment(
        section("Scorecard, as observed", table("How people did at each level, as observed", head, rows), note=note),
        ids(used),
    )


def columns(released: Released) -> list[ScorecardColumn]:
    """Severity first, then change with worse beside better, then staying, then coming back."""

    def of(**wanted: object) -> Callable[[str], Result | None]:
        return lambda arm: released.row(analysis="scorecard", arm=arm, **wanted)

    last = max(released.study.retention.days)
    made = [
        ScorecardColumn("People", "starting", of(measure="starts"), lambda row: count(row.n)),
        ScorecardColumn("High risk", "suicide risk", of(measure="high_risk"), lambda row: text(percent(row.estimate))),
    ]
    outcome = main_outcome(released.study)
    if outcome is not None:
        name = scale(released.study, outcome.name)[0]
        under = f"day {outcome.day}, of measured"
        made += [
            ScorecardColumn(
                f"{name} at start",
                "mean",
                of(measure="baseline_mean", outcome=outcome.name),
                lambda row: text(points(row.estimate)),
            ),
            ScorecardColumn(
                "Measured",
                f"day {outcome.day}",
                of(measure="observed", outcome=outcome.name),
                lambda row: text(percent(row.estimate)),
            ),
            ScorecardColumn(
                f"{name} change",
                "points",
                of(measure="mean_change", outcome=outcome.name),
                lambda row: text(points(row.raw_estimate)),
                outcome.name,
            ),
            ScorecardColumn(
                "Reliably better",
                under,
                of(measure="reliably_improved", outcome=outcome.name),
                better(released),
                f"reliable_{outcome.name}",
            ),
            ScorecardColumn(
                "Reliably worse", under, of(measure="reliably_deteriorated", outcome=outcome.name), worse(released)
            ),
        ]
    made += [
        ScorecardColumn(
            f"In care at day {last}",
            "any level (95% range)",
            of(measure="retained", day=last, stratum=""),
            bar,
            f"retained_day{last}",
        ),
        ScorecardColumn(
            "Left early",
            f"by day {last}",
            of(measure="dropped_out", day=last, stratum=""),
            lambda row: text(percent(row.estimate)),
            f"dropped_out_day{last}",
        ),
        ScorecardColumn(
            "Visits kept", f"to day {last}", of(measure="visits_kept"), lambda row: text(percent(row.estimate))
        ),
        ScorecardColumn(
            "Readmitted", "24-hour care, 30 days", of(measure="readmitted"), lambda row: text(percent(row.estimate))
        ),
    ]
    return made


def worse(released: Released) -> Callable[[Result], str]:
    return lambda row: text(percent(row.estimate))


def better(released: Released) -> Callable[[Result], str]:
    """A benefit is not shown where the harm beside it is hidden."""

    def write(row: Result) -> str:
        harm = released.row(analysis="scorecard", arm=row.arm, outcome=row.outcome, measure="reliably_deteriorated")
        return text(percent(row.estimate if harm is None or isinstance(harm.estimate, float) else harm.estimate))

    return write


def bar(row: Result) -> str:
    """A share with its range, in figures and as a small bar."""
    if not isinstance(row.estimate, float):
        return text(percent(row.estimate))
    if not isinstance(row.low, float) or not isinstance(row.high, float):
        return text(percent(row.estimate))
    low, middle, high = (f"{100 * value:.1f}" for value in (row.low, row.estimate, row.high))
    drawn = (
        '<svg class="ci" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" focusable="false"><path'
        f' d="M0 6H100" stroke="#cfd6dd" stroke-width="2"/><path d="M{low} 6H{high}" stroke="#1d2733"'
        f' stroke-width="5"/><path d="M{middle} 0V12" stroke="#1d2733" stroke-width="2.4"/></svg>'
    )
    span = f'<span class="rng">({percent(row.low)}–{percent(row.high)})</span>'
    return f'<span class="nowrap"><b>{percent(row.estimate)}</b> {span}</span>{drawn}'


def caution(released: Released, arm: str, column: ScorecardColumn) -> str:
    """'not comparable', where a contrast of this arm on this outcome is withheld."""
    if not column.compared_as:
        return ""
    withheld = [
        row
        for row in released.rows(analysis="like_for_like", outcome=column.compared_as, gate="withheld")
        if arm in (row.arm, row.reference)
    ]
    return '<small class="nc">not comparable</small>' if withheld else ""
