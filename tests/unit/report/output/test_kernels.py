"""What runs notebooks: ours share a process and nothing else, and end with the last page."""

import nbformat
import pytest

from pipeline.report.output.kernels import HERE, RUNNING, end_kernels, execute

SEEN = "import os\nprint(os.getpid(), os.environ['TOLD'], 'left' in globals())\nleft = True"


@pytest.fixture
def ended():
    yield
    end_kernels()
    del HERE.kernel


def ran(told, *, shares):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SEEN)])
    execute(notebook, "page.ipynb", {"TOLD": told}, shares=shares)
    [cell] = notebook.cells
    return cell.outputs[0].text.split()


def test_notebooks_of_ours_share_a_process_and_nothing_that_one_of_them_leaves_and_a_study_s_own_runs_alone(ended):
    first, own, second = ran("1", shares=True), ran("2", shares=False), ran("3", shares=True)
    assert [first[1:], own[1:], second[1:]] == [["1", "False"], ["2", "False"], ["3", "False"]]
    assert second[0] == first[0] != own[0]
    assert len(RUNNING) == 1
