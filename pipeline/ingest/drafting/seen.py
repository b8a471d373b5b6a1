"""What stands beside a line: how many rows, which words how often; small counts and identifiers are not shown."""

from __future__ import annotations

from pipeline.ingest.drafting.drafts import BETWEEN
from pipeline.ingest.drafting.profiles import Profile
from pipeline.ingest.known.knowledge import code_for
from pipeline.schema import Column

WIDTH = 90  # letters of words beside a line


def rows_of(count: int, threshold: int) -> str:
    """`310 rows`, or `fewer than 11 rows`."""
    return f"{count:,} rows" if count >= threshold else f"fewer than {threshold} rows"


def share_empty(one: Profile, threshold: int) -> str:
    """How many of a column's cells are empty; nothing where none is."""
    empty = one.rows - one.filled
    if not empty:
        return ""
    if empty < threshold:
        return f"fewer than {threshold} empty"
    return f"{max(1, round(100 * empty / one.rows))} % empty"


def held(one: Profile, threshold: int) -> str:
    """What a column holds, in a few words."""
    empty = share_empty(one, threshold)
    if not one.filled:
        return "empty"
    if one.looks_like:
        said = one.looks_like
    elif one.days:
        said = f"days, {one.days.form}"
    elif one.is_list and not one.numeric:
        said = words_of(one, threshold)
    elif one.numeric:
        said = "numbers"
    else:
        said = f"{one.different:,} different"
    return f"{said}, {empty}" if empty else said


def translated_words(column: Column, one: Profile, threshold: int) -> str:
    """`Kept 43,058 = attended · Left = ?`: every word of a column with our code, words of few rows without their
    number."""
    told = [f"{flat(cell)} {count:,}" if count >= threshold else flat(cell) for cell, count in one.words]
    ours = [ours_or_open(column, cell) for cell, _ in one.words]
    pairs = [f"{word} = {code}" for word, code in zip(told, ours, strict=True)]
    return BETWEEN.join(filter(None, [*pairs, share_empty(one, threshold)]))


def ours_or_open(column: Column, cell: str) -> str:
    """Our code for a word; `(empty)` where it means nothing to us, `?` where no list of ours knows it."""
    ours = cell if cell in column.allowed else code_for(column.name, cell)
    return "?" if ours is None else ours or "(empty)"


def flat(cell: str) -> str:
    """A cell in one line."""
    return " ".join(cell.split())


def words_of(one: Profile, threshold: int) -> str:
    """`Kept 43,058 · No Show 1,594 · 3 more`; words of few rows without their number."""
    told = [f"{flat(cell)} {count:,}" if count >= threshold else flat(cell) for cell, count in one.words]
    shown = told[:1]
    for word in told[1:]:
        if len(BETWEEN.join([*shown, word])) > WIDTH:
            break
        shown.append(word)
    more = [f"{len(told) - len(shown)} more"] if len(told) > len(shown) else []
    return BETWEEN.join([*shown, *more])
