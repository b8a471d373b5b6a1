"""What stands in the place of a number that is not shown: a marker, or a range that is told instead."""

from dataclasses import dataclass
from enum import Enum


class Marker(Enum):
    """The one value that says: there is a number, and it is not shown."""

    SUPPRESSED = "suppressed"

    def __str__(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return "SUPPRESSED"


SUPPRESSED = Marker.SUPPRESSED
HELD_BACK = "held back"  # how the reason of a row begins that is hidden in this edition alone


@dataclass(frozen=True, slots=True)
class Within:
    """A number that is not shown lies between low and high; None where only the other side is told."""

    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        if self.low is None:
            return f"at most {self.high:g}"
        return f"at least {self.low:g}" if self.high is None else f"{self.low:g} to {self.high:g}"


def is_hidden(cell: object) -> bool:
    """Whether a cell of a released row is hidden and nothing is told in its place."""
    return cell is SUPPRESSED


def is_suppressed(cell: object) -> bool:
    """Whether a cell of a released row is hidden, with a range in its place or without; its column is typed as it is
    stored, and so cannot say it."""
    return is_hidden(cell) or isinstance(cell, Within)
