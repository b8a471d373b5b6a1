"""The SQL that makes one row per instrument of a survey in wide form: items recoded, totals made as the scale says."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.ingest.mapping.expressions import Writer
from pipeline.ingest.mapping.grammar import Survey
from pipeline.ingest.mapping.numbers import number_sql
from pipeline.ingest.mapping.value_lists import translated
from pipeline.measures.library import instruments, scoring
from pipeline.storage.quoting import literal, name

ITEM = "item_{}"
WORST = "worst of five"  # how a total is made, in instrument_scoring.csv
SHARED = "= "  # before the name of a column of ours, which theirs may be called too


def survey_sql(writer: Writer, survey: Survey, shared: Sequence[str], base: str) -> list[str]:
    """SELECTs over `base`, whose columns are theirs and, under our names, the `shared` ones: the total and each
    subscale."""
    rows = [total_sql(writer, survey, shared, base)] if survey.items or survey.total else []
    for subscale, column in survey.subscales:
        score = number_sql(writer.theirs(column), writer.block.decimal)
        rows.append(
            f"SELECT {columns(shared)}, {literal(survey.instrument)} AS instrument_id, {literal(subscale)} AS subscale,"
            f" {score} AS score FROM {base} WHERE {writer.theirs(column)} IS NOT NULL"
        )
    return rows


def columns(shared: Sequence[str]) -> str:
    return ", ".join(["_row", *(f"{name(SHARED + column)} AS {name(column)}" for column in shared)])


def total_sql(writer: Writer, survey: Survey, shared: Sequence[str], base: str) -> str:
    """One row for each administration with a total: made from its items where enough were answered, else as the file
    gives it where it gives no items."""
    given = number_sql(writer.theirs(survey.total), writer.block.decimal) if survey.total else "NULL"
    start = f"{literal(survey.instrument)} AS instrument_id"
    if not survey.items:
        return f"SELECT {columns(shared)}, {start}, {given} AS score FROM {base} WHERE {given} IS NOT NULL"
    items = [f"{item_sql(writer, survey, item)} AS {ITEM.format(place)}" for place, item in enumerate(survey.items, 1)]
    inner = f"SELECT {columns(shared)}, {', '.join(items)}, {given} AS given FROM {base}"
    answered = " + ".join(f"CAST({ITEM.format(place)} IS NOT NULL AS INTEGER)" for place in numbers(survey))
    counted = f"SELECT *, {answered} AS n_items_answered FROM ({inner}) AS coded"
    score = f"CASE WHEN n_items_answered = 0 THEN given ELSE {made_total(survey)} END"
    mine = ", ".join(["_row", *map(name, shared)])
    kept = f"{score} AS score, n_items_answered{kept_items(survey)}"
    return f"SELECT {mine}, {start}, {kept} FROM ({counted}) AS counted WHERE {score} IS NOT NULL"


def numbers(survey: Survey) -> range:
    return range(1, len(survey.items) + 1)


def item_sql(writer: Writer, survey: Survey, item: str) -> str:
    """An answer as the instrument codes it; NULL where it is none that the instrument can give."""
    known, rule = instruments()[survey.instrument], scoring().get(survey.instrument)
    cell = writer.theirs(item)
    if survey.answers:
        cell = translated(cell, survey.answers)
    value = f"TRY_CAST({cell} AS DOUBLE)"
    if survey.lowest is not None and known["item_min"]:
        value = f"({value} - {survey.lowest - float(known['item_min'])})"
    if not known["item_min"]:
        return value
    whole = f" AND {value} = floor({value})" if rule and rule["whole"] == "yes" else ""
    return f"CASE WHEN {value} BETWEEN {known['item_min']} AND {known['item_max']}{whole} THEN {value} END"


def made_total(survey: Survey) -> str:
    """The total of answered items, each missing one counted as their mean; NULL where too few were answered."""
    known, rule = instruments()[survey.instrument], scoring().get(survey.instrument)
    if rule is None:
        return "given"
    if rule["total"] == WORST:
        return worst_ideation()
    most = len(survey.items) - int(known["max_missing_items"] or 0)
    mean = f"(({' + '.join(turned(survey, place) for place in numbers(survey))}) / n_items_answered)"
    low, high = known["item_min"], known["item_max"]
    made = {"sum": f"{mean} * {len(survey.items)}", "mean": mean, "range": f"({mean} - {low}) / ({high} - {low})"}[
        rule["total"]
    ]
    made = f"round({made})" if rule["whole"] == "yes" else made
    return f"CASE WHEN n_items_answered >= {most} THEN CAST({made} * {rule['factor']} AS VARCHAR) END"


def worst_ideation() -> str:
    """The last of the five ideation items of the C-SSRS that is a yes, 0 where none is; the sixth is behavior.

    The form skips the third to fifth where the second is a no.  NULL where an answer that it asks for is not there, but
    of a yes to the fifth: there is nothing worse.
    """
    cases = [f"WHEN {ITEM.format(place)} = 1 THEN '{place}'" for place in range(5, 0, -1)]
    asked = " OR ".join(f"{ITEM.format(place)} IS NULL" for place in (3, 4, 5))
    gaps = f"item_1 IS NULL OR item_2 IS NULL OR (item_2 = 1 AND ({asked}))"
    return f"CASE {cases[0]} WHEN {gaps} THEN NULL {' '.join(cases[1:])} ELSE '0' END"


def turned(survey: Survey, place: int) -> str:
    """An item's part of the sum; items that count the other way round are turned."""
    known = instruments()[survey.instrument]
    said = scoring()[survey.instrument]["reversed_items"].split()
    back = survey.reverse if survey.reverse is not None else tuple(map(int, said))
    item = f"COALESCE({ITEM.format(place)}, 0)"
    if place not in back:
        return item
    return f"CASE WHEN {ITEM.format(place)} IS NULL THEN 0 ELSE {known['item_min']} + {known['item_max']} - {item} END"


def kept_items(survey: Survey) -> str:
    """Single items go on for free instruments alone."""
    if not instruments()[survey.instrument]["license_class"].startswith("free"):
        return ""
    return "".join(f", CAST({ITEM.format(place)} AS VARCHAR) AS {ITEM.format(place)}" for place in numbers(survey))
