"""What a draft knows of the whole delivery: which file is which table, whose ids are whose, how days are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.ingest.drafting.kinds import Kind, kind_of
from pipeline.ingest.drafting.links import by_first_word, share_of
from pipeline.ingest.drafting.minutes import with_minutes_told
from pipeline.ingest.drafting.profiles import FileProfile, Profile, profiled
from pipeline.ingest.drafting.raw_groups import Group
from pipeline.ingest.known.knowledge import called, plain
from pipeline.storage.quoting import name

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Sorted:
    """A group of raw files with what its columns hold and the table it seems to be."""

    group: Group
    file: FileProfile
    kind: Kind


@dataclass(frozen=True, slots=True)
class Delivery:
    """All raw files together.

    forms          how most days are written; empty where that is ISO
    people, stays  every id of the files that seem to be patients and episodes
    place          the column of stays that names a program, and the names it holds
    """

    files: tuple[Sorted, ...]
    threshold: int
    forms: str
    people: frozenset[str]
    stays: frozenset[str]
    place: str
    places: tuple[str, ...]

    def of(self, table: str) -> list[Sorted]:
        """The files that seem to be a table."""
        return [one for one in self.files if one.kind.table == table and one.kind.sure]


def sort_out(con: duckdb.DuckDBPyConnection, groups: Sequence[Group], threshold: int) -> Delivery:
    """Looks at every group of raw files."""
    profiles = [(group, profiled(con, group.view, group.layout)) for group in groups]
    files = tuple(Sorted(group, file, kind_of(file)) for group, file in profiles)
    people, stays = ids(con, files, "patients", "patient_id"), ids(con, files, "episodes", "episode_id")
    hidden = [(one.group, without_ids(one.file, people, stays)) for one in files]
    files = tuple(Sorted(group, file, with_minutes_told(con, group, kind_of(file))) for group, file in hidden)
    place, places = place_of(files)
    return Delivery(files, threshold, most_common_form(files), people, stays, place, places)


def without_ids(file: FileProfile, *known: frozenset[str]) -> FileProfile:
    """The file with the columns marked whose cells are ids of people or stays, whatever they are called."""
    columns = [replace(one, ids=one.ids or any(share_of(one, ids) > 0 for ids in known)) for one in file.columns]
    return replace(file, columns=tuple(columns))


def most_common_form(files: Sequence[Sorted]) -> str:
    """How most days are written, where that is not ISO."""
    days = [column.days for one in files for column in one.file.columns if column.days]
    forms = Counter(shape.form for shape in days if shape.sure and not shape.iso)
    return forms.most_common(1)[0][0] if forms else ""


def ids(con: duckdb.DuckDBPyConnection, files: Sequence[Sorted], table: str, column: str) -> frozenset[str]:
    """Every id of a table, from the file that seems to be it."""
    for one in files:
        if one.kind.table == table and one.kind.sure and column in one.kind.columns:
            cell = name(one.kind.columns[column].column)
            found = con.execute(f"SELECT DISTINCT trim(CAST({cell} AS VARCHAR)) FROM {one.group.layout.relation()}")
            return frozenset(cell for (cell,) in found.fetchall() if cell)
    return frozenset()


def place_of(files: Sequence[Sorted]) -> tuple[str, tuple[str, ...]]:
    """The column of stays that names a program as the file of sessions names it too, and its names."""
    stays = next((one for one in files if one.kind.table == "episodes"), None)
    visits = next((one for one in files if one.kind.table == "sessions"), None)
    candidates = [one for one in stays.file.columns if one.is_list and is_place(one)] if stays else []
    for one in candidates:
        places = tuple(cell for cell, _ in one.words)
        if visits is None or by_first_word(visits.file, places)[0]:
            return one.column, places
    return (candidates[0].column, ()) if candidates else ("", ())


def is_place(one: Profile) -> bool:
    """Whether a column is called as programs and sites are."""
    wanted = [known for known in called() if known.column in ("program_id", "site")]
    return any(known.pattern.fullmatch(plain(one.column)) for known in wanted)
