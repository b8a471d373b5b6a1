"""Translations that a draft proposes: the words of one or several columns, and our codes where they are known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.ingest.drafting.drafts import DraftList
from pipeline.ingest.drafting.knowledge import LEFT_OUT, Word, words
from pipeline.ingest.drafting.profiles import Profile
from pipeline.ingest.drafting.seen import rows_of

LIST_OF = {  # columns that share one list of words
    "level_of_care": "level",
    "recommended_level": "level",
    "destination_level": "level",
    "race_ethnicity": "race",
    "referral_source": "referral",
}
KNOWN_AS = {"level": "level_of_care", "race": "race_ethnicity", "referral": "referral_source"}


@dataclass(frozen=True, slots=True)
class Translated:
    """The words of a list by what is known of them: translated, left out with their rows, and unknown."""

    pairs: tuple[tuple[str, str, int], ...]
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


def translate(column: str, cells: Counter[str]) -> Translated:
    """Each word by the first known word that fits it; a word with stars where it fits several."""
    fitting: dict[Word, list[str]] = {}
    unknown = []
    for cell, count in cells.most_common():
        word = next((one for one in words(KNOWN_AS.get(column, column)) if one.fits(cell)), None)
        if word is None:
            unknown.append((cell, count))
        else:
            fitting.setdefault(word, []).append(cell)
    known = [word for word in words(KNOWN_AS.get(column, column)) if word in fitting]
    pairs = [
        (spelled(word, fitting[word]), word.ours, sum(cells[cell] for cell in fitting[word]))
        for word in known
        if word.ours != LEFT_OUT
    ]
    left_out = [cell for word in known if word.ours == LEFT_OUT for cell in fitting[word]]
    return Translated(tuple(pairs), tuple(left_out), tuple(unknown))


def spelled(word: Word, cells: Sequence[str]) -> str:
    """The word as it stands in the file where it is one, else with stars."""
    return cells[0] if len(cells) == 1 else word.theirs


def drafted(name: str, found: Translated, allowed: Sequence[str], threshold: int) -> DraftList:
    """The list as a draft; what is unknown is open, with the codes it may be."""
    return DraftList(
        name,
        tuple((theirs, ours, rows_of(count, threshold)) for theirs, ours, count in found.pairs),
        tuple((cell, rows_of(count, threshold)) for cell, count in found.unknown),
        tuple(allowed),
    )
