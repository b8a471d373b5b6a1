"""The measures of the library, counted by arm, site, period, payer and race or ethnicity, as observed; never a
comparison."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.described.visits import LEAST_MISSED, NOT_RECORDED
from pipeline.analysis.descriptive import DESCRIPTIVE
from pipeline.analysis.headline import Asking
from pipeline.errors import NotEstimable
from pipeline.measures.library import Measure, benchmarks, instruments, measures
from pipeline.results import Result
from pipeline.stats.change.effect_size import ReferenceRegression, severity_adjusted_effect_size
from pipeline.stats.estimate import wald
from pipeline.stats.proportions import wilson
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

NOT_USED = "nobody was measured with this scale at the start; export its scores in assessments"
FINE = ("month", "site and year", "site and period")
READABLE = 0.9  # of the periods of a series: with more small counts than that, most of it would be hidden
TOO_EARLY = "too early: not everybody of this period has been followed for long enough"
TOO_FEW = "too few people for a rate"
LEAST_MEASURED = (
    0.05  # where fewer were ever measured at that time, counting the others as not would describe the measuring alone
)
HARDLY_MEASURED = (
    "hardly anybody was measured at that time (fewer than 1 in 20), so a rate would describe the measuring, not the"
    " people"
)
WORDS = (
    "title",
    "idea",
    "unit",
    "window",
    "numerator",
    "denominator",
    "says",
    "source",
    "evidence",
    "effective_from",
    "direction",
    "missing",
)
YEAR = (  # of a quarter; a recorded year is a period of its own
    "CASE WHEN LENGTH(period) > 4 THEN SUBSTRING(period, 1, 4) END"
)
COUNTED = """
SELECT measure, instrument_id, at_day, arm, {by}, {complete} AS complete,
       SUM(CASE WHEN in_denominator THEN 1 ELSE 0 END) AS people,
       SUM(events) AS events, SUM(chances) AS chances, SUM(events * events) AS events_squared,
       SUM(events * chances) AS events_chances, SUM(chances * chances) AS chances_squared
FROM measure_members
WHERE arm IS NOT NULL
GROUP BY ALL ORDER BY ALL
"""
MEASURED = """
SELECT instrument_id, at_day, window_from, window_to, AVG(CASE WHEN followup_score IS NULL THEN 0 ELSE 1 END) AS share
FROM measure_scores GROUP BY ALL
"""
# How the people of an arm are divided: the columns of each division, and when a part of it is complete.
DIVISIONS: dict[str, tuple[dict[str, str], str]] = {
    "all": ({}, "TRUE"),
    "site": ({"site": "site"}, "TRUE"),
    "period": ({"period": "period"}, "BOOL_AND(period_complete)"),
    "year": ({"period": YEAR}, "BOOL_AND(period_complete)"),
    "site and year": ({"site": "site", "period": YEAR}, "BOOL_AND(period_complete)"),
    "site and period": ({"site": "site", "period": "period"}, "BOOL_AND(period_complete)"),
    "month": ({"period": "month"}, "BOOL_AND(month_complete)"),
    "payer": ({"payer": "payer"}, "TRUE"),
    "race_ethnicity": ({"stratum": "race_ethnicity"}, "TRUE"),
}


def counted(con: duckdb.DuckDBPyConnection, division: str) -> pd.DataFrame:
    """Counts of every measure and arm, divided in this way; a part that nobody named is left out."""
    columns, complete = DIVISIONS[division]
    by = ", ".join([f"{column} AS {name}" for name, column in columns.items()] or ["TRUE AS everybody"])
    frame = con.execute(COUNTED.format(by=by, complete=complete)).df()
    return frame.dropna(subset=list(columns))


def measure_rows(asking: Asking) -> Iterator[Result]:
    """Every measure by arm, and divided as it says it is."""
    library = {measure.id: measure for measure in measures()}
    refused, used = not_measured(asking.warehouse), scales_used(asking.warehouse)
    for division in DIVISIONS:
        frame = counted(asking.warehouse, division)
        rows = [
            row
            for count in frame[frame["arm"].isin(asking.records.arms)].itertuples()
            if wanted(library[count.measure], division, int(count.at_day))
            for row in (
                measure_row(library[count.measure], count, division, asking.study, refused)
                if scales(library[count.measure], count) <= used
                else unused(library[count.measure], count, division, asking.study)
            )
        ]
        yield from rows if division not in FINE else readable_series(rows, asking.study.disclosure.threshold)
    yield from effects(asking)


def readable_series(rows: list[Result], threshold: int) -> Iterator[Result]:
    """The rows of fine divisions whose arm and site have enough people in most periods that the series can be read at
    all."""
    series: dict[tuple[object, ...], list[Result]] = {}
    for row in rows:
        series.setdefault((row.measure, row.outcome, row.day, row.arm, row.site), []).append(row)
    for parts in series.values():
        seen = [row for row in parts if row.numerator is not None and row.denominator is not None]
        large = [
            row for row in seen if min(row.numerator or 0, (row.denominator or 0) - (row.numerator or 0)) >= threshold
        ]
        if len(large) >= READABLE * len(parts):
            yield from parts


def wanted(measure: Measure, division: str, day: int) -> bool:
    """Whether a measure is divided in this way: finer divisions than its own only as charts need them, of retention its
    first day."""
    if division == "all":
        return True
    if division in FINE and measure.rule.kind == "retention" and day != min(measure.rule.days):
        return False
    if division == "month":
        return measure.moves_by == "month"
    if division == "site and period":
        return bool(measure.moves_by)
    return set(division.replace("year", "period").split(" and ")) <= set(measure.shown_by)


def placed(measure: Measure, count: Any, division: str, study: Study) -> dict[str, Any]:
    """The columns that name a row."""
    where = {name: str(getattr(count, name)) for name in DIVISIONS[division][0]}
    return {
        "question": "M",
        "analysis": "measures",
        "population": measure.population,
        "arm": count.arm,
        "measure": measure.id,
        "measure_version": measure.version,
        "unit": "share",
        "outcome": outcome_name(measure, count.instrument_id, study),
        "day": int(count.at_day) or None,
        "target": "observed",
        "estimator": "observed",
        "verdict": DESCRIPTIVE,
        "note": f"Left out: {'; '.join(measure.exclusions)}.",
    } | where


def outcome_name(measure: Measure, instrument: str, study: Study) -> str:
    """The study's own outcome where day and window are the same, else the scale; nothing where no scale is used."""
    rule = measure.rule
    if rule.kind == "course":
        return ""  # judged by two scales together
    own = [o.name for o in study.outcomes if (o.instrument, (o.day,), o.window) == (instrument, rule.days, rule.window)]
    return own[0] if own else instrument


