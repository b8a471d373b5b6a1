"""A draft as the text of mapping.toml, and what is new in it beside the mapping that stands."""

from __future__ import annotations

from pipeline.ingest.drafting.drafts import WIDTH, Draft, DraftList

HEAD = """# Which column of which raw file is which of ours: a draft by `carelevels map`, to be read line by line.
# What was seen in the files stands behind each line. Lines that are not sure are commented out. Change what is wrong,
# then type: carelevels check. Every word that may stand here: docs/mapping.md
"""
SHORT = 60  # letters of a list that stands within the line that names it


def text_of(draft: Draft) -> str:
    """The whole draft."""
    short = {one.name: one for one in draft.lists if fits_in_line(one, draft)}
    parts = [HEAD.rstrip(), "\n".join(line.text() for line in draft.top)]
    for block in draft.blocks:
        text = block.text()
        for called, one in short.items():
            text = text.replace(f'values = "{called}"', f"values = {one.inline()}")
        parts.append("\n".join(apart(line) for line in text.splitlines()))
    parts += ["\n".join(one.lines()) for one in draft.lists if one.name not in short]
    return "\n\n".join(part for part in parts if part) + "\n"


def apart(line: str) -> str:
    """A line that grew too long, with what was seen above it."""
    code, mark, seen = line.partition("   # ")
    return f"# {seen}\n{code}" if mark and len(line) > WIDTH else line


def fits_in_line(one: DraftList, draft: Draft) -> bool:
    """Whether a list is named once, wholly known and short."""
    named = sum(f'"{one.name}"' in line.value for block in draft.blocks for line in block.lines)
    return named == 1 and not one.open and len(one.inline()) <= SHORT
