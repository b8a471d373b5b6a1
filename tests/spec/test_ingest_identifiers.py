"""The planted and the clean: no identifier of the eighteen kinds gets through, and no honest file of our own schema is
refused."""

import re

import numpy as np
import pytest

from pipeline.errors import IdentifierError, StructureError
from tests.spec.planted import harmless, packed, planted, tables
from tests.unit.ingest.deliveries import HONEST, counts, delivery, ingested, rows

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


def test_an_identifier_in_a_column_of_ours_stops_the_run(tmp_path):
    missed = [
        case
        for place, (case, (table, theirs, cell)) in enumerate(DECLARED.items())
        if not refused(
            delivery(
                tmp_path / str(place),
                only={"patients", "sessions", "episodes", table},
                **{table: HONEST[table].replace(theirs, cell)},
            ),
            cell,
        )
    ]
    assert missed == []


def said_of(study):
    """The message of a refusal, or what the report says, and the connection where nothing was refused."""
    try:
        con, report = ingested(study)
    except IdentifierError as fault:
        return str(fault), None
    return "\n".join(report.lines()), con


def echoed(cases, text):
    return [case.kind for case in cases if any(len(value) > 4 and value in text for value in case.values)]


def undeclared(cases):
    return [case for case in cases if case.column.startswith(("label", "once")) or case.kind.startswith("named")]


def refused_columns(message):
    """(file, column) of every line of a refusal."""
    return {
        (line.split(".csv")[0], line.split('"')[1]) for line in message.splitlines() if "holds what looks like" in line
    }


def test_identifiers_in_columns_that_are_used_are_refused_whatever_their_shape(tmp_path):
    unused = set(undeclared(planted(20261130)))
    cases = [case for case in planted(20261130) if case not in unused]
    missed, echoes = [], []
    for place, load in enumerate(packed(cases)):
        said, _ = said_of(delivery(tmp_path / str(place), only=(), **tables(load)))
        found = refused_columns(said)
        names = {case: case.column.removesuffix("_date") for case in load}
        missed += [case.kind for case in load if not {(case.table, names[case]), (case.table, case.column)} & found]
        echoes += echoed(load, said)
    print(f"planted in used columns: {len(cases)}, missed: {missed}, echoed: {echoes}")
    assert len(cases) >= 100
    assert (missed, echoes) == ([], [])


def test_identifiers_in_columns_that_nothing_uses_are_refused_or_dropped_and_told(tmp_path):
    cases = undeclared(planted(20261130))
    said, con = said_of(delivery(tmp_path / "all", only=(), **tables(cases)))
    assert con is None
    left = [case for case in cases if ("patients", case.column) not in refused_columns(said)]
    told, con = said_of(delivery(tmp_path / "left", only=(), **tables(left)))
    untold = [case.kind for case in left if not re.search(rf"\b{case.column}\b", told)]
    kept = {value for (value,) in everything(con)} & {value for case in left for value in case.values}
    print(
        f"planted in undeclared columns: {len(cases)}, refused: {len(cases) - len(left)}, dropped and told: {len(left)}"
    )
    assert (untold, sorted(kept), echoed(cases, said), echoed(left, told)) == ([], [], [], [])


def everything(con):
    """Every text of the database but the books."""
    columns = rows(
        con,
        "SELECT table_schema, table_name, column_name FROM information_schema.columns WHERE data_type = 'VARCHAR' "
        "AND table_name NOT IN ('breaches', 'dropped_columns', 'files')",
    )
    return [cell for schema, table, column in columns for cell in rows(con, f'SELECT "{column}" FROM {schema}.{table}')]


def test_harmless_columns_that_only_look_like_identifiers_stop_no_run(tmp_path):
    cases = harmless(20261130)
    wrongly = [
        line
        for place, load in enumerate(packed(cases))
        for line in said_of(delivery(tmp_path / str(place), only=(), **tables(load)))[0].splitlines()
        if "holds what looks like" in line
    ]
    print(f"harmless columns: {len(cases)}, refused: {len(wrongly)}")
    assert len(cases) >= 120
    assert wrongly == []


def test_the_planted_set_covers_all_eighteen_kinds():
    kinds = {case.kind.split()[0].rstrip(",") for case in planted(1)}
    assert kinds >= set(
        [
            "name",
            "street",
            "place",
            "birth",
            "phone",
            "e-mail",
            "ssn",
            "record",
            "plan",
            "account",
            "license",
            "vehicle",
            "device",
            "web",
            "network",
            "biometric",
            "picture",
            "identity",
        ]
    )


