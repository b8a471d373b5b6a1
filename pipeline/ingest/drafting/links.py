"""Which column of a file holds ids of another file, told by the ids themselves and not by what they are called."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pipeline.ingest.drafting.profiles import FileProfile, Profile

MOSTLY = 0.5  # of the different cells of a column that must be ids of the other file


def share_of(column: Profile, ids: Collection[str]) -> float:
    """The share of a column's different cells that are among these ids."""
    if not column.sample or not ids:
        return 0.0
    return sum(cell in ids for cell in column.sample) / len(column.sample)


def linked(file: FileProfile, ids: Collection[str], besides: Collection[str] = ()) -> tuple[Profile | None, float]:
    """The column of a file that holds these ids, and the share of its cells that do."""
    known = frozenset(ids)
    shares = [(share_of(one, known), one) for one in file.columns if one.column not in besides]
    best = max(shares, key=lambda pair: pair[0], default=(0.0, None))
    return (best[1], best[0]) if best[1] is not None and best[0] >= MOSTLY else (None, 0.0)


def by_first_word(file: FileProfile, places: Sequence[str]) -> tuple[Profile | None, bool]:
    """The column that names a place of another file, as it is or with its first word alone."""
    known = frozenset(places)
    for one in file.columns:
        if one.is_list and all(cell in known for cell, _ in one.words):
            return one, False
    for one in file.columns:
        if one.is_list and all(cell.split(" ")[0] in known for cell, _ in one.words):
            return one, True
    return None, False
