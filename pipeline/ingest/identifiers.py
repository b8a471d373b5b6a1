"""Which undeclared columns give themselves away by name: refused, or dropped and listed (45 CFR 164.514(b)(2))."""

import re
from collections.abc import Sequence

from pipeline.ingest.matching import Match, showable
from pipeline.ingest.report import DroppedColumn

# Words that stand alone in a column's name (patient_name, HomePhone, zip5) …
WORDS = {
    "a name": (
        "name names nm fname lname mname firstname lastname first last surname forename given middle maiden alias"
        " nickname contact guardian employer spouse mother father kin"
    ),
    "a place smaller than a state": (
        "address addr street city town county zip zipcode zip4 zip5 postal postcode lat latitude lon lng "
        "longitude tract precinct geocode parish"
    ),
    "a phone or fax number or an e-mail address": "phone tel telephone mobile cell fax email mail",
    "a social security number": "ssn social",
    "a record, plan or account number": (
        "mrn medrec chart member subscriber policy beneficiary mbi hicn account acct claimno iban"
    ),
    "a licence, vehicle or device number": "license licence dea npi plate vin vehicle serial udi device imei",
    "a web or network address": "url link ip ipv4 ipv6 website homepage",
    "a biometric or a photograph": "photo picture image voice finger fingerprint face retina iris biometric selfie",
}
# … or inside a longer one (patientname, dateofbirth, medicaidid): long enough to mean nothing else.
INSIDE = {
    "a name": "surname|firstname|lastname|middlename|maiden|patientname|clientname|guardian|employer|fullname|nameof",
    "a place smaller than a state": "address|street|zipcode|postal|geocode|county|latitude|longitude|precinct",
    "a phone or fax number or an e-mail address": "phone|email|e_mail|mobile|pager",
    "a social security number": "ssn|socialsec|social_sec",
    "a record, plan or account number": (
        "medrec|medical_rec|record_n|subscriber|beneficiary|medicaid|medicare_id|member_id|"
        "account|claim_n|policy_n|health_plan|plan_id"
    ),
    "a licence, vehicle or device number": "license|licence|deviceid|serialn|numberplate",
    "a web or network address": "website|ipaddr|weburl|profile_link",
    "a biometric or a photograph": "photo|fingerprint|voiceprint|biometric|faceimg|retina",
}
BIRTH = re.compile(r"dob|birth|born")
DATE = re.compile(r"date|dt$|_on$|admit|disch")
CODE = re.compile(r"uuid|guid|token|id$")
COUNTED = {
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "visit",
    "visits",
    "updated",
    "modified",
    "seen",
    "count",
    "n",
    "number",
    "flag",
    "session",
    "sessions",
    "score",
    "year",
    "total",
    "hours",
    "minutes",
}
ORDINARY = {
    "first",
    "last",
    "contact",
    "middle",
    "given",
    "link",
    "face",
    "social",
    "device",
    "image",
    "chart",
    "cell",
    "mail",
}


def column_faults(match: Match, regime: str) -> tuple[list[str], list[DroppedColumn]]:
    """Refusals for undeclared columns named like an identifier, and the other undeclared columns, which are dropped and
    listed."""
    faults, dropped = [], []
    label = match.layout.label
    for column in match.undeclared:
        found = named_like(column, regime)
        if found:
            shown = f'"{column}"' if showable(match.layout) else "a column (its name is not shown)"
            faults.append(
                f"{label}: {shown} is called like {found}; remove the column from the export"
                " (or, if it is one of ours under another name, say so under "
                f"[columns.{match.table.name}] in study.toml)"
            )
        else:
            why = (
                "a date that no table declares"
                if DATE.search(column.lower())
                else (
                    "may be a code that singles people out"
                    if CODE.search(column.lower())
                    else "not in the data dictionary"
                )
            )
            dropped.append(DroppedColumn(match.table.name, label, column, why))
    return faults, dropped


def named_like(column: str, regime: str) -> str:
    """The kind of identifier a column's name speaks of; empty where it speaks of none that the regime forbids."""
    lower = re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")
    words = words_of(column)
    if BIRTH.search(lower):
        return "a date or place of birth"
    for kind, inside in INSIDE.items():
        if re.search(inside, lower) or re.search(inside.replace("_", ""), lower.replace("_", "")):
            return kind
    for kind, listed in WORDS.items():
        hit = {word for word in words if word in listed.split() or word.rstrip("0123456789") in listed.split()}
        if hit and not (hit <= ORDINARY and words & COUNTED):
            return kind
    if regime == "relative-days" and DATE.search(lower):
        return "a date, which this regime does not allow"
    return ""


def words_of(column: str) -> set[str]:
    """The words of a column's name: snake_case, camelCase and digits taken apart."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", column)
    return {word for word in re.split(r"[^a-z0-9]+", apart.lower()) if word}


def renamed_faults(matches: Sequence[Match]) -> list[str]:
    """Columns that study.toml maps onto ours although their name speaks of a person: the value rules decide, the name
    only warns."""
    return [
        f'{match.layout.label}: "{theirs}" is used as {ours} and is called like {named_like(theirs, "")}; make sure'
        " that it holds tokens made by the site and nothing else"
        for match in matches
        for ours, theirs in match.cells.items()
        if theirs.lower() != ours and named_like(theirs, "") and not ours.endswith("_day")
    ]
