"""Reads the measure library: its tables, and one TOML file per measure; editable files, never constants in code."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, get_origin, get_type_hints

from pipeline.errors import StudyError

HERE = Path(__file__).parent
ALLOWED = {
    "unit": ("person", "course", "stay"),
    "direction": ("more is better", "fewer is better", "neutral"),
    "missing": ("failure", "observed", "none"),
    "moves_by": ("", "month", "quarter"),
    "evidence": ("V", "V2", "C", "D"),
    "shown_by": ("site", "period", "payer", "race_ethnicity"),
    "pick": ("", "nearest", "latest"),
}
EVENTS = {
    "scores": (
        "measured at the start",
        "measured again",
        "reliably better",
        "reliably worse",
        "recovered",
        "halved",
        "remitted",
    ),
    "course": ("recovered", "reliably recovered", "reliably better", "reliably worse"),
    "retention": ("any level", "level started"),
    "attendance": ("",),
    "engagement": ("initiated", "engaged", "engaged from the start"),
    "stays": ("seen", "readmitted"),
    "effect": ("",),
}
NEEDS = {
    "scores": ("instruments", "days", "window", "pick"),
    "course": ("instruments", "window"),
    "retention": ("days",),
    "attendance": ("days",),
    "engagement": ("further_days",),
    "stays": ("days",),
    "effect": ("instruments", "days", "window", "pick"),
}


@dataclass(frozen=True, slots=True)
class MeasureRule:
    """How a measure is counted: a kind of count, its event, and the numbers it needs.

    kind        scores · course (NHS style) · retention · attendance · engagement · stays · effect
    instruments scales the measure is asked of, one by one; the two of a course together
    days        days after the start, or after leaving, that it is asked at
    window, pick  days between which the later score may lie, and which of several counts
    cases       only people at the cutoff or worse at the start
    finished    only courses of two contacts or more
    within_days, further_days   windows of initiation and of engagement
    """

    kind: str
    event: str = ""
    instruments: tuple[str, ...] = ()
    days: tuple[int, ...] = ()
    window: tuple[int, ...] = ()
    pick: str = ""
    cases: bool = False
    finished: bool = False
    least_age: int = 0
    sud_only: bool = False
    within_days: int = 0
    further_days: int = 0


@dataclass(frozen=True, slots=True)
class Measure:
    """One versioned measure in words, and the rule that counts it.

    idea       what it is one definition of; several definitions of one idea stand side by side
    says       the sentence of a page, with {number} of a hundred and {day}
    missing    failure: whoever was not measured stays in the denominator as not; observed: leaves it; none: cannot be
               missing
    moves_by   the shortest period it is charted by; shown_by  what it is broken down by
    """

    id: str
    version: str
    title: str
    idea: str
    unit: str
    population: str
    window: str
    numerator: str
    denominator: str
    exclusions: tuple[str, ...]
    says: str
    source: str
    evidence: str
    effective_from: str
    direction: str
    missing: str
    least_denominator: int
    rule: MeasureRule
    effective_to: str = ""
    moves_by: str = ""
    shown_by: tuple[str, ...] = field(default=())


@cache
def measures() -> tuple[Measure, ...]:
    """Every measure of the library, by id.  Raises StudyError for a file that does not say what it must, or says what
    nothing reads."""
    return tuple(read_measure(path) for path in sorted(HERE.glob("*.toml")))


def read_measure(path: Path) -> Measure:
    """One measure.  Raises StudyError where a key is unknown, missing or of the wrong kind, or words and rule do not
    fit."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as fault:
        raise StudyError(f"{path.name} is not valid TOML: {fault}") from None
    rule = filled(MeasureRule, content.pop("rule", {}), f"{path.name} [rule]")
    measure: Measure = filled(Measure, content | {"rule": rule}, path.name)
    check_measure(measure, path)
    return measure


def filled(kind: Any, content: Mapping[str, Any], where: str) -> Any:
    """A dataclass from a TOML table; every key must be one of its fields, of the field's kind."""
    hints = get_type_hints(kind)
    if unknown := sorted(content.keys() - hints.keys()):
        raise StudyError(f'{where} has an unknown key "{unknown[0]}"; known are: {", ".join(hints)}')
    if missing := [one.name for one in fields(kind) if one.default is MISSING and one.name not in content]:
        raise StudyError(f'{where} does not say "{missing[0]}"; add it')
    given = {}
    for key, value in content.items():
        many = get_origin(hints[key]) is tuple
        if isinstance(value, bool) != (hints[key] is bool) or not isinstance(value, list if many else hints[key]):
            raise StudyError(f"{where} {key} must be {'a list' if many else hints[key].__name__}")
        given[key] = tuple(value) if many else value
    return kind(**given)


