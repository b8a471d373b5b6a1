"""One identifier among sixty codes: a single cell of another form than its column stops the run, with its row."""

import random
import re

import duckdb
import pytest

from pipeline.errors import IdentifierError
from pipeline.ingest.identifiers.screening import screen_declared
from pipeline.ingest.loaded import Loaded, Part
from pipeline.schema import TABLES
from pipeline.study_toml.file import load_study
from tests.spec.planted import ROWS, digits, luhn_end, phone, ssn, uuid4, vin
from tests.unit.ingest.deliveries import HONEST, delivery, ingested

ROW = 17  # of the stray: row 19 of the file
RNG = random.Random(20261130)
NAMES = (
    *("Patricia Martinez", "Martinez, Patricia", "martinez", "Szczepanski", "pmartinez03", "Okonkwo"),
    *("Иван Петров", "Łukasz Wójcik", "J. Garcia"),
)
NUMBERS = (
    *(ssn(RNG, ""), ssn(RNG, "-"), phone(RNG, "{}{}{}"), phone(RNG, "{}-{}-{}"), digits(RNG, "1^#7^#2^^##")),
    *(vin(RNG), luhn_end(digits(RNG, "1########"), "80840"), "AB1234563", "4111111111111111", "490154203237518"),
    *("19530406", "04/06/1953", "MRN4400009", "4400009", "DE89370400440532013000", "SW4A 4AA", "40.73690"),
)
IDS = {
    "a letter and a number": [f"p{row}" for row in range(ROWS)],
    "numbers in a row": [str(100001 + row) for row in range(ROWS)],
    "small numbers": [str(row + 1) for row in range(ROWS)],
    "hexadecimal tokens": [f"{random.Random(row).getrandbits(40):010x}" for row in range(ROWS)],
    "random UUIDs": [str(uuid4(random.Random(row))) for row in range(ROWS)],
    "a study's own": [f"CL-{row:04d}" for row in range(ROWS)],
}
ALIKE = {"hexadecimal tokens": "[0-9a-f]{10}", "numbers in a row": "[0-9]{7}"}
CODES = {
    ("patients", "education"): ("GED", "High School", "College", "11"),
    ("programs", "model"): ("DBT", "CBT", "Matrix Model"),
    ("discharges", "readiness"): ("ready", "not ready", "almost ready"),
    ("providers", "credential"): ("LCSW", "LMFT", "Psychologist"),
    ("episodes", "track"): ("trauma", "general"),
}


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What the door says of a column with these cells: refusals and notes."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "study.toml").write_text("")
    study = load_study(folder)

    def judge(table, column, cells):
        con = duckdb.connect()
        con.execute("CREATE SCHEMA loaded")
        con.execute(f"CREATE TABLE loaded.{table} AS SELECT unnest(CAST(? AS VARCHAR[])) AS {column}", [list(cells)])
        part = Part(f"{table}.csv", 1, 0, len(cells), 2)
        one = Loaded(TABLES[table], (part,), False, True, (column,))
        return screen_declared(con, study, one, []).faults

    return judge


def with_stray(cells, stray):
    return [stray if row == ROW else cells[row % len(cells)] for row in range(ROWS)]


@pytest.mark.parametrize("form", IDS)
def test_one_identifier_among_tokens_is_told_with_its_row_and_never_shown(said, form):
    untold = []
    for stray in (*NAMES, *NUMBERS):
        faults = "\n".join(said("patients", "patient_id", with_stray(IDS[form], stray)))
        assert stray not in faults
        untold += [] if "row 19" in faults else [stray]
    alike = ALIKE.get(form, "never")  # ten digits among tokens of ten hexadecimal digits are one of them
    assert untold == [stray for stray in NUMBERS if re.fullmatch(alike, stray)]


@pytest.mark.parametrize("column", CODES, ids=lambda one: one[1])
def test_one_identifier_among_words_is_told_with_its_row_and_never_shown(said, column):
    untold = []
    for stray in (*NAMES, *NUMBERS):
        faults = "\n".join(said(*column, with_stray(CODES[column], stray)))
        assert stray not in faults
        untold += [] if "row 19" in faults else [stray]
    assert untold == []


@pytest.mark.parametrize("stray", ["10040", "Patricia Martinez", ssn(RNG, ""), phone(RNG, "{}{}{}"), "SW4A 4AA"])
def test_a_site_is_no_house_number_no_postal_code_and_no_person(said, stray):
    sites = ["north1", "north2", "south", "east", stray]
    assert "row 6" in "\n".join(said("programs", "site", sites))


