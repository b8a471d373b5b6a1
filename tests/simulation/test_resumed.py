"""Long simulations can be stopped and resumed, and never mix two versions of the code."""

from dataclasses import dataclass

import pytest

from tests.simulation.resumed import OtherCodeError, add_runs, carried_out, read_runs, too_late


@dataclass(frozen=True)
class Study:
    seed: int
    estimate: float
    verdict: str
    code: str


DONE = [Study(1, 0.5, "better", "a"), Study(2, float("inf"), "", "a")]


def test_finished_studies_are_found_again_as_they_were(tmp_path):
    add_runs(tmp_path / "runs.csv", DONE[:1])
    add_runs(tmp_path / "runs.csv", DONE[1:])
    assert read_runs(Study, tmp_path / "runs.csv", "a") == DONE
    assert read_runs(Study, tmp_path / "none.csv", "a") == []


def test_an_answer_without_a_number_is_found_again_without_one(tmp_path):
    add_runs(tmp_path / "runs.csv", [Study(3, float("nan"), "withheld", "a")])
    [found] = read_runs(Study, tmp_path / "runs.csv", "a")
    assert found.estimate != found.estimate


def test_studies_of_another_version_are_refused(tmp_path):
    add_runs(tmp_path / "runs.csv", DONE)
    with pytest.raises(OtherCodeError, match="begin anew"):
        read_runs(Study, tmp_path / "runs.csv", "b")


def test_the_clock_stops_a_run_only_where_it_was_told_to():
    assert not too_late("")
    assert too_late("00:00")
    assert not too_late("24:00")


def twice(number):
    return [2 * number]


@pytest.mark.parametrize("workers", [1, 2])
def test_two_processes_give_what_one_gives_in_the_same_order(workers):
    assert list(carried_out(twice, range(5), workers=workers)) == [[0], [2], [4], [6], [8]]


def test_nothing_is_begun_once_the_clock_says_so():
    assert list(carried_out(twice, range(5), until="00:00")) == []
