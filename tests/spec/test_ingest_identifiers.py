"""The planted and the clean: no identifier of the eighteen kinds gets through, and no honest file of our own schema is
refused."""

import numpy as np
import pytest

from pipeline.errors import IdentifierError, StructureError
from tests.unit.ingest.deliveries import HONEST, counts, delivery, ingested

GIVEN = ["Patricia", "Robert", "Jennifer", "Michael", "Linda", "David", "Susan", "Kevin", "Laura", "Brian"]
FAMILY = [
    "Hernandez",
    "Johnson",
    "Nguyen",
    "Miller",
    "Ramirez",
    "Sullivan",
    "Patel",
    "Gonzalez",
    "Peterson",
    "Henderson",
]
N = len(GIVEN)


def luhn(prefix):
    """A ten-digit provider number that passes its check."""
    digits = [int(digit) for digit in "80840" + prefix][::-1]
    total = sum(sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits))
    return f"{prefix}{-total % 10}"


def dea(number):
    d = [int(digit) for digit in f"{number:06d}"]
    return f"AB{number:06d}{(d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10}"


# (rule of 5.1, column, values): undeclared columns of patients.csv
UNDECLARED = {
    "A full name": ("patient_name", ["x"] * N),
    "A first name by its column": ("First", ["x"] * N),
    "A surname run together": ("PatLastName", ["x"] * N),
    "A contact": ("emergency_contact", ["x"] * N),
    "A employer": ("Employer", ["x"] * N),
    "A given names under a harmless heading": ("label7", GIVEN),
    "A full names under a harmless heading": ("label7", [f"{g} {f}" for g, f in zip(GIVEN, FAMILY, strict=True)]),
    "A names the dictionary does not know": ("label7", [f"Xo{c}ra Qu{c}bek" for c in "abcdefghij"]),
    "A family name first, capitals": (
        "label7",
        [f"{f.upper()}, {g.upper()}" for g, f in zip(GIVEN, FAMILY, strict=True)],
    ),
    "B street": ("home_street", ["x"] * N),
    "B city": ("City", ["x"] * N),
    "B county": ("county_fips", ["x"] * N),
    "B ZIP by its column": ("ZipCode", ["x"] * N),
    "B latitude": ("geo_lat", ["x"] * N),
    "B ZIP under a harmless heading": ("area", [f"4{i}21{i}" for i in range(N)]),
    "B ZIP+4 in one row": ("area", ["x"] * (N - 1) + ["45212-1234"]),
    "B street address under a harmless heading": ("where_seen", ["x"] * (N - 1) + ["12 Old Mill Rd"]),
    "B post-office box": ("where_seen", ["x"] * (N - 1) + ["P.O. Box 17"]),
    "C date of birth": ("DOB", ["1980-01-01"] * N),
    "C birth date in camel case": ("birthDate", ["x"] * N),
    "D phone": ("home_phone", ["x"] * N),
    "D cell": ("Cell", ["x"] * N),
    "D phone under a harmless heading": ("reach", ["x"] * (N - 1) + ["(614) 555-0134"]),
    "D phone digits": ("reach", [f"614555{i}134" for i in range(N)]),
    "E fax": ("fax_no", ["x"] * N),
    "E fax under a harmless heading": ("reach", ["1-614-555-0134"] + ["x"] * (N - 1)),
    "F e-mail": ("EMail", ["x"] * N),
    "F e-mail under a harmless heading": ("reach", ["x"] * (N - 1) + ["someone@example.org"]),
    "G social security number": ("SSN_last4", ["x"] * N),
    "G with dashes": ("ref", ["x"] * (N - 1) + ["219-09-9999"]),
    "G without dashes": ("ref", [f"21909{i}8{i}7" for i in range(N)]),
    "H record number": ("MedRecNum", ["x"] * N),
    "H chart": ("chart_no", ["x"] * N),
    "H numbers counted up": ("ref", [str(1_040_000 + 3 * i) for i in range(30)]),
    "I plan member": ("member_id", ["x"] * N),
    "I Medicare number": ("ref", ["1EG4TE5MK73"] + ["x"] * (N - 1)),
    "I Medicare number with dashes": ("ref", ["1EG4-TE5-MK73"] * N),
    "I Medicaid": ("medicaidid", ["x"] * N),
    "J account": ("AcctNbr", ["x"] * N),
    "J claim": ("claim_no", ["x"] * N),
    "K licence": ("driver_license", ["x"] * N),
    "K provider number": ("ref", [luhn(f"1{i}3456789") for i in range(N)]),
    "K prescriber number": ("ref", [dea(123450 + i) for i in range(N)]),
    "L plate": ("plate", ["x"] * N),
    "L vehicle number": ("ref", ["1M8GDM9AXKP042788", "5GZCZ43D13S812715", "1HGCM82633A004352"]),
    "M device": ("device_serial", ["x"] * N),
    "M hardware address": ("ref", ["x"] * (N - 1) + ["00:1B:44:11:3A:B7"]),
    "N web address": ("profile_url", ["x"] * N),
    "N web address under a harmless heading": ("ref", ["https://portal.example.org/p/1"] + ["x"] * (N - 1)),
    "O network address": ("ref", ["x"] * (N - 1) + ["192.168.10.77"]),
    "O network address of the long kind": ("ref", ["fe80::1ff:fe23:4567:890a"] + ["x"] * (N - 1)),
    "P voice": ("VoicePrint", ["x"] * N),
    "P finger": ("finger_template", ["x"] * N),
    "Q photograph": ("FacePhoto", ["x"] * N),
    "Q picture under a harmless heading": ("ref", ["iVBORw0KGgoAAAANSUhEUg" * 8] + ["x"] * (N - 1)),
}
# (table, column, cell of one row or all rows) in columns of ours
DECLARED = {
    "an e-mail address as patient_id": ("patients", "p4", "someone@example.org"),
    "a dashed social security number as patient_id": ("patients", "p4", "219-09-9999"),
    "a Medicare number as patient_id": ("patients", "p4", "1EG4TE5MK73"),
    "a name as patient_id": ("patients", "p4", "Patricia Hernandez"),
    "an e-mail address as session_id": ("sessions", "s8", "someone@example.org"),
    "an e-mail address as program_id": ("sessions", "g2", "front.desk@example.org"),
    "a name in a status": ("sessions", "no_show", "Patricia Hernandez"),
    "a phone number in a status": ("sessions", "no_show", "called 614-555-0134"),
    "an e-mail address in a procedure code": ("sessions", "90853", "someone@example.org"),
    "a ZIP code of five digits as zip3": ("patients", "452", "45212"),
    "a ZIP code of five digits as state": ("patients", "OH", "45212"),
    "a phone number in an open code": ("providers", "LCSW", "614-555-0134"),
    "an address in an open code": ("providers", "LCSW", "12 Old Mill Rd"),
    "free text in an open code": ("providers", "LCSW", "seen at home because she could not leave the children alone"),
    "notes in an ending": (
        "discharges",
        "completed",
        "left against advice after a quarrel with the brother about money",
    ),
    "a social security number in a payer": ("episodes", "medicaid", "219-09-9999"),
    "a web address in a diagnosis": ("episodes", "F33.1", "https://portal.example.org/p/1"),
    "a network address in a follow-up source": ("followups", "survey", "192.168.10.77"),
}


