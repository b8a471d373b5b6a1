"""Invented identifiers of the eighteen kinds in many shapes, and harmless columns that look like them, drawn by a seed."""

import hashlib
import random
from dataclasses import dataclass
from functools import cache

GIVEN = [
    "Patricia",
    "Yevheniia",
    "Robert",
    "Oluwaseun",
    "Linda",
    "Thandiwe",
    "Kevin",
    "Siobhán",
    "Brian",
    "Xóchitl",
    "Manuel",
    "Ingrid",
]
FAMILY = [
    "Ramirez",
    "Szczesniak",
    "Johnson",
    "Nguyen",
    "Wojciechowski",
    "Okonkwo",
    "Patel",
    "Thibodeaux",
    "Raghunathan",
    "Hernandez",
]
ABROAD = ["Пётр Кузнецов", "Мария Волкова", "王小明", "Żaneta Dąbrowska", "Μαρία Παπαδοπούλου", "محمد العلي"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
ROWS = 60


@dataclass(frozen=True)
class Case:
    """Where values stand, and the values, one a row."""

    kind: str
    table: str
    column: str
    values: tuple[str, ...]


def each(make, seed):
    """A value for every row from a maker of a random source and the row's number."""
    return tuple(make(random.Random(f"{seed}/{row}"), row) for row in range(ROWS))


def digits(rng, pattern):
    """A pattern whose hashes become digits, whose carets become letters."""
    return "".join(
        str(rng.randint(0, 9)) if mark == "#" else rng.choice("ABCDEFGHJKLMNPRSTUVWXY") if mark == "^" else mark
        for mark in pattern
    )


def person(rng):
    return f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}"


def birth(rng):
    return rng.randint(1938, 2004), rng.randint(1, 12), rng.randint(1, 28)


def luhn_end(prefix, before=""):
    """The prefix with the last digit that its check wants."""
    numbers = [int(digit) for digit in before + prefix][::-1]
    total = sum(sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(numbers))
    return f"{prefix}{-total % 10}"


def ssn(rng, mark):
    return mark.join((f"{rng.randint(1, 665):03d}", f"{rng.randint(1, 99):02d}", f"{rng.randint(1, 9999):04d}"))


def phone(rng, pattern):
    area, exchange = rng.choice(("212", "614", "303", "206", "404")), str(rng.randint(200, 989))
    return pattern.format(area, exchange, f"{rng.randint(0, 9999):04d}")


def shapes_of_names():
    return {
        "full": lambda rng, row: person(rng),
        "turned": lambda rng, row: ", ".join(person(rng).split()[::-1]).upper(),
        "with a year of birth": lambda rng, row: f"{person(rng)} {birth(rng)[0]}",
        "of other scripts": lambda rng, row: rng.choice(ABROAD),
        "with a particle": lambda rng, row: f"{rng.choice(GIVEN)} de la {rng.choice(FAMILY)}",
    }


def shapes_of_births():
    def written(form):
        return lambda rng, row: form(*birth(rng))

    return {
        "year first": written(lambda y, m, d: f"{y}-{m:02d}-{d:02d}"),
        "month first": written(lambda y, m, d: f"{m:02d}/{d:02d}/{y}"),
        "day first with dots": written(lambda y, m, d: f"{d}.{m}.{y}"),
        "month in letters": written(lambda y, m, d: f"{d:02d}-{MONTHS[m - 1]}-{y}"),
        "letters first": written(lambda y, m, d: f"{MONTHS[m - 1]} {d}, {y}"),
        "two digits": written(lambda y, m, d: f"{m:02d}/{d:02d}/{y % 100:02d}"),
        "run together": written(lambda y, m, d: f"{y}{m:02d}{d:02d}"),
        "with a time": written(lambda y, m, d: f"{y}-{m:02d}-{d:02d}T00:00:00Z"),
        "in capitals": written(lambda y, m, d: f"{d:02d}{MONTHS[m - 1].upper()}{y}"),
    }


