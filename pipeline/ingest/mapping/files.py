"""Which raw files a block reads: by name, by the name without its ending, or by a pattern."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from pipeline.errors import StructureError
from pipeline.ingest.files.views import View
from pipeline.ingest.mapping.grammar import Block
from pipeline.ingest.mapping.lines import place_of

EARLIEST = 1990  # a number before it counts parts of an export
DATES = (
    (r"(\d{4})[-_. ]?(\d{2})[-_. ]?(\d{2})", "%Y %m %d"),
    (r"(\d{1,2})[-_.](\d{1,2})[-_.](\d{4})", "%m %d %Y"),
    (r"([A-Z][a-z]{2})[a-z]*[ _.-]?(\d{1,2}),?[ _.-]+(\d{4})", "%b %d %Y"),
    (r"(\d{1,2})[ _.-]?([A-Z][a-z]{2})[a-z]*[ _.-]?(\d{4})", "%d %b %Y"),
    (r"([A-Z][a-z]{2})[a-z]*[ _.-]?(\d{4})", "%b %Y"),
    (r"(\d{4})[-_. ](\d{2})", "%Y %m"),
    (r"(\d{4})", "%Y"),
)


def views_for(block: Block, views: Sequence[View], text: str) -> list[View]:
    """The views a block reads, by name.  Raises StructureError where there is none, or where a sheet must be named."""
    where = place_of(text, block.section, "file")
    found = named(block.file, views)
    if not found:
        raise StructureError(
            f"{where}: {not_there(block.file, views)}; correct the name, put the file there, or, where it does not come"
            " every time, add the line optional = true"
        )
    if block.sheet:
        found = [view for view in found if view.sheet.lower() == block.sheet.lower()]
        if not found:
            raise StructureError(f'{where}: {block.file} has no sheet "{block.sheet}"')
    elif sheets := [one.sheet for one in found if not one.of_database and one.name != one.file.stem]:
        raise StructureError(
            f'{where}: {block.file} has several sheets; add a line such as sheet = "{sheets[0]}" (it has'
            f" {', '.join(sheets)})"
        )
    return [newest(found, where)] if block.newest and len(found) > 1 else found


def not_there(name: str, views: Sequence[View]) -> str:
    """That no raw file is called so, and the one that may be meant: its name without the ending must be alike."""
    labels = {Path(view.called[0]).stem: view.called[0] for view in views}
    close = difflib.get_close_matches(Path(name).stem, list(labels), n=1, cutoff=0.7)
    return f'no raw file is called "{name}"' + (f"; did you mean {labels[close[0]]}?" if close else "")


def named(called: str, views: Sequence[View]) -> list[View]:
    """Views of the files that a name or a pattern means: written so, else whatever the case."""
    exact = [view for view in views if called in view.called]
    if exact:
        return exact
    wanted = called.lower()
    return [
        view
        for view in views
        if wanted in [one.lower() for one in view.called]
        or ("*" in wanted and fnmatchcase(view.called[0].lower(), wanted.replace("[", "[[]").replace("?", "[?]")))
    ]


def newest(found: Sequence[View], where: str) -> View:
    """The view whose file name carries the latest date.  Raises StructureError where a name carries none."""
    dated = {view.name: date_in(view.file.stem) for view in found}
    if undated := [view.file.label for view in found if dated[view.name] is None]:
        raise StructureError(
            f"{where}: newest = true, and the name of {', '.join(undated)} carries no date; name the file"
        )
    return max(found, key=lambda view: (dated[view.name], view.name))


def date_in(stem: str) -> date | None:
    """The date within a file name."""
    for pattern, form in DATES:
        for found in re.finditer(rf"(?<!\d){pattern}(?!\d)", stem):
            try:
                day = datetime.strptime(" ".join(found.groups()), form).date()
            except ValueError:
                continue
            if day.year >= EARLIEST:
                return day
    return None
