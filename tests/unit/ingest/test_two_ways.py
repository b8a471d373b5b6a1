"""Big files are read typed, small ones as text: both ways must give the same staging, the same breaches and the same
counts."""

import duckdb
import numpy as np
import pytest

from pipeline.ingest.layout import layout_of
from pipeline.ingest.loading import load, load_typed
from pipeline.ingest.matching import match
from pipeline.schema import TABLES
from tests.unit.ingest.deliveries import HONEST, counts, csv, delivery, ingested, rows

TYPED, TEXT = 0, 1 << 60
WORDS = {
    "id": ["a1", "b2", "c3", "d4", "e5", " a1", "a1 ", ""],
    "status": ["attended", "attended", "no_show", "bed_day", "Attended", " attended", "arrived", ""],
    "day": ["2025-01-06", "2025-02-07", "2025-1-8", "2025-13-01", "1066-10-14", "soon", ""],
    "minutes": ["60", "50.5", "0", "-1", "1441", "1e2", "nan", "inf", "sixty", "999", ""],
    "level": ["IOP", "OP", "iop", "PHB", ""],
    "code": ["90853", "S9480", "", "0"],
}


def same(one, other):
    """Asserts that two deliveries came out alike."""
    (con, report), (con2, report2) = one, other
    assert report.breaches == report2.breaches
    assert counts(report) == counts(report2)
    for table in TABLES:
        query = f"SELECT * FROM staging.{table} ORDER BY ALL"
        assert rows(con, query) == rows(con2, query), table


def drawn_sessions(rng, n, choices):
    """A sessions file of random cells."""
    columns = {
        "session_id": [f"s{i}" for i in rng.integers(0, 2 * n, n)],
        "patient_id": rng.choice(choices["id"], n),
        "program_id": rng.choice(["g1", "g2"], n),
        "level_of_care": rng.choice(choices["level"], n),
        "service_date": rng.choice(choices["day"], n),
        "status": rng.choice(choices["status"], n),
        "minutes_scheduled": rng.choice(choices["minutes"], n),
        "minutes_attended": rng.choice(choices["minutes"], n),
        "cpt_hcpcs": rng.choice(choices["code"], n),
    }
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    return ("\n".join(lines) + "\n").encode()


PEOPLE = csv("patient_id,birth_year,age_at_index,zip3\na1,1990,35,036\nb2,1920,90+,43\nc3,,,\nd4,2001,24,441").encode()


@pytest.fixture
def read_typed(monkeypatch):
    """What the typed way said of each file that it was asked to read, as the files come: None where it gave up."""
    read = []
    monkeypatch.setattr(
        "pipeline.ingest.loading.load_typed", lambda *given: read.append(load_typed(*given)) or read[-1]
    )
    return read


@pytest.mark.parametrize("seed", range(6))
def test_random_files_come_out_alike(tmp_path, seed, read_typed):
    rng = np.random.default_rng(seed)
    clean = {kind: words[: 2 + seed % 2] for kind, words in WORDS.items()}
    content = drawn_sessions(rng, 60, clean if seed < 3 else WORDS)
    study = delivery(tmp_path, only=("programs",), patients=PEOPLE, sessions=content)
    typed = ingested(study, typed_from=TYPED)
    assert any(loaded is not None for loaded in read_typed)  # two readings, not one twice
    same(typed, ingested(study, typed_from=TEXT))


@pytest.mark.parametrize("kind", [kind for kind in WORDS if kind != "id"])
def test_each_odd_cell_alone_is_read_alike_or_left_to_the_text_way(tmp_path, kind):
    column = {"day": "service_date", "minutes": "minutes_attended", "level": "level_of_care", "code": "cpt_hcpcs"}.get(
        kind, kind
    )
    typed = []
    for place, word in enumerate(WORDS[kind]):
        cells = {
            "session_id": "s9",
            "patient_id": "a1",
            "program_id": "g1",
            "service_date": "2025-01-06",
            "status": "attended",
            "level_of_care": "IOP",
            "minutes_scheduled": "60",
            "minutes_attended": "60",
            "cpt_hcpcs": "",
        } | {column: word}
        study = delivery(
            tmp_path / str(place), only=(), sessions=f"{','.join(cells)}\n{','.join(cells.values())}\n".encode()
        )
        con = duckdb.connect(config={"threads": 1})
        con.execute("CREATE SCHEMA loaded")
        found, _ = match(TABLES["sessions"], layout_of(tmp_path / str(place) / "raw/sessions.csv", con), study)
        if load_typed(con, study, [found]):
            typed.append(word)
            fast = rows(con, "SELECT * FROM loaded.sessions")
            load(con, study, [found], typed_from=TEXT)
            assert rows(con, "SELECT * FROM loaded.sessions") == fast
    assert WORDS[kind][0] in typed  # the way under test was taken
    assert "" in typed


def test_honest_files_come_out_alike_and_big_ones_are_read_once(tmp_path, read_typed):
    study = delivery(tmp_path)
    same(ingested(study, typed_from=TYPED), ingested(study, typed_from=TEXT))
    assert [loaded.table.name for loaded in read_typed] == list(HONEST)


def test_instruments_are_spelled_alike(tmp_path):
    study = delivery(
        tmp_path,
        assessments="patient_id,instrument_id,assessed_date,score\np1,phq-9,2025-01-06,18\np2,GAD7,2025-01-06,8",
    )
    typed, text = ingested(study, typed_from=TYPED), ingested(study, typed_from=TEXT)
    same(typed, text)
    assert rows(typed[0], "SELECT instrument_id FROM staging.assessments ORDER BY ALL") == [("GAD7",), ("PHQ9",)]


def test_quarantine_shows_days_as_dates_either_way(tmp_path):
    study = delivery(tmp_path, sessions=HONEST["sessions"] + "\n        s9,nobody,,g1,2025-02-02,attended,60,60,")
    for way in (TYPED, TEXT):
        con, _ = ingested(study, typed_from=way)
        assert rows(con, "SELECT service_day, source_row FROM quarantine.sessions") == [("2025-02-02", 10)]