def shapes_of_numbers():
    """Kind and shape -> maker, for everything that is neither a name nor a date of birth."""
    return {
        ("street", "with a suffix"): lambda rng, row: f"{rng.randint(1, 999)} {rng.choice(('Cedar', 'Old Mill'))} Road",
        ("street", "short"): lambda rng, row: f"{rng.randint(1, 999)} N {rng.choice(FAMILY[2:4])} St",
        ("street", "abroad"): lambda rng, row: f"Lindenstraße {rng.randint(1, 99)}, {digits(rng, '#####')} Köln",
        ("place", "coordinates"): lambda rng, row: f"{rng.uniform(30, 48):.5f}, {-rng.uniform(70, 120):.5f}",
        ("place", "postal code abroad"): lambda rng, row: f"SW{rng.randint(1, 9)}A {rng.randint(1, 9)}AA",
        ("phone", "in brackets"): lambda rng, row: phone(rng, "({}) {}-{}"),
        ("phone", "with dots"): lambda rng, row: phone(rng, "{}.{}.{}"),
        ("phone", "of another country"): lambda rng, row: digits(rng, "+44 20 79## ####"),
        ("e-mail", "usual"): lambda rng, row: f"{rng.choice(FAMILY).lower()}{row}@example.org",
        ("e-mail", "in words"): lambda rng, row: f"user{row} at example dot org",
        ("ssn", "dashed"): lambda rng, row: ssn(rng, "-"),
        ("ssn", "spaced"): lambda rng, row: ssn(rng, " "),
        ("identity", "Brazil"): lambda rng, row: digits(rng, "###.###.###-##"),
        ("identity", "India"): lambda rng, row: digits(rng, "2### #### ####"),
        ("identity", "Nordic"): lambda rng, row: "{}{:02d}{:02d}-".format(*birth(rng)) + digits(rng, "####"),
        ("record", "labelled"): lambda rng, row: digits(rng, "MRN4######"),
        ("plan", "Medicare"): lambda rng, row: digits(rng, "1^#7-^#2-^^##"),
        ("plan", "Medicare in small letters"): lambda rng, row: digits(rng, "4^#2^9#^^##").lower(),
        ("account", "bank"): lambda rng, row: digits(rng, "DE##################").replace(" ", ""),
        ("account", "card"): lambda rng, row: digits(rng, "4111 #### #### ####"),
        ("license", "provider"): lambda rng, row: luhn_end(digits(rng, "1########"), "80840"),
        ("vehicle", "number"): lambda rng, row: vin(rng),
        ("device", "address"): lambda rng, row: ":".join(f"{rng.randint(0, 255):02x}" for _ in range(6)),
        ("device", "address with dashes"): lambda rng, row: "-".join(f"{rng.randint(0, 255):02X}" for _ in range(6)),
        ("device", "label"): lambda rng, row: digits(rng, "(01)00884000######(17)261231(21)SN####"),
        ("web", "with a scheme"): lambda rng, row: f"https://portal.example.org/p/{row}",
        ("web", "without a scheme"): lambda rng, row: f"portal.example.org/p/{row}",
        ("network", "address"): lambda rng, row: f"203.0.113.{row + 1}",
        ("network", "address and port"): lambda rng, row: f"198.51.100.{row + 1}:8080",
        ("biometric", "template"): lambda rng, row: hashlib.sha512(str(row).encode()).hexdigest(),
        ("picture", "file"): lambda rng, row: f"IMG_{2000 + row}.jpg",
        ("picture", "data"): lambda rng, row: "data:image/png;base64," + hashlib.sha256(str(row).encode()).hexdigest(),
    }


def vin(rng):
    """A vehicle number whose ninth sign is right."""
    from pipeline.ingest.looks.registered_numbers import is_vin

    body = digits(rng, "1^^^^##^0^^######")
    return next(one for check in "0123456789X" if is_vin(one := body[:8] + check + body[9:]))


