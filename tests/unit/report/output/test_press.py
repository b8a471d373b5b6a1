"""The process that makes our own pages without a kernel: each from a clean slate, and a kernel where one is needed."""

import json
import os

import pytest

from pipeline.errors import PageError
from pipeline.report.fragment import Fragment
from pipeline.report.output import plain, press
from pipeline.report.output.notebook import run_notebook
from pipeline.report.output.notebooks import shipped_notebooks
from pipeline.report.output.pages import PAGES
from pipeline.report.released import HANDED, hand_over

SEEN = (
    "from pipeline.report.fragment import Fragment\n"
    "import os, sys\n"
    'seen = f\'{os.getppid()} {os.getpid()} {os.environ.get("TOLD")} {hasattr(sys, "left")}\'\n'
    "sys.left = True\n"
    "Fragment(seen)"
)


def written(folder, *cells, name="page"):
    """A notebook of these code cells, the first of which holds the parameters."""
    made = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        for source in ("who = 'x'", *cells)
    ]
    made[0]["metadata"] = {"tags": ["parameters"]}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps({"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 4}))
    return path


@pytest.fixture(scope="module")
def making():
    with press.Press() as made:
        yield made


def of(making, path, **told):
    [piece] = making.shown(path, {}, {HANDED: "", **told}).parts["main"]
    return piece.split()


def test_pages_come_from_processes_of_their_own_that_know_nothing_of_each_other(making, tmp_path):
    path = written(tmp_path, SEEN)
    first, second = of(making, path, TOLD="1"), of(making, path, TOLD="2")
    assert first[0] == second[0] == str(making.process.pid) != str(os.getpid())
    assert first[1] != second[1]
    assert [first[2:], second[2:]] == [["1", "False"], ["2", "False"]]


@pytest.mark.parametrize("page", [spec.name for spec in PAGES])
def test_every_page_that_comes_with_carelevels_is_made_without_a_kernel(page, making, example, released, tmp_path):
    hand_over(released, tmp_path / "released")
    notebook = shipped_notebooks() / f"{page}.ipynb"
    found = making.shown(notebook, {"study": str(example)}, {HANDED: str(tmp_path / "released")})
    assert found.left_out == ()
    assert all(found.parts[part] for part in ("header", "main", "footer"))


@pytest.mark.parametrize(
    "cell",
    [
        "print('a line')",
        "'a word'",
        "%time 1",
        "raise ValueError('no such column')",
        "exit()",
        "from pipeline.report.fragment import Fragment\nFragment('x');",
        "import warnings\nwarnings.warn('look')",
        "from matplotlib import pyplot",
        "display(1)",
        "await nothing()",
    ],
)
def test_what_only_a_kernel_shows_or_says_is_left_to_one(cell, making, tmp_path):
    assert making.shown(written(tmp_path, cell), {}, {HANDED: ""}) is None


def test_a_wrong_parameter_is_told_as_it_is_by_a_kernel(making, tmp_path):
    with pytest.raises(PageError, match=r'page\.ipynb has no parameter "whom"; it has: who'):
        run_notebook(written(tmp_path), {"whom": "y"}, "Page", press=making)


def test_a_page_whose_process_ends_is_an_error_that_names_its_notebook(making, tmp_path):
    path = written(tmp_path, "import os\nos.abort()", name="ends")
    with pytest.raises(PageError, match=r"ends\.ipynb: its process stopped before the page was done"):
        making.shown(path, {}, {HANDED: ""})
    assert of(making, written(tmp_path, SEEN))  # the others are made


def test_a_cell_that_takes_too_long_ends_its_process(monkeypatch, tmp_path):
    allowed = []
    monkeypatch.setattr(plain.signal, "alarm", allowed.append)
    made = plain.shown_plainly(written(tmp_path, "from pipeline.report.fragment import Fragment\nFragment('x')"), {}, 7)
    assert made.parts["main"] == ["x"]
    assert allowed == [7, 7, 0]


def test_a_press_that_is_gone_leaves_its_pages_to_kernels(tmp_path):
    with press.Press() as gone:
        gone.stop()
        gone.process.wait()
        assert gone.shown(written(tmp_path, SEEN), {}, {HANDED: ""}) is None


def test_a_cell_shows_fragments_in_the_order_they_came():
    cell = plain.Cell("code", "display(a, b)\nc", {})
    plain.run_cell(cell, {name: Fragment(name) for name in "abc"})
    assert [list(output.data.values()) for output in cell.outputs] == [["a"], ["b"], ["c"]]
