"""A program's own people may see their own small counts: where the study allows it, marked, private, never released."""

import shutil
import stat

import pytest

from pipeline.__main__ import main
from pipeline.errors import UsageError
from pipeline.report.internal import is_internal, making_internal, marked
from pipeline.report.output import run
from pipeline.report.output.run import render
from pipeline.report.release_ledger import RELEASED
from pipeline.report.released import open_released, released
from pipeline.study_toml.file import load_study
from tests.unit.report.example_pages import example_study

ALLOWED = "\n[disclosure]\ninternal = true\n"
PAGE = "<!doctype html><html><head><title>t</title></head><body><main>numbers</main></body></html>"


@pytest.fixture
def folder(tmp_path):
    """The example study, which allows an internal edition."""
    made = tmp_path / "example"
    shutil.copytree(example_study(), made)
    (made / "ledger" / RELEASED).unlink(missing_ok=True)
    (made / "study.toml").write_text((made / "study.toml").read_text() + ALLOWED)
    return made


@pytest.fixture
def quick(monkeypatch):
    """Pages without a kernel."""
    monkeypatch.setattr(
        run, "one_page", lambda job, folder, pdf, *more: (run.save(job.name, folder / f"{job.name}.html", PAGE, 0), ())
    )


def counts(tables):
    """Every head count and numerator that rows show."""
    return [n for row in tables.results for n in (row.n, row.numerator) if isinstance(n, int)]


def test_a_study_that_does_not_allow_it_has_no_internal_edition(example):
    with pytest.raises(UsageError, match=r"\[disclosure\] internal = true"), making_internal(load_study(example)):
        pass
    assert not is_internal()


def test_counts_under_eleven_are_shown_inside_and_under_three_are_not(folder):
    study = load_study(folder)
    outside = released(study)
    with making_internal(study):
        inside = released(study)
    assert not [n for n in counts(outside.tables) if 0 < n < 11]
    assert [n for n in counts(inside.tables) if 0 < n < 11]
    assert not [n for n in counts(inside.tables) if 0 < n < 3]
    assert inside.study.disclosure.threshold == 3
    assert released(study).tables == outside.tables  # what is made afterwards is a released edition again


def test_nothing_of_the_internal_edition_enters_the_ledger_of_editions(folder, quick):
    study = load_study(folder)
    with making_internal(study) as place:
        open_released(folder)
        render(study, place)
    assert not (folder / "ledger" / RELEASED).exists()


def test_it_lies_in_the_private_study_folder_readable_by_its_owner_alone(folder, quick, tmp_path):
    study = load_study(folder)
    with making_internal(study) as place:
        render(study, place)
    written = [path for path in (folder / "internal").rglob("*") if path.is_file()]
    assert {"quality.html", "index.html", "results.csv"} <= {path.name for path in written}
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}
    assert stat.S_IMODE((folder / "internal").stat().st_mode) == 0o700


def test_every_page_says_at_its_head_and_foot_that_it_is_internal_and_has_a_watermark(folder, quick):
    study = load_study(folder)
    with making_internal(study) as place:
        render(study, place)
    for path in (folder / "internal").rglob("*.html"):
        page = path.read_text()
        assert page.count("Internal edition, not released: counts under 11 are shown, down to 3.") == 2
        assert page.index("internal-mark") < page.index("<body")  # its style
        assert '<div class="internal-mark" aria-hidden="true">' in page
    assert marked(PAGE) == PAGE  # and no other edition says so


def test_it_cannot_be_asked_for_together_with_a_forced_release(folder, capsys):
    assert main(["report", str(folder), "--internal", "--force-release", "because"]) == 2
    assert "leave one out" in capsys.readouterr().err


def test_its_threshold_lies_below_that_of_what_is_released(folder):
    text = (folder / "study.toml").read_text()
    (folder / "study.toml").write_text(text.replace("internal = true", "internal = true\ninternal_threshold = 12"))
    assert main(["report", str(folder), "--internal"]) != 0
