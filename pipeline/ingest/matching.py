"""Which column of a file is which of ours, and what to write in study.toml where that cannot be told."""

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pipeline.ingest.layout import Layout
from pipeline.ingest.looks.day_shapes import day_shape
from pipeline.ingest.looks.people_words import names_of_people
from pipeline.schema import Column, Table
from pipeline.study import Study

# What exports call our columns; used only to suggest a line for study.toml, never to decide.
OFTEN_CALLED = {
    "patient_id": (
        "client_id",
        "client_code",
        "client",
        "person_id",
        "subject_id",
        "participant",
        "case_id",
        "member_token",
        "pid",
        "who",
    ),
    "session_id": ("visit_id", "encounter_id", "appointment_id", "service_id", "claim_line"),
    "episode_id": ("stay_id", "admission_id", "encounter_id", "treatment_id"),
    "program_id": ("program", "unit", "clinic", "department", "care_site", "facility"),
    "service": ("dos", "visit_date", "visit_day", "appointment_date", "encounter_date", "day"),
    "status": ("attendance", "attended", "appointment_status", "visit_status", "show"),
    "start": ("admission_date", "admit_date", "begin_date", "start"),
    "assessed": ("assessment_date", "test_date", "survey_date", "completed_on", "when"),
    "instrument_id": ("instrument", "measure", "scale", "questionnaire", "test"),
    "score": ("total", "total_score", "value", "result"),
    "ending": ("discharge_reason", "reason", "disposition", "outcome"),
    "contact": ("followup_date", "contact_date"),
    "amount": ("cost", "paid", "charge"),
}


ISO_DATE = re.compile(r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}([ T].*)?")


@dataclass(frozen=True, slots=True)
class Match:
    """A file as one of our tables.

    cells       staged column -> the file's column
    dates       True where its days are ISO dates, False where they are day numbers, None where it has no day
    undeclared  columns of the file that none of ours claims
    """

    table: Table
    layout: Layout
    cells: Mapping[str, str]
    dates: bool | None
    undeclared: tuple[str, ...]


def match(table: Table, layout: Layout, study: Study) -> tuple[Match, list[str]]:
    """The match of a file with its table, and the structural faults found on the way."""
    renamed = study.columns.get(table.name, {})
    faults = unknown_renames(table, layout, renamed)
    present = {column.strip().lower(): column for column in layout.columns}
    cells: dict[str, str] = {}
    spelled: dict[str, set[str]] = {"day": set(), "date": set()}
    for column in table.columns:
        found = {
            spelling: present[theirs]
            for spelling in column.spellings
            if (theirs := renamed.get(spelling, spelling).strip().lower()) in present
        }
        if len(found) > 1:
            faults.append(
                f"{layout.label} has both {' and '.join(found)}; a study's days are numbers or dates, never both: "
                "remove one of the two columns"
            )
        elif found:
            [(spelling, theirs)] = found.items()
            cells[column.staged] = theirs
            if column.kind == "day":
                spelled[spelling.rsplit("_", 1)[1]].add(spelling)
        elif column.need == "required":
            faults.append(missing_column(table, column, layout, [c for c in layout.columns if c not in cells.values()]))
    if spelled["day"] and spelled["date"]:
        faults.append(
            f"{layout.label} has day numbers ({', '.join(sorted(spelled['day']))}) and dates "
            f"({', '.join(sorted(spelled['date']))}); write all of them one way"
        )
    dates = bool(spelled["date"]) if spelled["day"] or spelled["date"] else None
    faults += misspelled_days(table, layout, cells, dates)
    taken = set(cells.values())
    return Match(table, layout, cells, dates, tuple(column for column in layout.columns if column not in taken)), faults


def absent_columns(match: Match, besides: Collection[Column] = ()) -> list[str]:
    """One line on the recommended columns that a file does not have, `besides` those told apart; age and year of birth
    stand in for each other."""
    absent = [
        column.name
        for column in match.table.columns
        if column.need == "recommended" and column.staged not in match.cells and column not in besides
    ]
    if {"birth_year", "age_at_index"} & set(match.cells):
        absent = [name for name in absent if name not in ("birth_year", "age_at_index")]
    absent = [name for name in absent if name not in ("observed_from", "observed_to")]
    return (
        [f"{match.layout.label} has no {', '.join(absent)}: what needs them is withheld or told as not recorded"]
        if absent
        else []
    )


