"""Dependencies tell the truth: what the package imports is declared, what is declared is imported, and README names it
with its reason."""

import ast
import re
import sys
import tomllib
from pathlib import Path

from pipeline.analysis.asking.provenance import PACKAGES

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
AS_IMPORTED = {
    "XlsxWriter": "xlsxwriter",
    "python-stdnum": "stdnum",
    "python-calamine": "python_calamine",
    "phonenumberslite": "phonenumbers",
}  # where a package imports under another name
NOT_IMPORTED = {"ipykernel": "nbclient starts it to run the notebook of a page"}


def declared(lines):
    """Names of requirements as they are imported."""
    names = {re.match(r"[A-Za-z0-9_.-]+", line).group() for line in lines}
    return {AS_IMPORTED.get(name, name) for name in names}


def imported(*rooms):
    """Third-party packages that these rooms import, anywhere in a file; all of pipeline where no room is named."""
    found = set()
    for path in (ROOT / "pipeline").rglob("*.py"):
        if not rooms or path.relative_to(ROOT / "pipeline").parts[0] in rooms:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            by_name = "import_module" in {node.name for node in ast.walk(tree) if isinstance(node, ast.alias)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    found.add(str(node.module).split(".")[0])
                elif by_name and isinstance(node, ast.Constant) and re.match(r"[a-z]\w+\.", str(node.value)):
                    found |= {str(node.value).split(".")[0]} & RUNTIME
    return found - set(sys.stdlib_module_names) - {"pipeline"}


RUNTIME = declared(PROJECT["dependencies"])


def test_what_the_package_imports_is_declared_and_what_is_declared_is_imported():
    extras = PROJECT["optional-dependencies"]
    optional = declared([*extras["pdf"], *extras["spark"]])
    assert imported() - optional == RUNTIME - set(NOT_IMPORTED)
    assert optional <= imported()
    assert set(NOT_IMPORTED) <= RUNTIME, "a reason outlives its package"


def test_the_readme_names_every_dependency_once_with_its_reason():
    table = re.search(r"\| depends on \| because \|\n\|[-|]+\|\n((?:\|.*\n)+)", (ROOT / "README.md").read_text())
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.group(1).splitlines()]
    named = [AS_IMPORTED.get(name, name) for names, _ in rows for name in names.split(", ")]
    assert sorted(named) == sorted(RUNTIME)
    assert all(reason for _, reason in rows)


def test_provenance_names_the_packages_that_made_the_numbers():
    assert set(PACKAGES) == imported("warehouse", "analysis", "stats")