def check_measure(measure: Measure, path: Path) -> None:
    """Refuses a measure whose words are not among the allowed ones or whose rule lacks a number."""
    rule = measure.rule
    if measure.id != path.stem:
        raise StudyError(f'{path.name} says id "{measure.id}"; the file is named after its measure')
    for key, allowed in ALLOWED.items():
        said = getattr(rule if key == "pick" else measure, key)
        if wrong := [one for one in (said if isinstance(said, tuple) else (said,)) if one not in allowed]:
            raise StudyError(
                f'{path.name} {key}: "{wrong[0]}" is none of {", ".join(one or "empty" for one in allowed)}'
            )
    if rule.kind not in EVENTS or rule.event not in EVENTS[rule.kind]:
        raise StudyError(f"{path.name} [rule]: no such kind or event; kinds are {', '.join(EVENTS)}")
    if lacking := [name for name in NEEDS[rule.kind] if not getattr(rule, name)]:
        raise StudyError(f'{path.name} [rule] {rule.kind} needs "{lacking[0]}"; add it')
    if rule.window and (len(rule.window) != 2 or rule.window[0] > rule.window[1]):
        raise StudyError(f"{path.name} [rule] window is [first day, last day]")
    if rule.kind == "course" and len(rule.instruments) != 2:
        raise StudyError(f"{path.name} [rule] a course is judged by two scales; name both")
    for name in rule.instruments:
        scale = instruments().get(name)
        if scale is None or scale["higher_is"] != "worse" or not scale["rci_default"]:
            raise StudyError(
                f"{path.name} [rule] instruments: {name} is no scale of instruments.csv on which more is worse"
            )
        if (rule.cases or rule.event == "recovered") and scale["caseness_op"] != ">=":
            raise StudyError(
                f"{path.name} [rule] instruments: {name} has no cutoff at or above which a person is a case"
            )
        if (rule.event == "halved" and not scale["response_drop"]) or (
            rule.event == "remitted" and not scale["remission_below"]
        ):
            raise StudyError(f"{path.name} [rule] instruments: {name} has no published response or remission")


def rows(name: str) -> list[dict[str, str]]:
    """The rows of measures/<name>.csv as text; an empty cell is an empty string."""
    with open(HERE / f"{name}.csv", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def instruments() -> dict[str, dict[str, str]]:
    """Instrument declarations by instrument_id."""
    return {row["instrument_id"]: row for row in rows("instruments")}


def level_codes() -> list[dict[str, str]]:
    """Billing codes and the level of care each stands for."""
    return rows("level_of_care_codes")


def instrument_variants() -> list[dict[str, str]]:
    """Other scorings of the same scale, and the totals by which each gives itself away."""
    return rows("instrument_variants")


def instrument_scalings() -> list[dict[str, str]]:
    """Other scalings that all totals of an instrument may be in: by the steps that its totals can take (step), by where
    all of them lie (within) or most (beyond)."""
    return rows("instrument_scalings")


def restricted_zip3() -> list[str]:
    """Three-digit ZIP areas with 20,000 people or fewer, which may not be shown; the vintage stands in the CSV."""
    return [row["zip3"] for row in rows("restricted_zip3")]


@cache
def person_names() -> frozenset[str]:
    """Common given and family names in lower case, without those that are ordinary words of a code list."""
    return frozenset(row["name"] for row in rows("person_names"))


@cache
def ordinary_words() -> frozenset[str]:
    """Words of code lists in our field, and names of people that are words too (Grace, Summer, Brown): no evidence of a
    person."""
    return frozenset(row["word"] for row in rows("ordinary_words"))


@cache
def benchmarks() -> tuple[dict[str, str], ...]:
    """Published figures: figure_id, measure, day, value, low, high, unit, year, population, source and how well it was
    checked."""
    return tuple(rows("benchmarks"))


@cache
def scoring() -> dict[str, dict[str, str]]:
    """How a total is made from items, by instrument: a sum, a mean, or a share of the range, times a factor;
    of the C-SSRS the worst ideation of its first five items."""
    return {row["instrument_id"]: row for row in rows("instrument_scoring")}


def asked_of(measure: Measure) -> list[tuple[tuple[str, str], int]]:
    """The scale, or the two by which a course is judged together, and the day of each count of a measure."""
    named = measure.rule.instruments
    pairs = [(named[0], named[1])] if measure.rule.kind == "course" else [(name, "") for name in named or ("",)]
    return [(pair, day) for pair in pairs for day in measure.rule.days or (0,)]
