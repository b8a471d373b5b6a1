"""The figures behind the fifteen questions: what an answer rests on, drawn where enough of it may be shown."""

from collections.abc import Callable

from pipeline.report.claims import headline_of
from pipeline.report.figures.control import measured_figure
from pipeline.report.figures.cost import acceptability_figure, plane_figure
from pipeline.report.figures.dose import hours_figure, weeks_figure
from pipeline.report.figures.durability import AT_FIRST, LATER, lasting_figure
from pipeline.report.figures.modality_mix import mix_figure
from pipeline.report.figures.placements import placement_figure
from pipeline.report.figures.severity import effect_figure, people_figure
from pipeline.report.figures.speed import first_improvement_figure, trajectory_figure
from pipeline.report.figures.stay_length import stays_figure
from pipeline.report.figures.step_down import step_down_figure
from pipeline.report.figures.tapering import tapering_figure
from pipeline.report.fragment import Fragment, figure, ids, section
from pipeline.report.released import Released
from pipeline.report.sections.charts import grid
from pipeline.results import Result

DESCRIBED = (
    "C11",
    "C13",
    "C15",
)  # where people are and where nobody compares is told whether or not a comparison could be made
Picture = tuple[str, str, str]  # title, what is below it, SVG or empty text
GAPS = "A gap: hidden, to protect small groups."
BESIDE = {
    "C6": ("strategies", ("risk",)),
    "C13": ("durability", (*AT_FIRST, *LATER)),
    "C14": ("stay_length", ("median_stay_days",)),
}  # rows other than the answer itself that a figure draws


def pictures(released: Released, row: Result | None) -> Fragment:
    """The figures of one question, folded open; nothing where none may be shown."""
    shown = [one for one in drawn(released, row) if one[2]]
    if row is None or not shown:
        return Fragment("")
    return Fragment(
        f"<details open><summary>Figures</summary>{grid([figure(*one) for one in shown])}</details>",
        behind(released, row),
    )


def drawings(released: Released) -> Fragment:
    """The figures of all questions in one section, each under the code of its question."""
    cards: list[str] = []
    used: list[str] = []
    for code in DRAWN:
        row = headline_of(released, code)
        shown = [one for one in drawn(released, row) if one[2]]
        if row is not None and shown:
            cards += [figure(f"{code}: {title}", below, svg) for title, below, svg in shown]
            used += behind(released, row)
    return Fragment(section("Figures behind the claims", grid(cards)), tuple(used))


def drawn(released: Released, row: Result | None) -> list[Picture]:
    """Every figure of the question that this row answers; where it is withheld, only those that describe and compare
    nothing."""
    if row is None or row.question not in DRAWN or (row.gate == "withheld" and row.question not in DESCRIBED):
        return []
    return DRAWN[row.question](released, row)


def behind(released: Released, row: Result) -> tuple[str, ...]:
    """The answer and the rows beside it that its figures draw."""
    analysis, measures = BESIDE.get(row.question, ("", ()))
    rows = [one for one in released.rows(question=row.question, analysis=analysis) if one.measure in measures]
    return ids([row, *rows])


def hours(released: Released, row: Result) -> list[Picture]:
    """C1."""
    return [
        (
            "Hours a week, by week of the stay (as observed)",
            f"Whole weeks of IOP. Shaded: what IOP is meant to hold. {GAPS}",
            hours_figure(released, row, "dose_by_week", "hours-week"),
        ),
        (
            "Hours a week, by period (as observed)",
            f"The same weeks by when they were. {GAPS}",
            hours_figure(released, row, "dose_by_period", "hours-period"),
        ),
        (
            "Attended weeks by their hours, site by site (as observed)",
            "Share of whole weeks of IOP; sites in their own order, not adjusted for who is treated there.",
            weeks_figure(released, row, "hours-site"),
        ),
    ]


