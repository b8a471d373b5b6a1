"""The table of the gate study as its page needs it: by size, with the shares measured side by side, and by line."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.report.numbers import percent, plain
from pipeline.report.validation import Row, number

LOTTERY, CHOSEN, APART = "lottery", "as programs choose", "no overlap"
GRID = (LOTTERY, CHOSEN, APART)


@dataclass(frozen=True, slots=True)
class Size:
    """People in the two arms and the layout of their sites, with the rows of each world in order of share measured."""

    people: int
    sites: str
    worlds: dict[str, tuple[Row, ...]]

    def cell(self, world: str, column: str) -> str:
        """One column of a world: a number for each share measured."""
        return side_by_side([number(row, column) for row in self.worlds.get(world, ())])

    @property
    def studies(self) -> str:
        """How many studies stand behind a number, least and most."""
        counts = sorted({int(row["studies"]) for rows in self.worlds.values() for row in rows})
        return f"{counts[0]}" if len(counts) == 1 else f"{counts[0]}–{counts[-1]}"


def side_by_side(shares: Sequence[float | None]) -> str:
    """Shares as one cell, 45 / 60 / 85%, or once where all are the same; a dash where too few were answered to tell."""
    told = ["–" if share is None else percent(share) for share in shares] or ["–"]
    return told[0] if len(set(told)) == 1 else " / ".join([*(one.removesuffix("%") for one in told[:-1]), told[-1]])


def sizes(rows: Sequence[Row], question: str) -> list[Size]:
    """Every size of one question."""
    asked = [row for row in rows if row["question"] == question and row["world"] in GRID]
    found = []
    for (people, sites), some in groupby(asked, key=lambda row: (int(row["people"]), row["sites"])):
        here = list(some)
        found.append(Size(people, sites, {world: of_world(here, world) for world in GRID}))
    return found


def of_world(rows: Sequence[Row], world: str) -> tuple[Row, ...]:
    return tuple(sorted((row for row in rows if row["world"] == world), key=lambda row: float(row["measured"])))


@dataclass(frozen=True, slots=True)
class Pooled:
    """A world at one number of people, over all sites and shares measured; each share with its Monte-Carlo error."""

    people: int
    studies: int
    answered: str
    held: str
    right: str
    wrong: str


def pooled(rows: Sequence[Row], question: str, world: str) -> list[Pooled]:
    """A world over all sites and shares measured."""
    here = [row for row in rows if row["question"] == question and row["world"] == world]
    found = []
    for people, some in groupby(here, key=lambda row: int(row["people"])):
        cells = list(some)
        studies = sum(int(row["studies"]) for row in cells)
        counts = [events(cells, column) for column in ("answered", "right", "wrong")]
        held = sum(int(row["held"]) for row in cells)
        told = (give(counts[0], studies), give(held, counts[0]), give(counts[1], studies), give(counts[2], studies))
        found.append(Pooled(people, studies, *told))
    return found


def events(rows: Sequence[Row], column: str) -> int:
    """How many studies a share of the table stands for."""
    return sum(round((number(row, column) or 0.0) * int(row["studies"])) for row in rows)


def give(count: int, of: int) -> str:
    """A share with its Monte-Carlo error in points, that of one study more or less where it is none or all."""
    if not of:
        return "–"
    near = min(max(count / of, 1 / (of + 1)), of / (of + 1))
    return f"{percent(count / of)} (± {plain(100 * (near * (1 - near) / of) ** 0.5, 1)})"


def left_out(rows: Sequence[Row]) -> str:
    """The sizes that nobody could run, in words."""
    return ", ".join(f"{row['people']} people at {row['sites']} sites" for row in rows if row["studies"] == "0")


def too_small(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """The sizes that lack nothing but people and are seldom answered, by reason, in words."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row["note"] and row["studies"] != "0":
            here = f"{row['world']}, {row['people']} people, {sites_in_words(row['sites'])}, {asked(row)}"
            found.setdefault(row["note"], []).append(here)
    return [(why, "; ".join(sizes)) for why, sizes in found.items()]


def sites_in_words(layout: str) -> str:
    return "one site" if layout == "1" else f"{layout} sites"


def asked(row: Row) -> str:
    return "leaving early" if row["question"] == "C4" else f"{percent(float(row['measured']))} measured"


def by_line(rows: Sequence[Row], world: str) -> tuple[list[int], list[tuple[str, list[float]]]]:
    """How often each line of the gate failed in a world, by number of people; the most frequent first."""
    here = [row for row in rows if row["world"] == world and row["question"] == "C2"]
    people = sorted({int(row["people"]) for row in here})
    studies, failed = Counter[int](), Counter[tuple[str, int]]()
    for row in here:
        studies[int(row["people"])] += int(row["studies"])
        for name, count in lines_of(row):
            failed[name, int(row["people"])] += count
    names = sorted({name for name, _ in failed}, key=lambda name: (-sum(failed[name, one] for one in people), name))
    return people, [(name, [failed[name, one] / studies[one] for one in people]) for name in names]


def lines_of(row: Row) -> list[tuple[str, int]]:
    """The lines that failed in a cell, each with its number of studies."""
    parts = [part.rsplit(" ", 1) for part in row["lines"].split("; ") if part]
    return [(name, int(count)) for name, count in parts]