# columns that speak of an identifier and hold as many tokens as people
NAMED = (
    "patient_name last_name surname emergency_contact home_address county ZIP latitude dob date_of_birth HomePhone cell"
    " email ssn SocialSecurityNo MRN ChartNo member_id SubscriberID hicn policy_number acct claim_no npi license_plate"
    " device_serial imei profile_url ip_address fingerprint_hash FacePhoto"
)
CODE_COLUMNS = (("patients", "education"), ("discharges", "readiness"), ("programs", "model"))


@cache
def planted(seed):
    """Every planted case: by a name, by values in an undeclared column, in a code, an id, a site, or in one row of many."""
    tokens = each(lambda rng, row: f"k{rng.getrandbits(28):07x}", seed)
    cases = [Case(f"named {column}", "patients", column, tokens) for column in NAMED.split()]
    numbers = {" ".join(key): make for key, make in shapes_of_numbers().items()}
    names = {f"name {key}": make for key, make in shapes_of_names().items()}
    births = {f"birth {key}": make for key, make in shapes_of_births().items()}
    for place, (kind, make) in enumerate({**numbers, **names, **births}.items()):
        values = each(make, f"{seed}/{kind}")
        cases.append(Case(f"{kind}, undeclared", "patients", f"label{place}", values))
        table, column = CODE_COLUMNS[place % len(CODE_COLUMNS)]
        cases.append(Case(f"{kind}, as a code", table, column, values))
        if len(set(values)) == ROWS and "postal" not in kind:
            cases.append(Case(f"{kind}, as an id", "patients", "patient_id", values))
        if kind.startswith(("street", "phone", "e-mail", "name full", "place")):
            cases.append(Case(f"{kind}, as a site", "programs", "site", values))
        if kind.startswith(("phone in", "e-mail usual", "ssn dashed", "web", "network", "street with")):
            once = tuple(values[0] if row == 17 else "ABC"[row % 3] for row in range(ROWS))
            cases.append(Case(f"{kind}, in one row", "discharges", "readiness", once))
            cases.append(Case(f"{kind}, in one row, undeclared", "patients", f"once{place}", once))
    return [*cases, *in_ids(seed), *in_days(seed)]


def in_ids(seed):
    """Ids made of what they should not hold."""
    makers = {
        "initials and birth": lambda rng, row: "{}{}{:02d}{:02d}".format(digits(rng, "^^"), *birth(rng)),
        "initial and family name": lambda rng, row: f"{digits(rng, '^')}{rng.choice(FAMILY)}{row:02d}".lower(),
        "names run together": lambda rng, row: f"{person(rng).replace(' ', '')}{row}",
        "bare social security numbers": lambda rng, row: ssn(rng, ""),
        "bare phone numbers": lambda rng, row: phone(rng, "{}{}{}"),
        "hashes without a key": lambda rng, row: hashlib.md5(f"{4400000 + row}".encode()).hexdigest(),
        "padded record numbers": lambda rng, row: f"{440000 + 7 * row:08d}",
    }
    return [Case(kind, "patients", "patient_id", each(make, f"{seed}/{kind}")) for kind, make in makers.items()]


def in_days(seed):
    born = shapes_of_births()["year first"]
    return [Case("birth as the first day of observation", "patients", "observed_from_date", each(born, seed))]


