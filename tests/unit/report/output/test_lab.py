"""`make lab`: JupyterLab starts a kernel in the notebook's own folder, and every page notebook runs there as it
stands."""

import os
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from pipeline.report.fragment import Fragment
from pipeline.report.output.pages import PAGES

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("page", [spec.name for spec in PAGES])
def test_a_notebook_runs_from_its_own_folder(page, example, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "demo").symlink_to(example)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(tmp_path / "notebooks" / f"{page}.ipynb", as_version=4)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path / "notebooks")}})
    client.create_kernel_manager().kernel_spec.argv[0] = sys.executable
    client.execute(env=os.environ | {"PYTHONPATH": str(ROOT)})
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert len(outputs) >= 3
    assert all('<div class="carelevels">' in output.data["text/html"] for output in outputs)


def test_a_fragment_brings_its_style_which_reaches_nothing_outside_it():
    made = Fragment("<p>x</p>")._repr_html_()
    assert made.startswith("<style>.carelevels {")
    assert made.endswith('<div class="carelevels"><p>x</p></div>')
    inner = made.removeprefix("<style>.carelevels {").split("</style>")[0]
    assert inner.count("{") + 1 == inner.count("}")
    assert "@page" not in inner
    assert ":root" not in inner
