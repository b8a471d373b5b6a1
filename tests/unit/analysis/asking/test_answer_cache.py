"""What need not be asked again is kept to the letter; everything else is asked."""

import duckdb
import pytest

from pipeline.analysis.asking.answer_cache import Answered, earlier_answers, of_kind, write_families
from pipeline.analysis.asking.families import of_questions
from pipeline.analysis.asking.run import BESIDE_CONTRASTS, DESCRIBED, asked_last, families, write_table
from pipeline.analysis.headline import Asking
from pipeline.results import RESULT_TABLES, CurvePoint, Result
from pipeline.watched import WatchedStudy
from tests.unit.analysis.made_records import study

ROWS = [
    Result(question="C2", analysis="a", measure="difference", estimate=1.5, n=40, arm="iop"),
    CurvePoint(
        result_id="C2.a", arm="iop", state="in care", day=7, estimate=0.5, low=None, high=0.7, at_risk=30, events=4
    ),
    Result(question="C2", analysis="b", measure="difference", reason="too few", gate="withheld"),
]


@pytest.fixture
def written(tmp_path):
    """A results database with three families, and its study."""
    choices = study(tmp_path)
    watched = WatchedStudy(choices)
    assert watched.gate.min_ess
    found = {
        "one": Answered(ROWS[:1], "x", watched.choices(), 0.1),
        "two": Answered([ROWS[2]], "x", {"gone": "0"}, 0.1),
        "three": Answered(ROWS[1:2], "x", watched.choices(), 0.1),
    }
    con = duckdb.connect(str(tmp_path / "results.duckdb"))
    for name, kind in RESULT_TABLES.items():
        write_table(con, name, [row for one in found.values() for row in of_kind(one.rows, kind)])
    write_families(con, found)
    con.close()
    return tmp_path / "results.duckdb", choices


def test_kept_rows_are_the_rows_that_were_written_where_every_choice_still_exists(written):
    path, choices = written
    before = earlier_answers(path, choices)
    assert set(before) == {"one", "three"}
    assert list(before["one"].rows) == ROWS[:1]
    assert list(before["three"].rows) == ROWS[1:2]
    assert before["one"].kept


def test_a_changed_choice_that_was_read_is_asked_again(written):
    from dataclasses import replace

    path, choices = written
    assert earlier_answers(path, replace(choices, gate=replace(choices.gate, min_ess=31.0))) == {}


def test_results_of_another_shape_and_files_that_are_no_database_are_asked_again(tmp_path):
    assert earlier_answers(None, study(tmp_path)) == {}
    assert earlier_answers(tmp_path / "nothing.duckdb", study(tmp_path)) == {}
    (tmp_path / "broken.duckdb").write_bytes(b"no database")
    assert earlier_answers(tmp_path / "broken.duckdb", study(tmp_path)) == {}
    con = duckdb.connect(str(tmp_path / "old.duckdb"))
    con.execute("CREATE TABLE results (result_id VARCHAR)")
    con.close()
    assert earlier_answers(tmp_path / "old.duckdb", study(tmp_path)) == {}


def test_every_family_is_known_by_the_module_its_code_lives_in(tmp_path):
    asked = families(study(tmp_path))
    assert DESCRIBED.keys() | BESIDE_CONTRASTS.keys() | of_questions().keys() <= asked.keys()
    assert asked_last() <= asked.keys()
    for name, ask in asked.items():
        assert ask.__module__.startswith("pipeline.analysis."), name
        assert ask.__module__ not in ("pipeline.analysis.asking.run", "pipeline.analysis.asking.families"), name


def test_a_question_may_read_only_what_it_is_given():
    assert list(Asking.__dataclass_fields__) == ["warehouse", "records", "study", "answers"]