def measure_row(
    measure: Measure, count: Any, division: str, study: Study, refused: set[tuple[str, int]]
) -> Iterator[Result]:
    """One rate with its counts, or the reason why there is none; parts that are too small to be read are not rows of
    their own."""
    row, people = placed(measure, count, division, study), int(count.people)
    if not count.complete:
        yield from [Result(**row, reason=TOO_EARLY)] if "site" not in division else []
    elif measure.missing == "failure" and (count.instrument_id, int(count.at_day)) in refused:
        yield from [Result(**row, reason=HARDLY_MEASURED)] if division == "all" else []
    elif division != "all" and people < measure.least_denominator:
        yield from [Result(**row, reason=TOO_FEW)] if division in ("site", "period") and people else []
    elif measure.rule.kind == "attendance":
        yield kept(count, row)
    else:
        yield rate(int(count.events), people, row)


def rate(events: int, people: int, row: dict[str, Any]) -> Result:
    """Share of the denominator in the numerator with Wilson limits."""
    try:
        found = wilson(events, people)
    except NotEstimable as why:
        return Result(**row, reason=str(why))
    return Result(
        **row,
        estimate=found.estimate,
        low=found.low,
        high=found.high,
        n=people,
        events=events,
        numerator=events,
        denominator=people,
    )


def kept(count: Any, row: dict[str, Any]) -> Result:
    """Visits kept of visits expected, with limits that let a person's visits resemble each other; n counts people, not
    visits."""
    people, share = int(count.people), float(count.events / count.chances) if count.chances else 0.0
    if count.chances and count.events > (1 - LEAST_MISSED) * count.chances:
        return Result(**row, reason=NOT_RECORDED)
    try:
        squares = max(count.events_squared - 2 * share * count.events_chances + share**2 * count.chances_squared, 0.0)
        found = wald(
            share, float(np.sqrt(squares * people / max(people - 1, 1)) / max(count.chances, 1)), df=people - 1.0
        )
    except NotEstimable as why:
        return Result(**row, reason=str(why))
    return Result(
        **row,
        estimate=share,
        se=found.se,
        df=found.df,
        low=max(found.low, 0.0),
        high=min(found.high, 1.0),
        n=people,
        numerator=int(count.events),
        denominator=int(count.chances),
    )


def scales(measure: Measure, count: Any) -> set[str]:
    """The scales that must have been used for the measure to exist."""
    return set(measure.rule.instruments) if measure.rule.kind == "course" else {count.instrument_id} - {""}


