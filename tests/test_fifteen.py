"""Every question of the fifteen has one answer or one refusal, whatever a study lacks."""

import collections
import csv
import re
import shutil

import duckdb
import pytest

from pipeline.__main__ import main
from pipeline.command.codes import QUARANTINED
from pipeline.questions import in_asking_order
from pipeline.results import NUMBERS
from pipeline.synthetic.output.run import synthesize

CLAIMED = [question.code for question in in_asking_order() if not question.like_for_like]
DECLARED = [question.code for question in in_asking_order() if question.like_for_like]


def only_people_and_episodes(folder):
    for file in (folder / "raw").glob("*.csv"):
        if file.name not in ("patients.csv", "episodes.csv"):
            file.unlink()


def no_scale(folder):
    told = (folder / "study.toml").read_text()
    told = re.sub(r"(?m)^primary = .*$", "primary = []", told[: told.index("[[outcomes]]")])
    (folder / "study.toml").write_text(f"outcomes = []\n{told}")


def nothing_compared(folder):
    told = (folder / "study.toml").read_text()
    told = re.sub(r"(?m)^primary = .*$", "primary = []", told)
    (folder / "study.toml").write_text(re.sub(r"(?m)^contrasts = .*$", "contrasts = []", told))


def other_arms(folder):
    told = (folder / "study.toml").read_text()
    told = re.sub(r"(?s)\[arms\].*?\n\n", '[arms]\nclinic = ["OP"]\nresidential = ["RES", "IP"]\n\n', told)
    told = re.sub(r"(?m)^primary = .*$", 'primary = ["clinic", "residential", "phq9_day90"]', told)
    (folder / "study.toml").write_text(re.sub(r"(?m)^contrasts = .*$", 'contrasts = [["clinic", "residential"]]', told))


def one_site(folder):
    rows = list(csv.DictReader((folder / "raw/programs.csv").open()))
    with (folder / "raw/programs.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"site": "s01"} for row in rows)


@pytest.fixture(scope="module")
def drawn_with_dates(tmp_path_factory):
    """A study that lacks nothing, drawn once."""
    folder = tmp_path_factory.mktemp("drawn") / "mine"
    synthesize(folder, patients=400)
    return folder


@pytest.mark.parametrize(
    ("lacking", "regime"),
    [
        (only_people_and_episodes, "limited-data-set"),
        (no_scale, "limited-data-set"),
        (nothing_compared, "limited-data-set"),
        (other_arms, "limited-data-set"),
        (one_site, "relative-days"),
    ],
)
def test_whatever_a_study_lacks_each_question_has_one_headline_that_is_a_number_or_says_why_not(
    tmp_path, drawn_with_dates, lacking, regime
):
    folder = tmp_path / "mine"
    if regime == "limited-data-set":
        shutil.copytree(drawn_with_dates, folder)
    else:
        synthesize(folder, patients=400, regime=regime)
    lacking(folder)
    for stage in ("ingest", "build", "analyze"):
        assert main([stage, str(folder)]) == QUARANTINED
    with duckdb.connect(str(folder / "results.duckdb"), read_only=True) as con:
        rows = con.execute(
            f"""SELECT question, analysis, arm, reference, gate, reason, {", ".join(NUMBERS)} FROM results
                               WHERE analysis = 'claim' OR (analysis = 'like_for_like' AND measure LIKE '%difference')"""
        ).fetchall()
    counted = collections.Counter(row[0] for row in rows if row[1] == "claim")
    assert counted == dict.fromkeys(CLAIMED, 1)
    assert {row[0] for row in rows if row[1] == "like_for_like"} == set(DECLARED)
    for question, _, _, _, gate, reason, *numbers in rows:
        assert gate in ("passed", "withheld"), question
        assert bool(reason) == (gate == "withheld"), question
        assert any(number is not None for number in numbers) == (gate == "passed"), question
