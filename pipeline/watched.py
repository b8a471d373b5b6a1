"""A study that remembers which of its choices were read, so that changing the others redoes nothing."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from pipeline.study import NO_CHOICE, Study, jsonable

SECTIONS = tuple(f.name for f in fields(Study) if f.name not in NO_CHOICE)


class WatchedStudy:
    """Stands in for a Study and notes each section that is read; `name` is noted apart from its section.

    Code that reads the same choices takes the same path, so what was not read cannot have mattered.
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if name == "as_json":
            self._read.update(SECTIONS)
        elif name not in NO_CHOICE:
            self._read.add({"raw_folder": "study"}.get(name, name))
        return getattr(self._study, name)

    def choices(self) -> dict[str, str]:
        """Each choice that was read, with the hash of its value."""
        return choices_of(self._study, self._read)


def with_choices(study: Any, **changes: Any) -> Any:
    """The study with other choices; what is read of a watched one is still noted, and under the choices it really
    has."""
    if not isinstance(study, WatchedStudy):
        return replace(study, **changes)
    changed = WatchedStudy(replace(study._study, **changes))
    changed._read = study._read
    return changed


def choices_of(study: Study, names: Iterable[str]) -> dict[str, str]:
    """The named choices of a study, each with the hash of its value."""
    return {name: hashed(getattr(study, name)) for name in sorted(names)}


def hashed(value: Any) -> str:
    """Hash of a section, a list of sections or a plain value."""
    content = [jsonable(item) for item in value] if isinstance(value, tuple) else jsonable(value)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def unchanged(study: Study, noted: Mapping[str, str]) -> bool:
    """Whether every choice that was read then has the same value now; a choice that is gone has changed."""
    known = {*SECTIONS, "name"}
    return set(noted) <= known and choices_of(study, noted) == dict(noted)
