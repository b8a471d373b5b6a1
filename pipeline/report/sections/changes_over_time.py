"""Control charts with a frozen baseline, funnels that can find something, and definitions that disagree."""

from collections.abc import Sequence

from pipeline.report.again import drawn_again
from pipeline.report.definitions import definitions, titled
from pipeline.report.edition import Edition
from pipeline.report.figures.control import control_figure
from pipeline.report.figures.funnel import funnel_figure
from pipeline.report.fragment import Fragment, columns, figure, ids, section, text
from pipeline.report.names import scale
from pipeline.report.released import Released
from pipeline.report.sections.charts import grid
from pipeline.report.watching.measured import Key, first_scales, keys_of
from pipeline.report.words import spelled
from pipeline.results import Result

MOST = 12  # charts and funnels drawn; the tables folder holds the points of all of them
OVER_TIME = (
    "A dot: a period. Middle line: the baseline, which is the average of its periods. Dashed: how far a period of so"
    " many people strays from it by chance. Diamond: beyond that, or part of a run that chance hardly makes."
)
WIDEST = 0.15  # half of a funnel at its middle site: wider ones would call almost any site ordinary


def control_charts(released: Released, edition: Edition) -> Fragment:
    """One chart a measure of the page, a panel for each level; of several scales the first."""
    groups = measures_of(released, released.rows(analysis="control_chart", site=edition.site))
    cards = [
        figure(
            titles(released, key),
            baseline_of(rows) + drawn_again(released, rows),
            control_figure(released, rows, f"control-{place}"),
        )
        for place, (key, rows) in enumerate(list(groups.items())[:MOST])
    ]
    used = ids(row for rows in groups.values() for row in rows)
    return Fragment(section("Over time", columns(cards), note=OVER_TIME), used)


def baseline_of(rows: Sequence[Result]) -> str:
    """'Baseline: 2024Q1 to 2025Q3.', where it is of the same periods at all levels."""
    spans = {row.period for row in rows}
    return f"Baseline: {spans.pop()}." if len(spans) == 1 else ""


def titles(released: Released, key: Key) -> str:
    """The measure with its scale and day."""
    found = titled(released, definitions(released), key.measure, key.outcome, key.day)
    return ", ".join(part for part in found if part)


def funnels(released: Released, edition: Edition) -> Fragment:
    """Sites around the share of all, where the limits can find something; a page of one site has none."""
    if edition.site:
        return Fragment("")
    rows = [row for row in released.rows(analysis="funnel") if can_find(released, row)]
    groups = measures_of(released, rows)
    cards = [
        figure(titles(released, key), "", funnel_figure(released, some, f"funnel-{place}"))
        for place, (key, some) in enumerate(list(groups.items())[:MOST])
    ]
    note = (
        "A dot: a site, by how many people it has. Solid: 99.8% limits, dashed: 95%. Diamond: beyond the solid line."
        f" Only where ten sites or more can be shown and the limits at the middle site are within {100 * WIDEST:.0f}"
        " points of the share of all: wider ones would call almost any site ordinary."
    )
    return Fragment(section("Funnels", grid(cards), note=note), ids(rows))


def can_find(released: Released, row: Result) -> bool:
    """Whether the outer limits at the site of middle size are near enough to the share of all to find a site beyond
    them."""
    spans = [
        (point.high - point.low) / 2
        for point in released.tables.points
        if point.result_id == row.result_id
        and point.figure == "funnel"
        and isinstance(point.low, float)
        and isinstance(point.high, float)
    ]
    return bool(spans) and sorted(spans)[len(spans) // 2] <= WIDEST


def measures_of(released: Released, rows: Sequence[Result]) -> dict[Key, list[Result]]:
    """Rows by measure of the page, of the first scale; measures and levels in the order of the page."""
    first, arms = first_scales(released), list(released.study.arms)
    found = {}
    for key in keys_of(released):
        some = [row for row in rows if (row.measure, row.outcome, row.day) == (key.measure, key.outcome, key.day)]
        if some and key.outcome in first:
            found[key] = sorted(some, key=lambda row: arms.index(row.arm))
    return found


def scale_of(released: Released, row: Result) -> str:
    return f" ({text(scale(released.study, row.outcome)[0])})" if row.outcome else ""


def disagreeing(released: Released) -> Fragment:
    """Ideas whose definitions put the levels in different orders."""
    rows = [row for row in released.rows(analysis="definitions") if row.stratum == "disagree"]
    items = "".join(
        f"<li><b>{text(row.measure.replace('_', ' ').capitalize())}</b>{scale_of(released, row)}:"
        f" {text(spelled(row.note))}</li>"
        for row in rows
    )
    note = "Where this is so, say which definition a figure uses, and give the other beside it."
    return Fragment(
        section(
            "Where the definition decides",
            f"<details><summary>{len(rows)} ideas whose definitions order the levels differently</summary>"
            f"<ul>{items}</ul></details>"
            if items
            else "",
            note=note,
        ),
        ids(rows),
    )
