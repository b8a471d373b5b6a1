"""What a raw file is called by mappings and queries, and how it is read when one of them asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pipeline.errors import StructureError
from pipeline.ingest.files.databases import let_go, table_names, table_relation
from pipeline.ingest.files.formats import DATABASES, JSON, STATISTICAL, WORKBOOKS, is_one_of
from pipeline.ingest.files.json_files import json_relation
from pipeline.ingest.files.statistical import hold_statistical
from pipeline.ingest.files.workbooks import hold_sheet, sheet_names
from pipeline.ingest.inputs import RawFile
from pipeline.ingest.layout import Layout, layout_of
from pipeline.storage.quoting import name

if TYPE_CHECKING:
    import duckdb

HEAD = 200  # rows looked at before anything is read in full


@dataclass(frozen=True, slots=True)
class View:
    """One table within one raw file: the file itself, a sheet of a workbook that has several, or a table of a
    database."""

    name: str
    file: RawFile
    sheet: str = ""
    of_database: bool = False

    @property
    def called(self) -> tuple[str, ...]:
        """What a mapping may call it: the file with its ending or without; a table of a database by its own name."""
        return (self.name,) if self.of_database else (self.file.label, self.file.stem)


@dataclass(frozen=True, slots=True)
class Reading:
    """A view that was opened: how its rows are read, and what is to be told of it."""

    view: View
    layout: Layout
    notes: tuple[str, ...] = ()


def views_of(files: Sequence[RawFile]) -> tuple[list[View], list[str]]:
    """Every view of the raw folder, and the faults of workbooks that cannot be opened and of names that come twice."""
    found: dict[str, View] = {}
    faults = []
    for file in files:
        try:
            views = list(views_within(file))
        except StructureError as fault:
            faults.append(str(fault))
            continue
        for view in views:
            if view.name in found:
                faults.append(
                    f"{found[view.name].file.label} and {file.label} would both be the view {view.name}; remove one of"
                    " the two"
                )
            else:
                found[view.name] = view
    return list(found.values()), faults


def views_within(file: RawFile) -> Iterator[View]:
    """The file as one view, a workbook of several filled sheets as one for each: `Book: Sheet`, a database as its
    tables."""
    if is_one_of(file.label, DATABASES):
        yield from (View(called, file, table, of_database=True) for called, table in table_names(file.path))
        return
    names = sheet_names(file.path) if is_one_of(file.label, WORKBOOKS) else []
    if len(names) < 2:
        yield View(file.stem, file, "".join(names))
        return
    for sheet in names:
        yield View(f"{file.stem}: {sheet}", file, sheet)


def opened(con: duckdb.DuckDBPyConnection, view: View) -> Reading:
    """How a view's rows are read.  Workbooks and statistics files are put into a table, once per connection; of
    databases the tables are read where they lie.

    Raises StructureError where the file cannot be read.
    """
    label, path = view.file.label, view.file.path
    if is_one_of(label, JSON):
        relation, columns = json_relation(con, path)
        return Reading(view, with_head(con, Layout(path, columns, made=relation, raw=True, first_row=1)))
    if view.of_database:
        relation, columns = table_relation(con, path, view.sheet)
        return Reading(
            view, with_head(con, Layout(path, columns, made=relation, raw=True, first_row=1, within=view.name))
        )
    table, notes = name(f"raw {view.name}"), ""
    if is_one_of(label, WORKBOOKS):
        held = hold_sheet(con, path, view.sheet, table)
    elif is_one_of(label, STATISTICAL):
        held, notes = hold_statistical(con, path, table)
    else:
        return Reading(view, layout_of(path, con))
    layout = Layout(path, held.columns, made=held.table, raw=True, numbered=True)
    return Reading(view, with_head(con, layout), (notes,) if notes else ())


def forget_held(con: duckdb.DuckDBPyConnection) -> None:
    """Drops what readers and mappings put aside; these are temporary tables, which never reach the study's database."""
    held = con.execute(
        "SELECT 'VIEW', view_name FROM duckdb_views() WHERE temporary AND NOT internal"
        " UNION ALL SELECT 'TABLE', table_name FROM duckdb_tables() WHERE temporary"
    ).fetchall()
    for kind, table in held:
        con.execute(f"DROP {kind} temp.main.{name(table)}")
    let_go(con)


def with_head(con: duckdb.DuckDBPyConnection, layout: Layout) -> Layout:
    """The layout with its first rows as text."""
    chosen = ", ".join(f"CAST({name(column)} AS VARCHAR)" for column in layout.columns)
    rows = con.execute(f"SELECT {chosen} FROM {layout.relation()} LIMIT {HEAD}").fetchall()
    return replace(layout, head=tuple(tuple(cell or "" for cell in row) for row in rows))


@dataclass(slots=True)
class Opened:
    """The views of the raw folder, each opened once, when it is first asked for."""

    con: duckdb.DuckDBPyConnection
    views: Sequence[View]
    readings: dict[str, Reading] = field(default_factory=dict)

    def reading(self, view: View) -> Reading:
        """How a view is read.  Raises StructureError where its file cannot be."""
        if view.name not in self.readings:
            self.readings[view.name] = opened(self.con, view)
        return self.readings[view.name]
