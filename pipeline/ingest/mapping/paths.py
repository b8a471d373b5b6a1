"""Paths into JSON: `period.start`, `type.0.coding.0.code`, `code.coding[system=loinc.org].code`, `value[x]`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.storage.quoting import literal, name

STEP = re.compile(r"([^.\[\]]+)(?:\[([^\]]*)\])?(?:\.|$)")
ANY_TYPE = "value[x]"  # as HL7 writes an element that may be of several types
REFERENCE = ".reference"
TYPES = (
    *("valueQuantity.value", "valueInteger", "valueDecimal", "valueCoding.code"),
    *("valueCodeableConcept.coding.0.code", "valueString", "valueBoolean"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: an element or a place in a list, and of a list's objects the first whose part ends so."""

    element: str
    part: str = ""
    ends: str = ""


def steps_of(path: str) -> tuple[Step, ...]:
    """The steps of a path; none where it is not written as one."""
    found = list(STEP.finditer(path.strip()))
    if "".join(step[0] for step in found) != path.strip():
        return ()
    return tuple(Step(step[1], *(step[2] or "").partition("=")[::2]) for step in found)


def leads_somewhere(column: str, columns: Mapping[str, str]) -> bool:
    """Whether a path starts in a column that the file has."""
    return bool(path_sql(column, columns, ""))


def starts_in(column: str, columns: Mapping[str, str]) -> list[str]:
    """The columns in which a path starts, in lower case."""
    if column.strip().lower() in columns:
        return [column.strip().lower()]
    before = column.strip().removesuffix(ANY_TYPE)
    paths = [before + one for one in TYPES] if before != column.strip() else [before]
    outer = [steps_of(path)[0].element.lower() for path in paths if steps_of(path)]
    return [one for one in outer if one in columns]


def path_sql(column: str, columns: Mapping[str, str], prefix: str) -> str:
    """SQL of the text that a path leads to; empty where no column of the file is its first step.

    columns  theirs in lower case -> as the file spells them
    """
    whole = columns.get(column.strip().lower())
    if whole is not None:
        return f"CAST({prefix}{name(whole)} AS VARCHAR)"
    path, any_type = column.strip().removesuffix(f".{ANY_TYPE}"), column.strip().endswith(f".{ANY_TYPE}")
    if path == ANY_TYPE:
        found = [path_sql(one, columns, prefix) for one in TYPES]
        return f"COALESCE({', '.join(filter(None, found))})" if any(found) else ""
    steps = steps_of(path)
    outer = columns.get(steps[0].element.lower()) if steps else None
    if outer is None or (len(steps) < 2 and not steps[0].part):
        return ""
    made, within = followed(f"to_json({prefix}{name(outer)})", steps)
    if any_type:
        ends = ", ".join(literal(within + "".join(map(json_step, one.split(".")))) for one in TYPES)
        return f"list_filter(json_extract_string({made}, [{ends}]), lambda one: one IS NOT NULL)[1]"
    text = f"({made} ->> {literal(within)})"
    return bare_id(text) if path.endswith(REFERENCE) else text


def followed(start: str, steps: Sequence[Step]) -> tuple[str, str]:
    """SQL of JSON and the plain path within it at whose end the value is; `start` is the JSON of the first element."""
    outer = steps[0]
    made, path = start, "$"
    if outer.part:
        made = first_that_ends(f"json_object({literal(outer.element)}, {start})", "$", outer)
    for step in steps[1:]:
        if step.part:
            made, path = first_that_ends(made, path, step), "$"
        else:
            path += json_step(step.element)
    return made, path


def first_that_ends(json: str, path: str, step: Step) -> str:
    """SQL of the first object whose part ends as the step says, in a list or in those of the same name within it."""
    part = "$" + "".join(json_step(one) for one in step.part.split("."))
    ends = f"ends_with(lower(one ->> {literal(part)}), {literal(step.ends.lower())})"
    lists = f"json_extract({json}, {literal(f'{path}..{step.element}')})"
    every = f"flatten(list_transform({lists}, lambda each: TRY_CAST(each AS JSON[])))"
    return f"list_filter({every}, lambda one: COALESCE({ends}, FALSE))[1]"


def json_step(element: str) -> str:
    cleaned = element.replace('"', "")
    return f"[{cleaned}]" if cleaned.isdigit() else f'."{cleaned}"'


def bare_id(reference: str) -> str:
    """SQL of the id within a reference: `Patient/p01`, `Patient/p01/_history/2`, `Patient?identifier=system|p01`."""
    return f"NULLIF(regexp_extract(regexp_replace({reference}, '/_history/.*$', ''), '([^/|:]+)$', 1), '')"