def scales_used(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Scales that anybody was measured with at the start."""
    return {name for (name,) in con.execute("SELECT DISTINCT instrument_id FROM measure_scores").fetchall()}


def unused(measure: Measure, count: Any, division: str, study: Study) -> Iterator[Result]:
    """A measure of a scale that nobody used: one refusal for each arm."""
    if division == "all":
        yield Result(**placed(measure, count, division, study), reason=NOT_USED)


def not_measured(con: duckdb.DuckDBPyConnection) -> set[tuple[str, int]]:
    """Scales and days at which hardly anybody was measured."""
    frame = con.execute(MEASURED).df()
    return {(row.instrument_id, int(row.at_day)) for row in frame.itertuples() if row.share < LEAST_MEASURED}


def effects(asking: Asking) -> Iterator[Result]:
    """Change beyond what equally severe people of this study showed, in standard deviations of the score at the
    start."""
    sites = asking.records.people.set_index("episode_id")["site"]
    for measure in (one for one in measures() if one.rule.kind == "effect"):
        for outcome in asking.study.outcomes:
            if outcome.instrument not in measure.rule.instruments or outcome.window != measure.rule.window:
                continue
            scores = asking.records.scores
            scores = scores[(scores["outcome"] == outcome.name) & scores["observed"].fillna(False).astype(bool)]
            both = scores.assign(site=scores["episode_id"].map(sites))
            row = {
                "question": "M",
                "analysis": "measures",
                "population": measure.population,
                "measure": measure.id,
                "measure_version": measure.version,
                "unit": "standard deviations",
                "outcome": outcome.name,
                "day": outcome.day,
                "target": "observed",
                "estimator": "reference regression",
                "verdict": DESCRIPTIVE,
                "note": (
                    f"{measure.source}. Who starts where is not adjusted for. Left out:"
                    f" {'; '.join(measure.exclusions)}."
                ),
            }
            yield from effect_rows(both, measure, instruments()[outcome.instrument]["higher_is"] == "worse", row)


def effect_rows(both: pd.DataFrame, measure: Measure, falls: bool, row: dict[str, Any]) -> Iterator[Result]:
    """By arm, and by site within it where enough people have both scores; sites are the independent units of an arm."""
    before, after = both["baseline_score"].to_numpy(dtype=float), both["followup_score"].to_numpy(dtype=float)
    if len(before) < measure.least_denominator or before.std() == 0:
        yield from (Result(**row, arm=arm, reason=TOO_FEW) for arm in both["arm"].unique())
        return
    slope, intercept = np.polyfit(before, after, 1)
    reference = ReferenceRegression(float(intercept), float(slope), float(before.std(ddof=1)), measure.source)
    for names, people in [*both.groupby("arm", sort=True), *both.groupby(["arm", "site"], sort=True)]:
        arm, site = (names, "") if isinstance(names, str) else names
        if len(people) < measure.least_denominator:
            yield from [Result(**row, arm=arm, reason=TOO_FEW)] if not site else []
            continue
        found = severity_adjusted_effect_size(
            people["baseline_score"],
            people["followup_score"],
            reference=reference,
            worse="higher" if falls else "lower",
        )
        limits = found.mean
        sites = people["site"].to_numpy()
        if not site and len(set(sites)) > 1:
            sums = [(found.person[sites == one] - limits.estimate).sum() for one in sorted(set(sites))]
            spread = np.sqrt(np.square(sums).sum() * len(sums) / (len(sums) - 1)) / len(people)
            limits = wald(limits.estimate, float(spread), df=len(sums) - 1.0)
        yield Result(
            **row,
            arm=arm,
            site=site,
            estimate=limits.estimate,
            se=limits.se,
            df=limits.df,
            low=limits.low,
            high=limits.high,
            n=len(people),
        )


def definition_rows() -> Iterator[Result]:
    """What each measure means, in words, one row per thing said; the rates themselves carry numbers only."""
    for measure in measures():
        said = {name: str(getattr(measure, name)) for name in WORDS} | {"exclusions": "; ".join(measure.exclusions)}
        for name, text in said.items():
            yield Result(
                question="M",
                analysis="measure_definition",
                measure=measure.id,
                measure_version=measure.version,
                stratum=name,
                population=measure.population,
                verdict=DESCRIPTIVE,
                note=text,
            )


def benchmark_rows() -> Iterator[Result]:
    """The published figures that may stand beside a program's own rates: of each series the latest year; never part of
    a comparison."""
    latest = {
        (one["measure"], one["day"], one["population"]): one
        for one in sorted(benchmarks(), key=lambda one: one["year"])
    }
    for one in latest.values():
        value, low, high = (float(one[name]) if one[name] else None for name in ("value", "low", "high"))
        yield Result(
            question="M",
            analysis="benchmark",
            population=one["population"],
            day=int(one["day"]) if one["day"] else None,
            stratum=one["figure_id"],
            measure=one["measure"],
            unit=one["unit"],
            target="published",
            estimate=value,
            low=low,
            high=high,
            verdict=DESCRIPTIVE,
            note=f"{one['source']}, {one['year']}",
        )
