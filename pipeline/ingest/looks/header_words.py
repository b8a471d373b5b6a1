"""What a column's name speaks of (45 CFR 164.514(b)(2)); a name is a hint, and the values decide."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.ingest.looks.birth_dates import year_of

NAME, PLACE, PHONE = "a name", "a place smaller than a state", "a phone or fax number or an e-mail address"
SSN, RECORD, LICENSE = (
    "a social security number",
    "a record, plan or account number",
    "a license, vehicle or device number",
)
WEB, BIOMETRIC, BIRTH = "a web or network address", "a biometric or a photograph", "a date or place of birth"

# Words that stand alone in a column's name (patient_name, HomePhone, zip5) …
WORDS = {
    NAME: (
        "name names nm fname lname mname firstname lastname surname forename givenname maiden alias nickname contact"
        " guardian employer spouse mother father kin initials signature"
    ),
    PLACE: (
        "address addr street city town county zip zipcode zip4 zip5 zip9 postal postcode lat latitude lon lng long"
        " longitude tract precinct geocode geo parish neighborhood blockgroup"
    ),
    PHONE: "phone tel telephone mobile cell fax email mail pager",
    SSN: "ssn social sin nino itin taxid nationalid",
    RECORD: (
        "mrn medrec chart chartno member subscriber policy beneficiary mbi hicn account acct claimno iban recordno"
        " medicaidid medicareid"
    ),
    LICENSE: "license licence dea npi plate vin vehicle serial udi device imei passport",
    WEB: "url link ip ipv4 ipv6 website homepage",
    BIOMETRIC: "photo picture image voice finger fingerprint face retina iris biometric selfie",
}
# … or inside a longer one (patientname, dateofbirth, medicaidid): long enough to mean nothing else.
INSIDE = {
    NAME: "surname|firstname|lastname|middlename|patientname|clientname|fullname|nameof",
    PLACE: "homeaddr|streetaddr|zipcode|postalcode|geocode|latitude|longitude",
    PHONE: "phonen|homephone|cellphone|mobilen|emailaddr|faxn",
    SSN: "ssn|socialsec",
    RECORD: (
        "medrec|medicalrec|recordn|subscriberid|beneficiaryid|medicaidid|medicareid|memberid|accountn|claimn|policyn"
        "|planid"
    ),
    LICENSE: "licensen|licencen|deviceid|serialn|numberplate",
    WEB: "ipaddr|weburl|profilelink",
    BIOMETRIC: "fingerprint|voiceprint|faceimg",
}
ALONE = {"first", "last", "middle", "given", "family"}  # a name where nothing but the person's role stands beside it
ROLES = {"patient", "pat", "pt", "client", "member", "person", "name", "nm", "subject"}
BIRTH_WORDS = re.compile(r"dob|birth|born")
DATE_WORDS = re.compile(r"date|dt$|_on$|admit|disch")
CODE_WORDS = re.compile(r"uuid|guid|token|id$")
MADE = {
    "token",
    "tokens",
    "hash",
    "hashed",
    "pseudo",
    "pseudonym",
    "deid",
    "deidentified",
    "study",
    "random",
    "anon",
    "anonymous",
    "scrambled",
}


@dataclass(frozen=True, slots=True)
class Called:
    """The kind of identifier that a name speaks of, and whether the cells could be that."""

    kind: str

    def fits(self, cells: Sequence[str], rows: int) -> bool:
        """Nearly one value for each person, and of the form such values have."""
        looks = COULD_BE.get(self.kind, is_mixed)
        return len(cells) >= 5 and len(cells) > 0.5 * rows and sum(map(looks, cells)) > 0.8 * len(cells)


def is_wordy(cell: str) -> bool:
    return re.search(r"[^\W\d_]{2,}", cell) is not None and not re.search(r"\d", cell)


def is_mixed(cell: str) -> bool:
    """Four letters or digits or more, of which one is a digit, and no date or plain measure."""
    if year_of(cell) or re.fullmatch(r"[-+]?[0-9]{0,4}([.,][0-9]+)?|[0-9]{1,2}:[0-9]{2}.*", cell):
        return False
    return len(re.sub(r"[\W_]", "", cell)) >= 4 and re.search(r"\d", cell) is not None


def is_address(cell: str) -> bool:
    return is_mixed(cell) or is_wordy(cell) or re.fullmatch(r"-?[0-9]{1,3}\.[0-9]{3,}", cell) is not None


def is_long_number(cell: str) -> bool:
    return sum(letter.isdigit() for letter in cell) >= 7 or "@" in cell


def is_birth(cell: str) -> bool:
    return year_of(cell) is not None


def is_bulky(cell: str) -> bool:
    return len(cell) >= 24


COULD_BE: dict[str, Callable[[str], bool]] = {
    NAME: is_wordy,
    PLACE: is_address,
    PHONE: is_long_number,
    BIRTH: is_birth,
    BIOMETRIC: is_bulky,
}


def called_like(column: str) -> Called | None:
    """What a column's name speaks of; None where it speaks of no identifier, or of a token made in its place."""
    lower = re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")
    words = words_of(column)
    if words & MADE:
        return None
    if BIRTH_WORDS.search(lower):
        return Called(BIRTH)
    if words & ALONE and words <= ALONE | ROLES:
        return Called(NAME)
    bare = lower.replace("_", "")
    for kind, inside in INSIDE.items():
        if re.search(inside, bare):
            return Called(kind)
    for kind, listed in WORDS.items():
        if any(word in listed.split() or word.rstrip("0123456789") in listed.split() for word in words):
            return Called(kind)
    return None


def words_of(column: str) -> set[str]:
    """The words of a column's name: snake_case, camelCase and digits taken apart."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", column)
    return {word for word in re.split(r"[^a-z0-9]+", apart.lower()) if word}
