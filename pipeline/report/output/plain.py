"""Runs a notebook as plain Python, which is enough where its cells show our own fragments and nothing else."""

import ast
import contextlib
import io
import json
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.report.fragment import BARE, Fragment
from pipeline.report.output.parameters import set_parameters
from pipeline.report.output.shown import Shown, shown


@dataclass(frozen=True, slots=True)
class Output:
    """What a cell shows, as a notebook's file would say it."""

    data: Mapping[str, str]
    output_type: str = "display_data"


@dataclass(slots=True)
class Cell:
    """One cell of a notebook's file."""

    cell_type: str
    source: str
    metadata: Mapping[str, Any]
    outputs: list[Output] = field(default_factory=list)

    def show(self, *values: object) -> None:
        """Adds fragments to what the cell shows.  Raises TypeError for anything else."""
        for value in values:
            if not isinstance(value, Fragment):
                raise TypeError("only a fragment is shown without a kernel")
            self.outputs.append(Output({BARE: value.html}))


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook's cells, in their order."""

    cells: list[Cell]


def shown_plainly(path: Path, parameters: Mapping[str, Any], patience: int) -> Shown | None:
    """What a notebook shows; None where a kernel has to say it: a cell fails, prints, draws with pyplot, or shows
    something that is not ours.

    patience   seconds for one cell: one that takes longer ends this process
    """
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            notebook = read(path)
            set_parameters(notebook, parameters, path.name)
            run(notebook, patience)
            found = shown(notebook, path.name)
    except (Exception, SystemExit):  # whatever it is: the kernel meets it again and says it in its own words
        return None
    return None if said.getvalue() or "matplotlib.pyplot" in sys.modules else found


def read(path: Path) -> Notebook:
    """The cells of a notebook of today's format."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return Notebook([Cell(one["cell_type"], "".join(one["source"]), one["metadata"]) for one in cells])


def run(notebook: Notebook, patience: int) -> None:
    """Runs every code cell in one namespace."""
    space: dict[str, Any] = {"__name__": "__main__"}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            signal.alarm(patience)
            run_cell(cell, space)
    signal.alarm(0)


def run_cell(cell: Cell, space: dict[str, Any]) -> None:
    """Runs a cell and shows the value of its last line.  Raises SyntaxError for a semicolon, which hides that in a
    kernel."""
    if ";" in cell.source:
        raise SyntaxError("a semicolon is a kernel's to read")
    space["display"] = cell.show
    lines = ast.parse(cell.source).body
    last = lines.pop() if lines and isinstance(lines[-1], ast.Expr) else None
    exec(compile(ast.Module(lines, []), "cell", "exec"), space)
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), space) if isinstance(last, ast.Expr) else None
    if value is not None:
        cell.show(value)
