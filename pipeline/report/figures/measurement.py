"""C12 drawn: how many people were measured as often as asked, period by period, a panel for each level."""

from pipeline.report.figures.control import panels_figure
from pipeline.report.released import Released
from pipeline.results import Result


def measured_figure(released: Released, row: Result, name: str) -> str:
    """The share of people measured as often as asked, by when they started, as SVG; empty text where too few periods
    may be shown."""
    found = [p for p in released.tables.points if p.result_id == row.result_id]
    panels = []
    for arm in released.arms:
        own = [p for p in found if p.figure == f"measured_{arm}"]
        baseline = next((p.y for p in own if p.series == "center"), None)
        panels.append((arm, baseline, sorted((p for p in own if p.series == "share"), key=lambda p: p.x or 0.0)))
    return panels_figure(released, panels, name)
