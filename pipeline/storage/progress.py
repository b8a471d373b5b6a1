"""One line on the terminal while something takes minutes, with what is left of it; nothing where nobody watches."""

import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
CLEARED = "\r\x1b[K"  # back to the line's begin, and the line is empty
SURE = 5.0  # seconds from which a guess at what is left is worth reading


def shown(items: Iterable[T], total: int, stage: str, done: str) -> Iterator[T]:
    """The items as they come; on a terminal, how many of them are done stands on one line of stderr until they all
    are.

    done   what became of them, as it follows "3 of 7"
    """
    if sys.stderr is None or sys.stderr.closed or not sys.stderr.isatty():  # None: closed by who began the run
        yield from items
        return
    started = time.monotonic()
    try:
        show(f"{stage:7}  0 of {total} {done}")
        for count, item in enumerate(items, start=1):
            yield item
            show(f"{stage:7}  {count} of {total} {done}{left(time.monotonic() - started, count, total)}")
    finally:
        show("")


def left(seconds: float, count: int, total: int) -> str:
    """What is still to wait for, if the others take as long as those before: a guess, and said to be one."""
    rest = seconds / count * (total - count)
    if seconds < SURE or count == total:
        return ""
    return f"; about {rest:,.0f} s left" if rest < 100 else f"; about {rest / 60:,.0f} minutes left"


def show(line: str) -> None:
    """Writes over the line before; what is wider than the terminal is cut, since only one line can be cleared."""
    sys.stderr.write(f"{CLEARED}{line[: shutil.get_terminal_size().columns - 1]}")
    sys.stderr.flush()
