"""What gives an identifier away in a single cell: one such cell anywhere refuses the file.

Both engines read these patterns (the database for whole columns, Python for distinct cells), so they keep to what both
know: no look-around and no back-reference.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
LARGE_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9][0-9])"  # version numbers of four parts are small
SUFFIX = r"(street|avenue|ave|road|rd|boulevard|blvd|lane|ln|terrace|highway|hwy|parkway|pkwy|drive|crescent)"
SHORT = r"(St|Dr|Ct|Pl|Way|Place|Court|Circle|Cir|Square|Sq)"  # words of other meanings: capitals tell
HOUSE = r"[0-9]{1,6}[a-zA-Z]?"
STREET_WORD = r"[a-z0-9'.]+"
PROPER = r"([A-Z][a-z'.]*|[0-9]+(st|nd|rd|th))"
FRENCH = r"(rue|boulevard|chemin|impasse|quai)"
SOUTHERN = r"(calle|avenida|rua|ulica|ul\.|carrera|piazza|viale)"
PUBLIC_ENDING = r"(com|org|net|edu|gov|info|io|example|health|care|us|uk|ca|de|fr|es|it|nl|eu|au|in|br|mx)"
# letters that tokens of chance may hold are no label by themselves: a few digits, or a mark behind them, make them one
LABEL = r"(ssn|mrn|dob|npi|mbi|hicn|acct|imei|vin|medicare|medicaid|passport|plate|licen[sc]e|chart|record)"
LABEL_NUMBER = (
    rf"({LABEL}(no|nr|num|number|id)?[0-9]{{4,}}"
    rf"|({LABEL}|dea)( ?(no|nr|num|number|id))?[ #:._-]+(no|nr|num|number|id)?[ #:._-]*[0-9]{{2,}})"
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One look of one kind.

    kind   what a message calls it
    mark   what every match holds, so that most cells are passed over quickly; empty where there is no such mark
    regex  searched for within the cell
    coded  True where procedure, revenue and diagnosis codes may look so too
    """

    name: str
    kind: str
    mark: str
    regex: str
    coded: bool = False


