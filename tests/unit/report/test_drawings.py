"""The figures behind the claims: a line for each series that can be shown, a hatch where nobody compares, nothing for a withheld claim."""

import re
from dataclasses import replace

from pipeline.report.figures.lines import NOBODY, Axes, lines_figure
from pipeline.report.sections.drawn import drawings
from pipeline.results import FigurePoint, Result

WORDS = Axes("Hours by week", "", "Week", "Hours")


def points(series, heights, name="f"):
    return [FigurePoint("r", name, series, float(x), y, None, None, 50, "") for x, y in enumerate(heights)]


def plain(svg):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", svg))


def test_each_series_is_labeled_with_its_last_value(released):
    drawn = plain(lines_figure(released, [*points("iop", [1.0, 2.0]), *points("scheduled", [3.0, 4.5])], "hours", WORDS))
    assert "IOP 2.0" in drawn
    assert "Scheduled 4.5" in drawn
    assert "Hours by week." in drawn


def test_hidden_points_are_left_open_and_a_series_of_one_is_not_drawn(released):
    assert lines_figure(released, [*points("iop", [1.0, None]), *points("php", [None, None])], "hours", WORDS) == ""


def test_places_without_anybody_to_compare_are_hatched_and_said(released):
    drawn = lines_figure(
        released, [*points("iop", [1.0, 2.0]), *points(NOBODY, [None, None, None])], "curve", replace(WORDS, zero=True)
    )
    assert "Hatched: nobody to compare (3 places)." in drawn
    assert "pattern" in drawn


def with_points(released, row, drawn):
    tables = released.tables
    return replace(released, tables=replace(tables, results=(*tables.results, row), points=(*tables.points, *drawn)))


def test_a_withheld_claim_has_no_figure_and_a_passed_one_has(released):
    row = Result(question="C1", analysis="claim", arm="iop", measure="x", gate="passed")
    made = [replace(point, result_id=row.result_id, figure="dose_by_week") for point in points("attended", [7.0, 8.0])]
    assert "C1: hours in each whole week" in drawings(with_points(released, row, made)).html
    assert "C1: hours" not in drawings(with_points(released, replace(row, gate="withheld"), made)).html


def test_costs_stand_against_effect_with_their_region(released):
    row = Result(question="C7", analysis="claim", arm="iop", reference="inpatient", measure="y", unit="USD", gate="passed")
    around = [
        FigurePoint(row.result_id, "cost_plane", "ellipse", x, y, None, None, None, "")
        for x, y in ((0.1, -5.0), (0.0, -9.0), (-0.1, -5.0))
    ]
    made = [FigurePoint(row.result_id, "cost_plane", "estimate", 0.02, -6000.0, None, None, None, ""), *around]
    told = plain(drawings(with_points(released, row, made)).html)
    assert "IOP vs inpatient care: −6,000 a person, 2 in 100 more better." in told
