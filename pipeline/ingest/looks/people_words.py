"""Is a cell the name of a person?  Words are names, ordinary words, both or unknown; all of a cell's words count."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from pipeline.measures.library import ordinary_words, person_names

COMMON = 5_000  # of the English words by frequency; rarer ones are often names of people or places
PARTICLES = frozenset(
    [
        "de",
        "del",
        "della",
        "der",
        "den",
        "di",
        "da",
        "dos",
        "du",
        "la",
        "le",
        "las",
        "los",
        "van",
        "von",
        "bin",
        "ibn",
        "al",
        "el",
        "bint",
        "ter",
        "y",
        "e",
        "o",
        "mc",
        "jr",
        "sr",
        "ii",
        "iii",
    ]
)
PLACES = frozenset(
    [
        "san",
        "santa",
        "st",
        "saint",
        "fort",
        "mount",
        "lake",
        "lakes",
        "port",
        "new",
        "old",
        "upper",
        "lower",
        "point",
        "rapids",
        "falls",
        "springs",
        "city",
        "county",
        "beach",
        "park",
        "hill",
        "hills",
        "river",
        "valley",
        "ridge",
        "creek",
        "heights",
        "grove",
        "village",
        "house",
        "center",
        "centre",
        "clinic",
        "hospital",
        "campus",
        "north",
        "south",
        "east",
        "west",
    ]
)
TITLES = frozenset(
    (
        *("LCSW", "LICSW", "LMSW", "MSW", "LPC", "LPCC", "LMFT", "MFT", "LMHC", "LCPC", "LADC", "LCADC", "CADC", "CAC"),
        *("MD", "DO", "PhD", "PHD", "PsyD", "PSYD", "EdD", "RN", "NP", "LPN", "APRN", "PMHNP", "ARNP", "PA", "LP"),
        *("MA", "MS", "MEd", "BCBA", "Dr", "Mr", "Mrs", "Ms"),
    )
)
LAST_LATIN = 0x24F
WORD = re.compile(r"[^\W\d_]+(?:['’`-][^\W\d_]+)*")
OUTSIDE = re.compile(r"[^\w\s.,'’`()-]|[\d_]{5,}|[^\W\d_]\d|\d[^\W\d_]")  # what no name holds; a year may stand apart
# what English makes of other words, and of Greek and Latin ones
WORD_ENDINGS = (
    *("able", "ible", "ally", "ance", "ancy", "arian", "ary", "ate", "ation", "ative", "ence", "ency", "ent", "graphy"),
    *("hood", "ic", "ical", "ician", "ics", "ide", "idine", "ine", "ing", "ings", "ion", "ions", "ism", "ist", "ists"),
    *("ity", "ive", "less", "logy", "ly", "ment", "ments", "ness", "oid", "ory", "osis", "ous", "path", "pathy"),
    *("phobia", "rise", "sexual", "ship", "some", "therapy", "tion", "ular", "ure", "ware", "wise", "work"),
)
PLAIN_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"}
)


@lru_cache(maxsize=10_000)
def folded(word: str) -> str:
    """A word without case, accents and apostrophes."""
    bare = unicodedata.normalize("NFKD", word.lower().translate(PLAIN_LETTERS))
    return "".join(letter for letter in bare if letter.isalpha())


@cache
def likely_names() -> frozenset[str]:
    """Given and family names by frequency in the United States, and our own list; ordinary words among them stay in."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    listed = (FREQUENCY_LISTS[kind] for kind in ("female_names", "male_names", "surnames"))
    return person_names().union(*listed)


