"""The marker of a hidden cell."""

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


def is_suppressed(cell: object) -> bool:
    """Whether a cell of a released row is hidden; its column is typed as it is stored, and so cannot say it."""
    return cell is SUPPRESSED
