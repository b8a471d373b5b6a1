"""What lies in the raw folder, matched with our tables by its headers before any row counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import duckdb

from pipeline.errors import StructureError
from pipeline.ingest.files.templates import told
from pipeline.ingest.files.views import Opened, Reading, views_of
from pipeline.ingest.identifiers.harmless import harmless, harmless_faults
from pipeline.ingest.identifiers.raw_columns import RawColumns, screen_raw
from pipeline.ingest.identifiers.screened import Screened, together
from pipeline.ingest.identifiers.undeclared import screen_undeclared
from pipeline.ingest.inputs import RawFile, readable_files, source_queries, templates_aside, unread_files
from pipeline.ingest.known.new_names import renamed
from pipeline.ingest.layout import Layout, ends_abruptly
from pipeline.ingest.mapping.grammar import FileMapping
from pipeline.ingest.mapping.making import make
from pipeline.ingest.mapping.reading import mapping_of
from pipeline.ingest.matching import Match, absent_columns, match
from pipeline.ingest.report import KnownWord
from pipeline.ingest.sources import read_raw, source_layouts
from pipeline.ingest.structure import code_faults, day_faults, delivery_faults, zoned_days
from pipeline.schema import TABLES
from pipeline.study import Study


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was found in the raw folder before any row was read; `screened` are the columns that no table declares,
    `causes` what is likely behind many rows that are lost, `known` the words that were translated because they are
    known."""

    matches: tuple[Match, ...]
    screened: Screened
    causes: tuple[str, ...]
    notes: tuple[str, ...]
    faults: tuple[str, ...]
    known: tuple[KnownWord, ...]


def read_delivery(study: Study, con: duckdb.DuckDBPyConnection) -> Delivery:
    """Matches every file with a table by its header, collecting whatever is wrong with the delivery."""
    queries, mapping, present = source_queries(study), mapping_of(study), readable_files(study)
    aside = templates_aside(study, present)
    files = [file for file in present if file not in aside]
    views, faults = views_of([file for file in files if file.table or queries or mapping.blocks])
    found = Opened(con, views)
    made = make(mapping, found)
    claimed = {*queries, *mapping.tables}
    direct, wrong = direct_tables(found, claimed)
    faults += [*both_ways(queries, mapping), *made.faults, *wrong]
    layouts, wrong = source_layouts(con, queries, found) if queries else ({}, [])
    faults += wrong
    tables = [*made.layouts, *layouts.items(), *direct]
    unclaimed = [file for file in files if not file.table]
    named = {table for table, _ in tables} | {file.table for file in files if file.table} | claimed
    faults += [*delivery_faults(named, unclaimed, study, [file.table for file in aside]), *code_faults(study)]
    matches, seen, wrong = matched_tables(tables, study)
    raw = [*made.raw, *read_raw(con, queries, found)]
    behind = [f"{one.table}.{column}" for one in raw for column in one.looked_at]
    faults += [*wrong, *day_faults(matches, study), *harmless_faults(study, seen, behind)]
    screened = screened_columns(con, study, raw, seen)
    anew = renamed(matches, screened.dropped)
    for lost in anew:
        screened = replace(screened, dropped=tuple(map(lost.kept, screened.dropped)))
    opened = list(found.readings.values())
    notes = [*unread_files(study), *notes_of_files(opened), *made.notes, *cut_off(opened)]
    for one in matches:
        notes += [*absent_columns(one, [lost.column for lost in anew if lost.match is one]), *zoned_days(con, one)]
    read = {one.view.file for one in opened}
    notes += [unread(file, claimed, bool(mapping.blocks)) for file in files if file not in read]
    notes += told([file.label for file in aside])
    causes = tuple(lost.line() for lost in anew)
    known = dict.fromkeys(word for _, layout in made.layouts for word in layout.known)
    return Delivery(tuple(matches), screened, causes, tuple(notes), tuple(faults), tuple(known))


def matched_tables(tables: Sequence[tuple[str, Layout]], study: Study) -> tuple[list[Match], list[Match], list[str]]:
    """The tables whose columns are found, all that were looked for, and what is wrong with the others."""
    matches, seen, faults = [], [], []
    for table, layout in sorted(tables, key=lambda one: list(TABLES).index(one[0])):
        matched, wrong = match(TABLES[table], layout, study)
        faults += wrong
        seen.append(matched)
        if not wrong:
            matches.append(matched)
    return matches, seen, faults


def screened_columns(
    con: duckdb.DuckDBPyConnection, study: Study, raw: Sequence[RawColumns], seen: Sequence[Match]
) -> Screened:
    """What looks like an identifier behind a mapping or a query, and in columns that no table declares."""
    vouched, regime = harmless(study), study.study.regime
    behind = screen_raw(con, raw, vouched, regime == "relative-days")
    return together([behind, *(screen_undeclared(con, one, regime, vouched) for one in seen)])


def notes_of_files(opened: Sequence[Reading]) -> list[str]:
    """What is to be said of how each file was read."""
    return [note for one in opened for note in (*one.layout.notes, *one.notes)]


def cut_off(opened: Sequence[Reading]) -> list[str]:
    """Files that may end within a row."""
    return [
        f"{one.layout.label} does not end with a line break: if the export was cut off, its last row is not whole"
        for one in opened
        if ends_abruptly(one.layout)
    ]


def unread(file: RawFile, claimed: Collection[str], mapped: bool) -> str:
    """Why a raw file was not read."""
    if file.table in claimed:
        return f"{file.label} was not read: mapping.toml or a query makes {file.table} from other files"
    more = "; carelevels map drafts its lines" if mapped else ""
    return f"{file.label} is none of our tables and was not read{more}"


def direct_tables(found: Opened, claimed: Collection[str]) -> tuple[list[tuple[str, Layout]], list[str]]:
    """Files that are called like a table of ours, where no mapping and no query makes it, and the faults met."""
    tables, faults = [], []
    for view in found.views:
        if not view.file.table or view.file.table in claimed:
            continue
        try:
            if view.name != view.file.stem:
                raise StructureError(f"{view.file.label} has several sheets; say in mapping.toml which one is meant")
            tables.append((view.file.table, found.reading(view).layout))
        except StructureError as fault:
            faults.append(str(fault))
    return tables, list(dict.fromkeys(faults))


def both_ways(queries: Collection[str], mapping: FileMapping) -> list[str]:
    """Tables that a mapping and a query both make."""
    return [
        f"{table} is made by mapping.toml and by sources/{table}.sql; keep one of the two"
        for table in mapping.tables
        if table in queries
    ]