def sooner(released: Released, row: Result) -> list[Picture]:
    """C3."""
    return [
        (
            "Reliably better by day: similar people",
            (
                "Both levels put on one schedule of measuring and weighted to be alike. Shaded: 95% range. A gap: too"
                " few were measured."
            ),
            first_improvement_figure(released, row, "first-improvement"),
        ),
        (
            "Improvement by week (as observed)",
            f"Mean of those measured; the two groups are not comparable. {GAPS}",
            trajectory_figure(released, row, "trajectory_week", "improvement-week"),
        ),
        (
            "Improvement by hours attended (as observed)",
            f"Those who attended more hours are other people; not comparable. {GAPS}",
            trajectory_figure(released, row, "trajectory_hours", "improvement-hours"),
        ),
    ]


def step_down(released: Released, row: Result) -> list[Picture]:
    """C6."""
    return [
        (
            "Back in 24-hour care by day: similar people",
            f"Had everybody started IOP in time, and had nobody; weighted, death competes. Shaded: 95% range. {GAPS}",
            step_down_figure(released, row, "step-down"),
        )
    ]


def cost(released: Released, row: Result) -> list[Picture]:
    """C7."""
    return [
        (
            "Cost against effect: similar people",
            "Square: estimate. Shaded: 95% region. In the corners: how likely each is.",
            plane_figure(released, row, "cost-plane"),
        ),
        (
            "Chance of being worth its cost",
            "By what one more person reliably better is worth to whoever pays. A hint, not a finding.",
            acceptability_figure(released, row, "acceptability"),
        ),
    ]


def tapering(released: Released, row: Result) -> list[Picture]:
    """C8."""
    return [
        (
            "Attended hours by week, by when people improved (as observed)",
            "Mean hours of those still in the stay. A dot: hidden, to protect small groups.",
            tapering_figure(released, row, "tapering"),
        )
    ]


def measured(released: Released, row: Result) -> list[Picture]:
    """C12."""
    return [
        (
            "Share measured every two weeks, by when people started (as observed)",
            f"Line: the first periods. Dashed: what varies anyway. Diamonds: beyond it. {GAPS}",
            measured_figure(released, row, "measured"),
        )
    ]


def mix(released: Released, row: Result) -> list[Picture]:
    """C9."""
    return [
        (
            "Kinds of session, program by program (as observed)",
            (
                "Share of all hours; programs in their own order, each kind on a scale of its own. ×: hidden, to"
                " protect small groups."
            ),
            mix_figure(released, row, "mix"),
        )
    ]


def severity(released: Released, row: Result) -> list[Picture]:
    """C11."""
    return [
        (
            "The difference by score at the start: similar people",
            (
                "Shaded: 95% range at each score. Dashed: for the whole curve. Hatched: no similar people at both"
                " levels, so nothing is said."
            ),
            effect_figure(released, row, "severity-effect"),
        ),
        (
            "Who could have started at the other level",
            (
                "People, and the share of them who could plausibly have started at the other level; the darker, the"
                " more can be compared."
            ),
            people_figure(released, row, "severity-people"),
        ),
    ]


def lasting(released: Released, row: Result) -> list[Picture]:
    """C13."""
    return [
        (
            "Remission, and what became of it (as observed)",
            (
                "Heights are shares of everybody who started, not comparable. At the right: of those in remission. Not"
                " known: not measured."
            ),
            lasting_figure(released, row, "lasting"),
        )
    ]


def stays(released: Released, row: Result) -> list[Picture]:
    """C14."""
    return [
        (
            "How long stays last (as observed)",
            (
                "Open stays count as far as they were seen. Shaded along the line: 95% range. ×: hidden, to protect"
                " small groups."
            ),
            stays_figure(released, row, "stay-length"),
        )
    ]


def placement(released: Released, row: Result) -> list[Picture]:
    """C15."""
    return [
        (
            "Recommended and received level (as observed)",
            "Of those with one recommendation: the share at each level, and how many. Framed: as recommended.",
            placement_figure(released, "placement"),
        )
    ]


DRAWN: dict[str, Callable[[Released, Result], list[Picture]]] = {
    "C1": hours,
    "C3": sooner,
    "C6": step_down,
    "C7": cost,
    "C8": tapering,
    "C9": mix,
    "C11": severity,
    "C12": measured,
    "C13": lasting,
    "C14": stays,
    "C15": placement,
}
