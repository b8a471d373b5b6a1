"""C1: did intensive outpatient care deliver the hours it sells?  Complete weeks only, as scheduled and as attended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.comparison.sharing import holds_here
from pipeline.analysis.headline import Asking, NaiveTwin, headline
from pipeline.analysis.lacking import IOP, NO_IOP, arm_with
from pipeline.errors import NotEstimable
from pipeline.results import FigurePoint, GateWord, Result, Verdict
from pipeline.stats.estimate import LEVEL
from pipeline.stats.monitoring.cluster_ratios import ClusterRatios, ratio_bootstrap
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

DRAWS = 2000
MOST_UNTIMED = 0.2  # of the weeks: with more the rest may not be like them
POPULATION = "weeks that an ambulatory stay fills from first to last day"
NO_WEEKS = (
    "no stay in intensive outpatient care lasted a whole week, so there is no week to count hours in; export a longer"
    " period"
)
NO_MINUTES = (
    "the hours of too many weeks are not known; export sessions with minutes_scheduled and minutes_attended, or with"
    " the per-diem codes that stand for a day"
)
TWIN = NaiveTwin(
    "scheduled hours, broken weeks counted",
    "It takes every scheduled hour as attended and counts the last week of a stay as if it were whole; hours that"
    " nobody came for are no treatment",
)
# outcome, measure: summed column, what it is divided by, unit
RATIOS = {
    ("attended_hours", "weeks_within_hours"): ("attended_within", "weeks", "share"),
    ("attended_hours", "weeks_below_hours"): ("attended_below", "weeks", "share"),
    ("attended_hours", "weeks_above_hours"): ("attended_above", "weeks", "share"),
    ("attended_hours", "hours_per_week"): ("attended", "weeks", "hours"),
    ("scheduled_hours", "weeks_within_hours"): ("scheduled_within", "weeks", "share"),
    ("scheduled_hours", "weeks_below_hours"): ("scheduled_below", "weeks", "share"),
    ("scheduled_hours", "weeks_above_hours"): ("scheduled_above", "weeks", "share"),
    ("scheduled_hours", "hours_per_week"): ("scheduled", "weeks", "hours"),
    ("scheduled_hours", "hours_imputed"): ("imputed", "scheduled", "share"),
}
FACT = "hours_imputed"  # how the records were made, with no sampling to be uncertain about
NAIVE = ("naive_within", "naive_weeks")


def dose(asking: Asking) -> Iterator[Result | FigurePoint]:
    """The headline and its twin for IOP, then every ambulatory level, the run charts and the bars by site."""
    people = read_people(asking.warehouse)
    answer = headline(
        "C1", **placed(IOP, asking.study), outcome="attended_hours", measure="weeks_within_hours", unit="share"
    )
    here = people[people["level_of_care"] == IOP]
    why = cannot_say(here)
    if why:
        yield from TWIN.refused(answer, why)
    for level, rows in people.groupby("level_of_care", sort=True):
        if not cannot_say(rows):
            where = {"question": "C1", "analysis": "dose", **placed(str(level), asking.study)}
            yield from level_rows(rows, answer if level == IOP else None, where, asking.study)
    if not why:
        yield from run_charts(asking.warehouse, answer.result_id)
        yield from site_bars(here, answer.result_id)


def placed(level: str, study: Study) -> dict[str, Any]:
    """What every row of one level says of itself."""
    return {
        "population": POPULATION,
        "arm": arm_with(study, level),
        "stratum": level,
        "target": "observed",
        "estimator": "cluster bootstrap",
        "verdict": Verdict.DESCRIPTIVE,
    }


def read_people(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Sums of each person's weeks at each level and site; only complete weeks with known hours but for the untimed and
    naive ones."""
    counted = "complete AND attended_hours IS NOT NULL"
    bands = ", ".join(
        f"SUM(CASE WHEN {counted} AND {kind}_band = '{band}' THEN 1 ELSE 0 END) AS {kind}_{band}"
        for kind in ("attended", "scheduled")
        for band in ("below", "within", "above")
    )
    return con.execute(f"""
        SELECT level_of_care, site, person_no, COUNT(*) AS any_weeks,
               SUM(CASE WHEN complete THEN 1 ELSE 0 END) AS complete_weeks,
               SUM(CASE WHEN {counted} THEN 1 ELSE 0 END) AS weeks,
               SUM(CASE WHEN {counted} THEN attended_hours ELSE 0 END) AS attended,
               SUM(CASE WHEN {counted} THEN scheduled_hours ELSE 0 END) AS scheduled,
               SUM(CASE WHEN {counted} THEN imputed_hours ELSE 0 END) AS imputed,
               SUM(CASE WHEN scheduled_band = 'within' THEN 1 ELSE 0 END) AS naive_within,
               SUM(CASE WHEN scheduled_band IS NOT NULL THEN 1 ELSE 0 END) AS naive_weeks, {bands}
        FROM patient_weeks GROUP BY level_of_care, site, person_no ORDER BY level_of_care, site, person_no""").df()


