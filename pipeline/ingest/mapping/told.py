"""A place in mapping.toml, and what to say where something other stands there than can be read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipeline.errors import StudyError
from pipeline.ingest.mapping.lines import place_of

LARGEST = 1e9  # of a number that a line may say


@dataclass(frozen=True, slots=True)
class Where:
    """A section of mapping.toml and a key in it."""

    content: str
    section: str
    key: str = ""

    def at(self, key: str) -> Where:
        return replace(self, key=key)

    def error(self, sentence: str) -> StudyError:
        """The sentence behind its line."""
        return StudyError(f"{place_of(self.content, self.section, self.key)}: {sentence}")

    def refuse_unknown(self, told: Any, known: Iterable[str]) -> None:
        """Refuses what is no table of keys, and keys that nothing reads."""
        if not isinstance(told, Mapping):
            raise self.error("this must be keys and values")
        known = tuple(known)
        for key in told:
            if key not in known:
                raise (self if self.key else self.at(key)).error(f'unknown key "{key}"{close(key, known)}')


def close(word: str, known: Iterable[str]) -> str:
    """The nearest known word as a hint, or all of them where they are few."""
    known = tuple(known)
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    few = f"; known are {', '.join(known)}" if len(known) < 20 else ""
    return f'; did you mean "{near[0]}"?' if near else few


def text(told: Any, where: Where) -> str:
    if not isinstance(told, str):
        raise where.error(f"{where.key} must be text in quotes")
    if "\x00" in told:
        raise where.error(f"{where.key} holds a sign that no file holds")
    return told


def texts(told: Any, where: Where) -> tuple[str, ...]:
    """One text or a list of them."""
    given = told if isinstance(told, list) else [told]
    return tuple(text(one, where) for one in given)


def flag(told: Any, where: Where) -> bool:
    if not isinstance(told, bool):
        raise where.error(f"{where.key} must be true or false")
    return told


def number(told: Any, where: Where) -> float:
    if isinstance(told, bool) or not isinstance(told, (int, float)) or not abs(told) < LARGEST:
        raise where.error(f"{where.key} must be a number")
    return float(told)


def count(told: Any, where: Where) -> int:
    if isinstance(told, bool) or not isinstance(told, int) or told < 1:
        raise where.error(f"{where.key} must be a whole number from 1 on")
    return told
