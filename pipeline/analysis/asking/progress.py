"""One line on the terminal while questions are answered, which takes minutes; nothing where nobody watches."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
CLEARED = "\r\x1b[K"  # back to the line's begin, and the line is empty


def shown(items: Iterable[T], total: int) -> Iterator[T]:
    """The items as they come; on a terminal, how many of them are there stands on one line of stderr until they all
    are."""
    if not sys.stderr.isatty():
        yield from items
        return
    try:
        show(0, total)
        for count, item in enumerate(items, start=1):
            show(count, total)
            yield item
    finally:
        sys.stderr.write(CLEARED)
        sys.stderr.flush()


def show(count: int, total: int) -> None:
    sys.stderr.write(f"{CLEARED}analyze  {count} of {total} parts of the questions are answered")
    sys.stderr.flush()
