"""Where the header of a table stands: what lies above it is a title, a filter that was printed along, or blank."""

from collections.abc import Sequence

LOOKED_AT = 20  # rows from the top


def header_place(rows: Sequence[Sequence[str]]) -> int:
    """The place of the row of column names among the first rows: the first that fills more than a third of the most
    that any of them fills; a title fills one cell or two."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows[:LOOKED_AT]]
    most = max(filled, default=0)
    few = max(1, most // 3) if most > 2 else 0
    return next((place for place, count in enumerate(filled) if count > few), 0)


def survey_rows(rows: Sequence[Sequence[str]]) -> int:
    """How many rows after the header say the same again: two in a survey export that repeats its header as question
    texts and as JSON import ids, else none."""
    if len(rows) < 3:
        return 0
    ids = [cell.strip() for cell in rows[2] if cell.strip()]
    return 2 if ids and all(cell.startswith('{"ImportId"') for cell in ids) else 0
