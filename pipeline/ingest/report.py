"""What ingest says of its work: files, breaches, dropped columns and warnings, never a value from a record."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

SHOWN_PLACES = 5
SHOWN_COLUMNS = 40
KINDS = {"quarantine": "", "repeat": " [left out]", "cell": " [cell left out, row kept]", "warning": " [warning, kept]"}
SPEAKING = ("looks like", "is called like")  # reasons that speak of an identifier
RENAMED = "likely one of ours under another name"
UNREAD = "no line of mapping.toml or query reads it"
OF_ONE = {
    "have": "has",
    "share": "shares",
    "repeat": "repeats",
    "lie": "lies",
    "are": "is",
    "were": "was",
    "name": "names",
    "give": "gives",
    "call": "calls",
    "hold": "holds",
    "break": "breaks",
}


@dataclass(frozen=True, slots=True)
class FileReport:
    """One raw file: read = kept + quarantined + duplicates + forgotten."""

    table: str
    file: str
    sha256: str
    bytes: int
    read: int
    kept: int
    quarantined: int
    duplicates: int
    forgotten: int

    def line(self) -> str:
        """`sessions.csv: 171,204 rows, 170,991 kept, 201 duplicates, 12 quarantined`."""
        parts = [f"{self.read:,} rows", f"{self.kept:,} kept"]
        repeats = "duplicate" if self.duplicates == 1 else "duplicates"
        for count, word in (
            (self.duplicates, repeats),
            (self.quarantined, "quarantined"),
            (self.forgotten, "of forgotten people"),
        ):
            if count:
                parts.append(f"{count:,} {word}")
        return f"{self.file}: {', '.join(parts)}"


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule that some rows of one table break.

    sentence  what is wrong, in words that go after "12 rows"
    first     the first few places, as (file, row) with the header as row 1
    advice    what to do about it; empty where the sentence says it
    files     how many of the rows each file holds, as (file, rows)
    lines     the rows of the files that hold them: fewer where one is read as several
    """

    table: str
    rule: str
    severity: str
    sentence: str
    count: int
    first: tuple[tuple[str, int], ...]
    advice: str = ""
    files: tuple[tuple[str, int], ...] = ()
    lines: int = 0

    def line(self) -> str:
        """`sessions.csv: 12 rows have a minutes_scheduled outside 0–1440 (rows 18, 92, 105, …); …`."""
        advice = f"; {self.advice}" if self.advice else ""
        kind = KINDS[self.severity]
        return f"{self.held_by() or self.table}: {self.counted()} ({self.places()}){advice}{kind}"

    def held_by(self) -> str:
        """The file that holds the rows, or each of several with how many: `a.csv (56), b.csv (32)`."""
        files = self.files or tuple((file, 0) for file in dict.fromkeys(file for file, _ in self.first))
        shown = [f"{file} ({rows:,})" if len(files) > 1 and rows else file for file, rows in files[:SHOWN_PLACES]]
        more = [f"{len(files) - SHOWN_PLACES:,} more files"] if len(files) > SHOWN_PLACES else []
        return ", ".join([*shown, *more])

    def counted(self) -> str:
        """`12 rows have …`, `1 row has …`."""
        return f"1 row {of_one(self.sentence)}" if self.count == 1 else f"{self.count:,} rows {self.sentence}"

    def places(self) -> str:
        """The first rows in words, with the file's name where there are several files."""
        lines = self.lines or self.count
        as_several = f"; {lines:,} lines of the files make them" if lines < self.count else ""
        return listed_places(self.first, lines) + as_several


def of_one(sentence: str) -> str:
    """What goes after "12 rows" as it goes after "1 row"."""
    verb, _, rest = sentence.partition(" ")
    return f"{OF_ONE.get(verb, verb)} {rest}"


