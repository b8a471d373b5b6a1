"""Kernels: each runs one notebook and ends with it."""

import nbformat

from pipeline.report.output.kernels import RUNNING, execute


def test_a_notebook_has_a_process_of_its_own_that_is_told_what_it_needs_and_ends_with_it():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import os\nprint(os.environ['TOLD'])")])
    execute(notebook, "page.ipynb", {"TOLD": "1"})
    [cell] = notebook.cells
    assert cell.outputs[0].text == "1\n"
    assert not RUNNING
