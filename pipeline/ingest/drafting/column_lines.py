"""The line that a draft proposes for one of our columns, from what a column of theirs holds."""

from __future__ import annotations

import re

from pipeline.ingest.cells.convert import FALSE, TRUE
from pipeline.ingest.drafting.drafts import Line, quoted
from pipeline.ingest.drafting.profiles import FREE_TEXT, Profile
from pipeline.ingest.drafting.seen import held
from pipeline.ingest.known.knowledge import plain
from pipeline.schema import Column

UNIT = re.compile(r"[0-9]+([.,][0-9]+)? ?(min|h)[a-z]*\.?", re.IGNORECASE)
AMOUNT = re.compile(r"[-+(]*\s*[$€£]?\s*[0-9][0-9.,]*\)?-?")
DIAGNOSIS = re.compile(r"[A-TV-Za-tv-z][0-9][0-9A-Za-z](\.?[0-9A-Za-z]{1,4})?")
PLACES = ("program_id", "site")  # ids that are nobody's
LATER = {"observed_from": "that a person was registered does not say since when services would be seen"}


def line_for(column: Column, one: Profile, forms: str, threshold: int) -> Line:
    """One line; `forms` is how days are written everywhere."""
    of_people = column.kind == "id" and column.name not in PLACES and not one.looks_like
    seen = f"{one.different:,} different" if of_people else held(one, threshold)
    theirs = quoted(one.column)
    if column.name in LATER and plain(one.column) not in map(plain, column.spellings):
        return Line(column.name, theirs, f"{seen}; {LATER[column.name]}", sure=False)
    if column.name == "birth_year" and one.days:
        return Line(column.name, f"{{ year = {theirs} }}", "dates of birth: only the year is kept", one.days.sure)
    if column.kind == "zip3":
        return Line(column.name, f"{{ column = {theirs}, first = 3 }}", "only three digits are kept", digits(one))
    if one.looks_like and not (column.name == "primary_dx" and one.looks_like == FREE_TEXT):
        return Line(column.name, theirs, f"{seen}: a code must stand there", sure=False)
    if column.kind == "day":
        return day_line(column, one, forms, seen)
    if column.kind in ("int", "num", "age"):
        return number_line(column, one, seen)
    if column.kind == "bool":
        flag = is_flag(one)
        return Line(column.name, theirs, seen if flag else f"{seen}: not every cell is yes or no", flag)
    return code_line(column, one, seen)


def day_line(column: Column, one: Profile, forms: str, seen: str) -> Line:
    """A day; its own format where it is not the study's."""
    if one.days is None:
        return Line(column.name, quoted(one.column), f"{seen}: not every cell is a day", sure=False)
    told = seen if one.days.sure else f"{seen}? Day and month cannot be told apart: say which"
    if one.days.iso or one.days.form == forms:
        return Line(column.name, quoted(one.column), told, one.days.sure)
    value = f"{{ column = {quoted(one.column)}, dates = {quoted(one.days.form)} }}"
    return Line(column.name, value, told, one.days.sure)


def number_line(column: Column, one: Profile, seen: str) -> Line:
    """A number, with its unit where one stands behind it."""
    units = [UNIT.fullmatch(cell) for cell in one.sample]
    if one.sample and all(units):
        unit = "min" if all(found[2].lower() == "min" for found in units if found) else "h"
        more = ", times = 60" if unit == "h" else ""
        value = f"{{ column = {quoted(one.column)}, unit = {quoted(unit)}{more} }}"
        same = len({found[2].lower() for found in units if found}) == 1
        return Line(column.name, value, one.doubt or seen, same and not one.doubt)
    top = "+" if column.kind == "age" else ""  # the oldest as one group: 90+
    if all(AMOUNT.fullmatch(cell.removesuffix(top)) for cell in one.sample):
        return Line(column.name, quoted(one.column), one.doubt or seen, sure=not one.doubt)
    return Line(column.name, quoted(one.column), f"{seen}: not every cell is a number", sure=False)


def code_line(column: Column, one: Profile, seen: str) -> Line:
    """A code; the one in front of a diagnosis in words, and words as a code where any code may stand."""
    theirs = quoted(one.column)
    if column.name == "primary_dx":
        first = [cell.split(" ")[0] for cell in one.sample]
        sure = sum(DIAGNOSIS.fullmatch(cell) is not None for cell in first) > 0.9 * len(first)
        cut = any(" " in cell for cell in one.sample)
        return Line(column.name, f"{{ column = {theirs}, word = 1 }}" if cut else theirs, seen, sure)
    if column.kind == "code" and any(not re.fullmatch(r"[\w.]+", cell) for cell in one.sample):
        return Line(column.name, f"{{ column = {theirs}, code = true }}", seen, one.is_list)
    return Line(column.name, theirs, seen)


def is_flag(one: Profile) -> bool:
    """Whether a column holds yes and no as they are read anyway."""
    return bool(one.words) and {cell.lower() for cell, _ in one.words} <= {*TRUE, *FALSE}


def digits(one: Profile) -> bool:
    return all(re.fullmatch(r"[0-9]{3,5}(-[0-9]{4})?", cell) for cell in one.sample)
