"""Turns what a notebook shows into one self-contained page."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import PageError
from pipeline.report.drawing.canvas import FIGURES
from pipeline.report.output.frame import whole_page
from pipeline.report.output.kernels import execute
from pipeline.report.output.parameters import set_parameters
from pipeline.report.output.press import Press
from pipeline.report.output.shown import Shown, shown
from pipeline.report.released import HANDED


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
    press: Press | None = None,
) -> Page:
    """The page of a notebook; bar: what stands above every page; figures: a folder that gets each figure as files;
    handed: the file with what has passed the gate, which the notebook otherwise puts through it again; press: makes it
    without a kernel, if it shows nothing but our own fragments.

    Raises PageError for an unknown or mistyped parameter, a notebook without a cell tagged `parameters`, or a cell that
    fails.
    """
    told = {FIGURES: f"{figures}{os.sep}{path.stem}-" if figures else "", HANDED: str(handed or "")}
    found = press.shown(path, parameters, told) if press else None
    found = found or shown_by_kernel(path, parameters, told)
    return Page(path.stem, title, whole_page(title, found.parts, bar), found.left_out)


def shown_by_kernel(path: Path, parameters: Mapping[str, Any], told: Mapping[str, str]) -> Shown:
    """What a notebook shows when Jupyter runs it."""
    import nbformat

    try:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as fault:
        raise PageError(f"{path} cannot be read as a notebook: {fault}") from None
    set_parameters(notebook, parameters, path.name)
    execute(notebook, path.name, told)
    return shown(notebook, path.name)
