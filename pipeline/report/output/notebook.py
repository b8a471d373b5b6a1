"""Runs one notebook in a kernel and turns its outputs into one self-contained page."""

import ast
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import PageError
from pipeline.report.drawing.canvas import FIGURES
from pipeline.report.output.frame import whole_page
from pipeline.report.output.kernels import execute
from pipeline.report.output.shown import shown
from pipeline.report.released import HANDED

PARAMETERS = "parameters"


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
    shares: bool = False,
) -> Page:
    """The page of a notebook; bar: what stands above every page; figures: a folder that gets each figure as files;
    handed: the file with what has passed the gate, which the notebook otherwise puts through it again; shares: whether
    it runs in the kernel of this thread's others.

    Raises PageError for an unknown or mistyped parameter, a notebook without a cell tagged `parameters`, or a cell that
    fails.
    """
    import nbformat

    try:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as fault:
        raise PageError(f"{path} cannot be read as a notebook: {fault}") from None
    set_parameters(notebook, parameters, path.name)
    told = {FIGURES: f"{figures}{os.sep}{path.stem}-" if figures else "", HANDED: str(handed or "")}
    execute(notebook, path.name, told, shares=shares)
    found = shown(notebook, path.name)
    return Page(path.stem, title, whole_page(title, found.parts, bar), found.left_out)


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
