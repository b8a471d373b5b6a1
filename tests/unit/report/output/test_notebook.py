"""Notebooks as sources of pages: parameters are checked, failures name
themselves."""

import ast
import json
from pathlib import Path

import nbformat
import pytest

from pipeline.errors import PageError
from pipeline.report.output.notebook import run_notebook
from pipeline.report.output.parameters import declared_parameters, set_parameters

NOTEBOOKS = sorted((Path(__file__).parents[4] / "notebooks").glob("*.ipynb"))

SEES = ("pipeline.report", "pipeline.ask", "pandas", "matplotlib")  # what is released, and how to show it


def notebook(*cells, tags=("parameters",)):
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    made.cells[0].metadata["tags"] = list(tags)
    return made


def test_given_values_replace_the_defaults_and_the_others_stay():
    made = notebook('study = "data/demo"\nyears = 2')
    set_parameters(made, {"study": "data/mine"}, "page.ipynb")
    assert made.cells[0].source == "study = 'data/mine'\nyears = 2"


def test_an_unknown_parameter_is_refused_and_the_known_ones_are_named():
    with pytest.raises(PageError, match=r'no parameter "studie"; it has: study'):
        set_parameters(notebook('study = "x"'), {"studie": "y"}, "page.ipynb")


def test_a_parameter_of_another_type_is_refused():
    with pytest.raises(PageError, match='"years" must be int, not str'):
        set_parameters(notebook("years = 2"), {"years": "2"}, "page.ipynb")


def test_a_notebook_without_a_parameters_cell_is_refused():
    with pytest.raises(PageError, match="exactly one cell"):
        set_parameters(notebook("study = 1", tags=()), {}, "page.ipynb")


@pytest.mark.parametrize("source", ["import os", "study = open('x')", "a, b = 1, 2"])
def test_a_parameters_cell_holds_plain_values_only(source):
    with pytest.raises(PageError):
        declared_parameters(source, "page.ipynb")


def test_a_failing_cell_is_a_page_error_with_its_own_words(tmp_path):
    nbformat.write(notebook("study = 'x'", "raise ValueError('no such column')"), tmp_path / "broken.ipynb")
    with pytest.raises(PageError, match=r"broken\.ipynb: a cell failed with ValueError: no such column"):
        run_notebook(tmp_path / "broken.ipynb", {}, "Broken")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_short_and_hold_no_outputs_no_functions_no_sql_and_no_statistics(path):
    content = json.loads(path.read_text())
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    assert len(content["cells"]) <= 15
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    for cell in code:
        tree = ast.parse("".join(cell["source"]))
        assert not [
            node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.Lambda, ast.For, ast.BinOp))
        ]
        imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)] + [
            name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
        ]
        assert all(name.startswith(SEES) for name in imported)
        assert "SELECT" not in "".join(cell["source"]).upper()
    assert sum("parameters" in cell["metadata"].get("tags", []) for cell in code) == 1


def test_there_are_notebooks():
    assert {path.stem for path in NOTEBOOKS} >= {"director", "data_quality"}
