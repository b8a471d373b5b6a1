import stat

import pytest

from pipeline.errors import UsageError
from pipeline.ingest.forget import FORGOTTEN, forget
from tests.unit.ingest.deliveries import counts, delivery, ingested, rows


def test_a_forgotten_person_is_left_out_everywhere_and_counted(tmp_path):
    study = delivery(tmp_path)
    forget(study, "p1")
    con, report = ingested(study)
    assert counts(report) == {
        "patients": (4, 3, 0, 0, 1),
        "episodes": (3, 2, 0, 0, 1),
        "sessions": (8, 5, 0, 0, 3),
        "assessments": (4, 2, 0, 0, 2),
        "discharges": (3, 2, 0, 0, 1),
        "followups": (2, 1, 0, 0, 1),
        "costs": (2, 1, 0, 0, 1),
        "programs": (2, 2, 0, 0, 0),
        "providers": (2, 2, 0, 0, 0),
    }
    assert report.breaches == ()
    assert rows(con, "SELECT count(*) FROM staging.discharges WHERE episode_id = 'e1'") == [(0,)]


def test_discharges_of_a_forgotten_person_go_even_where_no_episodes_were_exported(tmp_path):
    study = delivery(tmp_path, without=("episodes",))
    forget(study, "p1")
    _, report = ingested(study)
    assert counts(report)["discharges"] == (3, 2, 0, 0, 1)


def test_the_ledger_holds_no_id_and_is_private(tmp_path):
    study = delivery(tmp_path)
    forget(study, " p1 ")
    forget(study, "p1")
    ledger = tmp_path / "ledger" / FORGOTTEN
    assert "p1" not in ledger.read_text()
    assert len(ledger.read_text().splitlines()) == 1
    assert stat.S_IMODE(ledger.stat().st_mode) == 0o600


def test_another_study_salts_another_hash(tmp_path):
    one, other = delivery(tmp_path / "a", '[study]\nname = "a"\n'), delivery(tmp_path / "b", '[study]\nname = "b"\n')
    forget(one, "p1")
    forget(other, "p1")
    hashes = {(tmp_path / name / "ledger" / FORGOTTEN).read_text().split("sha256")[1] for name in ("a", "b")}
    assert len(hashes) == 2


def test_nobody_cannot_be_forgotten(tmp_path):
    with pytest.raises(UsageError):
        forget(delivery(tmp_path), "  ")
