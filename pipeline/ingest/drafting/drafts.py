"""A draft of mapping.toml as lines, each sure or commented out, with what speaks for it beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from textwrap import wrap

WIDTH = 120
BETWEEN = " · "


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a block: `key = value`, what was seen, and whether it stands or is commented out; `shared` where a
    line at the top says it."""

    key: str
    value: str
    seen: str = ""
    sure: bool = True
    shared: bool = False

    def text(self) -> str:
        """The line as mapping.toml has it."""
        if self.shared:
            return f"# {self.key} is {self.value}: {self.seen}"
        line = f"{self.key} = {self.value}"
        line = line if self.sure else f"# {line}"
        return beside(line, self.seen)


@dataclass(frozen=True, slots=True)
class DraftList:
    """A list of values that a person fills in: words that nobody translates yet, what was seen, and our codes."""

    name: str
    open: tuple[tuple[str, str], ...]
    codes: tuple[str, ...]

    def text(self) -> str:
        """The list as a section of its own."""
        asked = f"which of {', '.join(self.codes)}, or nothing of these?"
        made = [f"[values.{self.name}]", *(f"# {line}" for line in wrap(asked, WIDTH - 2))]
        return "\n".join([*made, *(beside(f'# {quoted_key(theirs)} = ""', seen) for theirs, seen in self.open)])


@dataclass(frozen=True, slots=True)
class DraftBlock:
    """A block: its table and file, why it is that, its lines, the columns it leaves unread, and all of the file."""

    table: str
    label: str
    why: str
    lines: tuple[Line, ...]
    unread: tuple[str, ...] = ()
    sure: bool = True
    columns: tuple[str, ...] = ()

    def text(self) -> str:
        """The block as mapping.toml has it; all of it commented out where the table is not sure."""
        head = beside(f"[{self.table}.{quoted(self.label)}]", self.why)
        made = "\n".join([head, *(line.text() for line in self.lines)]).split("\n")
        if not self.sure:
            made = [line if line.startswith("#") else f"# {line}" for line in made]
        return "\n".join([*made, *comment("not read: ", self.unread)])


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
    return both if len(both) <= WIDTH else "\n".join([*comment("", seen.split(BETWEEN)), line])


def comment(head: str, parts: Sequence[str]) -> list[str]:
    """Comment lines of whole parts, each line as full as it may be."""
    lines: list[str] = []
    for part in (piece for whole in parts for piece in wrap(whole, WIDTH - len(head) - 2)):
        more = f"{lines[-1]}{BETWEEN}{part}" if lines else ""
        if lines and len(more) <= WIDTH:
            lines[-1] = more
        else:
            lines.append(f"# {head}{part}")
    return lines


def quoted(text: str) -> str:
    """Text as TOML writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\n", "\\n")
    return f'"{escaped}"'


def quoted_key(text: str) -> str:
    """A key as TOML writes it, bare where it may be."""
    bare = text.isascii() and text.replace("_", "").isalpha()
    return text if bare else quoted(text)