@cache
def english_words() -> frozenset[str]:
    """The commonest English words and those of code lists in our field."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    listed = (FREQUENCY_LISTS[kind][:COMMON] for kind in ("english_wikipedia", "us_tv_and_film"))
    return ordinary_words().union(*listed)


def is_name(word: str) -> bool:
    return folded(word) in likely_names()


def is_ordinary(word: str) -> bool:
    """An English word, or an abbreviation in capitals such as IOP or LCSW."""
    parts = [folded(part) for part in re.split(r"[-'’`]", word) if part]
    return all(part in english_words() or (len(part) < 2) for part in parts) or is_abbreviation(word)


def is_abbreviation(word: str) -> bool:
    """Capitals with no vowel pattern of a name (LCSW, IOP), or a short mix of cases (PsyD, PhD)."""
    inner = word[1:]
    return (word.isupper() and len(word) <= 4) or (len(word) <= 5 and any(letter.isupper() for letter in inner))


def words_of(cell: str) -> list[str]:
    """The words of a cell that may be a name; none where marks or numbers say that it is something else."""
    if cell.lower() != cell:  # DOE^JANE and Doe/1956 are names as exports join them; self_pay is a code
        cell = re.sub(r"[\^/_|]", " ", cell)
    if OUTSIDE.search(cell):
        return []
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cell)
    return [word for word in WORD.findall(parted) if len(word) > 1 and folded(word) not in PARTICLES]


def is_known_person(cell: str) -> bool:
    """Two to five words that all may be names and of which one surely is, or one word that is nobody's code.

    Titles and credentials beside a name say nothing: Smith, Maria LCSW.
    """
    words = [word for word in words_of(cell) if word not in TITLES]
    if len(words) == 1 and re.search(r"(^|[\s,.])[A-Z]\b", cell.replace(words[0], "")):  # J. Smith
        return is_name(words[0]) and words[0][:1].isupper()
    if len(words) == 1:
        return folded(words[0]) in person_names() and folded(words[0]) not in ordinary_words()
    if not 2 <= len(words) <= 5 or any(folded(word) in PLACES for word in words):
        return False
    names = [is_name(word) for word in words]
    sure = [name and not is_ordinary(word) for name, word in zip(names, words, strict=True)]
    unheard = [not is_ordinary(word) for word in words]
    return all(names) or (any(sure) and all(map(max, names, unheard)))


def may_be_person(cell: str) -> bool:
    """Words that are no ordinary ones: two or more in any case, or a single one written like a name."""
    if any(letter.isalpha() and ord(letter) > LAST_LATIN for letter in cell):  # no code list of ours is written so
        return len(cell) <= 60 and not re.search(r"\d", cell)
    words = [] if is_abbreviation(cell.strip()) else words_of(cell)
    if len(words) == 1:
        long_enough = len(words[0]) >= (3 if words[0].isascii() else 2)
        written_so = words[0].istitle() or not words[0][0].isascii() or is_name(words[0])
        return long_enough and written_so and not words[0][0].islower() and not is_ordinary(words[0])
    if not 2 <= len(words) <= 5 or any(folded(word) in PLACES for word in words):
        return False
    return all(not is_ordinary(word) or is_name(word) for word in words) and not all(map(is_ordinary, words))


def is_stray_name(cell: str, *, any_case: bool = False) -> bool:
    """One word or several that surely are a name, or that no list of names or of English words knows: written like a
    name, or in any case, as among ids."""
    if is_abbreviation(cell.strip()):
        return False
    if any(letter.isalpha() and ord(letter) > LAST_LATIN for letter in cell):
        return may_be_person(cell)
    words = words_of(cell)
    if not 1 <= len(words) <= 5 or any(folded(word) in PLACES for word in words):
        return False
    sure = [is_listed_name(word) or (is_unheard(word) and (any_case or is_capital(word))) for word in words]
    return any(sure) and all(one or is_name(word) for one, word in zip(sure, words, strict=True))


def is_listed_name(word: str) -> bool:
    """A name that is no English word."""
    return is_name(word) and not is_english(word)


def is_unheard(word: str) -> bool:
    """A word that stands in no list and does not end like an English one."""
    plain = folded(word)
    return len(plain) > 2 and not is_ordinary(word) and not is_english(word) and not plain.endswith(WORD_ENDINGS)


def is_capital(word: str) -> bool:
    """Written like a name: with a capital, or in capitals and too long for an abbreviation."""
    return word.istitle() or (word.isupper() and len(word) > 4)


def is_english(word: str) -> bool:
    """One of the fifty thousand commonest words of English texts and films, or of code lists in our field."""
    return is_ordinary(word) or (folded(word) in all_words() and folded(word) not in likely_names())


@cache
def all_words() -> frozenset[str]:
    """English words down to rare ones, names of people among them."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return ordinary_words().union(FREQUENCY_LISTS["english_wikipedia"], FREQUENCY_LISTS["us_tv_and_film"])


@lru_cache(maxsize=50_000)  # the ids of people come again in every table
def names_inside(token: str) -> frozenset[str]:
    """Names that a code is made of: PatriciaMartinez3, pmartinez03, martinez_p."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", token)
    chunks = [folded(chunk) for chunk in re.findall(r"[^\W\d_]{4,}", parted)]
    long = [chunk for chunk in chunks if len(chunk) > 5]  # an initial may stand before or after
    stems = {*chunks, *(chunk[1:] for chunk in long), *(chunk[:-1] for chunk in long)}
    return frozenset(stem for stem in stems if stem in likely_names() and stem not in english_words())


def hold_names(tokens: Sequence[str]) -> bool:
    """Codes of which a good part holds a name, and not all the same one (a site's)."""
    found = [names_inside(token) for token in tokens]
    return sum(map(bool, found)) > 0.3 * len(tokens) and len(set().union(*found)) >= 3


def names_of_people(cells: Iterable[str]) -> bool:
    """True where a cell is, or holds, a common given or family name."""
    known = person_names()
    return any(word.lower() in known for cell in cells for word in re.findall(r"[A-Za-z]{3,}", cell))