ABROAD = r"[1-9][0-9]{0,2}[-. ()/]*(\(0\))?[0-9]{1,5}([-. ()/]*[0-9]{2,5}){1,5}"
ANGLE = r"[0-9]{1,2}\.[0-9]{3,}"
APART, ENDS = r"(^|[^0-9A-Za-z-])", r"($|[^0-9A-Za-z-])"
PLACE = "coordinates of a place"
EMAIL, SSN, WEB = "an e-mail address", "a social security number", "a web address"
NETWORK, DEVICE = "a network address", "a network or device address"
STREET, PHONE, NATIONAL = "a street address", "a phone or fax number", "a national identity or payment number"
PATTERNS = (
    Pattern("e_mail", EMAIL, "@", r"[^@\s]+@[^@\s]+\.[^@\s]{2,}"),
    Pattern(
        "e_mail_in_words", EMAIL, " ", r"(?i)[a-z0-9._-]+ +[(\[]?at[)\]]? +[a-z0-9-]+( +[(\[]?dot[)\]]? +[a-z0-9-]+)+"
    ),
    Pattern("e_mail_bracketed", EMAIL, "at", r"(?i)[a-z0-9._-]+ *[(\[]at[)\]] *[a-z0-9-]+"),
    Pattern("e_mail_local", EMAIL, "@", r"^[^@\s]+@[A-Za-z0-9-]+$"),
    Pattern("account_name", "an account name", "@", r"^@[A-Za-z0-9_.]{2,}$"),
    Pattern("ssn_masked", SSN, "", r"(^|[^A-Za-z*])[Xx*]{3}-?[Xx*]{2}-?[0-9]{4}$"),
    Pattern("ssn_dashed", SSN, "-", r"(^|[^0-9-])[0-9]{3}-[0-9]{2}-[0-9]{4}($|[^0-9-])"),
    Pattern("ssn_spaced", SSN, " ", r"(^|[^0-9 ])[0-9]{3} [0-9]{2} [0-9]{4}($|[^0-9])"),
    Pattern("ssn_dotted", SSN, ".", r"(^|[^0-9.])[0-9]{3}\.[0-9]{2}\.[0-9]{4}($|[^0-9.])"),
    Pattern("web_scheme", WEB, "/", r"(?i)(^|[^a-z])[a-z][a-z0-9+]{1,9}://[^\s]"),
    Pattern("web_share", WEB, "\\", r"^\\\\[^\s\\]+\\[^\s]"),
    Pattern("web_www", WEB, ".", r"(?i)(^|[^a-z0-9])www\.[a-z0-9-]+\.[a-z]{2,}"),
    Pattern("web_path", WEB, "/", rf"(?i)(^|[\s(])([a-z0-9-]+\.)+{PUBLIC_ENDING}(:[0-9]+)?/[^\s]"),
    Pattern("web_host", WEB, ".", r"(?i)^([a-z0-9-]+\.)*[a-z0-9-]{2,}\.(com|org|net|edu|gov)$"),
    Pattern(
        "network",
        NETWORK,
        ".",
        rf"(^|[^0-9.])({LARGE_OCTET}\.{OCTET}\.{OCTET}\.{OCTET}|{OCTET}\.{LARGE_OCTET}\.{OCTET}\.{OCTET}"
        rf"|{OCTET}\.{OCTET}\.{LARGE_OCTET}\.{OCTET}|{OCTET}\.{OCTET}\.{OCTET}\.{LARGE_OCTET})($|[^0-9.])",
    ),
    Pattern(
        "network_six",
        DEVICE,
        ":",
        r"(?i)^([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}$|^[0-9a-f]{1,4}(:[0-9a-f]{0,4}){1,6}::?[0-9a-f]{1,4}(/[0-9]+)?$",
    ),
    Pattern("hardware", DEVICE, "", r"(?i)(^|[^0-9a-f:-])([0-9a-f]{2}:){5}[0-9a-f]{2}($|[^0-9a-f:-])"),
    Pattern("hardware_dashed", DEVICE, "-", r"(?i)(^|[^0-9a-f-])([0-9a-f]{2}-){5}[0-9a-f]{2}($|[^0-9a-f-])"),
    Pattern("hardware_dotted", DEVICE, ".", r"(?i)(^|[^0-9a-f.])[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}($|[^0-9a-f.])"),
    Pattern("device_label", DEVICE, "(", r"\((01|00|21)\)[0-9A-Z]{6,20}(\([0-9]{2,3}\)|$)"),
    Pattern("street", STREET, " ", rf"(?i)(^|[^a-z0-9.]){HOUSE} +({STREET_WORD} +){{1,4}}{SUFFIX}($|[^a-z])"),
    Pattern(
        "street_short", STREET, " ", rf"(^|[^A-Za-z0-9.]){HOUSE} +{PROPER}( +{PROPER}){{0,2}} +{SHORT}($|[^A-Za-z])"
    ),
    Pattern("street_after", STREET, " ", r"(?i)[^\s\d,]+(straße|strasse|str\.|gasse|allee) +[0-9]+"),
    Pattern("street_before", STREET, " ", rf"(?i)(^|[\s,])[0-9]+( bis)?,? +{FRENCH} +[^\s]"),
    Pattern("street_named", STREET, " ", rf"(?i)(^|[\s,]){SOUTHERN} +[^\s]+.* +[0-9]+"),
    Pattern("box", "a post-office box", " ", r"(?i)(^|[^a-z])p\.? ?o\.? +box +[0-9]"),
    Pattern("box_rural", "a post-office box", " ", r"(?i)(^|[^a-z])(rr|hc|route) *[0-9]+,? +box +[0-9]"),
    Pattern(
        "flat", STREET, " ", r"(?i)(^|[^a-z])(apt|apartment|flat|suite|ste)\.? *#?[0-9]+[a-z]?,? +[0-9]+[a-z]? +[a-z]"
    ),
    Pattern("zip_nine", "a ZIP code of nine digits", "-", r"(^|[A-Z]{2} |, )[0-9]{5}-[0-9]{4}$"),
    Pattern("place_zip", "a ZIP code", " ", r"(^|[a-z,] )[A-Z]{2},? +[0-9]{5}(-[0-9]{4})?$"),
    Pattern("coordinates", PLACE, ".", rf"(^|[^0-9.])[-+]?{ANGLE}°? *[NS]?( *[,;|/] *| +)[-+]?[0-9]?{ANGLE}"),
    Pattern("coordinates_marked", PLACE, "", r"(?i)(point *\(|geo:)[-+]?[0-9]"),
    Pattern("coordinates_code", PLACE, "+", r"^[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3}$"),
    Pattern("coordinates_words", PLACE, "///", r"^///[^\s.]+\.[^\s.]+\.[^\s.]+$"),
    Pattern("coordinates_grid", PLACE, " ", r"^[0-9]{1,2}[C-X] +[0-9]{6} +[0-9]{7}$"),
    Pattern("degrees", PLACE, "°", r"[0-9]{1,3}° ?[0-9]{1,2}['’′]"),
    Pattern(
        "phone",
        PHONE,
        "",
        r"(^|[^0-9A-Za-z-])(\+?1[-. ]?)?(\([0-9]{3}\)[-. ]?|[0-9]{3}[-. /])[0-9]{3}[-. ][0-9]{4}($|[^0-9-])",
        coded=True,
    ),
    Pattern("phone_abroad", PHONE, "", rf"(^|[^0-9A-Za-z+])(\+{ABROAD}|00[1-9][0-9]{{0,2}} [0-9 ]{{7,}})($|[^0-9])"),
    Pattern(
        "card",
        NATIONAL,
        "",
        r"(^|[^0-9A-Za-z-])([0-9]{4}[ -]){2}[0-9]{4}([ -][0-9]{3,4})?($|[^0-9A-Za-z-])",
        coded=True,
    ),
    Pattern("cpf", NATIONAL, ".", r"(^|[^0-9.])[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}($|[^0-9])"),
    Pattern(
        "labelled",
        "a number with the label of a record, a plan or a date of birth",
        "",
        rf"(?i)(^|[^a-z0-9]){LABEL_NUMBER}",
    ),
    Pattern("serial", "a device's number", "", r"(?i)(^|[^a-z])(s/?n|serial( no)?|mr)[ .]*[#:] *[a-z0-9]{4,}"),
    Pattern("born", "a date of birth", " ", r"(?i)(^|[^a-z])(born|birth ?day|geb\.|née?)( on| in|:)? +[a-z]* *[0-9]"),
    Pattern(
        "picture",
        "the name of a picture, a voice or a scan",
        ".",
        r"(?i)[^\s]\.(jpe?g|png|gif|bmp|tiff?|heic|webp|wav|mp3|m4a|mp4|mov|avi|dcm|nef|cr2|dng|pdf|docx?)($|[^a-z0-9])",
    ),
    Pattern("binary", "a picture, a voice or another binary value", "", r"^data:[a-z]+/|[A-Za-z0-9+/]{80,}={0,2}"),
)
CELLS = 50_000  # whose looks are remembered
LONGEST = 400  # of a longer cell Python looks at the beginning; the database looks at all of it


@cache
def patterns(*, coded: bool = False) -> tuple[Pattern, ...]:
    """The patterns to look for; in billing codes those that such codes do not share."""
    return tuple(pattern for pattern in PATTERNS if not (coded and pattern.coded))


@cache
def compiled(regex: str) -> re.Pattern[str]:
    flags = re.IGNORECASE if "(?i)" in regex else 0
    return re.compile(regex.replace("(?i)", ""), flags)


def plain_kinds(cells: Iterable[str], *, coded: bool = False) -> list[str]:
    """Kinds of identifiers of which at least one cell is plainly one."""
    found = set[str]().union(*(plainly(cell[:LONGEST], coded) for cell in cells))
    return [kind for kind in dict.fromkeys(pattern.kind for pattern in patterns(coded=coded)) if kind in found]


@lru_cache(maxsize=CELLS)
def plainly(cell: str, coded: bool) -> frozenset[str]:
    """The kinds of identifiers that one cell plainly is; the ids of people come again in every table."""
    marks = patterns(coded=coded)
    return frozenset(one.kind for one in marks if one.mark in cell and compiled(one.regex).search(cell))
