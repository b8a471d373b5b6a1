"""The committed table of the simulation: whole, made by the estimators as they are now, and every miss a stated
limit."""

import csv
import importlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.analysis.gate import LINES
from pipeline.stats.robustness.noninferiority import required_n
from tests.simulation import contrast_study, endings_study, imputed_study
from tests.simulation.grid import FEWER, SPREAD, grid
from tests.simulation.limits import LIMITS, NOT_RUN
from tests.simulation.table import STATS, meets, read_rows
from tests.simulation.tally import LEAST_COVERAGE, MARGIN, MOST_BIAS, coverage_at_least, first_answer

ROWS = read_rows()
CELLS = {cell.name: cell for cell in grid()}
WRITTEN = 2e-5  # six digits are written, and iterations stop at 1e-8
SHOWN_OFTEN = 200  # answers let through by the gate from which their coverage is judged by itself
CERTAIN = 3  # Monte-Carlo standard errors
CLOSED = 0.001  # share of a closed cell's studies that the gate may let through
PLANNED = 0.06  # how far power may fall short of the plan, which takes everybody for a whole effective person


def test_every_cell_of_the_grid_has_its_rows_or_is_named_as_not_run():
    found = [(row.cell, row.estimator) for row in ROWS]
    assert len(found) == len(set(found))
    assert set(found) == {
        (cell.name, name) for cell in CELLS.values() for name in cell.estimators if cell.name not in NOT_RUN
    }
    assert set(NOT_RUN) <= set(CELLS)


def test_every_row_says_how_it_was_made():
    for row in ROWS:
        assert row.replicates >= FEWER
        assert row.seed == CELLS[row.cell].seed
        assert row.date
        assert row.versions.startswith("python 3")
        assert len(row.code) == 12


def test_passes_is_what_the_three_lines_say():
    assert [row.passes for row in ROWS] == [meets(row) for row in ROWS]


def test_every_miss_is_a_stated_limit_and_no_limit_is_without_a_miss():
    missed = {(row.cell, row.estimator) for row in ROWS if not row.passes}
    stated = {(limit.cell, name) for limit in LIMITS for name in limit.estimators or CELLS[limit.cell].estimators}
    assert missed == {(cell, name) for cell, name in stated if cell not in NOT_RUN}


def module_of(name):
    """The module of `stats` with this name, in whichever room it stands."""
    [path] = STATS.rglob(f"{name}.py")
    return importlib.import_module(".".join(path.relative_to(STATS.parents[1]).with_suffix("").parts))


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.cell)
def test_a_limit_is_closed_by_the_gate_or_said_in_the_docstring(limit):
    assert bool(limit.gate) != bool(limit.said_by)
    if limit.gate:
        assert limit.gate in LINES
        assert all(
            row.gated * (row.replicates - row.refused) <= CLOSED * row.replicates
            for row in ROWS
            if row.cell == limit.cell
        )
    else:
        module, function = limit.said_by.split(".")
        assert limit.words in " ".join(getattr(module_of(module), function).__doc__.split())


@pytest.mark.parametrize("row", [row for row in ROWS if row.passes], ids=lambda row: f"{row.cell}: {row.estimator}")
def test_what_the_gate_lets_through_is_no_worse_than_the_rest(row):
    shown = row.gated * (row.replicates - row.refused)
    if shown >= SHOWN_OFTEN:
        assert row.coverage_gated >= coverage_at_least(LEAST_COVERAGE, shown)
        assert abs(row.bias_gated) <= (MOST_BIAS + CERTAIN / shown**0.5) * row.empirical_sd


def test_planned_samples_have_nearly_the_planned_power():
    planned = {2 * required_n(SPREAD, MARGIN, power=power): power for power in (0.8, 0.9)}
    for row in ROWS:
        if row.cell.startswith("power"):
            assert row.not_worse_1 >= planned[CELLS[row.cell].scenario.people] - PLANNED


@pytest.fixture
def no_truths(monkeypatch):
    """Truths are large draws of their own and play no part in what an estimator says."""
    for module in (contrast_study, imputed_study):
        monkeypatch.setattr(module, "truth", lambda scenario: 0.0)
    monkeypatch.setattr(contrast_study, "truth_at", lambda *given: 0.0)
    nothing = dict.fromkeys(("weighted_survival", "weighted_incidence", "weighted_rmst"), np.zeros(3))
    monkeypatch.setattr(endings_study, "true_curves", lambda scenario: nothing)


@pytest.mark.parametrize("name", [name for name in CELLS if name not in NOT_RUN])
def test_the_first_study_still_gives_the_answer_of_the_table(name, no_truths):
    cell = CELLS[name]
    again = first_answer(cell.asked(), cell.seed)
    for row in ROWS:
        if row.cell == name:
            found = again.get(row.estimator)
            given = (np.nan, np.nan) if found is None else (found.estimate, found.se)
            assert (row.first_estimate, row.first_se) == pytest.approx(given, rel=WRITTEN, abs=1e-9, nan_ok=True), (
                "simulate it again"
            )


def test_a_row_without_answers_or_with_too_much_error_does_not_pass():
    good = next(row for row in ROWS if row.passes)
    assert not meets(replace(good, refused=good.replicates))
    assert not meets(replace(good, coverage=0.92))
    assert not meets(replace(good, bias=0.2 * good.empirical_sd))
    assert not meets(replace(good, false=0.2))


def test_the_page_has_every_limit_in_its_words_and_every_reference_by_name():
    folder = Path(__file__).parent
    with open(folder / "limits.csv", encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == [{"cell": limit.cell, "why": limit.why} for limit in LIMITS]
    with open(folder / "references.csv", encoding="utf-8", newline="") as file:
        named = [row["reference"] for row in csv.DictReader(file)]
    assert named == sorted(path.stem for path in (folder.parent / "reference").glob("*.R"))
