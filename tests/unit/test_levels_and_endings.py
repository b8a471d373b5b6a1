"""What is declared of levels and endings holds together: every code, order and word comes from the one declaration."""

import re
from pathlib import Path

import pytest

from pipeline import endings, levels
from pipeline.measures.library import instruments, level_codes
from pipeline.report.figures.endings import SHADES, WORDS
from pipeline.report.figures.pathways import ORDER
from pipeline.report.names import scale
from pipeline.schema import TABLES
from pipeline.study import Study
from pipeline.warehouse import protocol
from pipeline.warehouse.protocol import care_levels, ending_codes
from tests.spec.staged import PREPARED, built, rows_of, staged, study_of

PIPELINE = Path(levels.__file__).parent


def test_a_step_down_is_a_move_to_an_earlier_level():
    rank = {row[0]: row[1] for row in care_levels(Study(Path("x")))}
    assert [rank[level] for level in ("OP", "IOP", "PHP", "RES", "IP")] == [1, 2, 3, 4, 5]
    assert {rank[level] for level in ("OTP", "WM", "ED", "UNKNOWN")} == {0}


def test_the_most_intense_level_sets_the_day_and_an_event_never_does():
    order = {row[0]: row[2] for row in care_levels(Study(Path("x")))}
    assert sorted((level for level in order if order[level]), key=order.get) == [
        *("IP", "RES", "PHP", "IOP", "OP", "OTP", "UNKNOWN")
    ]
    assert {level for level, place in order.items() if place is None} == {"WM", "ED"}


def test_people_sleep_in_residential_and_inpatient_care_alone():
    assert {row[0] for row in care_levels(Study(Path("x"))) if row[3]} == {"RES", "IP"}


@pytest.fixture
def with_crisis_care(monkeypatch):
    """The warehouse as it is built where one more level at which people sleep is declared."""
    declared = protocol.care_levels
    monkeypatch.setattr(protocol, "care_levels", lambda study: [*declared(study), ("CSU", 6, 0, True, 1)])
    PREPARED.clear()
    yield study_of(arms={"iop": ["IOP"], "outpatient": ["OP"], "inpatient": ["RES", "IP", "CSU"]})
    PREPARED.clear()


def test_a_level_that_is_declared_once_is_24_hour_care_in_every_table(with_crisis_care):
    sessions = """
    patient_id | level_of_care | service_day | status
    ann        | CSU           | 0           | bed_day
    ann        | OP            | 5           | attended
    bob        | IOP           | 0           | attended
    bob        | CSU           | 3           | bed_day
    """
    con = built(staged(sessions=sessions), "transitions", "readmission", "safety_set", study=with_crisis_care)
    moves = rows_of(con, "transitions", "patient_id, level_of_care, kind", "1, 2")
    assert [tuple(row.values()) for row in moves] == [
        ("ann", "CSU", "step_down"),
        ("ann", "OP", "none"),
        ("bob", "CSU", "none"),
        ("bob", "IOP", "step_up"),
    ]
    assert [row["stay_id"] for row in rows_of(con, "readmission", order="1")] == ["ann/P/CSU/0", "bob/P/CSU/3"]
    moved = rows_of(con, "(SELECT * FROM safety_set WHERE at_day = 30) AS month", "episode_id, moved_up", "1")
    assert [row["moved_up"] for row in moved] == [None, True]


def test_every_code_stands_for_a_declared_level():
    known = {*levels.LEVELS, *levels.EVENT_LEVELS, "none"}
    said = {level for row in level_codes() for level in row["level_of_care"].split("_or_")}
    assert said <= known


def test_leaving_against_advice_is_dropping_out_and_ending_by_the_program_is_not():
    dropped_out = {code for code, _, dropped in ending_codes() if dropped}
    assert dropped_out == {"dropped_out", "ama"} == set(endings.DROPPED_OUT_CODES)


def test_every_ending_has_a_group_with_words_a_shade_and_a_place_at_the_end_of_a_pathway():
    assert set(TABLES["discharges"].column("ending").allowed) == set(endings.GROUP_OF)
    assert set(endings.GROUP_OF.values()) == set(endings.GROUP_NAMES) == set(SHADES) == set(WORDS) - {""}
    assert {endings.pathway_of(code) for code in endings.CODES} <= set(ORDER)


def test_an_episode_that_only_its_records_call_open_ended_for_another_reason():
    assert endings.pathway_of(endings.IN_CARE) == "Ended for another reason"


def test_no_code_spells_out_again_where_people_sleep():
    again = re.compile(r"""\(?['"](RES|IP)['"], ['"](RES|IP)['"]\)?""")
    allowed = {"levels.py", "synthetic/scenarios.py", "warehouse/levels/coded_level.sql"}
    files = [path for suffix in ("py", "sql") for path in PIPELINE.rglob(f"*.{suffix}")]
    found = {str(path.relative_to(PIPELINE)) for path in files if again.search(path.read_text(encoding="utf-8"))}
    assert found <= allowed


@pytest.mark.parametrize("name", instruments())
def test_every_scale_of_the_library_has_a_name_and_says_what_its_scores_are_of(name):
    label, scores_of = scale(Study(Path("x")), name)
    assert (label, scores_of) == (instruments()[name]["label"], instruments()[name]["scores_of"])
    assert label
    assert scores_of


def test_no_two_scales_share_a_name_and_life_satisfaction_is_no_symptom():
    labels = [row["label"] for row in instruments().values()]
    assert len(set(labels)) == len(labels)
    assert scale(Study(Path("x")), "SWLS") == ("SWLS", "life satisfaction")
