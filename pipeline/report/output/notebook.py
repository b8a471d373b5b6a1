"""Runs one notebook in a kernel of its own and turns its outputs into one self-contained page."""

import ast
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import PageError
from pipeline.report.drawing.canvas import FIGURES
from pipeline.report.output.frame import framed
from pipeline.report.output.shown import Shown, shown
from pipeline.report.released import HANDED, PUBLISHING

TEMPLATES = Path(__file__).parents[1] / "template"
ROOT = Path(__file__).parents[3]
PARAMETERS = "parameters"
PATIENCE = 120  # seconds for one cell
RUNNING: set[Any] = set()  # the managers of the kernels that run now


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page: its name, title and content, and what its notebook shows that no page can carry."""

    name: str
    title: str
    content: str
    left_out: tuple[str, ...] = ()


def run_notebook(
    path: Path,
    parameters: Mapping[str, Any],
    title: str,
    bar: str = "",
    figures: Path | None = None,
    handed: Path | None = None,
) -> Page:
    """The page of a notebook; bar: what stands above every page; figures: a folder that gets each figure as files;
    handed: the file with what has passed the gate, which the notebook otherwise puts through it again.

    Raises PageError for an unknown or mistyped parameter, a notebook without a cell tagged `parameters`, or a cell that
    fails.
    """
    import nbformat

    try:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as fault:
        raise PageError(f"{path} cannot be read as a notebook: {fault}") from None
    set_parameters(notebook, parameters, path.name)
    execute(notebook, path.name, f"{figures}{os.sep}{path.stem}-" if figures else "", str(handed or ""))
    found = shown(notebook, path.name)
    return Page(path.stem, title, as_page(notebook, title, found, bar), found.left_out)


def set_parameters(notebook: Any, parameters: Mapping[str, Any], name: str) -> None:
    """Replaces the cell tagged `parameters`: the same names, the given values, each of the type it had."""
    tagged = [cell for cell in notebook.cells if PARAMETERS in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise PageError(f'{name} needs exactly one cell tagged "{PARAMETERS}", and has {len(tagged)}')
    declared = declared_parameters(tagged[0].source, name)
    for key, value in parameters.items():
        if key not in declared:
            raise PageError(f'{name} has no parameter "{key}"; it has: {", ".join(declared)}')
        if type(value) is not type(declared[key]):
            raise PageError(
                f'{name}: parameter "{key}" must be {type(declared[key]).__name__}, not {type(value).__name__}'
            )
    tagged[0].source = "\n".join(f"{key} = {value!r}" for key, value in (declared | dict(parameters)).items())


def declared_parameters(source: str, name: str) -> dict[str, Any]:
    """Names and default values of a parameters cell: plain assignments of literals, nothing else."""
    found = {}
    for line in ast.parse(source).body:
        if not isinstance(line, ast.Assign) or len(line.targets) != 1 or not isinstance(line.targets[0], ast.Name):
            raise PageError(f'{name}: the cell tagged "{PARAMETERS}" may only hold lines like name = value')
        try:
            found[line.targets[0].id] = ast.literal_eval(line.value)
        except ValueError:
            raise PageError(
                f'{name}: parameter "{line.targets[0].id}" must have a plain value as its default'
            ) from None
    return found


def execute(notebook: Any, name: str, figures: str = "", handed: str = "") -> None:
    """Runs every cell in a fresh kernel, which keeps no history and writes nothing; PageError with the kernel's own
    last line."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    with tempfile.TemporaryDirectory() as scratch:
        quiet = [
            "--HistoryManager.enabled=False",
            "--InlineBackend.figure_formats=retina",
        ]  # figures stay sharp on paper
        client = NotebookClient(
            notebook, timeout=PATIENCE, startup_timeout=PATIENCE, record_timing=False, extra_arguments=quiet
        )
        manager = client.create_kernel_manager()
        manager.transport, manager.ip = (
            "ipc",
            f"{scratch}/kernel",
        )  # no port is opened: nobody else on this machine can listen
        kernel = manager.kernel_spec
        if kernel is None:
            raise PageError(f"{name} names no kernel to run in; give it the kernel python3 and run it again")
        kernel.argv[0] = sys.executable  # this very Python, whatever the kernel's own file says
        environment = os.environ | {
            "IPYTHONDIR": scratch,
            "PYTHONPATH": str(ROOT),
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            PUBLISHING: "1",
            FIGURES: figures,
            HANDED: handed,
        }
        RUNNING.add(manager)
        try:
            client.execute(env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except CellExecutionError as fault:
            raise PageError(f"{name}: a cell failed with {fault.ename}: {fault.evalue}") from None
        except (CellTimeoutError, DeadKernelError, RuntimeError) as fault:
            raise PageError(
                f"{name}: its kernel did not start or stopped before the page was done ({fault}); run it again when"
                " this machine is less busy, and take figures out of the notebook if it stops again"
            ) from None
        finally:
            RUNNING.discard(manager)


def stop_kernels() -> None:
    """Ends the kernels that run, so that a stop need not wait for the pages that they make."""
    for manager in list(RUNNING):
        if manager.provisioner and manager.provisioner.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(manager.provisioner.pid, signal.SIGKILL)


def as_page(notebook: Any, title: str, found: Shown, bar: str = "") -> str:
    """The page: our own template around what the cells show."""
    from nbconvert.exporters.templateexporter import TemplateExporter

    exporter = TemplateExporter(  # type: ignore[no-untyped-call]
        template_name="page", extra_template_basedirs=[str(TEMPLATES)], template_file="index.html.j2"
    )
    page = {"title": title, "parts": framed(found.parts, bar)}
    body, _ = exporter.from_notebook_node(notebook, resources={"page": page})
    return body