def with_column(column, values):
    """patients.csv with one more column."""
    rows = [f"p{i + 1},{1970 + i},F,{value!r}".replace("'", '"') for i, value in enumerate(values)]
    return "\n".join([f"patient_id,birth_year,sex,{column}", *rows])


def refused(study, *values):
    """True where the delivery was refused as holding identifiers; the message must hold none of the values."""
    try:
        ingested(study)
    except IdentifierError as fault:
        told, chained = str(fault), fault.__cause__ or fault.__context__
    except StructureError:
        return False
    else:
        return False
    assert not [value for value in values if len(value) > 1 and value in told]
    assert chained is None
    return True


def test_none_of_the_planted_identifiers_gets_through(tmp_path):
    missed = [
        case
        for place, (case, (column, values)) in enumerate(UNDECLARED.items())
        if not refused(
            delivery(tmp_path / f"u{place}", only=("sessions",), patients=with_column(column, values)), *values
        )
    ]
    missed += [
        case
        for place, (case, (table, theirs, planted)) in enumerate(DECLARED.items())
        if not refused(
            delivery(
                tmp_path / f"d{place}",
                only={"patients", "sessions", "episodes", table},
                **{table: HONEST[table].replace(theirs, planted)},
            ),
            planted,
        )
    ]
    planted = len(UNDECLARED) + len(DECLARED)
    print(f"planted identifiers: {planted}, missed: {len(missed)} ({len(missed) / planted:.1%})")
    assert planted >= 60
    assert missed == []


