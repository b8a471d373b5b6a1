"""A study that remembers which of its choices were read."""

from dataclasses import replace
from pathlib import Path

from pipeline.choices.answered import Gate
from pipeline.study import Study
from pipeline.watched import SECTIONS, WatchedStudy, unchanged, with_choices

STUDY = Study(Path("here"))


def test_what_is_read_is_noted_and_nothing_else():
    watched = WatchedStudy(STUDY)
    assert watched.gate.min_ess == 30.0
    assert watched.name == "here"
    assert set(watched.choices()) == {"gate", "name"}


def test_a_changed_choice_matters_only_to_whoever_read_it():
    watched = WatchedStudy(STUDY)
    assert watched.retention.gap_days == 30
    assert unchanged(STUDY, watched.choices())
    assert unchanged(replace(STUDY, gate=Gate(min_ess=31.0)), watched.choices())
    assert not unchanged(replace(STUDY, retention=replace(STUDY.retention, gap_days=31)), watched.choices())


def test_a_list_of_outcomes_is_one_choice():
    watched = WatchedStudy(STUDY)
    assert len(watched.outcomes) == 1
    assert not unchanged(replace(STUDY, outcomes=()), watched.choices())


def test_whoever_reads_the_whole_study_read_every_choice():
    watched = WatchedStudy(STUDY)
    assert watched.as_json() == STUDY.as_json()
    assert set(watched.choices()) == set(SECTIONS)


def test_where_the_folder_lies_is_no_choice_but_its_name_is_where_it_names_the_study():
    watched = WatchedStudy(STUDY)
    assert watched.folder == Path("here")
    assert watched.choices() == {}
    watched = WatchedStudy(STUDY)
    assert watched.name == "here"
    assert not unchanged(replace(STUDY, folder=Path("there")), watched.choices())


def test_a_choice_that_no_longer_exists_has_changed():
    assert not unchanged(STUDY, {"gone": "0" * 16})


def test_a_study_with_other_choices_notes_what_is_read_under_the_choices_it_really_has():
    watched = WatchedStudy(STUDY)
    other = with_choices(watched, gate=Gate(min_ess=99.0))
    assert (other.gate.min_ess, other.retention.gap_days) == (99.0, 30)
    assert set(watched.choices()) == {"gate", "retention"}
    assert unchanged(STUDY, watched.choices())
    assert with_choices(STUDY, gate=Gate(min_ess=99.0)).gate.min_ess == 99.0
