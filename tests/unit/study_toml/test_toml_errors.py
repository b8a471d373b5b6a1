"""A slip of typing in study.toml or mapping.toml is told by its line and in plain words."""

import tomllib

import pytest

from pipeline.errors import StudyError
from pipeline.ingest.mapping.reading import read_mapping
from pipeline.study_toml.file import load_study
from pipeline.study_toml.toml_errors import typing_error

SLIPS = {
    "a quote that is not closed": ('a = "x\nb = "y"\n', "line 1: a closing quote is missing"),
    "a single quote that is not closed": ("b = 1\na = 'x\n", "a single quote is opened and never closed"),
    "a quote of a key that is not closed": ('"No Show = "x"\n', "line 1: a closing quote is missing"),
    "a key of two words": ('a = 1\nNo Show = "x"\n', "line 2: words with blanks or signs stand in quotes"),
    "a key in another alphabet": ('é = "x"\n', "line 1: words with blanks or signs stand in quotes"),
    "a line that is no pair": ("Kept\n", "line 1: a line is key = value"),
    "text without quotes": ("Kept = Attended\n", "line 1: text stands in straight quotes"),
    "quotes of a word processor": ("a = “x”\n", "line 1: these quotes are curled"),
    "nothing behind the sign": ("a =   # what?\n", "line 1: nothing stands behind the ="),
    "a capital True": ("a = True\n", "line 1: true and false are written in small letters"),
    "two texts without a list": ('a = "x" "y"\n', "line 1: more stands behind the value"),
    "a decimal comma": ("a = 1,5\n", "line 1: more stands behind the value"),
    "a brace that is not closed": ('a = { b = "c" \n d = 1\n', "line 1: a comma between two parts, or the closing }"),
    "a list that is not closed": ('a = ["x"\nb = "c"\n', "line 2: a comma between two parts of a list"),
    "a section that is not closed": ("[a\nb = 1\n", "line 1: the closing ] of the section's name is missing"),
    "a backslash": ('a = "C:\\q"\n', "line 1: a backslash is typed twice"),
    "a key that comes twice": ('a = "x"\na = "y"\n', "line 2: this key stands twice"),
    "a section that comes twice": ("[s]\na = 1\n[s]\nb = 2\n", "line 3: this section stands twice"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_of_typing_is_told_in_plain_words(slip):
    text, said = SLIPS[slip]
    with pytest.raises(tomllib.TOMLDecodeError) as fault:
        tomllib.loads(text)
    assert typing_error(str(fault.value), text).startswith(said)


def test_both_files_of_a_study_tell_it_so(tmp_path):
    for name, read in (("study.toml", lambda path: load_study(path.parent)), ("mapping.toml", read_mapping)):
        (tmp_path / name).write_text('missing = "NA\n')
        with pytest.raises(StudyError, match=rf"{name} is not valid TOML: line 1: a closing quote is missing"):
            read(tmp_path / name)