def test_the_planted_set_covers_all_eighteen_kinds():
    kinds = {case[0] for case in UNDECLARED}
    assert kinds == set("ABCDEFGHIJKLMNOPQ")  # R, any other unique code, is dropped and listed: the next test


def test_other_unique_codes_dates_and_free_text_are_dropped_and_listed(tmp_path):
    rows = "\n".join(
        f"p{i},{i}f3c-{i},2025-01-0{i},seen today and doing somewhat better than at the last visit" for i in range(1, 5)
    )
    _, report = ingested(
        delivery(tmp_path, only=("sessions",), patients="patient_id,row_guid,export_date,remark\n" + rows)
    )
    assert [(column.column, column.reason) for column in report.dropped] == [
        ("row_guid", "may be a code that singles people out"),
        ("export_date", "a date that no table declares"),
        ("remark", "not in the data dictionary"),
    ]


@pytest.mark.parametrize(
    ("column", "value"), [("discharge_dt", "x"), ("seen_on", "x"), ("w4", "2025-01-06"), ("w4", "1/6/2025")]
)
def test_dates_are_refused_where_the_regime_forbids_them(tmp_path, column, value):
    people = f"patient_id,observed_from_day,observed_to_day,{column}\n" + "\n".join(
        f"p{i},0,90,{value}" for i in range(1, 5)
    )
    files = {"patients": people, "sessions": "session_id,patient_id,program_id,service_day,status\ns1,p1,g1,5,attended"}
    assert refused(delivery(tmp_path / "a", '[study]\nregime = "relative-days"\n', only=(), **files), "2025-01-06")
    assert not refused(delivery(tmp_path / "b", '[study]\nregime = "expert-determination"\n', only=(), **files))


