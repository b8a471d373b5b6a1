"""Before Spark is started: what is missing is told with the way out, and no secret stands in a study file."""

import os
import socket
import sys

import pytest

from pipeline.__main__ import main
from pipeline.choices.records import EngineChoices
from pipeline.errors import EngineError, StudyError
from pipeline.spark.faults import words
from pipeline.spark.session import need_java, need_pyspark, need_server, need_version, settings
from pipeline.spark.work import scratch_folder
from pipeline.study_toml.engine import check_engine
from pipeline.study_toml.file import study_from


def test_without_pyspark_its_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(EngineError, match=r"needs the package pyspark.*pip install 'carelevels\[spark\]'.*make spark"):
        need_pyspark()


def test_a_spark_older_than_4_is_refused_because_it_turns_what_does_not_fit_into_nothing():
    need_version("4.0.1")
    with pytest.raises(EngineError, match=r"this is Spark 3\.5\.2; 4\.0 or newer"):
        need_version("3.5.2")


def test_without_java_or_with_one_too_old_the_package_to_install_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match=r"none was found; install one of 17 or newer .*default-jre-headless"):
        need_java()
    old = tmp_path / "java"
    old.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_392\"' >&2\n")
    old.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.defpath}")
    with pytest.raises(EngineError, match="found Java 8, which is too old"):
        need_java()


@pytest.mark.parametrize("scheme", ["sc", "spark"])
def test_a_server_that_does_not_answer_is_named_with_its_port(scheme):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        with pytest.raises(EngineError, match=f"no Spark server answers at 127.0.0.1, port {port}"):
            need_server(f"{scheme}://127.0.0.1:{port}/;x=y", scheme, 1)
        held.listen()
        need_server(f"{scheme}://127.0.0.1:{port}", scheme, 1)


def test_a_session_on_this_machine_is_reachable_from_nowhere_else_and_what_the_study_says_wins(tmp_path, monkeypatch):
    monkeypatch.setenv("MORE", "8g")
    told = settings(EngineChoices(conf={"spark.driver.memory": "$MORE"}), tmp_path)
    assert (told["spark.driver.bindAddress"], told["spark.ui.enabled"]) == ("127.0.0.1", "false")
    assert (told["spark.driver.memory"], told["spark.local.dir"]) == ("8g", str(tmp_path))
    assert told["spark.sql.ansi.enabled"] == "true"
    assert "spark.ui.enabled" not in settings(EngineChoices(master="spark://host:7077"), tmp_path)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"remote": "sc://h/;token=abc"}, "remote holds a secret"),
        ({"conf": {"spark.hadoop.fs.s3a.secret.key": "abc"}}, "conf spark.hadoop.fs.s3a.secret.key holds a secret"),
        ({"remote": "https://h"}, "remote is the address of a Spark Connect server"),
        ({"master": "yes"}, r"master is \"local"),
        ({"tables": "main.clinic.sessions"}, "tables is a schema of the catalog"),
        ({"most_million_rows": 0}, "most_million_rows must be 1 or more"),
    ],
)
def test_a_study_names_servers_and_environment_variables_and_never_a_secret(tmp_path, section, said):
    with pytest.raises(StudyError, match=said) as raised:
        check_engine(study_from(tmp_path, {"engine": section}).engine)
    assert "abc" not in str(raised.value)


def test_where_it_is_worked_out_is_no_part_of_the_protocol(tmp_path):
    one, other = (study_from(tmp_path, {"engine": {"master": master}}) for master in ("local[1]", "spark://h:7077"))
    assert one.as_json() == other.as_json()


def test_a_folder_that_is_not_there_is_told(tmp_path):
    study = study_from(tmp_path, {"engine": {"folder": str(tmp_path / "gone")}})
    with pytest.raises(EngineError, match="folder is no folder of this machine"), scratch_folder(study, study.engine):
        pass


def test_rows_on_their_way_lie_in_a_private_folder_that_is_gone_afterwards(tmp_path):
    study = study_from(tmp_path, {})
    with scratch_folder(study, study.engine) as folder:
        assert folder.parent == tmp_path
        assert folder.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == []


def test_a_lack_of_memory_is_told_with_the_setting_that_gives_more():
    said = words(RuntimeError("java.lang.OutOfMemoryError: secret"), "building sessions")
    assert "too little memory while building sessions" in said
    assert "secret" not in said


def test_spark_is_asked_for_with_a_word_that_the_command_knows(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["run", "somewhere", "--engine", "snowflake"])
    assert "choose from" in capsys.readouterr().err
