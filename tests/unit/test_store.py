import ast
import contextlib
import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import pytest

from pipeline import store
from pipeline.errors import DamagedError, StageError, UsageError
from pipeline.study import Study


def values(study):
    with store.reading(study, store.WAREHOUSE) as con:
        return con.execute("SELECT * FROM t").fetchall()


def test_a_database_is_replaced_only_when_its_build_ends_well(tmp_path):
    study = Study(folder=tmp_path)
    with store.replacing(study, store.WAREHOUSE) as con:
        con.execute("CREATE TABLE t AS SELECT 1 AS x")
    with pytest.raises(ZeroDivisionError), store.replacing(study, store.WAREHOUSE) as con:
        con.execute("CREATE TABLE t AS SELECT 2 AS x")
        _ = 1 / 0
    assert values(study) == [(1,)]
    assert [path.name for path in tmp_path.iterdir()] == [store.WAREHOUSE]


def test_a_new_database_is_on_the_disk_whole_before_it_takes_the_place_of_the_old_one(tmp_path, monkeypatch):
    """The engine waits for the disk at no statement of a build, so the whole file is waited for at its end."""
    done = []
    for name in ("fsync", "replace"):
        kept = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *given, name=name, kept=kept: (done.append(name), kept(*given))[1])
    with store.replacing(Study(folder=tmp_path), store.RESULTS) as con:
        assert con.execute("SELECT current_setting('fsync_mode')").fetchone() == ("NONE",)
        con.execute("CREATE TABLE kept AS SELECT 1 AS one")
    assert done == ["fsync", "replace"]


def test_databases_are_readable_by_their_owner_alone(tmp_path):
    study = Study(folder=tmp_path)
    with store.replacing(study, store.WAREHOUSE) as con:
        con.execute("CREATE TABLE t AS SELECT 1 AS x")
    assert stat.S_IMODE((tmp_path / store.WAREHOUSE).stat().st_mode) == 0o600


@pytest.mark.parametrize(("said", "most"), [("", 0.5), ("10%", 0.1)])
def test_the_database_takes_half_of_the_machines_memory_unless_somebody_says_otherwise(
    tmp_path, monkeypatch, said, most
):
    monkeypatch.setenv("CARELEVELS_MEMORY", said)
    bytes_of = "SELECT CAST(memory_limit AS VARCHAR) FROM pragma_database_size()"
    with contextlib.closing(duckdb.connect()) as con:
        con.execute("SET memory_limit = '100%'")
        [(whole,)] = con.execute(bytes_of).fetchall()
    with contextlib.closing(store.connect(tmp_path / "one.duckdb")) as con:
        [(taken,)] = con.execute(bytes_of).fetchall()
    assert float(taken.split()[0]) == pytest.approx(most * float(whole.split()[0]), rel=0.05)


def test_a_memory_that_is_no_amount_is_refused_with_how_to_write_it(tmp_path, monkeypatch):
    monkeypatch.setenv("CARELEVELS_MEMORY", "plenty")
    with pytest.raises(UsageError, match="write it like 8GB"):
        store.connect(tmp_path / "one.duckdb")


def test_what_the_memory_does_not_hold_is_put_down_for_its_owner_alone_and_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("CARELEVELS_MEMORY", "25MB")
    study = Study(folder=tmp_path)
    with store.replacing(study, store.WAREHOUSE) as con:
        con.execute("SET threads = 1")
        con.execute("CREATE TEMP TABLE t AS SELECT HASH(i) AS x, HASH(i + 1) AS y FROM RANGE(2000000) AS r(i)")
        assert con.execute("SELECT SUM(size) > 0 FROM duckdb_temporary_files()").fetchall() == [(True,)]
        [folder] = [path for path in tmp_path.iterdir() if path.is_dir()]
        assert any(folder.iterdir())
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert con.execute("SELECT COUNT(DISTINCT x) FROM t").fetchall() == [(2_000_000,)]
    assert [path.name for path in tmp_path.iterdir()] == [store.WAREHOUSE]


@pytest.mark.parametrize("opened", [store.reading, store.changing])
def test_what_a_killed_run_had_put_down_is_removed_by_the_next(tmp_path, opened):
    study, gone = Study(folder=tmp_path), f"{store.CHECKING}999999999-x"
    with store.replacing(study, store.WAREHOUSE):
        (tmp_path / gone).mkdir()
    with opened(study, store.WAREHOUSE) as con:
        [(where,)] = con.execute("SELECT current_setting('temp_directory')").fetchall()
        assert Path(where).parent == tmp_path
        assert Path(where).name.startswith(f"{store.CHECKING}{os.getpid()}-")
    store.sweep(study)
    assert [path.name for path in tmp_path.iterdir()] == [store.WAREHOUSE]


