"""An adversary inverts every figure of the released tables of large and small studies, and finds no count that is not
shown."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.report.disclosure.derived import conceal
from pipeline.report.disclosure.gate import Tables, release
from pipeline.results import COUNTS, RESULT_TABLES
from pipeline.store import RESULTS, read_rows, reading
from pipeline.study_file import load_study
from pipeline.synthetic.run import synthesize
from tests.failures.attacks import ATTACKS, by_degrees_of_freedom, by_limits, uncounted

ROOT = Path(__file__).parents[2]
PEOPLE = (200, 400)  # the smallest study that can be made, and one whose levels are mostly small


@pytest.fixture(scope="module", params=PEOPLE)
def study(request, tmp_path_factory):
    """A small study, analyzed."""
    folder = tmp_path_factory.mktemp(f"people{request.param}") / "small"
    synthesize(folder, patients=request.param, seed=request.param)
    for stage in ("ingest", "build", "analyze"):
        subprocess.run(
            [sys.executable, "-m", "pipeline", stage, str(folder)], cwd=ROOT, capture_output=True, check=False
        )
    return load_study(folder)


@pytest.fixture(scope="module")
def stored(study):
    with reading(study, RESULTS) as con:
        return Tables(**{name: read_rows(con, name, kind) for name, kind in RESULT_TABLES.items()})


@pytest.fixture(scope="module")
def released(study, stored):
    return release(stored, study.disclosure)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_no_attack_finds_a_count_that_is_not_shown(attack, stored, released):
    assert list(attack(stored, released)) == []


def test_enough_is_hidden_for_the_attacks_to_look_for_and_enough_is_shown_to_be_read(stored, released):
    assert len(list(uncounted(stored, released))) > 10
    told = [row for row in stored.results if row.estimate is not None]
    shown = [row for row in released.results if isinstance(row.estimate, float)]
    assert len(shown) > 0.35 * len(told)


def test_the_attacks_find_what_a_gate_that_hides_counts_alone_gives_away(stored, released):
    """As it was: the head count is hidden, and degrees of freedom and limits stand beside it to the last digit."""
    hidden = {row.result_id for row, _, _ in uncounted(stored, released)}
    careless = tuple(conceal(row, COUNTS) if row.result_id in hidden else row for row in stored.results)
    leaky = replace(released, results=careless)
    assert len(list(by_degrees_of_freedom(stored, leaky))) > 10
    assert len(list(by_limits(stored, leaky))) > 5
