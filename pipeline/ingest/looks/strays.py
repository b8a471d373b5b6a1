"""What one cell is that is written unlike the rest of its column: a name among codes, a phone number among tokens."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.ingest.looks import shapes
from pipeline.ingest.looks.birth_dates import run_together, year_of
from pipeline.ingest.looks.forms import ODD, Form, are_of_chance
from pipeline.ingest.looks.people_words import is_known_person, is_listed_name, is_name, is_stray_name, names_inside
from pipeline.ingest.looks.registered_numbers import registered_kind

NO_CELL = ("NULL", "NA", "N/A", "NONE", "NAN", "NIL", "UNKNOWN", "MISSING", "TEST", "GUEST", "ADMIN")
# words for nobody; Nan is a name, too
CHANCE = 6
AMONG_DIGITS = re.compile(r"[^\W\d_]\d+[^\W\d_]")
FEW = 2  # cells of a kind that is no proof by itself


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity, so that what a cell is can be remembered quickly
class Look:
    """A kind of identifier that a single cell of another form than the rest may be.

    word  True where it is a word, which stands out among codes with digits whatever its length
    bare  True where only a word without digits stands out, among codes that all hold some
    weak  True where it proves little: not more than a few such cells are strays, the others a second kind of token
    """

    kind: str
    looks: Callable[[str], object]
    word: bool = False
    bare: bool = False
    weak: bool = False


def is_person(cell: str) -> bool:
    """The name of a person, also one that no list knows, or that is run together with digits."""
    return is_known_person(cell) or is_stray_name(cell) or holds_name(cell)


def holds_name(cell: str) -> bool:
    """Whether a code is made of a name, as smith03 is; letters between digits, as in s14s4behr7, spell a short one by
    chance."""
    by_chance = AMONG_DIGITS.search(cell) is not None
    return any(len(name) >= CHANCE or not by_chance for name in names_inside(cell))


def is_word(cell: str) -> bool:
    """The same among ids, where a word that is no English one is a name in any case."""
    return is_person(cell) or (holds_no_digit(cell) and is_name(cell)) or is_stray_name(cell, any_case=True)


def is_listed_person(cell: str) -> bool:
    """A name that lists know, long enough that letters drawn by chance do not give it."""
    together = " " not in cell and "," not in cell
    return len(cell) >= CHANCE and (
        holds_no_digit(cell) and is_listed_name(cell) if together else is_known_person(cell)
    )


def holds_no_digit(cell: str) -> bool:
    """Whether a cell may be a word: without its digits a token may spell a name by chance."""
    return not any(map(str.isdigit, cell))


def is_two_names(cell: str) -> bool:
    """A given and a family name; single names are those of cities, and houses are called after cities."""
    return " " in cell and is_known_person(cell)


def is_date(cell: str) -> bool:
    """A calendar date, alone or within a code."""
    return year_of(cell) is not None or any(run_together(run) for run in re.findall(r"(?<!\d)\d{8}(?!\d)", cell))


def of_shape(rule: shapes.ShareRule) -> Callable[[str], object]:
    return lambda cell: rule.looks(cell.upper()) or rule.looks(cell)


def is_medicare(cell: str) -> bool:
    return bool(shapes.are_medicare([cell]))


NUMBERS = (
    Look("a social security number", of_shape(shapes.SSN_PLAIN)),
    Look("a phone or fax number", of_shape(shapes.PHONE_PLAIN)),
    Look("a number that an office gave out", registered_kind),
    Look("a Medicare beneficiary number", is_medicare),
    Look("a national identity number", of_shape(shapes.IDENTITY_NUMBERS)),
    Look("a bank account number", of_shape(shapes.IBAN)),
    Look("a network address", of_shape(shapes.QUADS)),
    Look("coordinates of a place", of_shape(shapes.DEGREES)),
    Look("a hash", of_shape(shapes.DIGESTS)),
)
LISTED = Look("the name of a person", is_listed_person, word=True)
NAME = Look("the name of a person", is_person)
WORD = Look("the name of a person", is_word)
DATE = Look("a calendar date", is_date)
ZIP = Look("a ZIP or house number", of_shape(shapes.ZIP), weak=True)
POSTAL = Look("a postal code", of_shape(shapes.POSTAL), weak=True)
LONG = Look("a number such as records and plans have", re.compile(r"[0-9]{6,}").fullmatch, weak=True)
MEMBER = Look("a plan or licence number", of_shape(shapes.MEMBER))
UUID = Look("a code that singles people out (UUID)", of_shape(shapes.UUIDS))
OF_IDS = (LISTED, WORD, DATE, *NUMBERS, ZIP, POSTAL, LONG)
# stays and services are counted by systems of their own: what tells of no person is one more of their numbers
OF_EVENTS = (
    LISTED,
    WORD,
    DATE,
    *(look for look in NUMBERS if look.kind in ("a Medicare beneficiary number", "a hash")),
)
OF_CODES = (LISTED, NAME, DATE, *NUMBERS, MEMBER, UUID, ZIP, POSTAL, LONG)
OF_BILLING = (LISTED, NAME)
OF_PLACES = (Look(NAME.kind, is_two_names), Look(NAME.kind, is_word, bare=True), DATE, *NUMBERS)
OF_SITES = (*OF_PLACES, POSTAL, ZIP, LONG)


def usual_cells(cells: Sequence[str], looks: tuple[Look, ...]) -> list[str]:
    """The cells that give a column its form: those that may be no identifier, or prove little and are many, as words
    among tokens of chance."""
    found, chance = {cell: kind_of(cell, looks) for cell in cells}, are_of_chance(cells)
    weak = [cell for cell, look in found.items() if look and (look.weak or (chance and look.kind == NAME.kind))]
    many = weak if len(weak) > max(FEW, ODD * len(cells)) else []
    return [*(cell for cell, look in found.items() if look is None), *many]


@lru_cache(maxsize=50_000)  # the ids of people come again in every table
def kind_of(cell: str, looks: tuple[Look, ...]) -> Look | None:
    """The first kind of identifier that a cell may be; None where it is none, or a word for nobody."""
    if cell.upper() in NO_CELL:
        return None
    return next((look for look in looks if look.looks(cell)), None)


def stands_out(cell: str, look: Look, form: Form) -> bool:
    """Whether a cell that may be an identifier is written unlike the rest of its column."""
    if look.bare:
        return form.all_with_digits and not any(map(str.isdigit, cell))
    if look.weak and form.goes_on(cell):
        return False
    return not (form.holds_word(cell) if look.word else form.holds(cell))


def without_weak(found: dict[str, Look], cells: int) -> dict[str, Look]:
    """The strays, without kinds that prove little where more than a few cells are so: those are a second kind of
    token."""
    weak = [cell for cell, look in found.items() if look.weak]
    return found if len(weak) <= max(FEW, ODD * cells) else {c: look for c, look in found.items() if not look.weak}
