"""The measures of the library, counted by arm, site, period, payer and race or ethnicity, as observed; never a
comparison."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.described.measure_parts import (
    ASKED,
    PARTS,
    all_levels,
    columns_of,
    counted,
    halves,
    latest_year,
    whole_quarters,
)
from pipeline.analysis.described.visits import LEAST_MISSED, NOT_RECORDED
from pipeline.analysis.headline import Asking
from pipeline.errors import NotEstimable
from pipeline.measures.library import Measure, asked_of, benchmarks, instruments, measures
from pipeline.results import Result, Verdict
from pipeline.stats.change.effect_size import ReferenceRegression, severity_adjusted_effect_size
from pipeline.stats.estimate import wald
from pipeline.stats.proportions import wilson
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

NOT_USED = "nobody was measured with this scale at the start; export its scores in assessments"
READABLE = 0.9  # of the periods of a series: with more small counts than that, most of it would be hidden
TOO_EARLY = "too early: not everybody of this period has been followed for long enough"
TOO_FEW = "too few people for a rate"
SAID_TOO_FEW = ("site", "period", "12 months")  # elsewhere what is too small is no row of its own
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
MEASURED = """
SELECT instrument_id, at_day, window_from, window_to, AVG(CASE WHEN followup_score IS NULL THEN 0 ELSE 1 END) AS share
FROM measure_scores GROUP BY ALL
"""


def measure_rows(asking: Asking) -> Iterator[Result]:
    """Every measure by arm, and divided as it says it is; then changes beyond what was expected."""
    yield from counted_rows(asking)
    yield from effects(asking)


def counted_rows(asking: Asking) -> Iterator[Result]:
    """Every counted measure by arm, divided as it says it is; of scales that nobody used one refusal for each arm."""
    refused, used = not_measured(asking.warehouse), scales_used(asking.warehouse)
    counts = {division: of_arms(asking, division) for division in ("all", "period", "year", "month")}

    def rows(division: str, frame: pd.DataFrame) -> list[Result]:
        return rows_of(division, frame, asking.study, refused)

    yield from unused(asking, used)
    yield from rows("all", counts["all"])
    for division in ("period", "year"):
        yield from rows(division, counts[division])
    yield from readable_series(rows("month", counts["month"]), asking.study.disclosure.threshold)
    quarters = whole_quarters(counts["period"])
    yield from coarser_series(rows("period", counts["period"]), rows("half", halves(quarters)))
    yield from rows("12 months", by_level_and_all(latest_year(quarters, [])))
    for part in PARTS:
        yield from rows(part, parts_of(asking, part))


def of_arms(asking: Asking, *divisions: str) -> pd.DataFrame:
    """The counts of the study's arms."""
    frame = counted(asking.warehouse, *divisions)
    return frame[frame["arm"].isin(asking.records.arms)]


def by_level_and_all(frame: pd.DataFrame) -> pd.DataFrame:
    """Counts of each level, then of all of them together."""
    import pandas as pd

    return pd.concat([frame, all_levels(frame, ["period"])]) if len(frame) else frame


def parts_of(asking: Asking, part: str) -> pd.DataFrame:
    """The counts of a part in the latest twelve months, of measures without any, in all that is known; sites by level,
    payers and races of all levels together."""
    import numpy as np
    import pandas as pd

    by = columns_of(part)
    latest = latest_year(whole_quarters(of_arms(asking, "period", part)), by)
    known = set(map(tuple, latest[ASKED].itertuples(index=False)))
    ever = of_arms(asking, part)
    new = [row not in known for row in map(tuple, ever[ASKED].itertuples(index=False))]
    ever = ever[np.array(new, dtype=bool)]  # an empty list would choose no columns
    if part == "site":
        return pd.concat([latest, ever])
    return pd.concat([all_levels(latest, [*by, "period"]), all_levels(ever, by)])


def rows_of(division: str, frame: pd.DataFrame, study: Study, refused: set[tuple[str, int]]) -> list[Result]:
    """The rows of one division, of the measures that are divided so."""
    library = {measure.id: measure for measure in measures()}
    return [
        row
        for count in frame.itertuples()
        if wanted(library[count.measure], division, int(count.at_day))
        for row in measure_row(library[count.measure], count, division, study, refused)
    ]


def coarser_series(quarters: list[Result], by_half: list[Result]) -> Iterator[Result]:
    """Half-years of the measures most of whose quarters have too few people for a rate; one grain for all levels.

    Never beside quarters that are counted: two of them add up to a half-year, so that one more would have to be hidden
    for each that is small.
    """
    counts: dict[tuple[object, ...], list[bool]] = {}
    for row in quarters:
        if row.reason != TOO_EARLY:
            counts.setdefault(series_of(row), []).append(row.denominator is not None)
    fine = {key for key, counted in counts.items() if 2 * sum(counted) >= len(counted)}
    yield from (row for row in by_half if series_of(row) not in fine)


