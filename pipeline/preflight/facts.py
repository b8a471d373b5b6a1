"""What was counted of the people who started new: per arm how many, how fast, and what is recorded of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.analysis.covariates import COLUMN_OF
from pipeline.levels import TWENTY_FOUR_HOUR
from pipeline.study import Outcome, Study

if TYPE_CHECKING:
    import duckdb

MONTH = 30.44  # days
SCORED = "(SELECT * FROM outcome_set_by_choice WHERE varied = '' AND outcome = ?) AS scored USING (episode_id)"


@dataclass(frozen=True, slots=True)
class Asked:
    """The people of one arm for one outcome.

    started     started new in this arm
    asked       of them those whose records reach past the outcome's window and who have a score at the start
    measured    of those the ones with the outcome measured
    recorded    of those asked, for how many each confounder is recorded
    per_month   people who start in this arm in a month
    """

    started: int
    asked: int
    measured: int
    recorded: Mapping[str, int]
    per_month: float


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the lines of the questions are made of; `asked` by outcome and arm, an arm without people absent."""

    study: Study
    asked: Mapping[tuple[str, str], Asked]
    levels: Mapping[str, int]
    tracks: Mapping[str, int]
    recommended: int
    people: int
    costs: int
    surveyed: int
    later: Mapping[tuple[str, str], int]
    shared_sites: Mapping[tuple[str, str, str], float]


def count(con: duckdb.DuckDBPyConnection, study: Study) -> Facts:
    """Counts on the built people tables."""
    asked = {}
    for outcome in study.outcomes:
        for arm in study.arms:
            if found := asked_in(con, study, outcome, arm):
                asked[outcome.name, arm] = found
    [(people, recommended)] = con.execute("SELECT count(*), count(recommended_level) FROM analysis_set").fetchall()
    [(costs,)] = con.execute(
        "SELECT count(*) FROM staging.costs WHERE perspective = ?", [study.cost.perspective]
    ).fetchall()
    return Facts(
        study,
        asked,
        dict(con.execute("SELECT level_of_care, count(*) FROM episodes GROUP BY ALL").fetchall()),
        dict(
            con.execute(
                "SELECT track, count(*) FROM analysis_set WHERE level_of_care = 'IOP' AND track IS NOT NULL"
                " GROUP BY ALL"
            ).fetchall()
        ),
        recommended,
        people,
        costs,
        surveyed(con, study),
        later(con),
        {
            (outcome.name, arm, reference): shared(con, study, outcome, arm, reference)
            for outcome in study.outcomes
            for arm, reference in study.comparison.contrasts
        },
    )


def asked_in(con: duckdb.DuckDBPyConnection, study: Study, outcome: Outcome, arm: str) -> Asked | None:
    """One arm's people for one outcome; None where nobody started in it."""
    names = [name for name in study.confounders.core if name != "baseline_score"]
    here = "scored.observable AND scored.baseline_score IS NOT NULL"
    recorded = ", ".join(f"count({COLUMN_OF.get(name, name)}) FILTER (WHERE {here})" for name in names)
    [(started, asked, measured, first, last, *known)] = con.execute(
        f"SELECT count(*), count(*) FILTER (WHERE {here}), count(*) FILTER (WHERE {here} AND scored.observed),"
        f" min(start_day), max(start_day){', ' if names else ''}{recorded}"
        f" FROM analysis_set JOIN {SCORED} WHERE arm = ?",
        [outcome.name, arm],
    ).fetchall()
    if not started:
        return None
    months = max((last - first + 1) / MONTH, 1.0)
    return Asked(started, asked, measured, dict(zip(names, known, strict=True)), started / months)


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
    """Share of the two arms' measured people who were treated at sites that count: enough of both."""
    [(share,)] = con.execute(
        "WITH sites AS (SELECT site, count(*) FILTER (WHERE arm = $2) AS one, count(*) FILTER (WHERE arm = $3) AS other"
        "  FROM analysis_set JOIN (SELECT * FROM outcome_set_by_choice WHERE varied = '' AND outcome = $1) AS scored"
        "  USING (episode_id) WHERE scored.observed GROUP BY site)"
        " SELECT COALESCE(sum(one + other) FILTER (WHERE least(one, other) >= $4) / nullif(sum(one + other), 0), 0)"
        " FROM sites",
        [outcome.name, arm, reference, study.gate.min_observed_per_site],
    ).fetchall()
    return float(share)


def whole_day(facts: Facts) -> int:
    """Stays at a level where people sleep."""
    return sum(facts.levels.get(level, 0) for level in TWENTY_FOUR_HOUR)
