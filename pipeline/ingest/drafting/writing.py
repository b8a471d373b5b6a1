"""A draft as the text of mapping.toml: what holds for every file at its top, then the blocks, then what is open."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from pipeline.ingest.drafting.drafts import Draft, DraftBlock, Line, quoted
from pipeline.schema import TABLES

HEAD = """# Which column of which raw file is which of ours: a draft by `carelevels map`, to be read line by line.
# What was seen in the files stands behind or above each line. Lines that are not sure are commented out. Words that
# carelevels knows stand with our code behind them (Kept = attended) and need no line; a word of your own comes before
# them: values = [{ "Walk-in" = "attended" }, "known"]. Change what is wrong, then type: carelevels check.
# Every word that may stand here: docs/mapping.md
"""
SHARED = ("patient_id", "episode_id")  # ids that most files have
OFTEN = 3  # files from which on an id is said once, at the top


def text_of(draft: Draft) -> str:
    """The whole draft."""
    for key in SHARED:
        draft = with_shared(draft, key)
    top = "\n".join(line.text() for line in draft.top)
    parts = [HEAD.rstrip(), top, *(block.text() for block in draft.blocks), *(one.text() for one in draft.lists)]
    return "\n\n".join(part for part in parts if part) + "\n"


def with_shared(draft: Draft, key: str) -> Draft:
    """The draft with an id said once for the files that call it so; what each calls it stays as a comment."""
    theirs = {block.label: own for block in draft.blocks if (own := own_line(block, key))}
    names = first_spelled([line.value for line in theirs.values()])
    without = [block for block in draft.blocks if key in columns_of(block) and block.label not in theirs]
    names = [one for one in names if not any(one.lower() in lower(block) for block in without)]
    fits = {label for label, line in theirs.items() if first_there(draft, label, names) == line.value.lower()}
    if len(fits) < OFTEN:
        return draft
    line = Line(key, f"[{', '.join(names)}]", "the first that a file has")
    blocks = tuple(told(block, key) if block.label in fits else block for block in draft.blocks)
    return replace(draft, top=(*draft.top, line), blocks=blocks)


def own_line(block: DraftBlock, key: str) -> Line | None:
    """The line of a block that takes an id from a column as it stands."""
    lines = [line for line in block.lines if line.key == key and line.sure and line.value.startswith('"')]
    return lines[0] if lines and block.sure else None


def first_spelled(names: list[str]) -> list[str]:
    """Names by how often they are given, those that differ by case once."""
    ordered = [name for name, _ in Counter(names).most_common()]
    return [name for place, name in enumerate(ordered) if name.lower() not in map(str.lower, ordered[:place])]


def first_there(draft: Draft, label: str, names: list[str]) -> str:
    """The first of these names that a file has."""
    mine = next(lower(block) for block in draft.blocks if block.label == label)
    return next((name.lower() for name in names if name.lower() in mine), "")


def lower(block: DraftBlock) -> set[str]:
    return {quoted(column).lower() for column in block.columns}


def columns_of(block: DraftBlock) -> set[str]:
    return {column.name for column in TABLES[block.table].columns}


def told(block: DraftBlock, key: str) -> DraftBlock:
    """The block with what it calls an id as a comment."""
    lines = tuple(replace(line, shared=True) if line.key == key else line for line in block.lines)
    return replace(block, lines=lines)
