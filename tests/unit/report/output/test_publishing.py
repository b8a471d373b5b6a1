"""One folder shows one state of the data, whatever was asked for and in which order."""

import shutil

import pytest

from pipeline.errors import ChangedError, PageError
from pipeline.report.edition import Edition
from pipeline.report.output import run
from pipeline.report.output.pages import PAGES, rendered_from
from pipeline.report.output.publishing import STAMP, stamped
from pipeline.report.output.run import render, render_editions
from pipeline.report.released import released
from pipeline.study_toml.file import load_study
from tests.unit.report.example_pages import example_study

EVERY = {f"{spec.name}.html" for spec in PAGES} | {"dashboard.html", "index.html"}


@pytest.fixture
def quick(monkeypatch):
    """Pages without a kernel: each holds its name."""

    def page(job, folder, pdf, *_):
        if pdf:
            (folder / f"{job.name}.pdf").write_bytes(b"")
        return run.save(job.name, folder / f"{job.name}.html", job.name, 0), ()

    monkeypatch.setattr(run, "one_page", page)


def made(folder):
    return {path.name for path in folder.iterdir() if path.suffix in (".html", ".pdf")}


def of_earlier_results(folder):
    """Pretends that the folder's pages show other results."""
    (folder / STAMP).write_text("made from\nother results\n")


def test_one_page_alone_is_made_where_the_others_show_the_same_results(example, tmp_path, quick):
    study, told = load_study(example), []
    render(study, tmp_path, made_from="first")
    report = render(study, tmp_path, pages=["claims"], say=told.append)
    assert [page.name for page in report.pages] == ["claims"]
    assert not [line for line in told if "earlier" in line]
    assert rendered_from(study, tmp_path) == "first"


@pytest.mark.parametrize("name", ["Research", "index", "INDEX"])
def test_two_pages_never_become_one_file(tmp_path, quick, name):
    folder = tmp_path / "study"
    shutil.copytree(example_study(), folder)
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / f"{name}.ipynb").write_text('{"cells": []}')
    with pytest.raises(PageError, match=rf"would both be written to {name.lower()}\.html; nothing was replaced"):
        render(load_study(folder), tmp_path / "reports")
    assert made(tmp_path / "reports" / "example") == set()


def test_sites_whose_names_fold_to_the_same_letters_have_pages_of_their_own():
    sites = ["North 1", "north_1", "north-1", "NORTH_1", "north 1", "nörth_1", "n" * 60, "n" * 61]
    assert len({Edition("2026Q3", site).name.casefold() for site in sites}) == len(sites)


def test_one_page_brings_all_others_with_it_where_they_show_earlier_results(example, tmp_path, quick):
    study, told, folder = load_study(example), [], tmp_path / "example"
    render(study, tmp_path, made_from="first", pdf=True)
    render_editions(study, tmp_path, period="2025Q3")
    of_earlier_results(folder)
    render(study, tmp_path, pages=["claims"], made_from="second", say=told.append)
    assert made(folder) == EVERY
    assert told[0] == f"the other pages in {folder} show earlier results; all are made anew"
    assert "removed, as they showed earlier results: claims.pdf, data_quality.pdf, " in told[-1]
    assert "quality-2025Q3.html" in told[-1]
    assert stamped(folder) == ("second", released(study).results_hash)


def test_an_edition_brings_the_pages_with_it_where_they_show_earlier_results(example, tmp_path, quick):
    study, folder = load_study(example), tmp_path / "example"
    render(study, tmp_path)
    of_earlier_results(folder)
    render_editions(study, tmp_path, period="2025Q3", made_from="second")
    assert made(folder) == EVERY | {"quality-2025Q3.html"}
    assert rendered_from(study, tmp_path) == "second"


def test_a_new_full_set_removes_the_editions_of_earlier_results_and_keeps_what_is_not_ours(example, tmp_path, quick):
    study, folder = load_study(example), tmp_path / "example"
    render(study, tmp_path)
    render_editions(study, tmp_path, period="2025Q3")
    (folder / "mine.html").write_text("mine")
    render(study, tmp_path)
    assert made(folder) == EVERY | {"quality-2025Q3.html", "mine.html"}
    of_earlier_results(folder)
    render(study, tmp_path)
    assert made(folder) == EVERY | {"mine.html"}


def test_choices_that_change_while_pages_are_made_stop_them(example, tmp_path, monkeypatch):
    study, folder = load_study(example), tmp_path / "example"
    before = (example / "study.toml").read_text()

    def page(job, building, pdf, *_):
        (example / "study.toml").write_text(before.replace("[study]", "[disclosure]\nthreshold = 20\n[study]"))
        return run.save(job.name, building / f"{job.name}.html", job.name, 0), ()

    monkeypatch.setattr(run, "one_page", page)
    try:
        with pytest.raises(ChangedError, match="changed while the pages were made"):
            render(study, tmp_path)
    finally:
        (example / "study.toml").write_text(before)
    assert not made(folder)
