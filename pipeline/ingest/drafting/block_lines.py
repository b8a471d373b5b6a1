"""The lines of a block: one for each of our columns that something in the file speaks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.ingest.drafting.column_lines import is_flag, line_for
from pipeline.ingest.drafting.drafts import BETWEEN, Line, quoted, quoted_key
from pipeline.ingest.drafting.kinds import columns_of
from pipeline.ingest.drafting.links import by_first_word, linked
from pipeline.ingest.drafting.profiles import Profile
from pipeline.ingest.drafting.seen import held, translated_words
from pipeline.ingest.drafting.sorting import Delivery, Sorted
from pipeline.ingest.drafting.surveyed import day_of, finished, instrument_lines, occasion_of
from pipeline.ingest.drafting.word_lists import counted, list_name, translate
from pipeline.ingest.known.knowledge import plain, words
from pipeline.schema import TABLES, Column

FEW = 2  # unknown words up to which they stand in the line, more as a list of their own
SUBSTANCE = "F1*"  # ICD-10-CM: disorders of substance use
EVERYWHERE = ("start", "end", "patient_id", "program_id", "payer")  # columns that files of every kind have


@dataclass(slots=True)
class Lines:
    """Writes the lines of every block, and gathers which columns share a list of words and which were looked into from
    another file."""

    known: Delivery
    used: dict[str, list[Profile]] = field(default_factory=dict)
    looked_into: dict[str, set[str]] = field(default_factory=dict)

    def of(self, one: Sorted) -> Iterator[Line]:
        """The lines of a block in the order of our columns."""
        if one.group.newest:
            yield Line("newest", "true", "its name carries a day: of several the latest holds all")
        if one.kind.table == "assessments":
            yield from self.survey_lines(one)
            return
        yield from self.left_out(one)
        for column in TABLES[one.kind.table].columns:
            yield from self.column_lines(one, column)
        if one.kind.table == "costs":
            yield from kinds_of_money(one)
        if one.kind.table == "followups":
            yield Line("source", quoted("=survey"), "people were asked")

    def column_lines(self, one: Sorted, column: Column) -> Iterator[Line]:
        """The line of one of our columns; none where nothing speaks for it."""
        theirs = one.kind.columns.get(column.name)
        if column.name == "patient_id" and one.kind.table != "patients":
            yield from self.link(one, column, self.known.people, "people", theirs)
        elif column.name == "episode_id" and one.kind.table != "episodes":
            yield from self.link(one, column, self.known.stays, "stays", theirs)
        elif column.name == "program_id" and one.kind.table in ("episodes", "sessions"):
            yield from self.place(one, column, theirs)
        elif column.name == "age_at_index" and "birth_year" in one.kind.columns:
            return  # the age on the day of the export is not that at the start
        elif theirs is not None and (column.allowed or is_known_list(column, theirs)):
            yield self.listed(column, theirs)
        elif theirs is not None:
            yield line_for(column, theirs, self.known.forms, self.known.threshold)
        elif column.name == "modality":
            yield from self.modality(one, column)
        elif column.name == "sud_flag":
            yield from substance(one)
        elif one.kind.table == "episodes":
            yield from self.elsewhere(one, column)

    def link(
        self, one: Sorted, column: Column, ids: frozenset[str], whose: str, theirs: Profile | None
    ) -> Iterator[Line]:
        """An id of another file: the column whose ids are there, else the one that is called so."""
        found, share = linked(one.file, ids)
        if found is not None:
            yield Line(
                column.name, quoted(found.column), f"{share:.0%} of its ids are among the {whose}".replace("%", " %")
            )
        elif theirs is not None:
            yield Line(
                column.name, quoted(theirs.column), f"called so; its ids are not among the {whose}", sure=not ids
            )

    def place(self, one: Sorted, column: Column, theirs: Profile | None) -> Iterator[Line]:
        """The program: the column that is called as ours, else one that stays and sessions spell alike."""
        if theirs is not None and plain(theirs.column) == plain(column.name):
            yield line_for(column, theirs, self.known.forms, self.known.threshold)
            return
        if one.kind.table == "episodes" and self.known.place:
            found = one.file.column(self.known.place)
            yield Line("program_id", quoted(self.known.place), held(found, self.known.threshold))
        elif one.kind.table == "sessions" and self.known.places:
            spelled, first = by_first_word(one.file, self.known.places)
            if spelled is not None:
                value = f"{{ column = {quoted(spelled.column)}, word = 1 }}" if first else quoted(spelled.column)
                yield Line("program_id", value, f"spelled as {self.known.place} of the stays")

    def listed(self, column: Column, theirs: Profile) -> Line:
        """A column of a closed list of codes."""
        seen = held(theirs, self.known.threshold)
        if not theirs.is_list:
            return Line(column.name, quoted(theirs.column), f"{seen}: too many for a list of codes", sure=False)
        if {cell for cell, _ in theirs.words} <= set(column.allowed):
            return Line(column.name, quoted(theirs.column), seen)
        found = translate(column.name, counted([theirs]), column.allowed)
        values, seen = '"known"', translated_words(column, theirs, self.known.threshold)
        if len(found.unknown) > FEW or (found.unknown and not found.known):
            self.used.setdefault(list_name(column.name), []).append(theirs)
            named = quoted(list_name(column.name))
            values = f'[{named}, "known"]' if found.known else named
        elif found.unknown:
            seen += BETWEEN + asked([cell for cell, _ in found.unknown], column)
        return Line(column.name, f"{{ column = {quoted(theirs.column)}, values = {values} }}", seen)

    def modality(self, one: Sorted, column: Column) -> Iterator[Line]:
        """How people met, from the words of a place."""
        for theirs in one.file.columns:
            cells = [cell for cell, _ in theirs.words]
            if theirs.is_list and cells and all(any(word.fits(cell) for word in words("modality")) for cell in cells):
                seen = translated_words(column, theirs, self.known.threshold)
                yield Line("modality", f'{{ column = {quoted(theirs.column)}, values = "known" }}', seen)
                return

    def elsewhere(self, one: Sorted, column: Column) -> Iterator[Line]:
        """A column that stands in another file with one row for each person."""
        mine, _ = linked(one.file, self.known.people)
        if mine is None or column.name in EVERYWHERE:
            return
        for other in self.known.files:
            theirs = columns_of(other.file, "episodes").get(column.name)
            key, _ = linked(other.file, self.known.people)
            if other is one or theirs is None or key is None or key.different != other.file.rows:
                continue
            if other.kind.table == "patients":
                continue
            self.looked_into.setdefault(other.group.label, set()).add(theirs.column)
            match = f"{{ {quoted_key(key.column)} = {quoted(mine.column)} }}"
            value = f"{{ column = {quoted(theirs.column)}, file = {quoted(other.group.label)}, match = {match} }}"
            yield Line(column.name, value, held(theirs, self.known.threshold))
            return

    def left_out(self, one: Sorted) -> Iterator[Line]:
        """Rows that are no records of care: appointments to come, claims that were denied."""
        column = {"sessions": "status", "costs": "claim"}.get(one.kind.table, "")
        for theirs in one.file.columns:
            if (
                not column
                or not theirs.is_list
                or (column == "status" and one.kind.columns.get("status") is not theirs)
            ):
                continue
            found = translate(column, counted([theirs])).left_out
            if found:
                cells = ", ".join(map(quoted, found))
                value = quoted(found[0]) if len(found) == 1 else f"[{cells}]"
                yield Line("leave_out", f"{{ {quoted_key(theirs.column)} = {value} }}", "no records of care")

    def survey_lines(self, one: Sorted) -> Iterator[Line]:
        """The lines of a survey in wide form, or of scores one a row."""
        only = finished(one.file)
        if only:
            yield only
        table = TABLES["assessments"]
        yield from self.link(
            one, table.column("patient_id"), self.known.people, "people", one.kind.columns.get("patient_id")
        )
        day, occasion = day_of(one.file, one.kind), occasion_of(one.file, one.kind)
        if day is not None:
            yield line_for(table.column("assessed"), day, self.known.forms, self.known.threshold)
        if occasion is not None:
            yield self.listed(table.column("occasion"), occasion)
        elif re.search("intake|baseline", one.file.view.file.stem, re.IGNORECASE):
            yield Line("occasion", quoted("=intake"), "the file is called so")
        if not one.kind.surveys:
            yield from self.score_lines(one)
        yield from instrument_lines(one.kind.surveys)

    def score_lines(self, one: Sorted) -> Iterator[Line]:
        """The lines of scores that stand one a row, beside who, when and on which occasion."""
        for column in TABLES["assessments"].columns:
            if column.name in one.kind.columns and column.name not in ("patient_id", "assessed", "occasion"):
                yield from self.column_lines(one, column)


def asked(words: Sequence[str], column: Column) -> str:
    """What a person is asked about a few words, and the line that says it."""
    pairs = ", ".join(f'{quoted_key(word)} = ""' for word in words)
    codes = ", ".join(column.allowed or ("yes", "no"))
    return f'which of {codes}, or nothing of these?{BETWEEN}then: values = [{{ {pairs} }}, "known"]'


def substance(one: Sorted) -> Iterator[Line]:
    """Whether a diagnosis is one of substance use, from every column of diagnoses."""
    columns = [
        column.column
        for column in one.file.columns
        if re.match(r"(?i)(primary |principal )?(diagnos|dx)", column.column)
    ]
    if columns and one.kind.table == "episodes":
        named = ", ".join(map(quoted, columns))
        yield Line("sud_flag", f"{{ any = [{named}], like = {quoted(SUBSTANCE)} }}", "a diagnosis of substance use")


def kinds_of_money(one: Sorted) -> Iterator[Line]:
    """Whose money, which kind and in which currency: as the column of amounts is called and written."""
    amount = one.kind.columns.get("amount")
    called = amount.column.lower() if amount else ""
    kind = next((word for word in ("paid", "allowed", "charge", "billed") if word in called), "")
    dollars = amount is not None and all("$" in cell for cell in amount.sample[:50])
    told = (
        (bool(kind), "amount_kind", kind.replace("billed", "charge") or "paid", "as its column is called"),
        (dollars, "currency", "USD", "a dollar sign stands before them" if dollars else "which?"),
        (kind in ("paid", "allowed"), "perspective", "payer", "what a payer paid"),
    )
    sure = ", ".join(f"{key} = {quoted(word)}" for known, key, word, _ in told if known)
    if sure:
        yield Line("always", f"{{ {sure} }}", "; ".join(why for known, _, _, why in told if known))
    yield from (Line(key, quoted(f"={word}"), why, sure=False) for known, key, word, why in told if not known)


def is_known_list(column: Column, theirs: Profile) -> bool:
    """Whether the words of a flag are known, and are more than yes and no."""
    found = translate(column.name, counted([theirs]))
    return column.kind == "bool" and theirs.is_list and bool(found.known) and not is_flag(theirs)
