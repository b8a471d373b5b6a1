"""What moved and who lies apart: control charts with a frozen baseline, funnels of ten sites or more, and definitions
that disagree."""

from collections import defaultdict
from collections.abc import Sequence

from pipeline.report.edition import Edition
from pipeline.report.figures.control import control_figure
from pipeline.report.figures.funnel import funnel_figure
from pipeline.report.fragment import Fragment, figure, ids, section, table, text
from pipeline.report.names import arm_label, scale
from pipeline.report.numbers import percent
from pipeline.report.released import Released
from pipeline.report.sections.charts import grid
from pipeline.report.sections.edition import Key, Said, definitions, first_scales, named, place_of
from pipeline.report.words import spelled
from pipeline.results import Result

SIGNAL = "Signs of change"
MOST = 6  # charts and funnels drawn; the tables folder holds the points of all of them
STEADY = "No measure shows more change than what varies anyway."


def changed(released: Released, edition: Edition) -> Fragment:
    """The sentences of the charts that show signs of change."""
    rows = released.rows(analysis="control_chart", site=edition.site)
    if not rows:
        return Fragment("")
    moving = [row for row in rows if row.note.startswith(SIGNAL)]
    steady = len(rows) - len(moving)
    said = definitions(released)
    items = "".join(
        f"<li><b>{text(said.get(row.measure, {}).get('title', row.measure))}</b>, {text(about(released, row))}:"
        f" {text(row.note)}</li>"
        for row in moving
    )
    rest = (
        f"<p>{steady} of {len(rows)} charts show no more than what varies anyway.</p>" if moving else f"<p>{STEADY}</p>"
    )
    return Fragment(
        f'<section class="lead"><h2>What changed</h2>{f"<ul>{items}</ul>" if items else ""}{rest}</section>',
        ids(moving),
    )


def about(released: Released, row: Result) -> str:
    """'IOP, PHQ-9, day 90'."""
    parts = [
        arm_label(row.arm),
        scale(released.study, row.outcome)[0] if row.outcome else "",
        f"day {row.day}" if row.day else "",
    ]
    return ", ".join(part for part in parts if part)


def control_charts(released: Released, edition: Edition) -> Fragment:
    """One chart a measure, a panel for each level; measures of the first scale, and those of no scale."""
    said = definitions(released)
    groups = measures_of(released, released.rows(analysis="control_chart", site=edition.site))
    cards = [
        figure(
            ", ".join(named(released, said, *key)),
            "Dots: each period. Middle line: baseline. Dashed: what varies anyway. Diamond: beyond it.",
            control_figure(released, rows, f"control-{place}"),
        )
        for place, (key, rows) in enumerate(list(groups.items())[:MOST])
    ]
    return Fragment(section("Over time", grid(cards)), ids(row for rows in groups.values() for row in rows))


def funnels(released: Released, edition: Edition) -> Fragment:
    """Sites around the share of all; on the page of one site only where it lies itself."""
    said = definitions(released)
    rows = list(released.rows(analysis="funnel"))
    note = (
        "Only where ten sites or more can be shown. A site beyond the limits is a reason to look at its records first,"
        " not a verdict."
    )
    if edition.site:
        body = [line for row in rows if (line := own_place(released, edition, said, row))]
        inner = table(
            "Where this site lies",
            ["Measure, level", "Here", "All sites", "What varies anyway", "Lies"],
            body,
            kind="steps dense",
        )
        return Fragment(section("Among the sites", inner if body else "", note=note), ids(rows) if body else ())
    groups = measures_of(released, rows)
    cards = [
        figure(
            ", ".join(named(released, said, *key)),
            "Dots: sites, by how many people. Solid: 99.8% limits, dashed: 95%. Diamond: beyond the solid line.",
            funnel_figure(released, some, f"funnel-{place}"),
        )
        for place, (key, some) in enumerate(list(groups.items())[:MOST])
    ]
    return Fragment(section("Among the sites", grid(cards), note=note), ids(rows))


def own_place(released: Released, edition: Edition, said: Said, row: Result) -> list[str]:
    """One funnel as the site itself may see it."""
    for point in released.tables.points:
        if (
            point.result_id == row.result_id
            and point.figure == "funnel"
            and point.label == edition.site
            and isinstance(point.y, float)
        ):
            if not isinstance(point.low, float) or not isinstance(point.high, float):
                return []
            inside = point.low <= point.y <= point.high
            said_of = ", ".join(named(released, said, row.measure, row.outcome, row.day))
            name = f"{text(arm_label(row.arm))}<small>{text(said_of)}</small>"
            common = percent(row.estimate) if isinstance(row.estimate, float) else "–"
            lies = "within" if inside else '<span class="nc">beyond</span>'
            return [
                name,
                text(percent(point.y)),
                text(common),
                text(f"{percent(max(point.low, 0.0))} to {percent(min(point.high, 1.0))}"),
                lies,
            ]
    return []


def measures_of(released: Released, rows: Sequence[Result]) -> dict[Key, list[Result]]:
    """Rows by measure: of several scales the study's first, of several days the last; ideas and levels in the order of
    the page."""
    said, scales, arms = definitions(released), first_scales(released), list(released.study.arms)
    groups: dict[str, list[Result]] = defaultdict(list)
    for row in rows:
        if row.outcome in scales:
            groups[row.measure].append(row)
    found = {}
    for measure in sorted(groups, key=lambda one: (place_of(said.get(one, {}).get("idea", "")), one)):
        last = max(row.day or 0 for row in groups[measure])
        some = sorted((row for row in groups[measure] if (row.day or 0) == last), key=lambda row: arms.index(row.arm))
        found[measure, some[0].outcome, some[0].day] = some
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
            "Where the definition decides", f'<div class="card"><ul>{items}</ul></div>' if items else "", note=note
        ),
        ids(rows),
    )
