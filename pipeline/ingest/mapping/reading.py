"""Reads mapping.toml; whatever nothing would read is refused with its line and the nearest known word."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.errors import StudyError
from pipeline.ingest.inputs import MAPPING
from pipeline.ingest.mapping.cells import read_cell
from pipeline.ingest.mapping.claim_lines import read_nights, read_reversed
from pipeline.ingest.mapping.day_formats import check_formats
from pipeline.ingest.mapping.grammar import THERE, Block, Cell, FileMapping, IdShape, InPlace, Rows, Values
from pipeline.ingest.mapping.keyed import with_secret
from pipeline.ingest.mapping.lines import place_of
from pipeline.ingest.mapping.selects import column_of
from pipeline.ingest.mapping.stays import read_stay
from pipeline.ingest.mapping.surveys import read_survey
from pipeline.ingest.mapping.targets import refuse_targets
from pipeline.ingest.mapping.told import Where, close, flag, text, texts
from pipeline.ingest.mapping.value_lists import read_values
from pipeline.measures.library import instruments
from pipeline.schema import TABLES, Column, Table
from pipeline.study import Study
from pipeline.study_toml.toml_errors import typing_error

ANYWHERE = ("missing", "dates", "decimal", "ids", "values")
IDS = tuple(dict.fromkeys(column.name for table in TABLES.values() for column in table.columns if column.kind == "id"))
OF_A_BLOCK = (
    *("file", "sheet", "newest", "optional", "only", "leave_out", "nights", "reversed", "always"),
    *("needs", "in_place_of", "as_called"),
    *("missing", "dates", "decimal"),
)
OF_A_TABLE = {"episodes": ("stay",)}


def mapping_of(study: Study) -> FileMapping:
    """The mapping of a study; an empty one where there is none.  Raises StudyError with the line to change."""
    path = study.folder / MAPPING
    if not path.is_file():
        return FileMapping()
    mapping = read_mapping(path)
    refuse_targets(mapping, study.codes)
    return with_secret(mapping, study.folder)


def read_mapping(path: Path) -> FileMapping:
    """The mapping of a file.  Raises StudyError."""
    try:
        content = path.read_text(encoding="utf-8-sig")
        told = tomllib.loads(content)
    except tomllib.TOMLDecodeError as fault:
        raise StudyError(f"mapping.toml is not valid TOML: {typing_error(str(fault), content)}") from None
    except (OSError, ValueError, RecursionError):
        raise StudyError("mapping.toml cannot be read; save it as UTF-8 text") from None
    for key in told:
        if key not in (*ANYWHERE, *TABLES, *IDS):
            hint = close(key, (*TABLES, *ANYWHERE, *IDS))
            raise Where(content, "", key).error(f'"{key}" is no table and no choice{hint}')
    lists = {
        name: read_values(pairs, Where(content, f"values.{name}"), name)
        for name, pairs in section(told, "values").items()
    }
    blocks = tuple(block for table in TABLES if table in told for block in blocks_of(told, content, table, lists))
    return FileMapping(blocks, ids_of(section(told, "ids"), content), lists, content)


def section(told: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = told.get(key, {})
    if not isinstance(found, dict):
        raise StudyError(f"mapping.toml: [{key}] must be a section of keys and values")
    return found


def ids_of(told: Mapping[str, Any], content: str) -> dict[str, IdShape]:
    """[ids.<column>]: how an id is spelled everywhere."""
    shapes = {}
    for name, keys in told.items():
        where = Where(content, f"ids.{name}")
        if name not in IDS:
            raise where.error(f"{name} is no id of ours{close(name, sorted(IDS))}")
        where.refuse_unknown(keys, ("upper", "pad"))
        pad = keys.get("pad", 0)
        if not isinstance(pad, int) or isinstance(pad, bool) or not 0 <= pad <= 40:
            raise where.at("pad").error("pad is the number of digits that an id has, such as 6")
        shapes[name] = IdShape(flag(keys.get("upper", False), where.at("upper")), pad)
    return shapes


def blocks_of(told: Mapping[str, Any], content: str, table: str, lists: Mapping[str, Values]) -> list[Block]:
    """The blocks of one table."""
    blocks = told[table]
    if not isinstance(blocks, dict) or not all(isinstance(block, dict) for block in blocks.values()):
        where = place_of(content, table)
        raise StudyError(f'{where}: a block is headed by the table and the file it reads, as [{table}."Roster.csv"]')
    return [
        read_block(told, block, TABLES[table], Where(content, f"{table}.{label}"), lists)
        for label, block in blocks.items()
    ]


def read_block(
    told: Mapping[str, Any], block: Mapping[str, Any], table: Table, where: Where, lists: Mapping[str, Values]
) -> Block:
    """One block, with the choices that hold everywhere filled in."""
    label = where.section.partition(".")[2]
    columns = {spelling: column for column in table.columns for spelling in (column.name, *column.spellings)}
    scales = tuple(instruments()) if table.name == "assessments" else ()
    where.refuse_unknown(block, (*OF_A_BLOCK, *OF_A_TABLE.get(table.name, ()), *columns, *scales))
    cells = [read_cell(key, block[key], columns[key], where.at(key), lists) for key in block if key in columns]
    cells += always(block.get("always", {}), columns, where.at("always"))
    cells += everywhere(told, table, {cell.key for cell in cells}, Where(where.content, ""))
    cells += implied(cells)
    cells += read_stay(block["stay"], cells, where.at("stay"), lists) if "stay" in block else []
    rest = as_called(block.get("as_called", False), table, where.at("as_called"))
    surveys = [read_survey(key, block[key], where.at(key), lists) for key in block if key in scales]
    missing = (*words(told, "missing", Where(where.content, "")), *words(block, "missing", where))
    return Block(
        table.name,
        label,
        text(block.get("file", label), where.at("file")),
        (*(once := named_once(cells, table, where)), *without(rest, once, table)),
        tuple(surveys),
        sheet=text(block.get("sheet", ""), where.at("sheet")),
        newest=flag(block.get("newest", False), where.at("newest")),
        optional=flag(block.get("optional", False), where.at("optional")),
        only=rows(block.get("only", {}), where.at("only")),
        leave_out=rows(block.get("leave_out", {}), where.at("leave_out")),
        nights=read_nights(block["nights"], where.at("nights")) if "nights" in block else None,
        reversed=read_reversed(block["reversed"], where.at("reversed")) if "reversed" in block else None,
        needs=needs(block.get("needs", []), cells, where.at("needs")),
        in_place_of=in_place_of(block.get("in_place_of"), told[table.name], where.at("in_place_of")),
        missing=missing,
        dates=check_formats(words(block, "dates", where) or words(told, "dates", Where(where.content, "")), where),
        decimal=decimal_mark(block.get("decimal", told.get("decimal", ".")), where),
    )


def as_called(told: Any, table: Table, where: Where) -> list[Cell]:
    """as_called = true: every column of the file that is called as one of ours."""
    names = [spelling for column in table.columns for spelling in column.spellings] if flag(told, where) else []
    return [Cell(name, (name,), how=THERE) for name in names]


def without(rest: Sequence[Cell], cells: Sequence[Cell], table: Table) -> list[Cell]:
    """Those of the rest that no line of its own makes."""
    made = {column_of(table.name, cell.key).name for cell in cells}
    return [cell for cell in rest if column_of(table.name, cell.key).name not in made]


def always(told: Any, columns: Mapping[str, Column], where: Where) -> list[Cell]:
    """always = { currency = "USD" }: what stands in every row of a file."""
    where.refuse_unknown(told, tuple(columns))
    return [Cell(key, constant=text(word, where)) for key, word in told.items()]


def needs(told: Any, cells: Sequence[Cell], where: Where) -> tuple[str, ...]:
    """needs = "level_of_care": a row counts where that line makes something, which must be told by its own cells."""
    named = texts(told, where)
    for key in named:
        cell = next((one for one in cells if one.key == key), None)
        if cell is None or cell.lookup or (cell.values and cell.values.known):
            raise where.error(f"needs names a line of this block whose words stand in mapping.toml; {key} is none")
    return named


def in_place_of(told: Any, blocks: Mapping[str, Any], where: Where) -> InPlace | None:
    """in_place_of = { block = "visits", same = "visit_id" }: rows there with the id of a row here do not count."""
    if told is None:
        return None
    where.refuse_unknown(told, ("block", "same"))
    found = InPlace(text(told.get("block"), where), text(told.get("same"), where))
    if found.block not in blocks:
        raise where.error(f'this table has no block "{found.block}"{close(found.block, blocks)}')
    return found


def everywhere(told: Mapping[str, Any], table: Table, said: Collection[str], where: Where) -> list[Cell]:
    """patient_id = ["Client ID", "MemberID"] at the top: an id, where a block has no line of its own for it."""
    shared = [column.name for column in table.columns if column.name in told and column.name not in said]
    return [Cell(key, texts(told[key], where.at(key)), how=THERE) for key in shared if key in IDS]


def implied(cells: list[Cell]) -> list[Cell]:
    """Amounts are in the prices of the year of their service, unless a line says otherwise."""
    said = {cell.key for cell in cells}
    day = [cell for cell in cells if cell.key in ("service", "service_date") and cell.columns]
    if "amount" not in said or "price_year" in said or not day:
        return []
    return [replace(day[0], key="price_year", how="year")]


def named_once(cells: list[Cell], table: Table, where: Where) -> tuple[Cell, ...]:
    """The lines of a block; a day may be spelled `start`, `start_date` or `start_day`, but once."""
    seen: dict[str, str] = {}
    for cell in cells:
        column = next(one for one in table.columns if cell.key in (one.name, *one.spellings))
        if column.name in seen:
            raise where.at(cell.key).error(f"{cell.key} and {seen[column.name]} are one column of ours; keep one line")
        seen[column.name] = cell.key
    return tuple(cells)


def words(told: Mapping[str, Any], key: str, where: Where) -> tuple[str, ...]:
    """One text or a list of them."""
    return texts(told[key], where.at(key)) if key in told else ()


def rows(told: Any, where: Where) -> tuple[Rows, ...]:
    """only = { Status = "Active" }, leave_out = { Status = ["Scheduled", "Rescheduled"] }."""
    if not isinstance(told, dict):
        raise where.error(f'{where.key} names a column and its cells: {where.key} = {{ Status = ["Scheduled"] }}')
    return tuple(Rows(column, texts(cells, where)) for column, cells in told.items())


def decimal_mark(told: Any, where: Where) -> str:
    if told not in (".", ","):
        raise where.at("decimal").error('decimal is "." or ","')
    return str(told)