HARMLESS_WORDS = {
    "yes": ("yes", "no"),
    "count": ("0", "1", "2", "3", "7", "12"),
    "level": ("IOP", "OP", "PHP"),
    "place": ("urban", "rural", "suburban"),
    "plan": ("PPO", "HMO", "EPO"),
    "form": ("GAD-7", "PHQ-9", "PCL-5"),
    "drug": ("sertraline", "lithium", "bupropion"),
    "device": ("desktop", "phone", "tablet"),
    "share": ("0.25", "0.5", "1"),
    "status": ("verified", "pending", "declined"),
    "version": ("10.5.3.1", "10.5.3.2", "11.0.0.4"),
    "weekday": ("Monday", "Tuesday", "Friday"),
    "language": ("Vietnamese", "Spanish", "Haitian Creole"),
    "faith": ("Christian", "Muslim", "Jewish", "none"),
    "brand": ("Zoloft", "Prozac", "Lexapro"),
    "school": ("Charter", "Public", "Parochial"),
    "wing": ("Second Floor", "East Wing", "Maple House"),
    "band": ("30000-39999", "40000-49999"),
    "code": ("99214", "90834", "90853"),
    "stamp": ("2025-01-04 10:03:00", "2025-02-11 09:30:00"),
    "ndc": ("00378-1805-10", "00591-5787-01"),
    "room": ("B2", "A1", "C3"),
}
HARMLESS = {
    "yes": (
        "medicaid medicaid_eligible mobile_crisis has_phone email_consent first_line_treatment first_episode link_to_care"
        " street_outreach street_drugs county_funded employer_sponsored guardian_consent spouse_involved license_required"
        " chart_closed mail_survey survey_link_sent given_naloxone birth_weight_known newborn_at_home nickname_ok address_on_file"
        " social_support face_mask photo_consent voice_call ip_admission account_open policy_signed vehicle_access mother_alive"
        " last_dose_taken city_resident zip_known name_change contact_ok device_loaned record_complete"
    ),
    "count": (
        "ip_days ip_admits_12m member_months phone_sessions social_functioning face_to_face_count finger_tapping voice_sessions"
        " claim_number_of_lines tel_minutes lat_response iris_score website_visits beneficiary_months subscriber_months"
        " contacts_total linkage_days cell_count household_number family_sessions address_changes city_moves mail_count"
    ),
    "level": "last_level_of_care first_level given_level member_level",
    "place": "county_type city_type address_type street_type",
    "plan": "health_plan_type member_plan policy_kind",
    "form": "instrument_name record_form chart_form",
    "drug": "drug_name medication_name",
    "device": "device_used contact_device",
    "share": "face_to_face_share phone_share mobile_share",
    "status": "address_status license_status email_status account_status",
    "version": "software_version device_version",
    "weekday": "weekday first_weekday",
    "language": "language contact_language",
    "faith": "religion",
    "brand": "med_brand brand_name",
    "school": "school_type",
    "wing": "unit_type",
    "band": "income_band",
    "code": "procedure_2 record_code",
    "stamp": "batch_ts record_ts",
    "ndc": "ndc product_number",
    "room": "room_code",
}
HARMLESS_CODES = {
    ("patients", "education"): ("Trade School", "High School", "Some College", "Graduate Degree", "GED"),
    ("patients", "marital"): ("Never Married", "Married", "Divorced", "Widowed", "Domestic Partnership"),
    ("patients", "gender_identity"): ("Woman", "Man", "Nonbinary", "Genderqueer", "Two-Spirit", "Agender"),
    ("patients", "employment"): ("Full Time", "Part Time", "Homemaker", "Laid Off", "On Disability"),
    ("episodes", "track"): ("Mood Disorders", "Eating Disorders", "Dual Diagnosis", "Faith Based", "Young Adults"),
    ("programs", "model"): ("DBT", "CBT", "Matrix Model", "Seeking Safety", "Partial Hospital"),
    ("programs", "public_label"): ("Site A", "Site B", "Site C"),
    ("programs", "site"): ("Austin", "Madison", "St Paul", "Santa Clara"),
    ("providers", "credential"): (
        "Licensed Clinical Social Worker",
        "PsyD",
        "LMFT",
        "Nurse Practitioner",
        "Peer Specialist",
    ),
    ("discharges", "readiness"): ("not ready", "ready", "almost ready"),
    ("patients", "state"): ("CA", "NY", "OH", "ME"),
}


