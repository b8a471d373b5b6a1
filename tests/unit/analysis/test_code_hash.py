"""Which code made the numbers: one hash of the code, whatever records it read."""

from pipeline import store
from pipeline.__main__ import main
from tests.unit.ingest.deliveries import HONEST, csv, delivery


def made_by(folder):
    import duckdb

    for stage in ("ingest", "build", "analyze"):
        assert main([stage, str(folder)]) == 0
    with duckdb.connect(str(folder / store.RESULTS), read_only=True) as con:
        [row] = con.execute("SELECT code_hash, inputs_hash FROM manifest").fetchall()
    return row


def test_the_code_hash_of_results_is_the_codes_own_and_the_same_for_other_records(tmp_path):
    delivery(tmp_path / "one")
    delivery(tmp_path / "other", patients=csv(HONEST["patients"]).replace("1980", "1981").encode())
    (code, inputs), (same_code, other_inputs) = made_by(tmp_path / "one"), made_by(tmp_path / "other")
    assert code == same_code == store.code_fingerprint("")
    assert inputs != other_inputs
