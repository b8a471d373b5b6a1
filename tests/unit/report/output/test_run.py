"""Rendering: whole files, the same bytes each time, nothing from elsewhere, and errors that say what to do."""

import errno
import re

import pytest

from pipeline.errors import DiskError, StageError, UsageError
from pipeline.report.output.pages import PAGES, rendered_from
from pipeline.report.output.run import render
from pipeline.study_toml.file import load_study

LIMIT = 300_000


def html(folder):
    return {path.stem: path.read_text() for path in folder.glob("*.html")}


def test_a_full_render_writes_pages_index_tables_and_what_they_were_made_from(pages, example):
    assert set(html(pages)) == {*(spec.name for spec in PAGES), "dashboard", "index"}
    assert sorted(path.name for path in (pages / "tables").iterdir()) == [
        "attrition.csv",
        "codebook.csv",
        "curves.csv",
        "diagnostics.csv",
        "points.csv",
        "results.csv",
    ]
    assert rendered_from(load_study(example), pages.parent) == "first"
    assert not list(pages.glob(".*.building"))


def test_pages_load_nothing_from_elsewhere_and_stay_small(pages):
    for name, content in html(pages).items():
        assert len(content.encode()) <= LIMIT, name
        loaded = re.findall(r'(?:src|href)="([^"]+)"|url\(([^)]+)\)|@import', content)
        assert all(
            one.startswith(("#", '"data:image/svg+xml,')) or re.fullmatch(r"[a-z_]+\.html|tables/[a-z_]+\.csv", one)
            for pair in loaded
            for one in pair
            if one
        ), name
        assert "<script" not in content or name == "dashboard"
        addresses = set(re.findall(r"""https?://[^"'\s<]+""", content)) - {"http://www.w3.org/2000/svg"}
        assert not addresses, name


def test_every_figure_has_a_title_a_description_and_ids_of_its_own(pages):
    content = html(pages)["director"]
    figures = re.findall(
        r'<svg viewBox[^>]*role="img" aria-labelledby="([^" ]+) ([^"]+)"[^>]*><title id="\1">[^<]+</title><desc'
        r' id="\2">[^<]+</desc>',
        content,
    )
    assert len(figures) >= 3
    ids = re.findall(r'\bid="([^"]+)"', content)
    assert len(ids) == len(set(ids))


def test_the_same_results_give_the_same_bytes(pages, example, tmp_path):
    """One page alone, which is no full render: the index lists it alone, and nothing claims that everything was
    made."""
    study = load_study(example)
    render(study, tmp_path, pages=["director"], made_from="second")
    assert (tmp_path / "example" / "director.html").read_bytes() == (pages / "director.html").read_bytes()
    listed = re.findall(r'<li><a href="([a-z_-]+)\.html">', (tmp_path / "example" / "index.html").read_text())
    assert listed == ["director", "dashboard"]
    assert rendered_from(study, tmp_path) == ""


def test_an_unknown_page_is_a_usage_error_that_names_the_known_ones(example, tmp_path):
    with pytest.raises(UsageError, match="there are: director, claims, "):
        render(load_study(example), tmp_path, pages=["claim"])


def test_a_study_without_results_says_which_command_to_run(tmp_path):
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "study.toml").write_text('[study]\nname = "new"\n')
    with pytest.raises(StageError, match="carelevels run"):
        render(load_study(folder), tmp_path)


def test_a_failed_write_leaves_the_old_page(tmp_path, monkeypatch):
    from pipeline.storage import disk

    target = tmp_path / "page.html"
    target.write_text("old")

    def stopped(*_):
        raise OSError(errno.ENOSPC, "")

    monkeypatch.setattr(disk.os, "replace", stopped)
    with pytest.raises(DiskError, match="the disk is full"):
        disk.write_whole(target, b"new")
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--page", "director", "--period", "2025Q3"], "only the page quality reports by period or site"),
        (["--period", "2031Q1"], "known are: 2025Q1 to 2025Q4"),
        (["--page", "quality", "--site", "s99"], "known are: s01, s02"),
        (["--force-release", " "], "needs a reason in words"),
    ],
)
def test_a_report_that_cannot_be_made_is_a_usage_error_that_says_why(example, tmp_path, capsys, options, said):
    from pipeline.__main__ import main

    assert main(["report", str(example), "--reports", str(tmp_path), *options]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.html"))


def test_figures_become_files_of_their_own_where_they_are_asked_for(example, tmp_path, monkeypatch):
    monkeypatch.setenv("CARELEVELS_FIGURES", "1")
    render(load_study(example), tmp_path, pages=["director"])
    made = {path.name for path in (tmp_path / "example" / "figures").iterdir()}
    assert {f"director-retention.{kind}" for kind in ("svg", "pdf", "png")} <= made
    assert (tmp_path / "example" / "figures" / "director-retention.png").read_bytes()[:4] == b"\x89PNG"