def series_of(row: Result) -> tuple[object, ...]:
    """What a row is about, whatever its level, site and period."""
    return (row.measure, row.outcome, row.day)


def readable_series(rows: list[Result], threshold: int) -> Iterator[Result]:
    """The rows of months whose arm has enough people in most of them that the series can be read at all."""
    series: dict[tuple[object, ...], list[Result]] = {}
    for row in rows:
        series.setdefault((*series_of(row), row.arm), []).append(row)
    for parts in series.values():
        seen = [row for row in parts if row.numerator is not None and row.denominator is not None]
        large = [
            row for row in seen if min(row.numerator or 0, (row.denominator or 0) - (row.numerator or 0)) >= threshold
        ]
        if len(large) >= READABLE * len(parts):
            yield from parts


def wanted(measure: Measure, division: str, day: int) -> bool:
    """Whether a measure is divided in this way; by month only where its chart needs it, of retention its first day."""
    if division in ("all", "12 months"):
        return True
    if division == "month":
        return measure.moves_by == "month" and (measure.rule.kind != "retention" or day == min(measure.rule.days))
    return {"year": "period", "half": "period"}.get(division, division) in measure.shown_by


def placed(measure: Measure, count: Any, division: str, study: Study) -> dict[str, Any]:
    """The columns that name a row."""
    where = {
        name: str(value)
        for name in ("site", "period", "payer", "stratum")
        if isinstance(value := getattr(count, name, None), str)
    }
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
        "verdict": Verdict.DESCRIPTIVE,
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
        yield from [Result(**row, reason=TOO_FEW)] if division in SAID_TOO_FEW and people else []
    elif measure.rule.kind == "attendance":
        yield kept(count, row)
    else:
        yield rate(int(count.events), people, row)


def rate(events: int, people: int, row: dict[str, Any]) -> Result:
    """Share of the denominator in the numerator with Wilson limits."""
    try:
        counts = {"n": people, "events": events, "numerator": events, "denominator": people}
        return Result(**row).limited(wilson(events, people), **counts)
    except NotEstimable as why:
        return Result(**row, reason=str(why))


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
    possible = {"low": max(found.low, 0.0), "high": min(found.high, 1.0), "p": None}
    counts = {"n": people, "numerator": int(count.events), "denominator": int(count.chances)}
    return Result(**row).filled(found, sign=None, **possible | counts)


def scales_used(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Scales that anybody was measured with at the start."""
    return {name for (name,) in con.execute("SELECT DISTINCT instrument_id FROM measure_scores").fetchall()}


def unused(asking: Asking, used: set[str]) -> Iterator[Result]:
    """Measures of scales that nobody used, which the warehouse does not count: one refusal for each arm."""
    for measure in measures():
        for pair, day in asked_of(measure) if measure.rule.kind in ("scores", "course") else ():
            if not {*pair} - {""} <= used:
                for arm in asking.records.arms:
                    count = SimpleNamespace(arm=arm, instrument_id=pair[0], at_day=day)
                    yield Result(**placed(measure, count, "all", asking.study), reason=NOT_USED)


def not_measured(con: duckdb.DuckDBPyConnection) -> set[tuple[str, int]]:
    """Scales and days at which hardly anybody was measured."""
    frame = con.execute(MEASURED).df()
    return {(row.instrument_id, int(row.at_day)) for row in frame.itertuples() if row.share < LEAST_MEASURED}


def effects(asking: Asking) -> Iterator[Result]:
    """Change beyond what equally severe people of this study showed, in standard deviations of the score at the
    start."""
    people = asking.records.people.set_index("episode_id")
    for measure in (one for one in measures() if one.rule.kind == "effect"):
        for outcome in asking.study.outcomes:
            if outcome.instrument not in measure.rule.instruments or outcome.window != measure.rule.window:
                continue
            scores = asking.records.scores
            scores = scores[(scores["outcome"] == outcome.name) & scores["observed"].fillna(False).astype(bool)]
            both = scores.assign(**{name: scores["episode_id"].map(people[name]) for name in ("arm", "site")})
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
                "verdict": Verdict.DESCRIPTIVE,
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
        yield Result(**row, arm=arm, site=site, n=len(people)).filled(limits, sign=None, p=None)


def definition_rows(asking: Asking) -> Iterator[Result]:
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
                verdict=Verdict.DESCRIPTIVE,
                note=text,
            )


def benchmark_rows(asking: Asking) -> Iterator[Result]:
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
            verdict=Verdict.DESCRIPTIVE,
            note=f"{one['source']}, {one['year']}",
        )
