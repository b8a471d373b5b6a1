"""What passed the gate is handed to the kernels that make the pages, and only there and of that very study believed."""

from dataclasses import replace

from pipeline.report import released as room
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.released import hand_over, open_released
from pipeline.study_toml.file import load_study


def handed(released, tmp_path, monkeypatch):
    hand_over(released, tmp_path / "released")
    monkeypatch.setenv(room.HANDED, str(tmp_path / "released"))
    monkeypatch.setenv(room.PUBLISHING, "1")


def test_a_page_is_made_from_what_was_handed_over_without_the_gate(example, released, tmp_path, monkeypatch):
    handed(released, tmp_path, monkeypatch)
    monkeypatch.setattr(room, "released", lambda study: pytest_fails())
    found = open_released(example)
    assert found.tables == released.tables
    assert (found.results_hash, dict(found.manifest)) == (released.results_hash, dict(released.manifest))
    assert [row for row in found.tables.results if row.n is SUPPRESSED]  # hidden cells stay hidden


def pytest_fails():
    raise AssertionError("the gate was asked again")


def test_what_was_handed_over_of_other_choices_is_put_through_the_gate_anew(example, released, tmp_path, monkeypatch):
    study = load_study(example)
    other = replace(study, disclosure=replace(study.disclosure, threshold=study.disclosure.threshold + 1))
    handed(replace(released, study=other), tmp_path, monkeypatch)
    asked = []
    monkeypatch.setattr(room, "released", lambda study: asked.append(study) or released)
    open_released(example)
    assert asked == [study]


def test_outside_of_the_making_of_pages_nothing_handed_over_is_believed(example, released, tmp_path, monkeypatch):
    handed(released, tmp_path, monkeypatch)
    monkeypatch.delenv(room.PUBLISHING)
    assert room.taken_over(load_study(example)) is None