def clean_file(table, rng, n=120):
    """A table of ours with values that only look like identifiers."""

    def pick(*words):
        return rng.choice(words, n)

    ids = [str(6_000_000_000 + 7 * i) for i in range(n)]
    people = [str(2_140_000_000 + 13 * i) for i in range(n)]  # ten digits, as a phone number has
    episodes = [f"{i:03d}-{i % 90 + 10}-{i}" for i in range(100, 100 + n)]  # dashes, but not those of an SSN
    programs = ["45212", "43085", "10001"]  # house codes that could be ZIP codes
    tokens = [
        "".join(rng.choice(list("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 11)) for _ in range(n)
    ]  # as long as a Medicare number
    day = [str(np.datetime64("2025-01-01") + int(i)) for i in rng.integers(0, 300, n)]
    later = [str(np.datetime64(d) + 30) for d in day]
    columns = {
        "patients": {
            "patient_id": people,
            "birth_year": rng.integers(1940, 2005, n),
            "sex": pick("F", "M"),
            "state": pick("OH", "IN", "ME"),
            "zip3": pick("452", "100", "036"),
            "education": pick("11", "12", "some college"),
            "marital": pick("never married", "married"),
            "employment": pick("full time", "part time", "not in labor force"),
            "gender_identity": pick("woman", "man", "nonbinary"),
        },
        "episodes": {
            "episode_id": episodes,
            "patient_id": people,
            "program_id": pick(*programs),
            "level_of_care": pick("IOP", "OP"),
            "start_date": day,
            "end_date": later,
            "primary_dx": pick("F33.1", "F4310", "10019", "F60.3"),
            "track": pick("trauma", "grace", "faith and recovery", "eating"),
            "payer": pick("medicaid", "none"),
            "planned_weeks": pick("6", "8.5"),
            "admit_year": pick("2025", "2025Q1"),
        },
        "sessions": {
            "session_id": tokens,
            "patient_id": people,
            "episode_id": episodes,
            "program_id": pick(*programs),
            "therapist_id": [luhn(f"1{i:08d}") for i in range(n)],
            "service_date": day,
            "status": pick("attended", "no_show"),
            "minutes_scheduled": pick("60", "52.5"),
            "minutes_attended": pick("0", "45"),
            "cpt_hcpcs": pick("90853", "90834", "99213", "H0015"),
            "revenue_code": pick("0905", "0912"),
            "pos": pick("11", "53"),
            "bill_type": pick("0131", "0763"),
            "apc": pick("5853", "5861"),
        },
        "assessments": {
            "patient_id": people,
            "episode_id": episodes,
            "instrument_id": pick("PHQ9", "GAD7"),
            "assessed_date": day,
            "score": rng.integers(0, 21, n),
            "occasion": pick("intake", "during"),
            "item_9": pick("0", "3"),
            "recall_variant": pick("weekly", ""),
        },
        "discharges": {
            "episode_id": episodes,
            "discharge_date": later,
            "ending": pick("completed", "died"),
            "planned_ending": pick("Yes", "no"),
            "readiness": pick("ready", "not ready", "4"),
        },
        "followups": {
            "patient_id": people,
            "window": pick("30d", "90d"),
            "contact_date": day,
            "reached": pick("reached", "not_reached"),
            "control_outcome": pick("", "flu_vaccination", "dental visit"),
            "value": pick("0", "1"),
            "source": pick("survey", "chart"),
        },
        "costs": {
            "patient_id": people,
            "service_date": day,
            "amount": rng.integers(1_000_000, 9_999_999, n),
            "amount_kind": pick("paid"),
            "currency": pick("USD"),
            "price_year": pick("2025"),
            "perspective": pick("payer"),
            "units": pick("1", "2.5"),
        },
        "programs": {
            "program_id": programs,
            "level_of_care": ["IOP", "OP", "PHP"],
            "site": ["Austin", "Madison", "St Paul"],
            "model": ["day program", "evening", "hybrid"],
            "public_label": ["A1", "B2", "C3"],
        },
        "providers": {
            "therapist_id": ids[:40],
            "credential": ["LCSW", "LMFT", "MD", "PsyD"] * 10,
            "start_year": ["2015"] * 40,
        },
    }[table]
    return (
        "\n".join([",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]) + "\n"
    )


def test_no_clean_file_of_our_own_schema_is_refused(tmp_path):
    wrongly = []
    for seed in range(3):
        files = {table: clean_file(table, np.random.default_rng(seed)).encode() for table in HONEST}
        try:
            _, report = ingested(delivery(tmp_path / str(seed), only=(), **files))
            assert report.quarantined == 0, report.lines()
            assert counts(report)["patients"] == (120, 120, 0, 0, 0)
        except IdentifierError as fault:
            wrongly.append(str(fault))
    print(f"clean files: {3 * len(HONEST)}, refused: {len(wrongly)}")
    assert wrongly == []


def test_a_query_over_foreign_files_is_judged_by_what_it_selects(tmp_path):
    study = delivery(tmp_path, without=("sessions",))
    (tmp_path / "raw/visits.csv").write_text("client,patient_name,home_phone\np1,Patricia Hernandez,614-555-0134\n")
    (tmp_path / "sources").mkdir()
    query = (
        "SELECT 's' || client AS session_id, client AS patient_id, 'g1' AS program_id, "
        "'2025-01-06' AS service_date, 'attended' AS status"
    )
    (tmp_path / "sources/sessions.sql").write_text(f"{query} FROM visits")
    assert not refused(study)
    (tmp_path / "sources/sessions.sql").write_text(f"{query}, patient_name FROM visits")
    assert refused(study, "Patricia", "Hernandez")
    (tmp_path / "sources/sessions.sql").write_text(f"{query}, home_phone AS x FROM visits")
    assert refused(study, "614-555-0134")


def test_all_seventeen_restricted_zip_areas_become_000(tmp_path):
    from pipeline.measures.library import restricted_zip3, rows

    restricted = [
        "036",
        "059",
        "063",
        "102",
        "203",
        "556",
        "692",
        "790",
        "821",
        "823",
        "830",
        "831",
        "878",
        "879",
        "884",
        "890",
        "893",
    ]
    assert restricted_zip3() == restricted
    assert {row["vintage"] for row in rows("restricted_zip3")} == {"2000 Census"}
    people = "patient_id,zip3\n" + "\n".join(f"p{i + 1},{area}" for i, area in enumerate([*restricted, "452", "037"]))
    con, _ = ingested(delivery(tmp_path, only=("sessions",), patients=people))
    assert con.execute("SELECT zip3, count(*) FROM staging.patients GROUP BY zip3 ORDER BY zip3").fetchall() == [
        ("000", 17),
        ("037", 1),
        ("452", 1),
    ]
