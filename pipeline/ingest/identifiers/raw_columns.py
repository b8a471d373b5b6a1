"""Columns of raw files behind a mapping or a query: what is read of them is looked at before it is made into ours."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.ingest.files.statistical import LABELED
from pipeline.ingest.identifiers.harmless import Harmless, way_out
from pipeline.ingest.identifiers.screened import Screened, together
from pipeline.ingest.identifiers.undeclared import cells_read, dropped_column, plain_everywhere
from pipeline.ingest.layout import Layout
from pipeline.ingest.looks.header_words import called_like
from pipeline.ingest.looks.judging import Found, judged_undeclared
from pipeline.ingest.matching import Match, showable
from pipeline.ingest.report import SPEAKING, UNREAD
from pipeline.schema import TABLES

if TYPE_CHECKING:
    import duckdb

REDUCED = ("dates of birth", "calendar dates", "a date or place of birth")  # of which a query may keep the year alone


@dataclass(frozen=True, slots=True)
class RawColumns:
    """What a mapping or the queries read of one raw file.

    table     of ours that is made of it; messages and study.toml speak of its columns under this table
    looked_at columns whose cells come through changed, so that nothing later could tell what they were
    unused    columns that nothing reads
    by        what reads the file, as messages call it
    """

    table: str
    layout: Layout
    looked_at: tuple[str, ...]
    unused: tuple[str, ...]
    by: str


def screen_raw(
    con: duckdb.DuckDBPyConnection, files: Sequence[RawColumns], vouched: Harmless, relative: bool
) -> Screened:
    """Refusals for what is read and holds identifiers, and the columns that nothing reads, which are told; a query that
    is called like no table of ours is refused for that."""
    return together([screen_file(con, one, vouched, relative) for one in files if one.table in TABLES])


def screen_file(con: duckdb.DuckDBPyConnection, raw: RawColumns, vouched: Harmless, relative: bool) -> Screened:
    match = Match(TABLES[raw.table], raw.layout, {}, None, raw.looked_at)
    shown = showable(raw.layout)
    told = [dropped_column(match, column, Found(), shown) for column in raw.unused]
    dropped = tuple(one if one.reason.startswith(SPEAKING) else replace(one, reason=UNREAD) for one in told)
    faults = [
        fault
        for column, found in looked_at(con, match, relative).items()
        for fault in refused(raw, column, found, vouched)
    ]
    return Screened(tuple(faults) if shown else (), dropped)


def looked_at(con: duckdb.DuckDBPyConnection, match: Match, relative: bool) -> dict[str, Found]:
    """What the cells of each column look like."""
    if not match.undeclared:
        return {}
    cells = cells_read(con, match)
    everywhere = plain_everywhere(con, match, cells)
    judged = {column: judged_undeclared(held, called_like(column), relative) for column, held in cells.items()}
    return {
        column: replace(found, plain=tuple(dict.fromkeys((*found.plain, *everywhere.get(column, ())))))
        for column, found in judged.items()
    }


def refused(raw: RawColumns, column: str, found: Found, vouched: Harmless) -> list[str]:
    """The faults of one column that is read; a date may be reduced to its year, a name to nothing."""
    likely = () if vouched.covers(raw.table, column) else found.likely
    kinds = [kind for kind in (*found.plain, *likely) if not kind.startswith(REDUCED)]
    out = way_out(raw.table, column) if not found.plain else ""
    return [
        f'{raw.layout.label}: "{column}", which {raw.by} reads, holds what looks like {kind.rstrip(",")}; take the line'
        f" out, or export a code made by the site in its place; nothing of it is shown here{out}"
        for kind in dict.fromkeys(kinds)
    ]


def unused_of(layout: Layout, used: Collection[str]) -> tuple[str, ...]:
    """Columns of a file that are not among those used, whatever their case."""
    known = {column.strip().lower() for column in used}
    known |= {column.split(".")[0] for column in known}
    return tuple(
        column for column in layout.columns if column.strip().lower() not in known and not is_label(column, layout)
    )


def is_label(column: str, layout: Layout) -> bool:
    """Whether our reader put a column there, beside the codes of a statistics file."""
    return column.endswith(LABELED) and column.removesuffix(LABELED) in layout.columns
