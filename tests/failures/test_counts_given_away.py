"""An adversary inverts every figure of the released tables of a small study, and finds no count that is not shown."""

import csv
import io
import json
from dataclasses import replace

import pytest
from python_calamine import CalamineWorkbook

from pipeline.report.disclosure.derived import conceal
from pipeline.report.output.dashboard import data_of
from pipeline.report.output.explain import as_told
from pipeline.report.output.export import WRITERS, as_csv, records, write_tables
from pipeline.report.released import released as released_of
from pipeline.results import COUNTS
from tests.failures.attacks.all import ATTACKS, analyzed
from tests.failures.attacks.figures import by_degrees_of_freedom, by_limits
from tests.failures.attacks.files import read_back
from tests.failures.attacks.known import uncounted
from tests.failures.attacks.tables import by_flows

PEOPLE, SEED = 220, 9102  # mostly small levels; this draw gave away two counts (python -m tests.failures.attacks: more)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small study and its tables as stored."""
    return analyzed(tmp_path_factory.mktemp("attacked") / "small", PEOPLE, SEED)


@pytest.fixture(scope="module")
def study(built):
    return built[0]


@pytest.fixture(scope="module")
def stored(built):
    return built[1]


@pytest.fixture(scope="module")
def published(study):
    return released_of(study)


@pytest.fixture(scope="module")
def released(published):
    return published.tables


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_no_attack_finds_a_count_that_is_not_shown(attack, stored, released):
    assert list(attack(stored, released)) == []


def test_the_files_hold_what_passed_the_gate_and_nothing_else(published, released, tmp_path):
    """So that every attack on the tables is one on the files, number by number."""
    write_tables(published, tmp_path)
    read = read_back(tmp_path)
    assert [*read.results] == [as_told(published, row) for row in released.results]
    assert (read.curves, read.diagnostics) == (released.curves, released.diagnostics)
    assert (read.attrition, read.points) == (released.attrition, released.points)
    sheet = records(released.points, "points", published)
    book = CalamineWorkbook.from_filelike(io.BytesIO(WRITERS[".xlsx"](sheet))).get_sheet_by_index(0).to_python()
    assert [*map(numbers_of, book)] == [*map(numbers_of, csv.reader(as_csv(sheet).splitlines()))]


def numbers_of(row):
    """The cells of a row, those that can be read as numbers as such."""
    return [float(cell) if str(cell).replace(".", "").isdigit() else cell for cell in row]


def test_the_dashboard_holds_no_number_that_the_tables_do_not(published, released):
    """Every share, limit and count of it, to the last digit."""
    told = {f"{value:.4g}" for row in released.results for value in cells_of_row(row)}
    cells = json.loads(data_of(published).partition(">")[2].rpartition("<")[0])["cells"]
    assert {f"{value:.4g}" for cell in cells for value in cell[5:10] if value is not None} <= told


def cells_of_row(row):
    names = ("estimate", "low", "high", "numerator", "denominator")
    return [value for name in names if isinstance(value := getattr(row, name), int | float)]


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


def test_the_attack_on_flows_finds_what_a_gate_that_hides_none_of_their_steps_gives_away(stored, released):
    assert len(list(by_flows(stored, replace(released, attrition=stored.attrition)))) > 5
