"""What the cells of one column are, by what the column is used for: plainly an identifier, likely one, or nothing."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.ingest.looks import shapes
from pipeline.ingest.looks.birth_dates import are_dates, births, births_inside
from pipeline.ingest.looks.header_words import Called
from pipeline.ingest.looks.patterns import LONGEST, plain_kinds
from pipeline.ingest.looks.people_words import hold_names, may_be_person
from pipeline.ingest.looks.registered_numbers import plainly_registered, registered_kinds

ONE_FOR_EACH = "something else in nearly every row, which no code is"
DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")


@dataclass(frozen=True, slots=True)
class Cells:
    """The distinct cells of a column, trimmed, without empty ones, each cut at LONGEST letters.

    rows      cells that are not empty among the rows they were taken from
    cut       True where there may be more distinct cells than were taken
    longest   letters of the longest cell
    """

    distinct: tuple[str, ...]
    rows: int
    cut: bool = False
    longest: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """plain: no doubt, the file must change.  likely: refused unless study.toml calls the column harmless.
    told: dropped as every column we do not know, and said what it looks like."""

    plain: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def cells_of(texts: Sequence[str | None], most: int) -> Cells:
    """The cells of a column from its texts in file order."""
    given = [text.strip() for text in texts if text and text.strip()]
    distinct = dict.fromkeys(normal(text) for text in given)
    longest = max(map(len, given), default=0)
    return Cells(tuple(distinct)[:most], len(given), len(distinct) > most, longest)


def normal(text: str) -> str:
    """A cell's first letters, full-width forms, odd dashes and blanks made plain."""
    start = text[:LONGEST]
    if start.isascii():
        return start
    plain = unicodedata.normalize("NFKC", start).translate(DASHES).strip()
    return "".join(str(unicodedata.digit(mark)) if mark.isdigit() else mark for mark in plain)


def judged_undeclared(cells: Cells, called: Called | None, relative: bool) -> Found:
    """A column that nothing uses: it is dropped; only what is plainly an identifier, or likely and called so, stops the
    run."""
    values = cells.distinct
    if not values:
        return Found()
    plain = plain_kinds(values)
    likely = shapes.column_shape(values, (shapes.PERSON, *((shapes.DATE,) if relative else ())))
    likely += shapes.are_medicare(values) + registered_kinds(values)
    likely += ["dates of birth"] if births(values) else []
    if len(values) >= max(8, 0.5 * cells.rows) and are_full_names(values):
        likely.append("names of people")
    told = shapes.column_shape(values, TOLD)
    told += ["record numbers"] if shapes.is_record_number(values, cells.rows) else []
    told += ["free text"] if shapes.is_free_text(values, cells.rows) else []
    if called and called.fits(values, cells.rows):
        likely.append(f"{called.kind} (as it is called)")
    return Found(tuple(plain), tuple(dict.fromkeys(likely)), tuple(dict.fromkeys(told)))


TOLD = (
    shapes.UNKNOWN_WORDS,
    shapes.ZIP,
    shapes.POSTAL,
    shapes.TRACT,
    shapes.DEGREES,
    shapes.SSN_PLAIN,
    shapes.PHONE_PLAIN,
    shapes.IDENTITY_NUMBERS,
    shapes.IBAN,
    shapes.DATE,
    shapes.UUIDS,
    shapes.DIGESTS,
    shapes.MEMBER,
    shapes.PLATES,
)


def judged_code(cells: Cells, relative: bool) -> Found:
    """A code of the program's own: words and short codes that many share, and nothing that points to one person."""
    values = cells.distinct
    likely = shapes.column_shape(
        values,
        (
            shapes.PERSON,
            shapes.UNKNOWN_WORDS,
            shapes.ZIP,
            shapes.POSTAL,
            shapes.DEGREES,
            shapes.SSN_PLAIN,
            shapes.PHONE_PLAIN,
            shapes.IDENTITY_NUMBERS,
            shapes.IBAN,
            shapes.QUADS,
            shapes.MEMBER,
            shapes.DATE,
            shapes.UUIDS,
            shapes.DIGESTS,
        ),
    )
    likely += shapes.are_medicare(values) + registered_kinds(values) + plainly_registered(values)
    likely += ["free text"] if shapes.is_free_text(values, cells.rows) or cells.longest > LONGEST else []
    if not likely and (cells.cut or shapes.one_for_each(values, cells.rows)):
        likely.append(ONE_FOR_EACH)
    return Found(tuple(plain_kinds(values)), tuple(likely))


