"""Which names of the package can be reached: from the command line or a page, following imports, calls and attributes.

A name is (module, name); (module, "") is the module itself with the statements that run when it is imported.
"""

import ast
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
Name = tuple[str, str]


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of the package by its dotted name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): ast.parse(
            path.read_text(encoding="utf-8")
        )
        for path in (ROOT / "pipeline").rglob("*.py")
    }


def named(node: ast.stmt) -> list[str]:
    """The names that a statement at the top of a module defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]


@cache
def definitions(module: str) -> dict[str, list[ast.stmt]]:
    """What defines each name of a module; under "" all that defines none."""
    found: dict[str, list[ast.stmt]] = {"": []}
    for node in trees()[module].body:
        for name in named(node) or [""]:
            found.setdefault(name, []).append(node)
    return found


def imported(tree: ast.AST) -> dict[str, list[Name]]:
    """What each imported word of a module stands for."""
    found: dict[str, list[Name]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("pipeline"):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.setdefault(alias.asname or alias.name, []).append(
                    (whole, "") if whole in trees() else (node.module, alias.name)
                )
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("pipeline"):
                    found.setdefault(alias.asname or "pipeline", []).append(
                        (alias.name if alias.asname else "pipeline", "")
                    )
    return found


def used(node: ast.AST, words: dict[str, list[Name]], module: str = "") -> Iterator[Name]:
    """The names that a piece of code uses."""
    own = definitions(module) if module else {}
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            if part.id in own:
                yield module, part.id
            yield from words.get(part.id, [])
        elif isinstance(part, ast.Attribute):
            yield from attribute(part, words)
        elif isinstance(part, ast.Call) and ast.unparse(part.func).endswith("import_module"):
            yield from loaded_by_name(part)


def attribute(node: ast.Attribute, words: dict[str, list[Name]]) -> Iterator[Name]:
    """module.name, however deep the module lies."""
    parts, value = [node.attr], node.value
    while isinstance(value, ast.Attribute):
        parts.append(value.attr)
        value = value.value
    for module, name in words.get(value.id, []) if isinstance(value, ast.Name) else []:
        rest = parts[::-1]
        while not name and rest and f"{module}.{rest[0]}" in trees():
            module = f"{module}.{rest.pop(0)}"
        if not name and rest:
            yield module, rest[0]


def loaded_by_name(call: ast.Call) -> Iterator[Name]:
    """import_module(f"pipeline.room.{stem}") reaches every module of that room, whole."""
    first = next((part.value for part in ast.walk(call.args[0]) if isinstance(part, ast.Constant)), "")
    for module in trees():
        if str(first).startswith("pipeline.") and module.startswith(str(first)):
            yield from ((module, name) for name in definitions(module))


def commands_and_pages() -> list[Name]:
    """The command line whole, and what the notebooks use."""
    found = [("pipeline.__main__", name) for name in definitions("pipeline.__main__")]
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        tree = ast.parse("\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"))
        found += used(tree, imported(tree))
    return found


def reached(begin: Iterable[Name]) -> set[Name]:
    """Everything that can be reached from these names, themselves included."""
    seen: set[Name] = set()
    ahead = list(begin)
    while ahead:
        module, name = ahead.pop()
        if (module, name) in seen or module not in trees():
            continue
        seen |= {(module, name)}
        ahead += [(module, ""), *uses(module, name)]
    return seen


@cache
def uses(module: str, name: str) -> frozenset[Name]:
    """What one name of a module uses."""
    words = words_of(module)
    return frozenset(one for node in definitions(module).get(name, []) for one in used(node, words, module))


@cache
def words_of(module: str) -> dict[str, list[Name]]:
    return imported(trees()[module])
