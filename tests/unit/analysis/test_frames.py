"""Frames of people: what another frame has of a person is found, missing is told as missing, and twice is refused."""

import pandas as pd
import pytest

from pipeline.analysis.frames import beside, column_beside
from pipeline.errors import BuildError

PEOPLE = pd.DataFrame({"episode_id": ["c", "a", "b"], "person": [2, 0, 1]}, index=[5, 6, 7])
OTHER = pd.DataFrame({"episode_id": ["a", "c"], "person": [0, 2], "seen": [True, False], "days": [3, 4]})


@pytest.mark.parametrize("left_out", ["person", "episode_id"])
def test_what_a_frame_has_of_each_person_is_the_same_by_number_and_by_episode(left_out):
    other = OTHER.drop(columns=[left_out])
    plain = PEOPLE.merge(OTHER.drop(columns=["person"]), on="episode_id", how="left", validate="one_to_one")
    pd.testing.assert_frame_equal(beside(PEOPLE, other), plain)
    days = column_beside(PEOPLE, other, "days")
    assert days.index.tolist() == [5, 6, 7]
    assert days.fillna(-1).tolist() == [4, 3, -1]


@pytest.mark.parametrize("left_out", ["person", "episode_id"])
def test_a_table_that_holds_somebody_twice_is_refused(left_out):
    twice = pd.concat([OTHER, OTHER]).drop(columns=[left_out])
    with pytest.raises(BuildError, match="twice"):
        beside(PEOPLE, twice)
