"""What the texts and numbers of study.toml may be: names that become files, folders, columns and labels, and sizes."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.errors import StudyError
from pipeline.study import Study, jsonable

LARGEST_FILE = 1 << 20
MOST_ENTRIES = {"codes": 10_000, "columns": 1_000, "harmless": 1_000}  # of a list or table; 60 of any other
LONGEST_TEXT = {
    **dict.fromkeys(("raw", "conf", "remote", "folder"), 1_000),
    **dict.fromkeys(("codes", "columns", "harmless"), 500),
    **dict.fromkeys(("title", "unmeasured"), 200),
}  # letters; 100 of any other
LARGEST_NUMBER = 100_000  # days, people and counts alike
LARGEST_AMOUNT = 1e12
MOST_MARKS = 400  # of [schedule]
SEEDS = 2**63  # what a database column of 64 bits holds
STUDY_NAME = re.compile(r"\w(?:[\w .()+&,'-]{0,62}[\w)])?")
ARM = re.compile(r"[A-Za-z][A-Za-z0-9_ -]{0,38}[A-Za-z0-9]|[A-Za-z]")
OUTCOME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")
CODE = re.compile(r"[A-Za-z0-9_:.-]{1,60}")
RESERVED_FILES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def check_limits(study: Study) -> None:
    """Refuses names that are paths, texts that are no labels, and numbers beyond all use; every message names the
    key."""
    check_names(study)
    for part, value in jsonable_parts(study):
        check_value(f"[{part}]", part, value)
    if not 0 <= study.study.seed < SEEDS:
        raise StudyError("study.toml [study] seed must be a whole number from 0 to 9223372036854775807")
    if any(days < 0 for days in study.episodes.gap_days.values()):
        raise StudyError("study.toml [episodes] gap_days cannot be negative")
    if study.schedule.last_day > MOST_MARKS * max(study.schedule.every_days, 1):
        raise StudyError(f"study.toml [schedule] has more than {MOST_MARKS} marks; raise every_days or lower last_day")


def check_names(study: Study) -> None:
    """The study, its arms and its outcomes name files, columns and labels."""
    if not STUDY_NAME.fullmatch(study.name) or RESERVED_FILES.fullmatch(study.name):
        told = "[study] name" if study.study.name else "the folder's name, where [study] name is empty,"
        raise StudyError(
            f"study.toml {told} must be a name and no path: up to 64 letters, digits, blanks and . ( ) + & , ' -, "
            "beginning with a letter or digit; it names the folder of the pages"
        )
    for place, arm in enumerate(study.arms, start=1):
        if not ARM.fullmatch(arm):
            raise StudyError(
                f"study.toml [arms], name {place} of {len(study.arms)} ({len(arm)} characters): an arm's name is up to"
                " 40 letters, digits, blanks, _ and -, the first a letter; give it a shorter or plainer one"
            )
    for place, outcome in enumerate(study.outcomes, start=1):
        if not OUTCOME.fullmatch(outcome.name):
            raise StudyError(
                f"study.toml [[outcomes]], block {place} of {len(study.outcomes)}: name is up to 60 letters, digits and"
                " _, the first a letter: phq9_day90"
            )
        if not CODE.fullmatch(outcome.instrument):
            raise StudyError(f"study.toml [[outcomes]] {outcome.name}: instrument is a code, such as PHQ9")


def jsonable_parts(study: Study) -> Iterator[tuple[str, Any]]:
    """Every section as plain lists, tables, texts and numbers."""
    for name in study.__dataclass_fields__:
        if name != "folder":
            yield name, jsonable(getattr(study, name))


def check_value(where: str, kind: str, value: Any) -> None:
    """One value and all that it holds; `kind` is the key or section that sets its limits."""
    match value:
        case Mapping() | list() | tuple():
            most = MOST_ENTRIES.get(kind, 60)
            if len(value) > most:
                raise StudyError(f"study.toml {where} has {len(value):,} entries; at most {most:,} can be")
            for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
                inner = kind if kind in MOST_ENTRIES else str(key) if isinstance(value, Mapping) else kind
                if isinstance(value, Mapping):
                    check_text(where, kind, str(key))
                check_value(f"{where} {key}" if isinstance(value, Mapping) else where, inner, item)
        case str():
            check_text(where, kind, value)
        case bool():
            pass
        case int() if kind != "seed" and abs(value) > LARGEST_NUMBER:
            raise StudyError(f"study.toml {where} must be between -{LARGEST_NUMBER:,} and {LARGEST_NUMBER:,}")
        case float() if not math.isfinite(value) or abs(value) > LARGEST_AMOUNT:
            raise StudyError(f"study.toml {where} must be a finite number of an ordinary size")


def check_text(where: str, kind: str, text: str) -> None:
    """A text of a readable length without control characters."""
    longest = LONGEST_TEXT.get(kind, 100)
    if len(text) > longest:
        raise StudyError(f"study.toml {where[:200]} holds a text of {len(text):,} letters; at most {longest} can be")
    if any(not letter.isprintable() for letter in text) and kind not in ("columns", "codes"):
        raise StudyError(f"study.toml {where[:200]!r} holds control characters; write it as one line of plain text")
