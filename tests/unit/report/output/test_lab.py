"""`make lab`: JupyterLab starts a kernel in the notebook's own folder, and every page notebook runs there as it
stands."""

import os
import shutil
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from pipeline.report.fragment import Fragment
from pipeline.report.output.pages import PAGES

ROOT = Path(__file__).parents[4]


def test_the_notebooks_run_from_their_own_folder(example, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "demo").symlink_to(example)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook, *others = (nbformat.read(tmp_path / "notebooks" / f"{page.name}.ipynb", as_version=4) for page in PAGES)
    notebook.cells += [cell for other in others for cell in other.cells]  # one after the other in one kernel
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path / "notebooks")}})
    client.create_kernel_manager().kernel_spec.argv[0] = sys.executable
    client.execute(env=os.environ | {"PYTHONPATH": str(ROOT)})
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert len(outputs) >= 3 * len(PAGES)
    assert all('<div class="carelevels">' in output.data["text/html"] for output in outputs)


def test_a_fragment_brings_its_style_which_reaches_nothing_outside_it():
    made = Fragment("<p>x</p>")._repr_html_()
    assert made.startswith("<style>.carelevels {")
    assert made.endswith('<div class="carelevels"><p>x</p></div>')
    inner = made.removeprefix("<style>.carelevels {").split("</style>")[0]
    assert inner.count("{") + 1 == inner.count("}")
    assert "@page" not in inner
    assert ":root" not in inner
