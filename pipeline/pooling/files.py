"""A pooling file: what one organization shares of its released differences, as JSON in a shape with a version."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, cast

from pipeline.errors import PoolError
from pipeline.storage.disk import disk_faults, write_whole

VERSION = 1
ENDING = ".pooling.json"
LARGEST_FILE = 5 << 20
LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class SharedRow:
    """One difference of one organization, as its disclosure gate released it.

    asked       what makes two rows the same question: population, outcome, day, arms, measure, target, estimator
    definition  the choices behind it (levels of the arms, window, gaps) as JSON; only equal ones are pooled
    se          robust standard error; of the log for ratios
    df          degrees of freedom of its limits; none: the normal
    largest_smd largest standardized difference left between the arms after weighting
    hidden      names of columns that the gate hid
    """

    asked: str
    definition: str
    question: str
    population: str
    outcome: str
    arm: str
    reference: str
    measure: str
    unit: str
    gate: str
    reason: str
    estimate: float | None
    se: float | None
    df: float | None
    low: float | None
    high: float | None
    level: float | None
    p: float | None
    n: int | None
    n_reference: int | None
    largest_smd: float | None
    hidden: str


@dataclass(frozen=True, slots=True)
class Shared:
    """What one organization shares; made_from is the hash of its released tables."""

    organization: str
    synthetic: bool
    made_from: str
    rows: tuple[SharedRow, ...]


def write_shared(shared: Shared, path: Path) -> None:
    """Writes a pooling file.  Raises DiskError."""
    content = {"carelevels_pooling": VERSION} | asdict(shared)
    write_whole(path, (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode())


def read_shared(path: Path) -> Shared:
    """What a pooling file says.  Raises PoolError for one that is none, is of another version, or says what cannot
    be."""
    with disk_faults(path):
        content = path.read_bytes() if path.stat().st_size <= LARGEST_FILE else b""
    try:
        given = json.loads(content)
        version = given.pop("carelevels_pooling")
        if version != VERSION:
            raise PoolError(
                f"{path} is a pooling file of another version than {VERSION}, the one read here; have all of them made"
                " by one version of carelevels"
            )
        rows = tuple(checked(SharedRow, row) for row in given.pop("rows"))
        return cast(Shared, checked(Shared, given | {"rows": rows}))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise PoolError(
            f"{path} is no pooling file as carelevels writes it; have it made anew: carelevels results STUDY --pooling"
            f" NAME{ENDING}"
        ) from None


SHAPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "float | None": (int, float, type(None)),
    "int | None": (int, type(None)),
}


def checked(kind: Any, given: Mapping[str, Any]) -> Any:
    """A dataclass from JSON, every value of its declared type.  Raises ValueError or TypeError."""
    made = kind(**given)
    for field in fields(kind):
        value, allowed = getattr(made, field.name), SHAPES.get(str(field.type))
        if allowed and (not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed)):
            raise TypeError(field.name)
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(field.name)
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            raise ValueError(field.name)
    return made