def test_a_name_alone_stops_no_run_and_is_told(tmp_path):
    people = "patient_id,ssn,phone_sessions\n" + "\n".join(f"p{i},yes,{i}" for i in range(1, 5))
    _, report = ingested(delivery(tmp_path, only=("sessions",), patients=people))
    assert "  patients.csv: ssn is called like a social security number: neither used nor kept; " in "\n".join(
        report.lines()
    )


def test_a_column_that_is_used_under_the_name_of_an_identifier_is_refused_unless_the_study_vouches_for_it(tmp_path):
    rename = '[columns.patients]\npatient_id = "MRN"\n'
    people = "MRN,birth_year\n" + "\n".join(f"p{i},1980" for i in range(1, 5))
    said, _ = said_of(delivery(tmp_path / "a", rename, only=("sessions",), patients=people))
    assert '[identifiers] harmless = ["patients.patient_id"]' in said
    vouched = rename + '[identifiers]\nharmless = ["patients.mrn"]\n'
    said, con = said_of(delivery(tmp_path / "b", vouched, only=("sessions",), patients=people))
    assert con
    assert "it is kept because study.toml calls it harmless" in said


@pytest.mark.parametrize("ours", ["birth_year", "prior_episodes_lifetime", "veteran"])
def test_a_name_says_nothing_against_numbers_and_flags(tmp_path, ours):
    people = "patient_id,member_phone\n" + "\n".join(f"p{i},1" for i in range(1, 5))
    people = people.replace(",1", ",1980") if ours == "birth_year" else people
    toml = f'[columns.patients]\n{ours} = "member_phone"\n'
    assert said_of(delivery(tmp_path, toml, only=("sessions",), patients=people))[1]


def test_what_is_plainly_an_identifier_cannot_be_called_harmless(tmp_path):
    toml = '[identifiers]\nharmless = ["patients.ref"]\n'
    people = "patient_id,ref\n" + "\n".join(f"p{i},219-09-{i:04d}" for i in range(1, 5))
    assert refused(delivery(tmp_path, toml, only=("sessions",), patients=people), "219-09-0001")


def test_a_line_of_harmless_columns_that_names_none_is_told(tmp_path):
    with pytest.raises(StructureError, match=r"patients\.patint_id.*did you mean patients\.patient_id"):
        ingested(delivery(tmp_path, '[identifiers]\nharmless = ["patients.patint_id"]\n'))


def test_codes_that_the_study_declares_are_no_names(tmp_path):
    episodes = HONEST["episodes"].replace("primary_dx", "track").replace("F33.1", "Wojciechowski Unit")
    episodes = episodes.replace("F41.1", "Szczesniak Unit").replace("F43.1", "Szczesniak Unit")
    toml = '[codes.episodes.track]\n"Wojciechowski Unit" = "Wojciechowski"\n"Szczesniak Unit" = "Szczesniak"\n'
    assert said_of(delivery(tmp_path, toml, episodes=episodes))[1]


def test_text_where_a_number_should_be_is_looked_at_before_it_is_set_apart(tmp_path):
    people = "patient_id,age_at_index\n" + "\n".join(f"p{i},0{i}/17/19{60 + 5 * i}" for i in range(1, 5))
    assert refused(delivery(tmp_path, only=("sessions",), patients=people), "01/17/1965")


def test_other_unique_codes_dates_and_free_text_are_dropped_and_listed(tmp_path):
    remark = "seen today and doing somewhat better than at the last visit of last month"
    people = "\n".join(f"p{i},{i}f3c-{i},2025-01-0{i},{remark}" for i in range(1, 5))
    _, report = ingested(
        delivery(tmp_path, only=("sessions",), patients="patient_id,row_guid,export_date,remark\n" + people)
    )
    assert [(column.column, column.reason) for column in report.dropped] == [
        ("row_guid", "may be a code that singles people out"),
        ("export_date", "looks like calendar dates"),
        ("remark", "looks like free text"),
    ]


@pytest.mark.parametrize(("column", "value"), [("w4", "2025-01-06"), ("w4", "1/6/2025"), ("seen_on", "6 Jan 2025")])
def test_dates_are_refused_where_the_regime_forbids_them(tmp_path, column, value):
    people = f"patient_id,observed_from_day,observed_to_day,{column}\n" + "\n".join(
        f"p{i},0,90,{value}" for i in range(1, 5)
    )
    files = {"patients": people, "sessions": "session_id,patient_id,program_id,service_day,status\ns1,p1,g1,5,attended"}
    assert refused(delivery(tmp_path / "a", '[study]\nregime = "relative-days"\n', only=(), **files), value)
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
            "therapist_id": [f"t{i % 17:02d}" for i in range(n)],
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
