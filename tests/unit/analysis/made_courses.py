"""Courses of scores as the warehouse would hand them over: the same improvement everywhere unless told otherwise,
measured as told."""

from types import MappingProxyType

import duckdb
import numpy as np
import pandas as pd

from pipeline.analysis.headline import Asking
from tests.unit.analysis.made_records import made_records, study

RELIABLE, LAST_SEEN, ASKED = 6.0, 105, 56
EVERY = MappingProxyType({"iop": 3, "outpatient": 28, "inpatient": 7})
NOISE = 2.0


def asked_of_courses(folder, *, effect=0.0, n=6000, every=EVERY, kept=0.8, seed=3, **changes):
    """An Asking about n people; effect: points that people in IOP improve more by day 90; every: days between scores in
    each arm."""
    records = made_records(seed=seed, n=n)
    rng = np.random.default_rng([seed, 1])
    arm = records.people["arm"].to_numpy()
    baseline = records.scores["baseline_score"].to_numpy()
    height = 5 + 0.35 * (baseline - 15) + 4 * rng.normal(size=n) + effect * (arm == "iop")
    rows = []
    for level, step in every.items():
        people = np.flatnonzero(arm == level)
        for day in range(step, LAST_SEEN + 1, step):
            there = people[rng.random(people.size) < kept]
            share = np.log1p(day / 10) / np.log1p(9)
            rows.append(
                pd.DataFrame(
                    {
                        "place": there,
                        "day": day,
                        "improvement": np.round(height[there] * share + NOISE * rng.normal(size=there.size)),
                        "attended_hours": day / 7 * (9.0 if level == "iop" else 1.0),
                    }
                )
            )
    scores = pd.concat(rows, ignore_index=True)
    scores["episode_id"] = records.people["episode_id"].to_numpy()[scores["place"]]
    scores = scores.assign(outcome="phq9_day90", improved=scores["improvement"] >= RELIABLE).drop(columns="place")
    return Asking(tables(scores, records.people["episode_id"]), records, study(folder, **changes), [])


def tables(scores, episodes):
    """trajectory_scores, scheduled_scores and schedule_set, by the rules of their SQL."""
    marked = scores.assign(mark=(scores["day"] + 6) // 14)
    marked = marked[marked["mark"] >= 1].assign(far=(marked["day"] - 14 * marked["mark"]).abs())
    scheduled = marked.sort_values(["episode_id", "mark", "far", "day"]).drop_duplicates(["episode_id", "mark"])
    early = scores[scores["day"] <= ASKED]
    people = pd.DataFrame({"episode_id": episodes, "outcome": "phq9_day90", "observable": True})
    people["scores_taken"] = episodes.map(early.groupby("episode_id").size()).fillna(0).astype(int).to_numpy()
    people["first_crossing_day"] = (
        episodes.map(early[early["improved"]].groupby("episode_id")["day"].min()).astype("Int64").to_numpy()
    )
    con = duckdb.connect()
    for name, frame in (("trajectory_scores", scores), ("scheduled_scores", scheduled), ("schedule_set", people)):
        con.register("frame", frame)
        con.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
    return con
