"""Kinds of identifiers that one cell cannot prove but a column can: a share of its distinct cells must look so."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pipeline.ingest.looks.birth_dates import year_of
from pipeline.ingest.looks.people_words import is_known_person, may_be_person

MBI = r"[1-9][A-Z][A-Z0-9][0-9]-?[A-Z][A-Z0-9][0-9]-?[A-Z]{2}[0-9]{2}"
MBI_LENGTHS = (11, 13)  # without and with dashes
MBI_SHARE = 0.01  # of the cells as long as one: of random tokens of that length one in some thousands looks like it


@dataclass(frozen=True, slots=True)
class ShareRule:
    """A kind of identifier: more than `share` of at least `least` distinct cells look like it."""

    kind: str
    looks: Callable[[str], object]
    share: float
    least: int = 1


def full(pattern: str, flags: int = 0) -> Callable[[str], object]:
    """A test of whole cells."""
    return re.compile(pattern, flags).fullmatch


def is_phone(cell: str) -> bool:
    """Ten bare digits whose area code is given out, or a number of another country as its people write it."""
    import phonenumbers

    digits = re.sub(r"[^0-9]", "", cell)
    if not re.fullmatch(r"[0-9 ()./-]{9,18}", cell) or not 9 <= len(digits) <= 12 or year_of(cell):
        return False
    bare = digits == cell
    for region in ("US",) if bare else ("US", *REGIONS):
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(cell, region)):
                abroad = region != "US" and not (cell[0] in "0(" or len(re.findall(r"[ ./-]+", cell)) > 1)
                return not abroad and (not bare or (len(digits) in (10, 11) and digits[-10] not in "01"))
        except phonenumbers.NumberParseException:
            continue
    return False


# whose people write them with a leading 0, or in groups of their own
REGIONS = ("GB", "FR", "DE", "ES", "IT", "NL", "AU", "IN", "BR", "MX", "PH", "PL")
IDENTITY = (
    r"[0-9]{3}([- ])[0-9]{3}\1[0-9]{3,4}"  # Canada, Australia, United Kingdom
    r"|((19|20)?[0-9]{6})[-+A][0-9]{3}[0-9A-Z]"  # Nordic: date of birth and four more
    r"|[0-9]{8}-?[A-Z]|[XYZ][0-9]{7}-?[A-Z]"  # Spain
    r"|[0-9]{2}\.[0-9]{3}\.[0-9]{3}-[0-9K]"  # Chile
    r"|[12] [0-9]{2} [0-9]{2} [0-9]{2} [0-9]{3} [0-9]{3}( [0-9]{2})?"  # France
    r"|[0-9]{5}-[0-9]{7}-[0-9]|[0-9]{6}-[0-9]{2}-[0-9]{4}|[0-9]{6}-[1-4][0-9]{6}"  # Pakistan, Malaysia, Korea
    r"|[A-Z]{5}[0-9]{4}[A-Z]|[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]"  # India, United Kingdom
    r"|[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z][0-9]{3}[A-Z]|[A-Z]{4}[0-9]{6}[HM][A-Z]{5}[0-9A-Z][0-9]"  # Italy, Mexico
)
BANKS = (
    "AD|AE|AT|BE|BG|BR|CH|CY|CZ|DE|DK|EE|ES|FI|FR|GB|GR|HR|HU|IE|IL|IS|IT|LI|LT|LU|LV|MC|MT|NL|NO|PL|PT|RO|SA|SE|SI|SK"
    "|TR|UA"
)
POSTAL_ABROAD = (
    r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}"  # United Kingdom
    r"|[ABCEGHJ-NPRSTVXY][0-9][A-Z] ?[0-9][A-Z][0-9]"  # Canada
    r"|[1-9][0-9]{3} [A-Z]{2}|[0-9]{5}-[0-9]{3}"  # Netherlands, Brazil
    r"|〒?[0-9]{3}-[0-9]{4}|[0-9]{2}-[0-9]{3}"  # Japan, Poland
    r"|(D|F|A|CH|B|L)-[0-9]{4,5}"
)
UUID = r"\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?"
# made from a time and a machine, or from a name; those of chance (version 4) are good tokens
MADE_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[135][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
DIGEST = r"([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})"

PERSON = ShareRule("names of people", is_known_person, 0.20)
PERSON_OR_PLACE = ShareRule("names of people", is_known_person, 0.50)
UNKNOWN_WORDS = ShareRule("names of people (words that are no codes)", may_be_person, 0.50)
ZIP = ShareRule("ZIP codes of five digits", full(r"[0-9]{5}"), 0.50)
POSTAL = ShareRule("postal codes", full(POSTAL_ABROAD), 0.50)
TRACT = ShareRule("census tracts or blocks", full(r"[0-9]{11}|[0-9]{12}|[0-9]{15}"), 0.90, 5)
DEGREES = ShareRule("coordinates of a place", full(r"-?[0-9]{2,3}\.[0-9]{4,}"), 0.80, 3)
SSN_PLAIN = ShareRule("social security numbers", full(r"(?!000|666|9)[0-9]{3}(?!00)[0-9]{2}(?!0000)[0-9]{4}"), 0.90)
PHONE_PLAIN = ShareRule("phone or fax numbers", is_phone, 0.90)
IDENTITY_NUMBERS = ShareRule("national identity numbers", full(IDENTITY, re.IGNORECASE), 0.60, 3)
IBAN = ShareRule(
    "bank account numbers", full(rf"({BANKS})[0-9]{{2}}(?=(.*[0-9]){{6}})[ A-Z0-9]{{11,36}}", re.IGNORECASE), 0.50
)
DATE = ShareRule("calendar dates", year_of, 0.80)
QUADS = ShareRule("network addresses", full(r"[0-9]{1,3}(\.[0-9]{1,3}){3}(:[0-9]+)?"), 0.90, 5)
UUIDS = ShareRule("codes that single people out (UUID)", full(UUID, re.IGNORECASE), 0.50)
MADE_UUIDS = ShareRule("UUIDs made from a name, or from a machine and a time", full(MADE_UUID, re.IGNORECASE), 0.90, 3)
DIGESTS = ShareRule("hashes", full(DIGEST, re.IGNORECASE), 0.50)
MEMBER = ShareRule("plan or licence numbers", full(r"[A-Z]{3}[0-9]{9}|[A-Z][0-9]{7,9}|[A-Z]{2,3}[0-9]{8}"), 0.90, 5)
PLATES = ShareRule("licence plates", full(r"[0-9]?[A-Z]{2,3}[- ]?[0-9]{3,4}|[0-9]{3}[- ][A-Z]{3}"), 0.90, 8)


def column_shape(cells: Sequence[str], rules: Iterable[ShareRule]) -> list[str]:
    """Kinds of identifiers that a column's distinct cells look like as a whole."""
    return list(
        dict.fromkeys(
            rule.kind for rule in rules if len(cells) >= rule.least and more_than(rule.share, cells, rule.looks)
        )
    )


