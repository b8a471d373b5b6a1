"""A draft of mapping.toml as lines, each sure or commented out, with what speaks for it beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import wrap

WIDTH = 120


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a block: `key = value`, what was seen, and whether it stands or is commented out."""

    key: str
    value: str
    seen: str = ""
    sure: bool = True

    def text(self) -> str:
        """The line as mapping.toml has it."""
        line = f"{self.key} = {self.value}"
        line = line if self.sure else f"# {line}"
        return beside(line, self.seen)


@dataclass(frozen=True, slots=True)
class DraftList:
    """A list of values: their words in order, our codes, and the words that nobody translates yet."""

    name: str
    pairs: tuple[tuple[str, str, str], ...]
    open: tuple[tuple[str, str], ...] = ()
    codes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The list as a section of its own."""
        made = [f"[values.{self.name}]"]
        made += [beside(f"{quoted_key(theirs)} = {quoted(ours)}", seen) for theirs, ours, seen in self.pairs]
        if self.open and self.codes:
            made += [f"# {line}" for line in wrap(f"which of {', '.join(self.codes)}, or nothing of these?", WIDTH - 2)]
        return made + [beside(f'# {quoted_key(theirs)} = ""', seen) for theirs, seen in self.open]

    def inline(self) -> str:
        """The list within a line."""
        return "{ " + ", ".join(f"{quoted_key(theirs)} = {quoted(ours)}" for theirs, ours, _ in self.pairs) + " }"


@dataclass(frozen=True, slots=True)
class DraftBlock:
    """A block: its table and file, why it is that, its lines, and the columns it does not read."""

    table: str
    label: str
    why: str
    lines: tuple[Line, ...]
    unread: tuple[str, ...] = ()
    sure: bool = True

    def text(self) -> str:
        """The block as mapping.toml has it; all of it commented out where the table is not sure."""
        head = beside(f"[{self.table}.{quoted(self.label)}]", self.why)
        made = "\n".join([head, *(line.text() for line in self.lines)]).split("\n")
        if not self.sure:
            made = [line if line.startswith("#") else f"# {line}" for line in made]
        return "\n".join([*made, *(f"# not read: {column}" for column in self.unread)])


@dataclass(frozen=True, slots=True)
class Draft:
    """The whole draft."""

    top: tuple[Line, ...] = ()
    blocks: tuple[DraftBlock, ...] = ()
    lists: tuple[DraftList, ...] = ()
    notes: tuple[str, ...] = field(default=())


def beside(line: str, seen: str) -> str:
    """What was seen behind its line, in the line above where both are too long together."""
    if not seen:
        return line
    both = f"{line}   # {seen}"
    return both if len(both) <= WIDTH else f"# {seen}\n{line}"


def quoted(text: str) -> str:
    """Text as TOML writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\n", "\\n")
    return f'"{escaped}"'


def quoted_key(text: str) -> str:
    """A key as TOML writes it, bare where it may be."""
    bare = text.isascii() and text.replace("_", "").isalpha()
    return text if bare else quoted(text)