@cache
def harmless(seed):
    """Every harmless case."""
    cases = [
        Case(
            f"{kind}: {column}",
            "patients",
            column,
            each(lambda rng, row, kind=kind: rng.choice(HARMLESS_WORDS[kind]), seed),
        )
        for kind, columns in HARMLESS.items()
        for column in columns.split()
    ]
    cases += [
        Case(f"codes: {column}", table, column, each(lambda rng, row, words=words: rng.choice(words), seed))
        for (table, column), words in HARMLESS_CODES.items()
    ]
    ids = {
        "random tokens": lambda rng, row: f"{rng.getrandbits(40):010x}",
        "numbers in order": lambda rng, row: str(100001 + row),
        "capitals": lambda rng, row: digits(rng, "^^#^#^^#"),
        "random UUIDs": lambda rng, row: str(uuid4(rng)),
        "a study's own": lambda rng, row: f"CL-{row:04d}",
    }
    cases += [Case(f"ids: {kind}", "patients", "patient_id", each(make, seed)) for kind, make in ids.items()]
    others = {
        "etl_epoch": lambda rng, row: str(1714524531 + 60 * row),
        "checksum": lambda rng, row: hashlib.md5(str(row).encode()).hexdigest(),
        "random_token": lambda rng, row: f"{rng.getrandbits(40):010x}",
        "salary": lambda rng, row: str(rng.randint(15000, 99000)),
        "score_total": lambda rng, row: f"{rng.uniform(0, 100):.4f}",
        "last_score": lambda rng, row: f"{rng.uniform(0, 27):.2f}",
        "visit_time": lambda rng, row: f"{rng.randint(8, 17):02d}:{rng.randint(0, 59):02d}",
        "first_visit_date": lambda rng, row: f"2025-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
        "state_fips": lambda rng, row: f"{rng.randint(1, 56):02d}",
        "drg": lambda rng, row: str(rng.choice((881, 885, 897))),
    }
    return cases + [Case(f"other: {column}", "patients", column, each(make, seed)) for column, make in others.items()]


def uuid4(rng):
    import uuid

    return uuid.UUID(int=rng.getrandbits(128), version=4)


def packed(cases):
    """Cases put together, as many in one delivery as have a column each."""
    loads = []
    for case in cases:
        fitting = next((load for load in loads if (case.table, case.column) not in load), None)
        if fitting is None:
            loads.append(fitting := {})
        fitting[case.table, case.column] = case
    return [list(load.values()) for load in loads]


def tables(cases):
    """A small honest delivery of sixty people with the cases planted in it."""
    rows = range(ROWS)
    people = [f"q{random.Random(row).getrandbits(32):08x}" for row in rows]
    months = [f"2025-0{1 + row % 9}" for row in rows]
    made = {
        "patients": {"patient_id": people, "birth_year": [1950 + row % 50 for row in rows]},
        "episodes": {
            "episode_id": [f"e{one}" for one in people],
            "patient_id": people,
            "program_id": [f"g{row % 3}" for row in rows],
            "start_date": [f"{month}-05" for month in months],
        },
        "sessions": {
            "session_id": [f"s{one}" for one in people],
            "patient_id": people,
            "program_id": [f"g{row % 3}" for row in rows],
            "service_date": [f"{month}-06" for month in months],
            "status": ["attended"] * ROWS,
        },
        "discharges": {"episode_id": [f"e{one}" for one in people], "ending": ["completed"] * ROWS},
        "programs": {"program_id": [f"g{row}" for row in rows], "site": [f"north{row % 4}" for row in rows]},
        "providers": {"therapist_id": [f"th{row:03d}" for row in rows], "credential": ["LCSW"] * ROWS},
    }
    for case in cases:
        made[case.table][case.column] = list(case.values)
        if case.column == "patient_id":
            for table in ("episodes", "sessions"):
                made[table]["patient_id"] = list(case.values)
    return {name: as_csv(columns) for name, columns in made.items()}


def as_csv(columns):
    """The columns as a CSV file, every cell in quotes."""
    lines = [",".join(columns)]
    for row in zip(*columns.values(), strict=True):
        lines.append(",".join('"' + str(cell).replace('"', '""') + '"' for cell in row))
    return ("\n".join(lines) + "\n").encode()
