"""Writes the study's choices and the measure library as tables: the only door through which a study enters the SQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipeline.choices.asked import Cost, Outcome
from pipeline.endings import DROPPED_OUT, ENDINGS, IN_CARE
from pipeline.errors import StudyError
from pipeline.levels import AMBULATORY, DAY_ORDER, INTENSITY, UNKNOWN, is_24_hour
from pipeline.measures.library import Measure, asked_of, instruments, level_codes, measures
from pipeline.study import Study, main_outcome

if TYPE_CHECKING:
    import duckdb

COST_MONTH = 30
MONTH = 30  # days after a 24-hour stay within which a person is looked for, for visits by day 7 too
LONGEST_STAY_WEEKS = 1200  # 23 years; a stay longer than that is a chart nobody closed
COLUMNS = {
    "protocol": (
        "study_name STRING, regime STRING, calendar BOOLEAN, washout_days INTEGER, seen_after BOOLEAN,"
        " chain_days INTEGER, transfer_days INTEGER, residential_3_7 STRING, adolescent_iop_hours DOUBLE,"
        " iop_hours DOUBLE, php_hours DOUBLE, iop_day_hours DOUBLE, php_day_hours DOUBLE, retention_gap_days"
        " INTEGER, baseline_from INTEGER, baseline_to INTEGER, stretch_gap_days INTEGER, seed BIGINT,"
        " cost_perspective STRING, cost_kind STRING, cost_currency STRING, cost_price_year INTEGER,"
        " survey_from INTEGER, survey_to INTEGER"
    ),
    "satisfaction_instrument": "priority INTEGER, instrument_id STRING",
    "cost_interval": "starts INTEGER, ends INTEGER",
    "price_factor": "price_year INTEGER, factor DOUBLE",
    "care_level": ("level_of_care STRING, intensity INTEGER, day_order INTEGER, is_24_hour BOOLEAN, gap_days INTEGER"),
    "ending_code": "ending STRING, planned BOOLEAN, dropped_out BOOLEAN",
    "arm_level": "arm STRING, arm_order INTEGER, level_of_care STRING",
    "outcome_definition": (
        "outcome STRING, instrument_id STRING, at_day INTEGER, window_from INTEGER, window_to INTEGER, "
        "baseline_from INTEGER, baseline_to INTEGER, higher_is STRING, rci DOUBLE, best_score DOUBLE"
    ),
    "scoring": (
        "outcome STRING, varied STRING, instrument_id STRING, at_day INTEGER, window_from INTEGER, window_to INTEGER, "
        "baseline_from INTEGER, baseline_to INTEGER, higher_is STRING, rci DOUBLE, best_score DOUBLE"
    ),
    "schedule": "every_days INTEGER, early_half INTEGER, ask_day INTEGER, last_day INTEGER, last_seen_day INTEGER",
    "later_look": "at_day INTEGER, window_from INTEGER, window_to INTEGER",
    "remission_line": "outcome STRING, below DOUBLE",
    "retention_day": "at_day INTEGER",
    "silence_rule": "gap_days INTEGER",
    "confounder_instrument": "role STRING, priority INTEGER, instrument_id STRING, item STRING",
    "instrument": "instrument_id STRING, total_min DOUBLE, total_max DOUBLE, caseness_cut DOUBLE",
    "level_code": (
        "system STRING, code STRING, level_of_care STRING, lower_level STRING, upper_level STRING, strength STRING"
    ),
    "week_number": "week INTEGER",
    "measure_definition": (
        "measure STRING, version STRING, kind STRING, event STRING, unit STRING, instrument_id STRING,"
        " other_instrument_id STRING, at_day INTEGER, window_from INTEGER, window_to INTEGER, pick STRING, cases"
        " BOOLEAN, finished BOOLEAN, least_age INTEGER, sud_only BOOLEAN, missing STRING, observe_days INTEGER,"
        " within_days INTEGER, further_days INTEGER, rci DOUBLE, caseness DOUBLE, other_rci DOUBLE, other_caseness"
        " DOUBLE, response_drop DOUBLE, remission_below DOUBLE"
    ),
}


def write_protocol(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    """Creates the study tables.  Raises StudyError for a survey that cannot be read as satisfaction."""
    facts = con.execute("SELECT calendar FROM staging.facts").fetchall()
    calendar = bool(facts and facts[0][0])
    rows = {
        "protocol": [protocol_row(study, calendar)],
        "care_level": care_levels(study),
        "ending_code": ending_codes(),
        "arm_level": [
            (arm, order, level) for order, (arm, levels) in enumerate(study.arms.items(), start=1) for level in levels
        ],
        "outcome_definition": [outcome_row(outcome) for outcome in study.outcomes],
        "scoring": [
            (outcome.name, varied, *outcome_row(chosen, rci)[1:])
            for outcome in study.outcomes
            for varied, chosen, rci in ways_to_score(outcome, study)
        ],
        "silence_rule": [(gap,) for gap in sorted({study.retention.gap_days, *study.sensitivity.retention_gap_days})],
        "schedule": [schedule_row(study)],
        "later_look": [(study.durability.day, *study.durability.window)],
        "remission_line": [remission_row(outcome) for outcome in study.outcomes],
        "retention_day": [(day,) for day in sorted(set(study.retention.days))],
        "confounder_instrument": confounder_rows(study),
        "instrument": [instrument_row(row) for row in instruments().values()],
        "level_code": [code_row(row) for row in level_codes()],
        "cost_interval": cost_intervals(study.cost),
        "price_factor": price_factors(study.cost),
        "satisfaction_instrument": satisfaction_rows(study),
        "week_number": [(week,) for week in range(LONGEST_STAY_WEEKS)],
        "measure_definition": [row for measure in measures() for row in measure_rows(measure, study)],
    }
    for name, content in rows.items():
        write_table(con, name, content)


def write_table(con: duckdb.DuckDBPyConnection, name: str, rows: Iterable[Sequence[Any]]) -> None:
    """One study table; sent as one JSON text, because a bound row at a time is slow."""
    columns = [column.split() for column in COLUMNS[name].split(", ")]
    con.execute(f"CREATE OR REPLACE TABLE {name} ({COLUMNS[name]})")
    content = json.dumps([dict(zip([column for column, _ in columns], row, strict=True)) for row in rows])
    shape = json.dumps([{column: "VARCHAR" if kind == "STRING" else kind for column, kind in columns}])
    con.execute(
        f"INSERT INTO {name} SELECT row.* FROM (SELECT UNNEST(from_json(CAST(? AS JSON), '{shape}')) AS row)", [content]
    )


def protocol_row(study: Study, calendar: bool) -> tuple[Any, ...]:
    """The study's single numbers, in the order of COLUMNS."""
    chosen = study.episodes
    window = (main_outcome(study) or Outcome()).baseline_window
    gaps = longest_gaps(study)
    return (
        study.name,
        study.study.regime,
        calendar,
        chosen.washout_days,
        chosen.seen_after,
        chosen.chain_days,
        chosen.transfer_days,
        chosen.residential_3_7,
        chosen.adolescent_iop_hours,
        chosen.iop_hours,
        chosen.php_hours,
        chosen.iop_day_hours,
        chosen.php_day_hours,
        study.retention.gap_days,
        window[0],
        window[1],
        max(gaps[level] for level in AMBULATORY),
        study.study.seed,
        study.cost.perspective,
        study.cost.amount_kind,
        study.cost.currency,
        study.cost.price_year,
        *study.satisfaction.window,
    )


