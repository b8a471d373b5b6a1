"""A label is what a program calls its sites and arms: whatever it holds, the page is drawn, and it stays text."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from pipeline.report.drawing.canvas import as_svg, canvas
from pipeline.report.edition import Edition, edition, sites
from pipeline.report.sections.changes_over_time import funnels

HOSTILE = [
    "$5 & $10",
    "$x^{2",
    "a $\\frac{1}$ b",
    "\\alpha $\\notacommand$",
    "<script>alert(1)</script>",
    '" onload="x',
    "]]>",
    "&amp;",
    "_hidden",
    "{brace} %s {0}",
    "北京 клиника عيادة",
    "tab\there",
    "line\nbreak",
    "bell\x07 null\x00",
    "x" * 200,
    "=1+1",
    " ",
    "\u202e turned",
    "🙂",
    'url(#clip) id="a"',
]


@pytest.mark.parametrize("label", HOSTILE)
def test_any_label_is_drawn_as_text_at_every_place_a_figure_has_for_one(label):
    figure, axes = canvas(2.0)
    axes.plot([0, 1], [0, 1], label=label)
    axes.set(title=label, xlabel=label, ylabel=label, xticks=[0, 1], xticklabels=[label, "b"])
    axes.annotate(label, (0.5, 0.5))
    axes.text(0.2, 0.2, label)
    axes.legend([label])
    svg = as_svg(figure, "f", label, label)
    shown = " ".join(ElementTree.fromstring(svg).itertext())
    assert "<script" not in svg
    assert "\\mathdefault" not in svg
    if label.isprintable() and label.strip():
        assert shown.count(label) >= 6


@pytest.mark.parametrize("label", HOSTILE)
def test_a_site_of_any_name_has_its_funnel(released, label):
    last = sites(released)[-1]
    tables = released.tables
    points = tuple(replace(one, label=label) if one.label == last else one for one in tables.points)
    renamed = replace(released, tables=replace(tables, points=points))
    drawn = funnels(renamed, edition(released)).html
    assert "<svg viewBox" in drawn
    assert "<script>alert" not in drawn


def test_no_two_sites_share_a_file_whatever_their_letters():
    names = [
        "s01",
        "S01",
        "s 01",
        "s_01",
        "s-01",
        "s/01",
        "s.01",
        "../s01",
        "s01 ",
        "Ŝ01",
        "中",
        "丁",
        "x" * 300,
        "x" * 301,
    ]
    files = [Edition("2026Q3", site).name for site in names]
    assert len({file.lower() for file in files}) == len(names)
    assert files[0] == "quality-2026Q3-s01"
    assert all(file.replace("-", "").replace("_", "").isalnum() and len(file) < 80 and file.isascii() for file in files)
