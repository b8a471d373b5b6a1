import os

import pytest

from pipeline.errors import StructureError
from pipeline.ingest import inputs
from pipeline.ingest.inputs import input_hashes, table_of
from tests.unit.ingest.deliveries import delivery


def test_parts_and_endings_belong_to_their_table():
    assert [
        table_of(name)
        for name in ("sessions.csv", "sessions_2025.csv", "Sessions-2.csv.gz", "sessions.parquet", "sessions2.csv")
    ] == ["sessions"] * 5
    assert [table_of(name) for name in ("session.csv", "sessionsheet.csv", "visits.csv", "programsold.csv")] == [""] * 4


def test_hashes_change_with_the_content_even_where_size_and_time_do_not(tmp_path):
    study = delivery(tmp_path)
    file = tmp_path / "raw/patients.csv"
    long_ago = 1_600_000_000_000_000_000
    os.utime(file, ns=(long_ago, long_ago))
    before = input_hashes(study)
    file.write_text(file.read_text().replace("1980", "1981"))
    os.utime(file, ns=(long_ago, long_ago))
    after = input_hashes(study)
    assert before["raw/patients.csv"] != after["raw/patients.csv"]
    assert {name for name in before if before[name] != after[name]} == {"raw/patients.csv"}


def test_a_settled_file_is_not_read_again(tmp_path, monkeypatch):
    study = delivery(tmp_path)
    monkeypatch.setattr(inputs, "SETTLED_NS", -1)
    first = input_hashes(study)
    monkeypatch.setattr(inputs, "sha256", lambda path: "read again")
    assert input_hashes(study) == first


def test_a_file_that_changed_a_moment_ago_is_read_again(tmp_path, monkeypatch):
    study = delivery(tmp_path)
    input_hashes(study)
    monkeypatch.setattr(inputs, "sha256", lambda path: "read again")
    assert set(input_hashes(study).values()) == {"read again"}


def test_a_damaged_cache_is_made_anew(tmp_path):
    study = delivery(tmp_path)
    first = input_hashes(study)
    (tmp_path / inputs.CACHE).write_text('{"raw/pat')
    assert input_hashes(study) == first


def test_queries_and_the_forgotten_are_inputs_too(tmp_path):
    study = delivery(tmp_path)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources/costs.sql").write_text("SELECT 1")
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger/forgotten.jsonl").write_text("")
    assert {"sources/costs.sql", "ledger/forgotten.jsonl", "raw/costs.csv"} <= input_hashes(study).keys()


def test_a_missing_raw_folder_is_told(tmp_path):
    study = delivery(tmp_path, '[study]\nraw = "elsewhere"\n')
    with pytest.raises(StructureError, match="elsewhere"):
        input_hashes(study)