def satisfaction_rows(study: Study) -> list[tuple[int, str]]:
    """The survey instruments in the study's order.  Raises StudyError for one whose higher score does not mean more
    content."""
    for name in study.satisfaction.instruments:
        if instruments().get(name, {}).get("higher_is") != "better":
            raise StudyError(
                f"study.toml [satisfaction] instruments: {name} is not in the measure library with a higher score"
                " meaning more content; CSQ8 and WAISR are"
            )
    return list(enumerate(study.satisfaction.instruments, start=1))


def cost_intervals(cost: Cost) -> list[tuple[int, int]]:
    """Spans of days in which costs are added up, first day and the day after the last: months, cut where a declared
    period ends."""
    ends = sorted({*range(COST_MONTH, max(cost.days), COST_MONTH), *cost.days})
    return list(zip([0, *ends], ends, strict=False))


def price_factors(cost: Cost) -> list[tuple[int, float]]:
    """What an amount of each year is multiplied by to stand in the price year; empty where no year was chosen."""
    if not cost.price_year:
        return []
    level = dict(cost.price_index) or {str(cost.price_year): 1.0}
    return [(int(year), level[str(cost.price_year)] / index) for year, index in sorted(level.items())]


def schedule_row(study: Study) -> tuple[int, ...]:
    """The marks; early_half: how many days past a mark still belong to it rather than to the next, less the tie."""
    every = study.schedule.every_days
    return every, (every - 1) // 2, study.schedule.day, study.schedule.last_day, study.schedule.last_day + every // 2


def remission_row(outcome: Outcome) -> tuple[str, float | None]:
    """The score below which the library calls it remission; nothing where the scale has no such line or runs the other
    way."""
    known = instruments()[outcome.instrument]
    return outcome.name, number(known["remission_below"]) if known["higher_is"] == "worse" else None


def longest_gaps(study: Study) -> dict[str, int]:
    """Longest silence within one stay by level; an unknown level gets the longest, so that it is not cut into many."""
    gaps = dict(study.episodes.gap_days)
    return gaps | {UNKNOWN: max(gaps.values())}


