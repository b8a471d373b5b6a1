"""A cell of the grid that was stopped goes on where it stood, and says in the end what it would have said at once."""

import pytest

from pipeline.errors import NotEstimable
from tests.simulation.resumed import OtherCodeError
from tests.simulation.singles import TOGETHER, Singles
from tests.simulation.tally import Found, answers

ASKED = []


def study(rng):
    """A number drawn, refused where it is low."""
    drawn = round(float(rng.normal()), 6)
    ASKED.append(drawn)
    if drawn < -1:
        raise NotEstimable("too low; draw again")
    return {"one": Found(drawn, 0.0, 1.0, float("inf"), -9.0, 9.0, drawn > 0)}


@pytest.fixture
def runs(tmp_path):
    ASKED.clear()
    return tmp_path / "runs.csv"


def test_studies_on_disk_are_not_asked_again_and_the_answers_are_those_of_one_run(runs):
    Singles(runs, "a").answers("cell", False, study, 30, seed=1)
    told = Singles(runs, "a").answers("cell", False, study, 60, seed=1)
    assert len(ASKED) == 60
    assert told == answers(study, 60, 1)
    assert {} in told  # refused ones are kept too


def test_studies_with_and_without_an_effect_are_kept_apart(runs):
    kept = Singles(runs, "a")
    kept.answers("cell", False, study, 3, seed=1)
    kept.answers("cell", True, study, 3, seed=2)
    assert len(ASKED) == 6
    assert Singles(runs, "a").answers("cell", True, study, 3, seed=2) == answers(study, 3, 2)


def test_what_was_made_until_the_clock_stopped_it_is_there_the_next_evening(runs, monkeypatch):
    hours = iter([False, True])
    monkeypatch.setattr("tests.simulation.singles.too_late", lambda until: next(hours))
    assert Singles(runs, "a", "23:00").answers("cell", False, study, 3 * TOGETHER, seed=1) is None
    assert len(Singles(runs, "a").known["cell", 0]) == TOGETHER == len(ASKED)


def test_studies_of_another_version_of_the_code_are_not_mixed_in(runs):
    Singles(runs, "a").answers("cell", False, study, 3, seed=1)
    with pytest.raises(OtherCodeError, match="begin anew"):
        Singles(runs, "b")
