"""Frames of people: what another frame has of a person is found, missing is told as missing, and twice is refused."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.frames import beside, coded, column_beside, of_its_value, text_places
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


def test_categories_are_read_as_codes_of_their_texts_in_order_and_what_is_missing_stays_missing():
    con = duckdb.connect()
    rows = "('a', 'Women''s'), ('b', NULL), ('c', 'Men''s')"
    con.execute(f"CREATE TABLE t AS FROM (VALUES {rows}) AS t (episode_id, site)")
    read = con.execute(f"SELECT {coded(con, 't')} FROM t").df()
    assert read["site"].cat.categories.tolist() == ["Men's", "Women's"]
    assert read["site"].fillna("Men's").tolist() == ["Women's", "Men's", "Men's"]
    con.execute("CREATE TABLE u AS SELECT episode_id, CAST(NULL AS VARCHAR) AS site FROM t")
    assert coded(con, "u") == "*"


@pytest.mark.parametrize("kind", ["str", "category", "object"])
def test_the_places_of_texts_are_those_of_all_rows_sorted(kind):
    values = pd.Series(["s10", "s2", "s10", "S1"], dtype=kind)
    names, places = np.unique(values.to_numpy(dtype=str), return_inverse=True)
    found = text_places(values)
    assert found[0].tolist() == names.tolist()
    assert found[1].tolist() == places.tolist()


def test_how_many_are_alike_is_a_number_whatever_counts_the_categories_have():
    """Three sites of which no two count the same: pandas makes a map of them a category, which cannot be compared."""
    sites = pd.Series(["A", "B", "B", None, "C", "C", "C"])
    among = np.array([True, True, True, True, True, False, False])
    for values in (sites, sites.astype("category")):
        assert of_its_value(values, among).tolist() == [1, 2, 2, 0, 1, 1, 1]