def care_levels(study: Study) -> list[tuple[str, int, int | None, bool, int]]:
    """By level: intensity for step-up and step-down (0: never compared), the order in which levels set the day (none
    for events), whether people sleep there, and the longest silence within one stay."""
    order = {level: place for place, level in enumerate(DAY_ORDER, start=1)}
    return [
        (level, INTENSITY.get(level, 0), order.get(level), is_24_hour((level,)), gap)
        for level, gap in longest_gaps(study).items()
    ]


def ending_codes() -> list[tuple[str, bool | None, bool]]:
    """By ending: what it says of the plan, and whether it is dropping out; care that goes on is neither."""
    return [*((one.code, one.planned, one.group == DROPPED_OUT) for one in ENDINGS), (IN_CARE, None, False)]


def ways_to_score(outcome: Outcome, study: Study) -> Iterator[tuple[str, Outcome, float | None]]:
    """The study's own way ('' as its name), then each way its sensitivity rows ask for: name, outcome, reliable change
    index."""
    yield "", outcome, None
    first, last = outcome.window
    for factor in study.sensitivity.window_factors:
        window = (
            outcome.day - round(factor * (outcome.day - first)),
            outcome.day + round(factor * (last - outcome.day)),
        )
        if window != outcome.window:
            yield f"scores from day {window[0]} to {window[1]}", replace(outcome, window=window), None
    if study.sensitivity.baseline_to > outcome.baseline_window[1]:
        baseline = (outcome.baseline_window[0], study.sensitivity.baseline_to)
        yield f"score at start up to day {baseline[1]}", replace(outcome, baseline_window=baseline), None
    known = instruments().get(outcome.instrument, {})
    for name, column in (("internal consistency", "rci_from_alpha"), ("retest reliability", "rci_from_retest")):
        other = number(known.get(column, ""))
        if other is not None and other > 0:
            yield f"reliable by {name}", outcome, other


def outcome_row(outcome: Outcome, rci: float | None = None) -> tuple[Any, ...]:
    """One outcome with what the library knows of its instrument; rci in place of the library's reliable change
    index."""
    known = instruments()[outcome.instrument]
    best = {"worse": "total_min", "better": "total_max"}[known["higher_is"]]
    return (
        outcome.name,
        outcome.instrument,
        outcome.day,
        *outcome.window,
        *outcome.baseline_window,
        known["higher_is"],
        number(known["rci_default"]) if rci is None else rci,
        number(known[best]),
    )


def confounder_rows(study: Study) -> list[tuple[str, int, str, str]]:
    """The instruments of each confounder in the study's order; `PHQ9:item_9` names one item."""
    return [
        (role, priority, *named.partition(":")[::2])
        for role, names in study.confounders.instruments.items()
        for priority, named in enumerate(names, start=1)
    ]


def instrument_row(row: dict[str, str]) -> tuple[Any, ...]:
    return (row["instrument_id"], number(row["total_min"]), number(row["total_max"]), number(row["caseness_cut"]))


def measure_rows(measure: Measure, study: Study) -> list[tuple[Any, ...]]:
    """One row per instrument and day a measure is asked at; a course is judged by its two instruments together."""
    rule, known = measure.rule, instruments()
    window = rule.window or (None, None)

    def facts(name: str, *columns: str) -> list[float | None]:
        return [number(known[name][column]) if name else None for column in columns]

    return [
        (
            measure.id,
            measure.version,
            rule.kind,
            rule.event,
            measure.unit,
            one,
            other,
            day,
            *window,
            rule.pick,
            rule.cases,
            rule.finished,
            rule.least_age,
            rule.sud_only,
            measure.missing,
            days_observed(measure, day, study),
            rule.within_days,
            rule.further_days,
            *facts(one, "rci_default", "caseness_cut"),
            *facts(other, "rci_default", "caseness_cut"),
            *facts(one, "response_drop", "remission_below"),
        )
        for (one, other), day in asked_of(measure)
    ]


def days_observed(measure: Measure, day: int, study: Study) -> int:
    """How many days after the start, or after leaving, must have been seen before anybody can say how it went."""
    rule = measure.rule
    return {
        "scores": lambda: rule.window[1],
        "effect": lambda: rule.window[1],
        "retention": lambda: day + study.retention.gap_days,
        "attendance": lambda: day,
        "engagement": lambda: rule.within_days + rule.further_days,
        "stays": lambda: MONTH,
        "course": lambda: max(longest_gaps(study).values()),
    }[rule.kind]()


def code_row(row: dict[str, str]) -> tuple[Any, ...]:
    """A billing code; `PHP_or_IOP` keeps its two levels apart, the less intense first."""
    either = sorted(row["level_of_care"].split("_or_"), key=lambda level: INTENSITY.get(level, 0))
    lower, upper = either if len(either) == 2 else (None, None)
    level = None if lower or row["level_of_care"] == "none" else row["level_of_care"]
    return (row["system"], row["code"], level, lower, upper, row["strength"])


def number(text: str) -> float | None:
    """A cell of the library as a number; nothing where it is empty."""
    return float(text) if text else None
