"""The figures behind the fifteen questions: trajectories, hours, severity, costs, stepping down."""

from collections import defaultdict

from pipeline.report.figures.lines import Axes, lines_figure
from pipeline.report.figures.plane import plane_figure
from pipeline.report.fragment import Fragment, figure, ids, section
from pipeline.report.released import Released
from pipeline.report.sections.charts import grid
from pipeline.results import CurvePoint, FigurePoint, Result

DRAWN = {
    "dose_by_week": Axes("C1: hours in each whole week", "As scheduled and as attended.", "Week of the stay", "Hours"),
    "trajectory_week": Axes(
        "C3: improvement by week (as observed)",
        "People measured in both arms at that week; not adjusted.",
        "Week",
        "Points better than at the start",
    ),
    "trajectory_hours": Axes(
        "C3: improvement by hours attended (as observed)",
        "Who attends more hours is not the same person: a description.",
        "Hours attended so far",
        "Points better than at the start",
    ),
    "dose_response": Axes(
        "C8: attended hours by week", "By when people had reliably improved; a description.", "Week of the stay", "Hours"
    ),
    "effect_curve": Axes(
        "C11: the difference by severity",
        "Hatched: nobody to compare. Above 0: the first named does better.",
        "Score at the start",
        "Difference in points",
        zero=True,
    ),
    "acceptability": Axes(
        "C7: chance that it is worth its cost",
        "By what one more person reliably better is worth.",
        "Worth of one more person reliably better",
        "Chance",
        share=True,
    ),
    "stay_length": Axes(
        "C14: ending in each week, of those still there", "By week of the stay.", "Week of the stay", "Share ending", share=True
    ),
}
STEP_DOWN = Axes(
    "C6: back in 24-hour care, by day",
    "Two strategies from the day of leaving, weighted; death competes.",
    "Days since leaving",
    "Back",
    share=True,
)


def drawings(released: Released) -> Fragment:
    """One card for each figure that the analysis stored and that may be shown."""
    rows = {row.result_id: row for row in released.tables.results}
    groups: dict[tuple[str, str], list[FigurePoint]] = defaultdict(list)
    for point in released.tables.points:
        if point.figure in (*DRAWN, "cost_plane"):
            groups[point.figure, point.result_id].append(point)
    cards, used = [], []
    for name in (*DRAWN, "cost_plane"):
        some = [(result_id, points) for (figure_name, result_id), points in groups.items() if figure_name == name]
        for place, (result_id, points) in enumerate(some[:1]):
            row = rows.get(result_id)
            if row is not None and (row.gate != "withheld" or name == "effect_curve"):  # the curve is of those who can be compared
                cards.append(card(released, name, row, points, f"{name.replace('_', '-')}-{place}"))
                used.append(row)
    cards.append(stepping_down(released))
    return Fragment(section("Figures behind the claims", grid(cards)), ids(used))


def card(released: Released, name: str, row: Result, points: list[FigurePoint], svg: str) -> str:
    if name == "cost_plane":
        return figure("C7: costs against effect", "Square: estimate. Shaded: 95% region.", plane_figure(released, row, points, svg))
    words = DRAWN[name]
    return figure(words.title, words.below, lines_figure(released, points, svg, words))


def stepping_down(released: Released) -> str:
    """The two curves of C6."""
    points = [as_point(p) for p in released.curves("strategies")]
    return figure(STEP_DOWN.title, STEP_DOWN.below, lines_figure(released, points, "stepping-down", STEP_DOWN))


def as_point(p: CurvePoint) -> FigurePoint:
    return FigurePoint(p.result_id, "curve", p.arm, float(p.day), p.estimate, p.low, p.high, None, p.state)
