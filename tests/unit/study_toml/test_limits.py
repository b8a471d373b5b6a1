"""What study.toml may call things, and how large its numbers and lists may be."""

import pytest

from pipeline.errors import StudyError
from pipeline.study_toml.file import load_study


def study(folder, text):
    (folder / "study.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    return load_study(folder)


@pytest.mark.parametrize("name", ["mine", "St. Mary's (2026)", "Ökologie-Klinik", "a", "2026Q3", "A, B & C"])
def test_a_study_may_be_called_as_people_call_things(tmp_path, name):
    assert study(tmp_path, f'[study]\nname = "{name}"\n').name == name


@pytest.mark.parametrize(
    "name",
    [
        "../escape",
        "/etc/x",
        "a/b",
        "a\\\\b",
        "..",
        ".",
        ".hidden",
        "a\\u0000b",
        "a\\nb",
        "x" * 65,
        " ",
        "~/x",
        "C:x",
        "nul",
        "a*",
    ],
)
def test_a_study_is_not_called_by_a_path(tmp_path, name):
    with pytest.raises(StudyError, match=r"\[study\]"):
        study(tmp_path, f'[study]\nname = "{name}"\n')


def test_a_folder_given_as_a_dot_lends_its_own_name(tmp_path, monkeypatch):
    (tmp_path / "study.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    assert load_study(".").name == tmp_path.name


REFUSED = {
    "an arm of dots": '[arms]\n"../x" = ["OP"]\niop = ["IOP"]\n',
    "an arm with a quote": '[arms]\n\'a"b\' = ["OP"]\niop = ["IOP"]\n',
    "an arm of a formula": '[arms]\n"=1+1" = ["OP"]\niop = ["IOP"]\n',
    "an arm without a name": '[arms]\n"" = ["OP"]\niop = ["IOP"]\n',
    "an outcome with blanks": '[[outcomes]]\nname = "phq9 at 90"\n',
    "an outcome of sql": '[[outcomes]]\nname = "x\'; DROP TABLE y"\n',
    "an instrument of a path": '[[outcomes]]\nname = "x"\ninstrument = "../PHQ9"\n',
    "a long title": f'[study]\ntitle = "{"x" * 201}"\n',
    "a title with a bell": '[study]\ntitle = "a\\u0007b"\n',
    "a negative seed": "[study]\nseed = -1\n",
    "a seed of 64 bits": "[study]\nseed = 9223372036854775808\n",
    "a seed far beyond": f"[study]\nseed = {10**40}\n",
    "a day far beyond": "[retention]\ndays = [30, 1000000000]\n",
    "a number of infinite size": "[gate]\nmax_smd = inf\n",
    "no number": "[gate]\nmin_ess = nan\n",
    "thousands of days": f"[retention]\ndays = [{', '.join(map(str, range(1, 200)))}]\n",
    "a schedule of thousands of marks": "[schedule]\nevery_days = 1\nday = 7\nlast_day = 5000\n",
    "a negative gap": "[episodes]\ngap_days = { OP = -1 }\n",
    "brackets in brackets": "x = " + "[" * 20000 + "]" * 20000,
    "a number of ten thousand digits": "[study]\nseed = " + "9" * 10_000,
    "other bytes": b"[study]\nname = '\xff\xfe'\n",
    "two megabytes": "# " + "x" * (2 << 20),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_name_and_no_number_of_use_is_refused_with_its_place(tmp_path, case):
    with pytest.raises(StudyError, match=r"study\.toml"):
        study(tmp_path, REFUSED[case])


def test_a_study_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    from pathlib import Path

    (tmp_path / "study.toml").write_text("")

    def broken(self, **ignored):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", broken)
    with pytest.raises(StudyError, match=r"cannot be read \(Permission denied\)"):
        load_study(tmp_path)
