"""What a value looks like: the patterns by which a machine finds an identifier in a cell, and how much of a column must
match."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pipeline.measures.library import person_names

OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
STREET = r"(Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Terrace|Highway|Hwy)"

# One such value anywhere refuses the file.  Both engines read these: the database for whole columns, Python for
# distinct codes. kind of identifier: (what every match holds, so that most cells are passed over quickly, the pattern)
ANY = {
    "an e-mail address": ("@", r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"),
    "a social security number": ("-", r"(^|[^0-9-])[0-9]{3}-[0-9]{2}-[0-9]{4}($|[^0-9-])"),
    "a web address": ("/", r"(?i)(https?|ftp)://[^\s]"),
}
ANY_IN_CODES = {
    "a web address": (".", r"(?i)\bwww\.[a-z0-9-]+\.[a-z]{2,}"),
    "a network address": (".", rf"^{OCTET}(\.{OCTET}){{3}}$"),
    "a network or device address": (
        ":",
        r"(?i)^([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}$|^[0-9a-f:]*::[0-9a-f:]+$|^([0-9a-f]{2}:){5}[0-9a-f]{2}$",
    ),
    "a street address": (" ", rf"(?i)\b[0-9]+[a-z]? +([nsew]\.? +)?[a-z0-9'.]+( +[a-z'.]+){{0,3}} +{STREET}\b"),
    "a post-office box": (" ", r"(?i)\bp\.? ?o\.? +box +[0-9]"),
    "a ZIP code of nine digits": ("-", r"^[0-9]{5}-[0-9]{4}$"),
    "a picture, a voice or another binary value": ("", r"^data:[a-z]+/|^[A-Za-z0-9+/]{120,}={0,2}$"),
}
PHONE = {
    "a phone or fax number": (
        "",
        r"(^|[^0-9A-Za-z-])(\+?1[-. ]?)?(\([0-9]{3}\) ?|[0-9]{3}[-. ])[0-9]{3}[-. ][0-9]{4}($|[^0-9-])",
    )
}
MBI = r"[1-9][A-Z][A-Z0-9][0-9]-?[A-Z][A-Z0-9][0-9]-?[A-Z]{2}[0-9]{2}"
MBI_LENGTHS = (11, 13)  # without and with dashes
MBI_SHARE = 0.01  # of the cells as long as one: of random tokens of that length one in some thousands looks like it


@dataclass(frozen=True, slots=True)
class ShareRule:
    """A kind of identifier that one cell cannot prove but a column can: at least `share` of at least `least` distinct
    cells."""

    kind: str
    looks: Callable[[str], bool]
    share: float
    least: int


def full(pattern: str) -> Callable[[str], bool]:
    """A test of whole cells."""
    return re.compile(pattern).fullmatch  # type: ignore[return-value]


def is_person(cell: str) -> bool:
    """A cell of up to four words, one of them a common given or family name."""
    words = re.findall(r"[A-Za-z]+", cell)
    return (
        1 <= len(words) <= 4
        and not re.search(r"[0-9_]", cell)
        and any(word.lower() in person_names() for word in words)
    )


def is_npi(cell: str) -> bool:
    """Ten digits that pass the Luhn check with the prefix 80840 (the national provider identifier)."""
    if not re.fullmatch(r"[12][0-9]{9}", cell):
        return False
    digits = [int(digit) for digit in "80840" + cell][::-1]
    return sum(sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(digits)) % 10 == 0


def is_dea(cell: str) -> bool:
    """Two letters and seven digits, the last of which checks the others (a prescriber's registration)."""
    if not re.fullmatch(r"[A-Z][A-Z9][0-9]{7}", cell):
        return False
    d = [int(digit) for digit in cell[2:]]
    return (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]


def is_vin(cell: str) -> bool:
    """Seventeen letters and digits, the ninth of which checks the others (a vehicle)."""
    if not re.fullmatch(r"(?=.*[A-Z])[A-HJ-NPR-Z0-9]{17}", cell):
        return False
    worth = dict(
        zip(
            "ABCDEFGHJKLMNPRSTUVWXYZ",
            (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9),
            strict=True,
        )
    )
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    total = sum(
        weight * (int(letter) if letter.isdigit() else worth[letter])
        for weight, letter in zip(weights, cell, strict=True)
    )
    return cell[8] == "0123456789X"[total % 11]


PERSON = ShareRule("names of people", is_person, 0.20, 1)
NAME_SHAPED = ShareRule(
    "names of people", full(r"[A-Z][A-Za-z'-]+(, ?| )([A-Z]\.? )?[A-Z][A-Za-z'-]+( [A-Z]\.?)?"), 0.50, 8
)
ZIP = ShareRule("ZIP codes of five digits", full(r"[0-9]{5}(-[0-9]{4})?"), 0.50, 1)
SSN_PLAIN = ShareRule("social security numbers", full(r"(?!000|666|9)[0-9]{3}(?!00)[0-9]{2}(?!0000)[0-9]{4}"), 0.50, 3)
PHONE_PLAIN = ShareRule("phone or fax numbers", full(r"(\+?1)?[2-9][0-9]{2}[2-9][0-9]{6}"), 0.50, 3)
NPI = ShareRule("provider numbers (NPI)", is_npi, 0.90, 5)
DEA = ShareRule("prescriber numbers (DEA)", is_dea, 0.90, 5)
VIN = ShareRule("vehicle numbers", is_vin, 0.90, 3)
DATE = ShareRule(
    "calendar dates",
    full(
        r"(19|20)[0-9]{2}[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12][0-9]|3[01])([ T].*)?"
        r"|(0?[1-9]|1[0-2])[-/.](0?[1-9]|[12][0-9]|3[01])[-/.]((19|20)?[0-9]{2})([ T].*)?"
        r"|(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
    ),
    0.80,
    1,
)


def column_shape(cells: Sequence[str], rules: Iterable[ShareRule]) -> list[str]:
    """Kinds of identifiers that a column's distinct cells look like as a whole."""
    return list(
        dict.fromkeys(
            rule.kind
            for rule in rules
            if len(cells) >= rule.least and sum(bool(rule.looks(cell)) for cell in cells) > rule.share * len(cells)
        )
    )


def is_free_text(cells: Sequence[str], rows: int) -> bool:
    """Sentences rather than codes: more than a fifth of the distinct cells are long and of many words, and they seldom
    repeat."""
    sentences = sum(len(cell) > 40 and len(cell.split()) > 5 for cell in cells)
    return len(cells) >= 0.1 * rows and sentences > 0.2 * len(cells)


def is_record_number(cells: Sequence[str], rows: int) -> bool:
    """Numbers of 6 to 10 digits, one per row and close together: what a record system counts up."""
    if len(cells) < 20 or not all(re.fullmatch(r"[0-9]{6,10}", cell) for cell in cells):
        return False
    numbers = [int(cell) for cell in cells]
    return rows / (max(numbers) - min(numbers) + 1) >= 1e-4


def names_of_people(cells: Iterable[str]) -> bool:
    """True where a cell is, or holds, a common given or family name."""
    known = person_names()
    return any(word.lower() in known for cell in cells for word in re.findall(r"[A-Za-z]{3,}", cell))
