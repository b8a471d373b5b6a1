"""Raw files of the same shape as one: the parts of a year, or the exports of several months."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.ingest.files.views import Reading, View
from pipeline.ingest.layout import Layout
from pipeline.ingest.mapping.files import date_in
from pipeline.storage.quoting import name


@dataclass(frozen=True, slots=True)
class Group:
    """Files that one block reads, as a mapping names them together.

    newest  where each holds all that the one before held: their names carry a day, not a year
    """

    label: str
    readings: tuple[Reading, ...]
    newest: bool = False

    @property
    def view(self) -> View:
        return self.readings[-1].view

    @property
    def layout(self) -> Layout:
        """Their rows together."""
        layouts = [one.layout for one in self.readings]
        if len(layouts) == 1 or self.newest:
            return layouts[-1]
        columns = ", ".join(name(column) for column in layouts[0].columns)
        parts = " UNION ALL ".join(f"SELECT {columns} FROM {layout.relation()}" for layout in layouts)
        return replace(layouts[0], made=f"({parts})", numbered=False)


def grouped(readings: Iterable[Reading]) -> list[Group]:
    """Files by their columns and their name without its digits."""
    found: dict[tuple[object, ...], list[Reading]] = {}
    for one in readings:
        columns = tuple(column.lower() for column in one.layout.columns)
        found.setdefault((columns, stem_without_date(one.view.file.stem), one.view.sheet), []).append(one)
    return [group_of(same) for same in found.values()]


def group_of(same: Sequence[Reading]) -> Group:
    """One file by its name, several by a pattern; a name that carries a day by a pattern too, because the next one
    will carry another."""
    ordered = sorted(same, key=lambda one: (str(date_in(one.view.file.stem) or ""), one.view.name))
    label = ordered[0].view.called[0]
    if ordered[0].view.of_database:
        return Group(label, tuple(ordered))
    day = has_day(ordered[0].view.file.stem)
    if len(ordered) > 1 or day:
        stem = ordered[0].view.file.stem
        label = stem_without_date(stem) + "*" + label[len(stem) :]
    return Group(label, tuple(ordered), newest=day)


def stem_without_date(stem: str) -> str:
    """The part of a name before its first date or number."""
    month = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ _.-]?\d{1,2}"
    cut = re.search(rf"{month}|\d{{4}}|\d{{1,2}}[-_.]\d{{1,2}}", stem, re.IGNORECASE)
    return stem[: cut.start()] if cut else stem


def has_day(stem: str) -> bool:
    """Whether a name carries a whole date and not only a year."""
    rest = re.sub(r"(?<!\d)(19|20)\d\d(?!\d)", "", stem, count=1)
    return date_in(stem) is not None and re.search(r"\d", rest[len(stem_without_date(stem)) :]) is not None
