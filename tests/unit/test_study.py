import json
import re
from dataclasses import FrozenInstanceError, replace

import pytest

from pipeline.choices.asked import Outcome
from pipeline.errors import StudyError, UsageError
from pipeline.schema import TABLES
from pipeline.start import start_study, study_toml, template_header
from pipeline.study import Study, main_outcome, tracks_are_primary
from pipeline.study_toml.file import load_study

LENT = '[[borrowing]]\noutcome = "phq9_day90"\narm = "iop"\nreference = "inpatient"\n'


def study(tmp_path, text):
    (tmp_path / "study.toml").write_text(text)
    return load_study(tmp_path)


def test_an_empty_study_is_all_defaults_and_takes_its_folders_name(tmp_path):
    found = study(tmp_path, "")
    assert found.name == tmp_path.name
    assert found.as_json() == Study(folder=tmp_path).as_json()
    with pytest.raises(FrozenInstanceError):
        found.folder = tmp_path


def test_what_is_borrowed_is_read_with_a_weight_of_a_half(tmp_path):
    [one] = study(tmp_path, LENT + 'estimate = 1.2\nse = 0.4\nsource = "Another program (2024)"\n').borrowing
    assert (one.estimate, one.se, one.weight, one.source) == (1.2, 0.4, 0.5, "Another program (2024)")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[stduy]\n", 'did you mean "study"'),
        ("[gate]\nmin_es = 3\n", 'did you mean "min_ess"'),
        ("[gate]\ndelta_points = [1.0, 2.0]\n", "delta_points is no longer read: it is replaced by delta_alike"),
        ('[gate]\nmin_ess = "many"\n', "must be a number, not text"),
        ("[gate]\nmin_sites = true\n", "must be a whole number, not true or false"),
        ("[[outcomes]]\nname = 3\n", "must be text"),
        ('[[borrowing]]\noutcome = "phq9_day90"\narm = "iop"\n', "must name a comparison of this study"),
        (LENT + "estimate = 1.0\nse = 0.0\n", "se must be above 0"),
        (LENT + "estimate = 1.0\nse = 0.4\nweight = 1.0\n", "weight between 0 and 1"),
        (LENT + "estimate = 1.0\nse = 0.4\n", "source must say who found it"),
        ('[study]\nregime = "open"\n', "regime must be one of"),
        ('[arms]\na = ["OP"]\n', "at least two arms"),
        ('[arms]\na = ["OP"]\nb = ["OP"]\n', "OP is in both a and b"),
        ('[arms]\na = ["OPP"]\nb = ["OP"]\n', "unknown level"),
        ('[comparison]\ncontrasts = [["iop", "home"]]\n', "two different ones of"),
        ('[comparison]\ncontrasts = [["iop"]]\n', "two different ones of"),
        ('[comparison]\nprimary = ["iop", "inpatient", "sleep"]\n', "one of the outcomes"),
        ('[comparison]\nprimary = ["trauma", "general", "phq9_day90"]\n', "an outcome by the PCL5"),
        ('[comparison]\nprimary = ["trauma", "general"]\n', "an outcome by the PCL5"),
        ('[comparison]\ntarget = "treated:nobody"\n', "target must be"),
        ("[[outcomes]]\nwindow = [60]\n", "window"),
        ("[[outcomes]]\nwindow = [100, 120]\n", "must hold day 90"),
        ("[[outcomes]]\nmargin = 1.5\ncomparator_effect = 2.0\n", "at most half"),
        ("[[outcomes]]\nmargin = 1.0\n", "at most half"),
        ("[disclosure]\nthreshold = 1\n", "at least 2"),
        ("[episodes]\ngap_days = { HOME = 3 }\n", "unknown level"),
        ("[study\n", "not valid TOML"),
        ("[schedule]\nday = 50\n", "multiples of every_days"),
        ("[schedule]\nday = 98\n", "later than day"),
        ("[schedule]\nevery_days = 0\n", "multiples of every_days"),
        ("[durability]\nday = 300\n", "must hold day 300"),
        ("[retention]\ndays = []\n", "one or more different days"),
        ("[retention]\ndays = [30, 30]\n", "one or more different days"),
        ('[confounders]\nmore = ["payor"]\n', 'did you mean "payer"'),
        ('[confounders]\nmore = ["followup_score"]\n', "unknown confounder"),
        ("[arms]\nday = []\niop = ['IOP']\n", "[arms] day holds no level"),
        ("[arms]\niop = ['IOP']\n\"Day <program>\" = ['PHP']\n", "[arms], name 2 of 2 (13 characters)"),
        ('[[outcomes]]\n[[outcomes]]\nname = "phq 9"\n', "[[outcomes]], block 2 of 2"),
        (
            '[comparison]\ncontrasts = [["iop", "inpatient"], ["inpatient", "iop"]]\n',
            "inpatient and iop are compared twice; keep one of them",
        ),
        ('[[outcomes]]\nname = "gad"\ninstrument = "GAD77"\n', "no such instrument; did you mean GAD7?"),
        ('[[outcomes]]\nname = "use"\ninstrument = "BAM_R"\n', "no total with a direction"),
        ('[[outcomes]]\nname = "risk"\ninstrument = "CSSRS"\n', "no score that may be averaged"),
        ('[[outcomes]]\nname = "dropped_out_early"\n', "are taken"),
        (
            '[retention]\ndays = [30, 60]\n[comparison]\nprimary = ["iop", "inpatient", "retained_day90"]\n',
            "retained_day60",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_the_place_and_a_way_out(tmp_path, text, said):
    with pytest.raises(StudyError, match=re.escape(said)):
        study(tmp_path, text)


def test_the_trauma_track_may_be_the_primary_contrast_of_a_study_that_follows_the_pcl5(tmp_path):
    declared = (
        '[comparison]\nprimary = ["trauma", "general", "pcl5_day90"]\n[[outcomes]]\nname = "pcl5_day90"\ninstrument ='
        ' "PCL5"\n'
    )
    assert tracks_are_primary(study(tmp_path, declared))
    assert not tracks_are_primary(Study(tmp_path))


TWO_SCALES = """
[comparison]
primary = ["iop", "inpatient", "{primary}"]
[[outcomes]]
name = "gad7_day90"
instrument = "GAD7"
[[outcomes]]
name = "phq9_day90"
"""


@pytest.mark.parametrize(
    ("primary", "main"), [("phq9_day90", "phq9_day90"), ("gad7_day90", "gad7_day90"), ("retained_day90", "gad7_day90")]
)
def test_questions_are_about_the_score_of_the_primary_contrast_wherever_it_stands_in_the_file(tmp_path, primary, main):
    assert main_outcome(study(tmp_path, TWO_SCALES.format(primary=primary))).name == main


def test_a_primary_contrast_of_tracks_leaves_the_other_questions_their_first_score(tmp_path):
    declared = (
        '[comparison]\nprimary = ["trauma", "general", "pcl5_day90"]\n[[outcomes]]\nname = "phq9_day90"\n[[outcomes]]\n'
        'name = "pcl5_day90"\ninstrument = "PCL5"\n'
    )
    assert main_outcome(study(tmp_path, declared)).name == "phq9_day90"


def test_a_study_without_a_score_has_no_main_one(tmp_path):
    assert main_outcome(replace(Study(tmp_path), outcomes=())) is None


def test_a_partial_map_keeps_the_other_defaults(tmp_path):
    found = study(tmp_path, "[episodes]\ngap_days = { IOP = 14 }\n")
    assert found.episodes.gap_days["IOP"] == 14
    assert found.episodes.gap_days["OP"] == 60


def test_raw_may_name_an_environment_variable_and_says_so_where_it_is_not_set(tmp_path, monkeypatch):
    found = study(tmp_path, '[study]\nraw = "$CARELEVELS_TEST_RAW/files"\n')
    monkeypatch.delenv("CARELEVELS_TEST_RAW", raising=False)
    with pytest.raises(StudyError, match="not set"):
        _ = found.raw_folder
    monkeypatch.setenv("CARELEVELS_TEST_RAW", str(tmp_path))
    assert found.raw_folder == tmp_path / "files"


def test_a_folder_without_a_study_says_how_to_make_one(tmp_path):
    with pytest.raises(StudyError, match="carelevels init"):
        load_study(tmp_path)


def test_a_study_toml_that_cannot_be_read_as_one_is_told_with_a_way_that_works(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(StudyError, match=r"holds no study\.toml; an empty file of that name will do"):
        load_study(tmp_path)
    (tmp_path / "study.toml").mkdir()
    with pytest.raises(StudyError, match=r"study\.toml is a folder; move it away; an empty file"):
        load_study(tmp_path)
    (tmp_path / "mine" / "raw").mkdir(parents=True)
    (tmp_path / "mine" / "study.toml").write_text("")
    with pytest.raises(StudyError, match=r"raw lies in a study and is none itself; name the study: .*mine$"):
        load_study(tmp_path / "mine" / "raw")
    file = tmp_path / "study"
    file.write_text("")
    with pytest.raises(StudyError, match="is a file; name the study's folder"):
        load_study(file)


def test_init_writes_every_default_with_its_reason_and_reads_back_as_the_defaults(tmp_path):
    folder = tmp_path / "mine"
    start_study(folder)
    made = json.loads(load_study(folder).as_json())
    defaults = json.loads(Study(folder=folder).as_json())
    made["study"]["name"] = ""
    defaults["outcomes"][0] |= {"margin": 1.0, "comparator_effect": 2.0}
    assert made == defaults
    assert all(
        "#" in line
        for line in study_toml("x").splitlines()
        if line.startswith(("gap_days", "washout", "max_smd", "threshold"))
    )


def test_init_writes_one_template_per_table_with_every_required_column(tmp_path):
    folder = tmp_path / "mine"
    start_study(folder)
    for table in TABLES.values():
        header = (folder / "raw" / f"{table.name}.csv").read_text().strip()
        assert header == template_header(table)
        for column in table.columns:
            assert column.need != "required" or set(column.spellings) & set(header.split(","))


def test_init_goes_around_files_that_lie_in_raw_already_and_writes_no_template_beside_them(tmp_path):
    raw = tmp_path / "mine/raw"
    raw.mkdir(parents=True)
    (raw / "Roster.csv").write_text("Client ID\np1\n")
    said = "\n".join(start_study(tmp_path / "mine"))
    assert [path.name for path in raw.iterdir()] == ["Roster.csv"]
    assert "holds 1 file, which stays as it is" in said
    assert (tmp_path / "mine/study.toml").is_file()


def test_init_names_the_next_commands_in_the_order_that_keeps_a_study_honest(tmp_path):
    said = start_study(tmp_path / "mine")
    assert re.findall(r"^  carelevels (\w+)", "\n".join(said), re.M) == ["map", "check", "freeze", "run"]


def test_a_folder_of_raw_files_alone_is_told_to_begin_where_it_stands(tmp_path):
    (tmp_path / "raw").mkdir()
    with pytest.raises(StudyError, match=f"make one with: carelevels init {re.escape(str(tmp_path))}$"):
        load_study(tmp_path)


def test_init_never_writes_into_a_folder_that_holds_something(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        start_study(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("margin", "effect", "usable", "preserved"),
    [(1.0, 2.0, 1.0, 0.5), (1.0, 4.0, 1.0, 0.75), (0.0, 2.0, None, 1.0), (1.0, 0.0, None, 0.0), (0.0, 0.0, None, 0.0)],
)
def test_a_margin_can_be_used_only_beside_what_the_comparator_does(margin, effect, usable, preserved):
    outcome = Outcome(margin=margin, comparator_effect=effect)
    assert (outcome.usable_margin, outcome.preserved) == (usable, preserved)