def unknown_renames(table: Table, layout: Layout, renamed: Mapping[str, str]) -> list[str]:
    """[columns.<table>] lines that name a column neither side has."""
    ours = [spelling for column in table.columns for spelling in column.spellings]
    present = {column.strip().lower() for column in layout.columns}
    faults = []
    for mine, theirs in renamed.items():
        if mine not in ours:
            near = difflib.get_close_matches(mine, ours, n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else ""
            faults.append(f"study.toml [columns.{table.name}] {mine}: {table.name} has no such column of ours{hint}")
        elif theirs.strip().lower() not in present:
            faults.append(
                f'study.toml [columns.{table.name}] {mine} = "{theirs}": {layout.label} has no column of that name. '
                f"{its_columns(layout)}"
            )
    return faults


def missing_column(table: Table, column: Column, layout: Layout, free: list[str]) -> str:
    """The sentence for a required column that is not there, with the lines of study.toml that would name it."""
    asked = " or ".join(f'"{spelling}"' for spelling in column.spellings)
    lines = [f"{layout.label} has no column {asked}.", f"  {its_columns(layout)}"]
    near = nearest(column, free)
    if near and showable(layout):
        ours = spelling_for(column, near, layout)
        lines += [
            f'  If "{near}" is {column.meaning or column.name.replace("_", " ")}, add to study.toml:',
            f"      [columns.{table.name}]",
            f'      {ours} = "{near}"',
        ]
    else:
        lines += [
            "  Add the column to the export, or name the file's own under "
            f'[columns.{table.name}] in study.toml: {column.spellings[-1]} = "…"'
        ]
    return "\n".join(lines)


def its_columns(layout: Layout) -> str:
    """The file's header in words; not shown where it may be a person's record."""
    if not showable(layout):
        return (
            "Its first row does not look like column names (not shown, it may be a record): does the file have a header"
            " row?"
        )
    return f"Its columns are: {', '.join(layout.columns)}"


def showable(layout: Layout) -> bool:
    """False where the first row may be a person rather than a header."""
    return not names_of_people(layout.columns)


def nearest(column: Column, free: list[str]) -> str:
    """The free column of the file that is called most like ours; empty where none is close."""
    known = [*column.spellings, column.name, *OFTEN_CALLED.get(column.name, ())]
    scores = {
        theirs: max(difflib.SequenceMatcher(None, theirs.strip().lower(), name).ratio() for name in known)
        for theirs in free
    }
    best = max(scores, key=lambda theirs: scores[theirs], default="")
    return best if best and scores[best] >= 0.6 else ""


def spelling_for(column: Column, theirs: str, layout: Layout) -> str:
    """Of the two spellings of a day, the one that the file's first rows speak for."""
    if column.kind != "day":
        return column.name
    place = layout.columns.index(theirs)
    cells = [row[place] for row in layout.head if len(row) > place and row[place].strip()]
    return f"{column.name}_day" if cells and all(is_whole(cell) for cell in cells) else f"{column.name}_date"


def is_whole(cell: str) -> bool:
    return cell.strip().lstrip("+-").isdigit()


def other_days(layout: Layout, column: str) -> str:
    """Days of another shape, and what to do: say in the mapping how they are written, or export them anew."""
    line, called = layout.lines.get(column), layout.called(column)
    start = f'{layout.label}: "{called}" holds dates that are not written year-month-day (2026-03-05)'
    if not line:
        return f"{start}; day and month cannot be told apart otherwise: export ISO dates"
    said = f'{{ column = "{called}", dates = "{form_seen(layout, column)}" }}'
    return f"{start}, nor as mapping.toml says; say in {line} how they are, such as {said}, or export dates alone"


def form_seen(layout: Layout, column: str) -> str:
    """How the days among the first rows are written, other cells aside; one form of many where none is a day."""
    place = layout.columns.index(column)
    cells = [row[place].strip() for row in layout.head if len(row) > place]
    shape = day_shape([cell for cell in cells if day_shape([cell])])
    return shape.form if shape and not shape.iso else "D.M.YYYY"


def misspelled_days(table: Table, layout: Layout, cells: Mapping[str, str], dates: bool | None) -> list[str]:
    """A column called *_day whose first rows hold dates, or the other way round."""
    faults = []
    for column in table.columns:
        theirs = cells.get(column.staged)
        if column.kind != "day" or theirs is None or theirs not in layout.columns:
            continue
        place = layout.columns.index(theirs)
        seen = [row[place] for row in layout.head if len(row) > place and row[place].strip()]
        if dates and seen and all(is_whole(cell) and len(cell.strip()) < 8 for cell in seen):
            faults.append(
                f'{layout.label}: "{theirs}" is called a date and holds whole numbers; if they are day numbers, call it'
                f" {column.name}_day"
            )
        elif dates and seen and not any(ISO_DATE.fullmatch(cell.strip()) for cell in seen):
            faults.append(other_days(layout, theirs))
        if (
            dates is False
            and seen
            and not any(is_whole(cell) for cell in seen)
            and all(cell.count("-") == 2 for cell in seen)
        ):
            faults.append(
                f'{layout.label}: "{theirs}" is called a day number and holds dates; call it {column.name}_date'
                " (where the privacy regime allows dates)"
            )
    return faults
