"""Which tables and columns of a catalog the door would read: those of ours, and those that a mapping or query names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import StructureError
from pipeline.ingest.files.formats import TABLE
from pipeline.ingest.files.views import Opened, Reading, View
from pipeline.ingest.inputs import RawFile, source_queries, table_of
from pipeline.ingest.layout import Layout
from pipeline.ingest.mapping.grammar import FileMapping
from pipeline.ingest.mapping.making import columns_read
from pipeline.ingest.mapping.reading import mapping_of
from pipeline.ingest.matching import match
from pipeline.ingest.run import CARE
from pipeline.ingest.sources import read_by_queries, read_raw
from pipeline.schema import TABLES
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb

Columns = Callable[[str], tuple[str, ...]]


class Listed(Opened):
    """The tables of a catalog as views without rows: their columns are asked for, once each."""

    def __init__(self, con: duckdb.DuckDBPyConnection, tables: Sequence[str], folder: Path, columns: Columns) -> None:
        files = [RawFile(folder / f"{table}{TABLE}", table_of(table)) for table in tables]
        Opened.__init__(self, con, [View(file.stem, file) for file in files])
        self.columns = columns

    def reading(self, view: View) -> Reading:
        """The view with its columns alone."""
        if view.name not in self.readings:
            layout = Layout(view.file.path, self.columns(view.name), parquet=True, first_row=1)
            self.readings[view.name] = Reading(view, layout)
        return self.readings[view.name]


def wanted_columns(study: Study, found: Listed, schema: str) -> dict[str, tuple[str, ...]]:
    """The columns to bring of each table that is read, in the table's order.

    Raises StructureError where the catalog has no people, no care, or no column that its table cannot do without.
    """
    queries, mapping = source_queries(study), mapping_of(study)
    claimed = {*queries, *mapping.tables}
    direct = [view for view in found.views if view.file.table and view.file.table not in claimed]
    refuse_lacking({view.file.table for view in direct} | claimed, found, schema)
    wanted = of_ours(study, found, direct, schema)
    for name, columns in (*of_queries(queries, found), *of_mapping(mapping, found)):
        every = found.readings[name].layout.columns
        wanted[name] = tuple(one for one in every if one in {*columns, *wanted.get(name, ())})
    return wanted


def refuse_lacking(tables: set[str], found: Opened, schema: str) -> None:
    """Raises StructureError for a catalog without what every study needs."""
    lacking = [] if "patients" in tables else ["patients"]
    lacking += [] if tables & set(CARE) else [" or ".join(CARE)]
    if lacking:
        listed = ", ".join(view.name for view in found.views[:20]) or "none"
        more = f" and {len(found.views) - 20} more" if len(found.views) > 20 else ""
        raise StructureError(
            f"{schema} has no table {' and none called '.join(lacking)} (its tables: {listed}{more}); make a view of"
            " that name there, or say in mapping.toml which table holds it"
        )


def of_ours(study: Study, found: Opened, direct: Sequence[View], schema: str) -> dict[str, tuple[str, ...]]:
    """The declared columns of the tables that are called like ours.  Raises StructureError with all that they lack."""
    wanted, faults = {}, []
    for view in direct:
        matched, wrong = match(TABLES[view.file.table], found.reading(view).layout, study)
        faults += wrong
        wanted[view.name] = tuple(one for one in matched.layout.columns if one not in matched.undeclared)
    if faults:
        raise StructureError(
            "\n".join([f"the tables of {schema} cannot be read as they are; nothing was replaced:", *faults])
        )
    return wanted


def of_queries(queries: Mapping[str, Path], found: Opened) -> list[tuple[str, tuple[str, ...]]]:
    """What the queries of sources name; a star is every column."""
    views = read_by_queries(found.con, queries, found.views) if queries else []
    named = read_raw(found.con, queries, found) if views else []
    unused = {raw.layout.path: raw.unused for raw in named}
    layouts = [(view.name, found.reading(view).layout) for view in views]
    return [
        (name, tuple(one for one in layout.columns if one not in unused.get(layout.path, ())))
        for name, layout in layouts
    ]


def of_mapping(mapping: FileMapping, found: Opened) -> list[tuple[str, tuple[str, ...]]]:
    """What the lines of mapping.toml read."""
    return [
        (name, tuple(one for one in raw.layout.columns if one not in raw.unused))
        for name, raw in columns_read(mapping, found).items()
    ]
