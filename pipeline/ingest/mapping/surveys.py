"""Surveys in wide form: one row of the file is one administration of each of its instruments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pipeline.ingest.mapping.grammar import Survey, Values
from pipeline.ingest.mapping.told import Where, number, text, texts
from pipeline.ingest.mapping.value_lists import values_called
from pipeline.measures.library import instruments, scoring

SEVERAL = re.compile(r"(.*)\{(\d+)-(\d+)\}(.*)")
KEYS = ("items", "total", "answers", "lowest", "reverse", "subscales")


def read_survey(instrument: str, told: Any, where: Where, lists: Mapping[str, Values]) -> Survey:
    """`PHQ9 = "phq9_total"`, or `PHQ9 = { items = "phq9_{1-9}", total = "phq9_total" }`.  Raises StudyError."""
    if isinstance(told, str):
        return Survey(instrument, total=told)
    where.refuse_unknown(told, KEYS)
    items = tuple(item for one in texts(told.get("items", []), where) for item in spelled_out(one))
    subscales = told.get("subscales", {})
    where.refuse_unknown(subscales, tuple(subscales) if isinstance(subscales, Mapping) else ())
    survey = Survey(
        instrument,
        items,
        text(told.get("total", ""), where),
        tuple((subscale, text(column, where)) for subscale, column in subscales.items()),
        values_called(told["answers"], where, lists, "answers") if "answers" in told else None,
        number(told["lowest"], where) if "lowest" in told else None,
        reverse(told["reverse"], where) if "reverse" in told else None,
    )
    check(survey, where)
    return survey


def spelled_out(items: str) -> list[str]:
    """`phq9_{1-9}` as the nine columns it stands for."""
    found = SEVERAL.fullmatch(items)
    if not found:
        return [items]
    before, first, last, behind = found.groups()
    return [f"{before}{place:0{len(first)}d}{behind}" for place in range(int(first), int(last) + 1)]


def reverse(told: Any, where: Where) -> tuple[int, ...]:
    if not isinstance(told, list):
        raise where.error("reverse is a list of item numbers, such as [2, 3]")
    return tuple(int(number(item, where)) for item in told)


def check(survey: Survey, where: Where) -> None:
    """Refuses a line that names no score, another number of items than the instrument has, or items whose total the
    library does not know how to make."""
    known = instruments()[survey.instrument]
    if not (survey.items or survey.total or survey.subscales):
        raise where.error('say where the score is: total = "…", or items = "phq9_{1-9}"')
    if not survey.items:
        return
    if known["items"] and len(survey.items) != int(known["items"]):
        raise where.error(f"{survey.instrument} has {known['items']} items, and {len(survey.items)} are named")
    if survey.instrument not in scoring() and not survey.total:
        raise where.error(
            f"the total of {survey.instrument} cannot be made from its items here; name its total or its subscales"
        )