def cannot_say(people: pd.DataFrame) -> str:
    """Why the hours of a level cannot be told; empty where they can."""
    complete, weeks = people["complete_weeks"].sum(), people["weeks"].sum()
    if people.empty:
        return NO_IOP
    if not complete:
        return NO_WEEKS
    return NO_MINUTES if weeks < (1 - MOST_UNTIMED) * complete or not people["scheduled"].sum() else ""


def level_rows(people: pd.DataFrame, answer: Result | None, where: dict[str, Any], study: Study) -> Iterator[Result]:
    """Every ratio of one level; the one that answers C1 stands as its headline, with the naive twin beside it."""
    counted = people[people["weeks"] > 0]
    pairs = [pair[:2] for pair in RATIOS.values()] + [NAIVE]
    try:
        found, note = bootstrap(people, pairs, study)
    except NotEstimable as why:
        if answer is not None:
            yield from TWIN.refused(answer, str(why))
        else:
            yield Result(**where, outcome="attended_hours", measure="hours_per_week", unit="hours", reason=str(why))
        return
    n = int(counted["person_no"].nunique())
    for i, ((outcome, measure), (column, below, unit)) in enumerate(RATIOS.items()):
        counts: dict[str, Any] = (
            {"numerator": int(counted[column].sum()), "denominator": int(counted[below].sum())}
            if measure.startswith("weeks")
            else {}
        )
        told = numbers(found, i) if measure != FACT else {"estimate": float(found.estimate[i])}
        if answer is None or i > 0:
            yield Result(**where, outcome=outcome, measure=measure, unit=unit, **told, **counts, n=n, note=note)
            continue
        row = replace(answer, **told, **counts, n=n, note=f"{note} {assumed(found)}".strip(), gate=GateWord.PASSED)
        yield row
        yield TWIN.beside(row, **numbers(found, len(RATIOS)))


def numbers(found: ClusterRatios, i: int) -> dict[str, Any]:
    """The i-th ratio as columns of a result."""
    return {
        "estimate": float(found.estimate[i]),
        "se": float(found.se[i]),
        "df": found.df,
        "low": float(found.low[i]),
        "high": float(found.high[i]),
        "level": LEVEL,
    }


def assumed(found: ClusterRatios) -> str:
    """How much of the scheduled time is an assumption."""
    share = found.estimate[list(RATIOS).index(("scheduled_hours", FACT))]
    return (
        f"{share:.0%} of the scheduled hours are assumed, because per-diem codes carry no minutes." if share > 0 else ""
    )


def bootstrap(people: pd.DataFrame, pairs: list[tuple[str, str]], study: Study) -> tuple[ClusterRatios, str]:
    """The ratios with limits by site, or by person where there are too few sites to speak for others."""
    sites = people["site"].nunique()
    by = "site" if sites >= study.gate.min_sites else "person_no"
    sums = people.groupby(by, sort=True)[sorted({name for pair in pairs for name in pair})].sum()
    found = ratio_bootstrap(
        sums[[above for above, _ in pairs]].to_numpy(float),
        sums[[below for _, below in pairs]].to_numpy(float),
        DRAWS,
        np.random.default_rng(study.study.seed),
    )
    return found, "" if by == "site" else holds_here(sites)


def run_charts(con: duckdb.DuckDBPyConnection, result_id: str) -> Iterator[FigurePoint]:
    """Mean hours of complete IOP weeks by week of the stay and by calendar period, attended and scheduled."""
    for figure, column in (("dose_by_week", "week"), ("dose_by_period", "period")):
        rows = con.execute(
            f"""
            SELECT {column}, COUNT(DISTINCT person_no), AVG(attended_hours), AVG(scheduled_hours) FROM patient_weeks
            WHERE level_of_care = ? AND complete AND attended_hours IS NOT NULL AND {column} IS NOT NULL
            GROUP BY {column} ORDER BY {column}""",
            [IOP],
        ).fetchall()
        for place, (value, n, *hours) in enumerate(rows, start=1):
            x, label = (value + 1, "") if column == "week" else (place, str(value))
            for series, y in zip(("attended", "scheduled"), hours, strict=True):
                yield FigurePoint(
                    result_id=result_id, figure=figure, series=series, x=float(x), y=float(y), n=int(n), label=label
                )


def site_bars(people: pd.DataFrame, result_id: str) -> Iterator[FigurePoint]:
    """Share of each site's complete IOP weeks below, within and above the lines, as attended; n counts the people they
    belong to."""
    for site, rows in people.groupby("site", sort=True):
        weeks, n = int(rows["weeks"].sum()), int(rows.loc[rows["weeks"] > 0, "person_no"].nunique())
        for band in ("below", "within", "above") if weeks else ():
            share = float(rows[f"attended_{band}"].sum()) / weeks
            yield FigurePoint(result_id=result_id, figure="dose_by_site", series=str(site), y=share, n=n, label=band)
