"""A cell of a workbook or a statistics file as the text that a person sees."""

import math
from datetime import date, datetime, time, timedelta


def seen(cell: object) -> str | None:
    """Whole numbers without `.0`, days in ISO, times only where there is one; None where the cell is empty."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return seen_number(cell)
    if isinstance(cell, datetime):
        return seen_moment(cell)
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds())
    return str(cell)


def seen_number(cell: float) -> str | None:
    """A number: 3.0 is 3, and no number at all is an empty cell."""
    if math.isnan(cell):
        return None
    return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)


def seen_moment(cell: datetime) -> str | None:
    """A day, with its time where that is not midnight; a missing one of pandas is an empty cell."""
    if cell != cell:
        return None
    text = cell.replace(microsecond=0, tzinfo=None).isoformat(sep=" ")
    return text.removesuffix(" 00:00:00")