def listed_places(first: Sequence[tuple[str, int]], count: int) -> str:
    """`rows 18, 92, 105, …`: the first of so many rows; of several files `rows 18, 92 of a.csv, 105 of b.csv, …`."""
    rows: dict[str, list[str]] = {}
    for file, row in first:
        rows.setdefault(file, []).append(f"{row:,}")
    shown = [f"{', '.join(held)}{f' of {file}' if len(rows) > 1 else ''}" for file, held in rows.items()]
    more = ", …" if count > len(first) else ""
    return f"{'row' if count == 1 else 'rows'} {', '.join(shown)}{more}"


@dataclass(frozen=True, slots=True)
class KnownWord:
    """A word that is translated because it is known.

    key     our column, as its line spells it
    called  the file's columns that it stands in
    like    the known word that it fits
    print_  what tells it from other words, in place of the word: a record holds that
    """

    table: str
    key: str
    called: str
    code: str
    like: str
    print_: str


@dataclass(frozen=True, slots=True)
class DroppedColumn:
    """A column that no table declares: not read, not kept."""

    table: str
    file: str
    column: str
    reason: str


def dropped_line(file: str, reason: str, columns: list[str]) -> str:
    """`patients.csv: reach looks like phone or fax numbers: neither read nor kept; …`."""
    more = f" and {len(columns) - SHOWN_COLUMNS:,} more" if len(columns) > SHOWN_COLUMNS else ""
    named = f"{', '.join(columns[:SHOWN_COLUMNS])}{more}"
    if reason == UNREAD:
        return f"{file}: no line of mapping.toml and no query reads {named}"
    if reason:
        reason = (
            reason if len(columns) == 1 else reason.replace("looks", "look", 1).replace("is called", "are called", 1)
        )
        return f"{file}: {named} {reason}: neither used nor kept; leave it out of the export"
    return (
        f"{file}: not in the data dictionary, so not read: {named}; "
        "name one of our columns for it under [columns.<table>] in study.toml if it should be"
    )


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Everything ingest found, in the order of the tables; `causes` are likely behind what was lost, `known` the words
    that were translated because they are known."""

    files: tuple[FileReport, ...]
    breaches: tuple[Breach, ...]
    dropped: tuple[DroppedColumn, ...]
    warnings: tuple[str, ...]
    causes: tuple[str, ...] = ()
    known: tuple[KnownWord, ...] = ()

    @property
    def quarantined(self) -> int:
        """Rows set apart over all tables."""
        return sum(file.quarantined for file in self.files)

    def dropped_lines(self) -> list[str]:
        """Columns that were not kept, by file and reason; those that look like an identifier with the advice to leave
        them out."""
        groups: dict[tuple[str, str], list[str]] = {}
        for column in [one for one in self.dropped if one.reason != RENAMED]:  # a warning says what to do of those
            speaking = column.reason.startswith(SPEAKING)
            apart = speaking or column.reason == UNREAD
            groups.setdefault((column.file, column.reason if apart else ""), []).append(column.column)
        return [dropped_line(file, reason, columns) for (file, reason), columns in groups.items()]

    def as_json(self) -> dict[str, Any]:
        """The whole report as JSON knows it."""
        return asdict(self) | {"quarantined": self.quarantined}

    def lines(self) -> list[str]:
        """The report for a person: files, causes, what is lost, what to look at, what was left unread."""
        lines = [file.line() for file in self.files]
        lines += [f"  {cause}" for cause in self.causes]
        lines += [
            f"  {breach.line()}" for breach in sorted(self.breaches, key=lambda one: list(KINDS).index(one.severity))
        ]
        lines += [f"  {line}" for line in self.dropped_lines()]
        lines += [f"  {warning}" for warning in self.warnings]
        if self.quarantined:
            rows = "1 row is" if self.quarantined == 1 else f"{self.quarantined:,} rows are"
            lines.append(
                f"  {rows} set aside; carelevels quarantine lists each with its reason: correct the export and run"
                " again"
            )
        return lines
