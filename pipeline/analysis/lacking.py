"""What is lacking, in words: why a question cannot be put to these records, and what would allow it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.analysis.cohort import Records
from pipeline.choices.asked import Outcome
from pipeline.measures.scales import scale_words
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

IOP = "IOP"
WITHOUT_SCALE = "no symptom scale is part of this study"
ADD_ONE = f"{WITHOUT_SCALE}: add an [[outcomes]] block to study.toml"
NO_SCALE = f"{ADD_ONE}, and collect it at the start and at day 90"
NO_SCALE_IN_CARE = f"{ADD_ONE} and measure it during care"
NO_SCALE_LATER = f"{ADD_ONE} and follow people up half a year after the start"
NO_SCALE_NAMED = f"{WITHOUT_SCALE}; name one under [[outcomes]] in study.toml"
NO_PAIR = "no two arms are compared in this study: name them in study.toml under [comparison] contrasts"
NO_IOP = (
    "no stay in intensive outpatient care (IOP) is in these records; export services with the level IOP, with its"
    " billing codes, or with their scheduled minutes"
)
NO_IOP_ARM = (
    "no arm of this study holds intensive outpatient care (IOP): name one with that level under [arms] in study.toml"
)


def arm_with(study: Study, *levels: str) -> str:
    """The arm that holds one of these levels of care, one of the primary contrast or of another declared one before the
    others; empty where there is none."""
    named = (*study.comparison.primary[:2], *(arm for pair in study.comparison.contrasts for arm in pair))
    holding = [arm for arm, held in study.arms.items() if set(levels) & set(held)]
    return min(holding, key=lambda arm: named.index(arm) if arm in named else len(named), default="")


def no_arms(one: str, other: str) -> str:
    """That a question asks for two arms which this study does not name."""
    return f"this question needs an arm with {one} and one with {other}: name both under [arms] in study.toml"


def too_few_started(arms: Iterable[str], records: Records) -> str:
    """Which of these arms have too few people to be among the records; empty where all have enough."""
    absent = [arm for arm in arms if arm not in records.arms]
    return f"too few people started in {' and '.join(absent)}" if absent else ""


def without_start(people: pd.DataFrame, arms: Iterable[str], source: Outcome) -> str:
    """That nobody of these arms is left for want of a score at the start, with the remedy; empty where some are."""
    absent = [arm for arm in arms if not (people["arm"] == arm).any()]
    if not absent:
        return ""
    first, last = source.baseline_window
    return (
        f"nobody in {' and '.join(absent)} has a score on the {scale_words()[source.instrument].label} at the start"
        f" (day {first} to day {last}): score people when they start, or widen baseline_window of this outcome in"
        " study.toml"
    )


def too_few_with_start(records: Records, arms: Iterable[str], source: Outcome) -> str:
    """The same, asked of everybody who started in these arms."""
    scores = records.scores[records.scores["outcome"] == source.name]
    scored = set(scores.loc[scores["baseline_score"].notna(), "episode_id"])
    return without_start(records.people[records.people["episode_id"].isin(scored)], arms, source)


def not_compared(con: duckdb.DuckDBPyConnection, arm: str, records: Records) -> str:
    """Why nobody of the arm with IOP (empty where there is none) is among the people compared; empty where they are."""
    if arm in records.arms:
        return ""
    [(stays,)] = con.execute("SELECT COUNT(*) FROM episodes WHERE level_of_care = ?", [IOP]).fetchall()
    return NO_IOP if not stays else too_few_started([arm], records) if arm else NO_IOP_ARM
