"""Families that wait for their level go on where they stood, and are kept only where that level is the same."""

from types import SimpleNamespace

import numpy as np
import pytest

from pipeline.analysis.asking.answer_cache import Answered
from pipeline.analysis.asking.run import finished, how_they_stand
from pipeline.analysis.asking.workers import Here, OneProcess
from pipeline.analysis.standing import Standing, level_of
from pipeline.results import Result
from tests.unit.analysis.made_records import study

STANDS = Standing(question="C2", estimate=1.0, se=1.0, df=np.inf)
ROW = Result(question="C2", analysis="like_for_like", measure="difference")
BEGUN: list[str] = []


def waits(asking):
    """A family that needs its level, and shows what others answered by then."""
    BEGUN.append(asking.study.study.name)
    level = yield from level_of(STANDS)
    yield from (ROW for _ in asking.answers)
    yield Result(question="C2", analysis="like_for_like", measure="difference", level=level)


def goes_on(asking):
    yield ROW


@pytest.fixture
def one(tmp_path):
    BEGUN.clear()
    here = Here(None, SimpleNamespace(people=[1]), study(tmp_path))
    return OneProcess(here, {"waits": waits, "goes on": goes_on})


def test_a_family_that_waits_is_begun_once_and_sees_what_others_answered_meanwhile(one):
    begun = dict(one.begin({"waits": "x", "goes on": "y"}))
    assert begun["waits"] == STANDS
    assert list(begun["goes on"].rows["results"]) == [ROW]
    [(_, answered)] = one.finish({"waits": "xz"}, {"waits": 0.98}, [ROW])
    assert [row.level for row in answered.rows["results"]] == [None, 0.98]
    assert (answered.made_from, answered.standing, answered.level) == ("xz", STANDS, 0.98)
    assert "study" in answered.choices
    assert len(BEGUN) == 1


def test_a_family_never_begun_here_is_asked_from_its_start(one):
    [(_, answered)] = one.finish({"waits": "x"}, {"waits": 0.97})
    assert [row.level for row in answered.rows["results"]] == [0.97]


def test_an_answer_is_kept_where_its_level_is_the_same_and_read_anew_where_others_moved_it(one):
    kept = Answered({}, "x", {}, 0.1, kept=True, standing=STANDS, level=0.98)
    answered, stand = how_they_stand(one, {"waits": "x", "goes on": "y"}, {"waits": kept})
    assert stand == {"waits": STANDS}
    assert list(answered) == ["goes on"]
    assert BEGUN == []  # how it stands is known
    assert finished(one, {"waits": "x"}, {"waits": kept}, {"waits": 0.98}, ())["waits"] is kept
    again = finished(one, {"waits": "x"}, {"waits": kept}, {"waits": 0.99}, ())["waits"]
    assert [row.level for row in again.rows["results"]] == [0.99]