def test_a_connection_in_memory_puts_nothing_down_where_somebody_happens_to_stand():
    with store.connect(Path(":memory:")) as con:
        assert con.execute("SELECT current_setting('temp_directory')").fetchall() == [("",)]


def test_a_change_is_all_or_nothing(tmp_path):
    study = Study(folder=tmp_path)
    with store.replacing(study, store.WAREHOUSE) as con:
        con.execute("CREATE TABLE t AS SELECT 1 AS x")
    with pytest.raises(ZeroDivisionError), store.changing(study, store.WAREHOUSE) as con:
        con.execute("CREATE OR REPLACE TABLE t AS SELECT 2 AS x")
        _ = 1 / 0
    assert values(study) == [(1,)]
    with store.changing(study, store.WAREHOUSE) as con:
        con.execute("CREATE OR REPLACE TABLE t AS SELECT 2 AS x")
    assert values(study) == [(2,)]


@pytest.mark.parametrize("how", ["replacing", "changing"])
def test_a_build_killed_half_way_leaves_the_last_good_state(tmp_path, how):
    study = Study(folder=tmp_path)
    with store.replacing(study, store.WAREHOUSE) as con:
        con.execute("CREATE TABLE t AS SELECT 1 AS x")
    script = textwrap.dedent(f"""
        import os, signal
        from pathlib import Path
        from pipeline import store
        from pipeline.study import Study
        with store.{how}(Study(folder=Path({str(tmp_path)!r})), store.WAREHOUSE) as con:
            con.execute("CREATE OR REPLACE TABLE t AS SELECT range AS x FROM range(300000)")
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    killed = subprocess.run([sys.executable, "-c", script], check=False)
    assert killed.returncode == -9
    assert values(study) == [(1,)]
    store.sweep(study)  # as every run does first
    with store.replacing(study, store.WAREHOUSE) as con:
        con.execute("CREATE TABLE t AS SELECT 3 AS x")
    assert values(study) == [(3,)]
    assert [path.name for path in tmp_path.iterdir()] == [store.WAREHOUSE]


def test_reading_before_the_stage_has_run_names_the_command(tmp_path):
    with pytest.raises(StageError, match="carelevels analyze"), store.reading(Study(folder=tmp_path), store.RESULTS):
        pass


def test_the_manifest_keeps_one_row_per_stage(tmp_path):
    study = Study(folder=tmp_path)
    assert store.stage_manifest(study, store.WAREHOUSE, "ingest") == {}
    with store.replacing(study, store.WAREHOUSE) as con:
        store.write_manifest(con, "ingest", {"fingerprint": "a", "read": 1})
        store.write_manifest(con, "ingest", {"fingerprint": "b", "read": 2})
    assert store.stage_manifest(study, store.WAREHOUSE, "ingest") == {"fingerprint": "b", "read": 2}
    assert store.stage_manifest(study, store.WAREHOUSE, "build") == {}


def test_a_database_that_has_not_changed_is_not_opened_again_for_what_it_notes_and_one_that_has_is(
    tmp_path, monkeypatch
):
    study = Study(folder=tmp_path)
    with store.replacing(study, store.WAREHOUSE) as con:
        store.write_manifest(con, "ingest", {"fingerprint": "a"})
    assert store.stage_manifest(study, store.WAREHOUSE, "ingest") == {"fingerprint": "a"}
    with monkeypatch.context() as patched:
        patched.setattr(store, "connect", None)
        assert store.stage_manifest(study, store.WAREHOUSE, "ingest") == {"fingerprint": "a"}
    with store.replacing(study, store.WAREHOUSE) as con:
        store.write_manifest(con, "ingest", {"fingerprint": "b"})
    assert store.stage_manifest(study, store.WAREHOUSE, "ingest") == {"fingerprint": "b"}
    (tmp_path / store.WAREHOUSE).write_bytes(b"no database")
    with pytest.raises(DamagedError):
        store.stage_manifest(study, store.WAREHOUSE, "ingest")


def test_what_a_source_imports_of_ours_is_found_without_parsing_it():
    """Nothing that the parser finds is missed; a line of a docstring that reads like an import costs only a file more."""
    for path in sorted((Path(store.__file__).parent).rglob("*.py")):
        nodes = [node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.ImportFrom)]
        ours = [node for node in nodes if node.module and node.module.startswith("pipeline")]
        parsed = {name for node in ours for name in (node.module, *(f"{node.module}.{one.name}" for one in node.names))}
        assert parsed <= set(store.imports_of_ours(path)), path
