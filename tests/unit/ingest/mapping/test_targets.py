"""Our words in mapping.toml: one that a column can never hold is refused where it stands, before any row is read."""

import pytest

from pipeline.errors import StudyError
from pipeline.ingest.mapping.reading import mapping_of
from pipeline.study_toml.file import load_study


def read(folder, text, study='[study]\nname = "t"\n'):
    (folder / "raw").mkdir(exist_ok=True)
    (folder / "study.toml").write_text(study)
    (folder / "mapping.toml").write_text(text)
    return mapping_of(load_study(folder))


LISTED = '[sessions."a.csv"]\nstatus = { column = "S", values = "status" }\n[values.status]\nKept = "WORD"\n'
REFUSED = {
    "a word of a named list": (LISTED.replace("WORD", "present"), r'line 4: status cannot be "present"; it is one of '),
    "a slip is told with the nearest": (LISTED.replace("WORD", "atended"), r'did you mean "attended"\?'),
    "a word within the line": (
        '[sessions."a.csv"]\nstatus = { column = "S", values = { Kept = "present" } }\n',
        r'line 2: status cannot be "present"',
    ),
    "a constant": ('[sessions."a.csv"]\nstatus = "=present"\n', r'line 2: status cannot be "present"'),
    "a default": (
        '[sessions."a.csv"]\nstatus = { column = "S", default = "present" }\n',
        r'line 2: status cannot be "present"',
    ),
    "a checked box": (
        '[discharges."a.csv"]\nending = { checked = { box1 = "finished" } }\n',
        r'line 2: ending cannot be "finished"',
    ),
    "yes or no": (
        '[patients."a.csv"]\nveteran = { column = "V", values = { X = "maybe" } }\n',
        r'veteran cannot be "maybe"; it is one of true, false',
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_word_that_a_column_can_never_hold_is_refused_where_it_stands(case, tmp_path):
    text, said = REFUSED[case]
    with pytest.raises(StudyError, match=said):
        read(tmp_path, text)


@pytest.mark.parametrize("word", ["attended", "No Show", "no-show", ""])
def test_our_words_may_be_spelled_as_cells_may(tmp_path, word):
    assert read(tmp_path, LISTED.replace("WORD", word)).blocks


def test_a_list_that_two_columns_share_may_hold_the_words_of_both(tmp_path):
    text = LISTED.replace("WORD", "attended").replace(
        "[values", '[discharges."b.csv"]\nending = { column = "E", values = "status" }\n[values'
    )
    assert read(tmp_path, text + 'Done = "completed"\n').blocks


def test_a_word_that_study_toml_translates_further_is_let_pass(tmp_path):
    study = '[study]\nname = "t"\n[codes.sessions.status]\npresent = "attended"\n'
    assert read(tmp_path, LISTED.replace("WORD", "present"), study).blocks