def judged_label(cells: Cells, relative: bool) -> Found:
    """The name of a program on pages: as many as there are programs, and of no person."""
    found = judged_code(cells, relative)
    return Found(
        found.plain, tuple(kind for kind in found.likely if kind not in (ONE_FOR_EACH, shapes.UNKNOWN_WORDS.kind))
    )


def judged_word(cells: Cells, relative: bool) -> Found:
    """A word outside a closed vocabulary: it goes to quarantine as it came; one new word alone is no person."""
    values = cells.distinct
    found = judged_code(cells, relative)
    likely = [kind for kind in found.likely if kind != shapes.UNKNOWN_WORDS.kind]
    likely += [shapes.PERSON.kind] if are_full_names(values) else []
    return Found(found.plain, tuple(dict.fromkeys(likely)))


def are_full_names(values: Sequence[str]) -> bool:
    """Most cells are two words or more that may be a person's name."""
    return sum(" " in cell and may_be_person(cell) for cell in values) > 0.5 * len(values)


def judged_billing(cells: Cells, relative: bool) -> Found:
    """Procedure, revenue and diagnosis codes: digits mean nothing there, so only patterns and names are looked for."""
    values = cells.distinct
    likely = shapes.column_shape(values, (shapes.PERSON, shapes.UNKNOWN_WORDS, shapes.DIGESTS, shapes.UUIDS))
    likely += ["free text"] if shapes.is_free_text(values, cells.rows) or cells.longest > LONGEST else []
    return Found(tuple(plain_kinds(values, coded=True)), tuple(likely))


def judged_id(cells: Cells, relative: bool) -> Found:
    """Tokens of people, stays and services: no number that an office gave, no name, no date of birth."""
    values = cells.distinct
    likely = ["names of people"] if names_as_ids(values) or hold_names(values) else []
    likely += ["dates of birth"] if births_inside(values) else []
    likely += ["calendar dates"] if relative and len(values) >= 5 and are_dates(values) else []
    likely += shapes.column_shape(values, NEVER_AN_ID)
    likely += shapes.are_medicare(values) + registered_kinds(values)
    likely += ["record numbers"] if shapes.is_padded_record_number(values, cells.rows) else []
    likely += ["text"] if cells.longest > LONGEST else []
    return Found(tuple(plain_kinds(values)), tuple(dict.fromkeys(likely)))


NEVER_AN_ID = (
    shapes.SSN_PLAIN,
    shapes.PHONE_PLAIN,
    shapes.IDENTITY_NUMBERS,
    shapes.IBAN,
    shapes.QUADS,
    shapes.DEGREES,
    shapes.DIGESTS,
    shapes.MADE_UUIDS,
)


def names_as_ids(values: Sequence[str]) -> bool:
    """Ids of several words, which tokens are not, that may be names."""
    spaced = [value for value in values if any(mark in value for mark in " ,.")]
    return sum(map(may_be_person, spaced)) > 0.2 * len(values)


def judged_place(cells: Cells, relative: bool) -> Found:
    """Ids of programs and sites: houses may be called anything but a person, an address or a place on the map."""
    values = cells.distinct
    several = [value for value in values if " " in value or "," in value]
    likely = shapes.column_shape(values, (shapes.PERSON_OR_PLACE, shapes.POSTAL, shapes.DEGREES, shapes.DATE))
    likely += ["names of people"] if sum(map(may_be_person, several)) > 0.5 * len(values) else []
    likely += ["text"] if cells.longest > LONGEST else []
    return Found(tuple(plain_kinds(values, coded=True)), tuple(dict.fromkeys(likely)))


def judged_site(cells: Cells, relative: bool) -> Found:
    """A site stands on pages, so that its ZIP code is no code for it."""
    found = judged_place(cells, relative)
    return Found(
        tuple(plain_kinds(cells.distinct)), (*found.likely, *shapes.column_shape(cells.distinct, (shapes.ZIP,)))
    )


def judged_unread(cells: Cells, relative: bool) -> Found:
    """Text where a number, a day or a flag should be: it goes to quarantine as it came, so that it must be nobody's."""
    values = cells.distinct
    likely = shapes.column_shape(values, (shapes.PERSON, shapes.PHONE_PLAIN, shapes.IDENTITY_NUMBERS))
    likely += ["dates of birth"] if births(values) else []
    likely += registered_kinds(values)
    likely += ["free text"] if shapes.is_free_text(values, cells.rows) or cells.longest > LONGEST else []
    return Found(tuple(plain_kinds(values)), tuple(likely))


Judge = Callable[[Cells, bool], Found]
