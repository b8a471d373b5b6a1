"""Counts of the people whom the analysis would ask, made by the analysis' own functions, before anything is fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.contrasts import Endpoint, endpoints
from pipeline.analysis.covariates import was_recorded
from pipeline.analysis.headline import Asking
from pipeline.analysis.questions.cost import longest_observable, pairs_in_order
from pipeline.analysis.questions.spending import people_of, read_spending
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

MONTH = 30.44  # days
COST, ENDING = "cost", "ending_known"


@dataclass(frozen=True, slots=True)
class Starts:
    """How many started new in an arm, and how many do in a month; 0 where days have no common calendar."""

    people: int
    per_month: float


@dataclass(frozen=True, slots=True)
class Asked:
    """The people of one arm of whom one thing is asked.

    people    whom the comparison would ask: their records reach far enough, scored at the start where it needs that
    measured  of those the ones with the outcome
    recorded  for how many each core confounder (and how care ended, where that matters) is recorded, and of how many
    """

    people: int
    measured: int
    recorded: Mapping[str, tuple[int, int]]


def starts(con: duckdb.DuckDBPyConnection) -> dict[str, Starts]:
    """By arm that anybody started in."""
    found = con.execute(
        "SELECT arm, count(*), min(start_day), max(start_day) FROM analysis_set WHERE arm IS NOT NULL GROUP BY ALL"
    ).fetchall()
    [(calendar,)] = con.execute("SELECT calendar FROM protocol").fetchall()
    return {
        arm: Starts(n, n / max((last - first + 1) / MONTH, 1.0) if calendar else 0.0) for arm, n, first, last in found
    }


def asked_by_endpoint(asking: Asking) -> dict[tuple[str, str], Asked]:
    """By what is compared (a score, leaving early, cost) and arm."""
    found: dict[tuple[str, str], Asked] = {}
    for endpoint in compared(asking.study):
        people, _ = people_asked(asking.records, endpoint, asking.records.arms)
        found |= {(endpoint.name, arm): asked(people, arm, asking.study) for arm in asking.records.arms}
    return found | asked_of_costs(asking)


def compared(study: Study) -> list[Endpoint]:
    """Every score, and leaving early."""
    return [one for one in endpoints(study) if one.kind == "score" or one.harm]


def asked(people: pd.DataFrame, arm: str, study: Study) -> Asked:
    """The counts of one arm."""
    here = people[people["arm"] == arm]
    recorded = {name: (int(was_recorded(here, name).sum()), len(here)) for name in study.confounders.core}
    if ENDING in here:
        known = here[ENDING].dropna()
        recorded[ENDING] = (int(known.sum()), len(known))
    return Asked(len(here), int(here["outcome"].notna().sum()), recorded)


def asked_of_costs(asking: Asking) -> dict[tuple[str, str], Asked]:
    """Of the first pair that the study compares, over the longest period that enough of them are followed for."""
    study, spending = asking.study, read_spending(asking)
    pair = next(iter(pairs_in_order(study)), None)
    if spending.refusal or pair is None or not set(pair) <= set(asking.records.arms):
        return {}
    period = longest_observable(asking, spending, pair, sorted(study.cost.days))
    people = people_of(asking.records, spending, study, (pair[1], pair[0]), period).people
    return {(COST, arm): asked(people, arm, study) for arm in pair}
