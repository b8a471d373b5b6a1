"""[identifiers] harmless of study.toml: columns that look like an identifier, or are called so, and are none."""

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pipeline.ingest.matching import Match
from pipeline.schema import TABLES
from pipeline.study import Study


@dataclass(frozen=True, slots=True)
class Harmless:
    """The columns a study vouches for, as table.column in lower case; the column under the file's name or ours."""

    columns: frozenset[str]

    def covers(self, table: str, *columns: str) -> bool:
        return any(f"{table}.{column}".lower() in self.columns for column in columns)


def harmless(study: Study) -> Harmless:
    """What the study vouches for."""
    return Harmless(frozenset(entry.strip().lower() for entry in study.identifiers.harmless))


def harmless_faults(study: Study, matches: Sequence[Match], behind: Collection[str] = ()) -> list[str]:
    """Entries that name no table of ours, or no column of its files: a line that does nothing may hide a mistake.

    `behind` are the columns of raw files that a mapping or a query reads, as table.column.
    """
    known = {
        f"{match.table.name}.{column}".lower() for match in matches for column in (*match.layout.columns, *match.cells)
    }
    known |= {column.lower() for column in behind}
    read = {match.table.name for match in matches}
    faults = []
    for entry in study.identifiers.harmless:
        table = entry.strip().lower().partition(".")[0]
        if entry.strip().lower() not in known and (table in read or table not in TABLES):
            close = difflib.get_close_matches(entry.lower(), sorted(known), n=1, cutoff=0.6)
            hint = f"did you mean {close[0]}?" if close else f"write table.column; tables are {', '.join(TABLES)}"
            faults.append(f'study.toml [identifiers] harmless: "{entry}" is no column of a file; {hint}')
    return faults


def way_out(table: str, column: str) -> str:
    """What to write where a column was mistaken for an identifier."""
    return f'; if it is none, write in study.toml: [identifiers] harmless = ["{table}.{column}"]'
