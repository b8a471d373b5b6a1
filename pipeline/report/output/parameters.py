"""A notebook's parameters: one cell tagged so, whose plain values are replaced by those that a page is made with."""

import ast
from collections.abc import Mapping
from typing import Any

from pipeline.errors import PageError

PARAMETERS = "parameters"


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
