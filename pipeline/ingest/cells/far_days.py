"""Days far beyond all the others of their column, as a mistyped year makes them: 2052 for 2025, 1925 for 2025."""

from collections.abc import Sequence

FAR = 5 * 366  # days of silence between such a day and all the others
FEWEST = 5  # filled cells: of fewer nobody can say which is the odd one
MOST = 0.01  # of the cells, or one cell: more of them are no slip


def usual_range(days: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """The first and last day that are not far from the rest; None where no day is.

    days  (day, how many cells) by day
    """
    total = sum(count for _, count in days)
    most = max(1, int(MOST * total))
    if total < FEWEST:
        return None
    first, last = cut(days, most), len(days) - cut([(-day, count) for day, count in reversed(days)], most)
    return (days[first][0], days[last - 1][0]) if first > 0 or last < len(days) else None


def cut(days: Sequence[tuple[int, int]], most: int) -> int:
    """How many of the first days are cut off from the rest by a silence, holding at most so many cells."""
    held, found = 0, 0
    for place in range(len(days) - 1):
        held += days[place][1]
        if held > most:
            break
        if days[place + 1][0] - days[place][0] > FAR:
            found = place + 1
    return found
