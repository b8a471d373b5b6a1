"""What a value looks like: the patterns by which a machine finds an identifier in a cell."""

import re
from collections.abc import Iterable

from pipeline.measures.library import person_names


def names_of_people(cells: Iterable[str]) -> bool:
    """True where a cell is, or holds, a common first or family name."""
    known = person_names()
    return any(word.lower() in known for cell in cells for word in re.findall(r"[A-Za-z]{3,}", cell))
