"""The words of one or several columns by what is known of them: translated, left out with their rows, and unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from pipeline.ingest.drafting.drafts import DraftList
from pipeline.ingest.drafting.profiles import Profile
from pipeline.ingest.drafting.seen import rows_of
from pipeline.ingest.known.knowledge import LEFT_OUT, LIST_OF, code_for


@dataclass(frozen=True, slots=True)
class Translated:
    """The words of a list: those that we know, those whose rows are left out, and the unknown with their rows."""

    known: tuple[str, ...]
    left_out: tuple[str, ...]
    unknown: tuple[tuple[str, int], ...]


def list_name(column: str) -> str:
    """What a column's list of values is called."""
    return LIST_OF.get(column, column)


def counted(profiles: Iterable[Profile]) -> Counter[str]:
    """The words of several columns together."""
    total: Counter[str] = Counter()
    for one in profiles:
        total.update(dict(one.words))
    return total


def translate(column: str, cells: Counter[str], allowed: Collection[str] = ()) -> Translated:
    """Each word by the first known word that fits it; our own codes are no unknown words."""
    ours = {cell: cell if cell in allowed else code_for(column, cell) for cell in cells}
    return Translated(
        tuple(cell for cell in cells if ours[cell] not in (None, LEFT_OUT)),
        tuple(cell for cell in cells if ours[cell] == LEFT_OUT),
        tuple((cell, count) for cell, count in cells.most_common() if ours[cell] is None),
    )


def drafted(name: str, found: Translated, allowed: Sequence[str], threshold: int) -> DraftList:
    """What is unknown of a list, with the codes it may be."""
    return DraftList(name, tuple((cell, rows_of(count, threshold)) for cell, count in found.unknown), tuple(allowed))