def more_than(share: float, cells: Sequence[str], looks: Callable[[str], object]) -> bool:
    """Whether a test holds for more than this share of the cells; given up as early as it can be known."""
    may_fail = len(cells) - int(share * len(cells)) - 1
    for cell in cells:
        if not looks(cell):
            may_fail -= 1
            if may_fail < 0:
                return False
    return may_fail >= 0


def are_medicare(cells: Sequence[str]) -> list[str]:
    """Medicare numbers among the cells that are as long as one, whatever their case."""
    as_long = [cell.upper() for cell in cells if len(cell) in MBI_LENGTHS]
    alike = sum(bool(re.fullmatch(MBI, cell)) for cell in as_long)
    return ["Medicare beneficiary numbers"] if alike > MBI_SHARE * len(as_long) else []


def is_free_text(cells: Sequence[str], rows: int) -> bool:
    """Sentences rather than codes: one very long cell, or a fifth of the distinct cells of many words that seldom
    repeat."""
    if any(len(cell) > 100 or len(cell.split()) > 12 for cell in cells):
        return True
    sentences = sum(len(cell) > 40 and len(cell.split()) > 5 for cell in cells)
    return len(cells) >= 0.1 * rows and sentences > 0.2 * len(cells)


def is_record_number(cells: Sequence[str], rows: int) -> bool:
    """Numbers of 6 to 10 digits, one per row and close together: what a record system counts up."""
    if len(cells) < 20 or len(cells) < 0.9 * rows or not all(re.fullmatch(r"[0-9]{6,10}", cell) for cell in cells):
        return False
    numbers = [int(cell) for cell in cells]
    return rows / (max(numbers) - min(numbers) + 1) >= 1e-4


def is_padded_record_number(cells: Sequence[str], rows: int) -> bool:
    """Record numbers filled up with zeros that do not begin at 1: a piece out of a longer count."""
    padded = all(cell[0] == "0" for cell in cells)
    return padded and is_record_number(cells, rows) and min(map(int, cells)) > 10 * len(cells)


def one_for_each(cells: Sequence[str], rows: int) -> bool:
    """As many different texts as rows, and no plain numbers: whatever it is, it is no code list."""
    texts = [cell for cell in cells if not re.fullmatch(r"[-+]?[0-9]{1,4}([.,][0-9]+)?", cell)]
    return len(texts) >= 20 and len(texts) > 0.5 * rows