def test_a_number_that_an_office_gave_is_told_where_every_row_repeats_it(said):
    for number in (vin(RNG), luhn_end(digits(RNG, "1########"), "80840"), "AB1234563"):
        assert said("discharges", "readiness", [number] * ROWS)
        assert said("providers", "therapist_id", [number])


def test_what_many_people_share_is_a_code_whatever_it_is_called(said):
    assert said("programs", "model", ["Hazelden", "DBT", "CBT"] * 20) == ()
    assert said("patients", "education", ["410604004", "GED", "HS"] * 20) == ()


@pytest.mark.parametrize(
    ("table", "column", "usual", "odd"),
    [
        ("patients", "patient_id", IDS["a letter and a number"], "NULL"),
        ("patients", "patient_id", IDS["a letter and a number"], "p1000"),
        ("patients", "patient_id", IDS["numbers in a row"], "1.2E+11"),
        ("patients", "patient_id", IDS["hexadecimal tokens"], "1953040612"),
        ("sessions", "session_id", IDS["hexadecimal tokens"], "s104862889"),
        ("patients", "patient_id", IDS["a letter and a number"], "e21f2re77n"),  # not Efren
        ("episodes", "episode_id", IDS["a letter and a number"], "104862889"),
        ("patients", "education", CODES["patients", "education"], "Apprenticeship"),
        ("patients", "employment", ("Full Time", "Part Time"), "Cosmetologist"),
        ("providers", "credential", CODES["providers", "credential"], "Naturopath"),
        ("providers", "credential", CODES["providers", "credential"], "PsyD"),
        ("episodes", "track", CODES["episodes", "track"], "Chronic Pain"),
        ("discharges", "readiness", CODES["discharges", "readiness"], "undecided"),
        ("programs", "site", ("Austin", "Madison", "St Paul"), "Santa Clara"),
        ("sessions", "cpt_hcpcs", ("90853", "90834", "H0015"), "0510F"),
    ],
)
def test_a_rare_code_that_is_nobodys_passes(said, table, column, usual, odd):
    assert said(table, column, with_stray(usual, odd)) == ()


def test_cells_of_thousands_of_digits_are_answered(said):
    assert said("patients", "patient_id", [f"{row}{'7' * 4000}" for row in range(ROWS)])


def test_of_two_kinds_of_tokens_neither_is_a_stray(said):
    old_and_new = [f"p{row}" if row % 2 else str(4_400_000 + 17 * row) for row in range(ROWS)]
    assert said("patients", "patient_id", old_and_new) == ()


TOKENS = {
    "hexadecimal": lambda rng, row: f"{rng.getrandbits(40):010x}",
    "letters and digits": lambda rng, row: "".join(rng.choices("ABCDEFGHJKMNPQRSTVWXYZ23456789", k=8)),
    "both cases": lambda rng, row: "".join(
        rng.choices("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=10)
    ),
    "three letters and three digits": lambda rng, row: digits(rng, "^^^###"),
    "random UUIDs": lambda rng, row: str(uuid4(rng)),
    "numbers of seven digits": lambda rng, row: str(rng.randrange(10**6, 10**7)),
    "numbers in a row": lambda rng, row: str(98_000 + row),
    "a site and a number": lambda rng, row: f"{rng.choice(('NYC', 'LAX'))}{row:06d}",
}


@pytest.mark.parametrize("kind", TOKENS)
def test_thousands_of_tokens_of_chance_hold_no_identifier_by_chance(said, kind):
    for seed in range(3):
        rng = random.Random(seed)
        assert said("patients", "patient_id", [TOKENS[kind](rng, row) for row in range(2500)]) == ()


def test_a_stray_stops_the_run_unless_the_study_vouches_for_the_column(tmp_path):
    people = HONEST["patients"].replace("p4", "szczepanski")
    with pytest.raises(
        IdentifierError, match=r'patients\.csv: "patient_id" holds .*name of a person.* row 5.*harmless'
    ):
        ingested(delivery(tmp_path / "a", patients=people))
    toml = '[identifiers]\nharmless = ["patients.patient_id"]\n'
    assert ingested(delivery(tmp_path / "b", toml, patients=people))[1].files
