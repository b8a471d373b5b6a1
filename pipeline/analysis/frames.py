"""Frames of people: each person has a number, and categories are codes, since text is slow to look up and to move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import BuildError
from pipeline.storage.quoting import literals

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

NUMBER = "person"
NUMBERED = f"SELECT episode_id, ROW_NUMBER() OVER (ORDER BY episode_id) - 1 AS {NUMBER} FROM analysis_set"


CATEGORIES = (
    *("arm", "level_of_care", "program_id", "site", "period", "sex", "race_ethnicity", "payer", "referral_source"),
    *("diagnosis_group", "housing", "baseline_modality", "state", "suicide_risk_source", "function_source"),
)


def coded(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """The columns of a table as SQL selects them, its CATEGORIES as codes of their texts in order."""
    kinds = {name: kind for name, kind, *_ in con.execute(f"DESCRIBE {table}").fetchall()}
    here = [name for name in CATEGORIES if kinds.get(name) == "VARCHAR"]
    if not here:
        return "*"
    lists = ", ".join(f"LIST(DISTINCT {one} ORDER BY {one})" for one in here)
    [found] = con.execute(f"SELECT {lists} FROM {table}").fetchall()
    texts = {name: [one for one in seen or () if one is not None] for name, seen in zip(here, found, strict=True)}
    replaced = [f"CAST({name} AS ENUM ({literals(seen)})) AS {name}" for name, seen in texts.items() if seen]
    return f"* REPLACE ({', '.join(replaced)})" if replaced else "*"


def text_places(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """The different texts (m,) in order and each row's place (n,) among them, as numpy.unique has them of all rows."""
    codes, seen = codes_of(values)
    here = np.bincount(codes, minlength=len(seen)) > 0
    places = np.zeros(len(seen), dtype=np.int64)
    names, places[here] = np.unique(np.asarray(seen.astype(object))[here].astype(str), return_inverse=True)
    return names, places[codes]


def of_its_value(values: pd.Series, among: np.ndarray) -> np.ndarray:
    """(n,) of how many of the rows `among` (n,) each row has the value; 0 where nothing is recorded.

    By codes: a map of counts over categories is a category itself where no two counts are the same.
    """
    codes, seen = codes_of(values)
    counts: np.ndarray = np.bincount(codes[among], minlength=len(seen))[codes]
    return np.where(values.isna(), 0, counts)


def codes_of(values: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """(n,) the place of each row's value among the values there may be, and those; not recorded is one of them."""
    import pandas as pd

    if not isinstance(values.array, pd.Categorical):
        codes, seen = values.factorize(use_na_sentinel=False)
        return codes, pd.Index(seen)
    codes, seen = values.array.codes, values.array.categories
    missing = codes < 0
    if not missing.any():
        return codes, seen
    return np.where(missing, len(seen), codes), seen.append(pd.Index([None], dtype=object))


def rows_of(people: pd.DataFrame, other: pd.DataFrame) -> np.ndarray:
    """(n,) the row of the other frame that is each person's, -1 where there is none: by number where both frames have
    it, else by episode.  Raises BuildError where the other frame holds somebody twice."""
    import pandas as pd

    if NUMBER in people and NUMBER in other:
        asked, found = people[NUMBER].to_numpy(), other[NUMBER].to_numpy()
        place = np.full(max(asked.max(initial=0), found.max(initial=0)) + 1, -1, dtype=np.int64)
        place[found] = np.arange(len(found))
        twice = bool((place[found] != np.arange(len(found))).any())
        rows = place[asked]
    else:
        index = pd.Index(other["episode_id"])
        twice = not index.is_unique
        rows = np.array([], dtype=np.int64) if twice else index.get_indexer(people["episode_id"])
    if twice:
        raise BuildError("a table of one row per person holds somebody twice; build the warehouse anew")
    return np.asarray(rows, dtype=np.int64)


def beside(people: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """The people, numbered from 0, with what another frame has of each; missing where it has nothing."""
    import pandas as pd

    found = at_rows(other.drop(columns=["episode_id", NUMBER], errors="ignore"), rows_of(people, other))
    return pd.concat([people.reset_index(drop=True), found], axis=1)


def column_beside(people: pd.DataFrame, other: pd.DataFrame, name: str) -> pd.Series:
    """One column of another frame for these people, in their own index; missing where that has nothing of somebody."""
    return at_rows(other[[name]], rows_of(people, other))[name].set_axis(people.index)


def at_rows(frame: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """The frame's rows at these places, numbered from 0; one of missing values for -1."""
    frame = frame.reset_index(drop=True)
    return (frame.reindex(rows) if (rows < 0).any() else frame.take(rows)).reset_index(drop=True)
