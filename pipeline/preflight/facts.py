"""What was counted of the people who started new: per arm how many, how fast, and what is recorded of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.analysis.cohort import read_records
from pipeline.analysis.comparison.fitted import PLENTY
from pipeline.analysis.headline import Asking
from pipeline.choices.asked import Outcome
from pipeline.levels import TWENTY_FOUR_HOUR
from pipeline.preflight.counted import Asked, Starts, asked_by_endpoint, starts
from pipeline.preflight.own_words import own_words
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the lines of the questions are made of.

    starts  by arm; an arm that nobody started in is absent
    asked   by what is compared and arm; an arm that the analysis leaves out for its size is absent
    lacks   what a question lacks in the analysis' own words, by its code
    """

    study: Study
    starts: Mapping[str, Starts]
    asked: Mapping[tuple[str, str], Asked]
    levels: Mapping[str, int]
    tracks: Mapping[str, int]
    lacks: Mapping[str, str]
    surveyed: int
    later: Mapping[tuple[str, str], int]
    shared_sites: Mapping[tuple[str, str, str], float]


def count(con: duckdb.DuckDBPyConnection, study: Study) -> Facts:
    """Counts on the built people tables."""
    asking = Asking(con, read_records(con, study), study, [])
    return Facts(
        study,
        starts(con),
        asked_by_endpoint(asking),
        dict(con.execute("SELECT level_of_care, count(*) FROM episodes GROUP BY ALL").fetchall()),
        dict(
            con.execute(
                "SELECT track, count(*) FROM analysis_set WHERE level_of_care = 'IOP' AND track IS NOT NULL"
                " GROUP BY ALL"
            ).fetchall()
        ),
        own_words(asking),
        surveyed(con, study),
        later(con),
        {
            (outcome.name, arm, reference): shared(con, study, outcome, arm, reference)
            for outcome in study.outcomes
            for arm, reference in study.comparison.contrasts
        },
    )


def surveyed(con: duckdb.DuckDBPyConnection, study: Study) -> int:
    """People who answered one of the study's surveys in its window."""
    first, last = study.satisfaction.window
    [(people,)] = con.execute(
        "SELECT count(DISTINCT patient_id) FROM analysis_set JOIN staging.assessments AS score USING (patient_id)"
        " WHERE list_contains($1, score.instrument_id) AND score.assessed_day - start_day BETWEEN $2 AND $3",
        [list(study.satisfaction.instruments), first, last],
    ).fetchall()
    return int(people)


def later(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    """People by outcome and arm who were measured on its day and again half a year after the start."""
    found = con.execute(
        "SELECT outcome, arm, count(later_improvement) FROM durability_set JOIN analysis_set USING (episode_id)"
        " WHERE measured AND observable_later GROUP BY ALL"
    ).fetchall()
    return {(outcome, arm): people for outcome, arm, people in found}


def shared(con: duckdb.DuckDBPyConnection, study: Study, outcome: Outcome, arm: str, reference: str) -> float:
    """Share of the two arms' measured people who were treated at sites that count: enough of both, or where few people
    are at such sites, some of both."""
    pairs = con.execute(
        "SELECT count(*) FILTER (WHERE arm = $2), count(*) FILTER (WHERE arm = $3)"
        "  FROM analysis_set JOIN (SELECT * FROM outcome_set_by_choice WHERE varied = '' AND outcome = $1) AS scored"
        "  USING (episode_id) WHERE scored.observed GROUP BY site",
        [outcome.name, arm, reference],
    ).fetchall()
    gate = study.gate
    counted = [pair for pair in pairs if min(pair) >= gate.min_observed_per_site]
    if min(sum(pair[side] for pair in counted) for side in (0, 1)) < PLENTY * gate.min_observed:
        counted = [pair for pair in pairs if min(pair) >= gate.min_observed_per_small_site]
    return sum(map(sum, counted)) / max(sum(map(sum, pairs)), 1)


def whole_day(facts: Facts) -> int:
    """Stays at a level where people sleep."""
    return sum(facts.levels.get(level, 0) for level in TWENTY_FOUR_HOUR)
