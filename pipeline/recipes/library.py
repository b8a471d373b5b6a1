"""Which recipes there are, and what each brings into a study folder."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError

ROOM = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Recipe:
    """A ready mapping for one kind of export.

    export  what it reads, in words
    files   the raw files that it looks for
    yours   what is left to fill in by hand
    """

    name: str
    export: str
    files: str
    yours: str

    @property
    def mapping(self) -> str:
        """Its mapping.toml."""
        return (ROOM / self.name / "mapping.toml").read_text(encoding="utf-8")

    @property
    def queries(self) -> Mapping[str, str]:
        """Its sources/*.sql by file name; most recipes have none."""
        found = sorted((ROOM / self.name / "sources").glob("*.sql"))
        return {path.name: path.read_text(encoding="utf-8") for path in found}

    @property
    def tables(self) -> frozenset[str]:
        """The tables of ours that it makes."""
        return frozenset((*tomllib.loads(self.mapping), *(name.removesuffix(".sql") for name in self.queries)))

    @property
    def waits_for(self) -> tuple[str, ...]:
        """People and their stays, where the export holds none: the user brings files of them."""
        without_care = not self.tables & {"episodes", "sessions"}
        return (*["patients"] * ("patients" not in self.tables), *["episodes"] * without_care)

    @property
    def choices(self) -> Mapping[str, Any]:
        """What its study.toml says otherwise than the defaults: section -> key -> value."""
        path = ROOM / self.name / "study.toml"
        return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def recipes() -> dict[str, Recipe]:
    """Every recipe by name."""
    with (ROOM / "recipes.csv").open(encoding="utf-8", newline="") as rows:
        return {row["name"]: Recipe(*row.values()) for row in csv.DictReader(rows)}


def recipe(name: str) -> Recipe:
    """The recipe of that name.  Raises UsageError where there is none."""
    known = recipes()
    if name not in known:
        raise UsageError(f"there is no recipe {name}; --from takes {', '.join(known)}")
    return known[name]
