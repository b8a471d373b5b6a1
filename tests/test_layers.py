"""The walls: data flows one way, and nothing reaches around a corner."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipeline.store import SOURCES
from pipeline.warehouse.build import table_queries, tables_read

ROOT = Path(__file__).parent.parent
PIPELINE = ROOT / "pipeline"
MAY_IMPORT = {
    "errors": set(),
    "levels": set(),
    "endings": set(),
    "counting": set(),
    "periods": set(),
    "choices": {"levels"},
    "study": {"errors", "levels", "choices"},
    "schema": {"errors", "levels", "endings", "choices", "study"},
    "storage": {"errors", "choices", "study"},
    "study_toml": {"errors", "levels", "choices", "study", "measures"},
    "results": {"errors", "choices", "study", "schema"},
    "watched": {"errors", "choices", "study"},
    "questions": {"counting"},
    "measures": {"errors"},
    "store": {"errors", "choices", "study", "schema", "storage", "results"},
    "ledger": {"errors", "choices", "study", "storage", "store"},
    "stats": {"errors"},
    "recipes": {"errors"},
    "dictionary": {"errors", "schema"},
    "start": {"errors", "choices", "study", "schema", "recipes", "dictionary"},
    "synthetic": {
        "errors",
        "endings",
        "choices",
        "study",
        "schema",
        "storage",
        "study_toml",
        "results",
        "measures",
        "stats",
        "start",
    },
    "ingest": {"errors", "levels", "choices", "study", "schema", "storage", "study_toml", "measures", "store"},
    "warehouse": {"errors", "levels", "endings", "choices", "study", "schema", "storage", "measures", "store"},
    "spark": {"errors", "choices", "study", "schema", "storage", "store", "ingest", "warehouse"},
    "analysis": {
        "errors",
        "levels",
        "endings",
        "periods",
        "choices",
        "study",
        "schema",
        "results",
        "watched",
        "questions",
        "measures",
        "storage",
        "store",
        "stats",
    },
    "baselines": {"errors", "results", "stats"},
    "report": {
        "errors",
        "baselines",
        "levels",
        "endings",
        "counting",
        "periods",
        "choices",
        "study",
        "schema",
        "storage",
        "study_toml",
        "results",
        "questions",
        "measures",
        "store",
        "ledger",
        "stats",
    },
    "pooling": {"errors", "choices", "study", "storage", "results", "measures", "stats", "report"},
    "preflight": {
        "errors",
        "levels",
        "choices",
        "study",
        "schema",
        "questions",
        "measures",
        "store",
        "ingest",
        "warehouse",
        "analysis",
    },
    "stages": {
        "errors",
        "choices",
        "study",
        "storage",
        "watched",
        "store",
        "ledger",
        "ingest",
        "warehouse",
        "spark",
        "analysis",
        "report",
    },
    "ask": {"errors", "choices", "study", "study_toml", "watched", "store", "ledger", "analysis", "report"},
    "command": {
        "errors",
        "choices",
        "study",
        "schema",
        "storage",
        "study_toml",
        "store",
        "ledger",
        "start",
        "synthetic",
        "ingest",
        "report",
        "pooling",
        "preflight",
        "stages",
    },
    "__main__": {"errors", "choices", "study", "study_toml", "storage", "store", "ledger", "ingest", "command"},
}
# Inside a room the same: "" is what lies directly in it, and each may import only those before it.
ROOMS = {
    "stats": (
        *("", "weighting", "time_in_care", "robustness", "change", "monitoring", "imputation", "subgroups"),
        *("repeated_scores", "cost", "association", "hazards", "strategies"),
    ),
    "synthetic": ("", "records", "truth", "output"),
    "analysis": ("", "comparison", "described", "questions", "asking"),
    "report": ("disclosure", "", "sentences", "drawing", "figures", "questions", "watching", "sections", "output"),
}
TABLE_ROOMS = ("levels", "episodes", "people", "retention", "scores", "measures", "questions")
MOST_FILES = 22  # in one folder: more are asking for rooms
HEAVY = {
    "numpy",
    "pandas",
    "scipy",
    "statsmodels",
    "duckdb",
    "matplotlib",
    "nbclient",
    "nbconvert",
    "nbformat",
    "xlsxwriter",
    "pyreadstat",
    "python_calamine",
    "pyspark",
}
NOT_IN_NOTEBOOKS = (
    r"\bSELECT\b|\bduckdb\b|\bscipy\b|\bstatsmodels\b|pipeline\.(stats|analysis|warehouse|ingest|store|stages)"
)


def sources():
    return sorted(PIPELINE.rglob("*.py"))


def room_of(path):
    return path.relative_to(PIPELINE).parts[0].removesuffix(".py")


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            yield node.module
            if node.module == "pipeline":
                yield from (f"pipeline.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PIPELINE)))
def test_each_room_imports_only_rooms_before_it(path):
    room = room_of(path)
    if room == "__init__":
        return
    seen = {name.split(".")[1] for name in imported_modules(path) if name.startswith("pipeline.")}
    assert seen - {room} <= MAY_IMPORT[room], f"{path} reaches into {sorted(seen - {room} - MAY_IMPORT[room])}"


def test_pages_read_of_the_measure_library_only_what_scales_are_called():
    for path in (PIPELINE / "report").rglob("*.py"):
        read = {name for name in imported_modules(path) if name.startswith("pipeline.measures")}
        assert read <= {"pipeline.measures.scales"}, f"{path} reads {sorted(read)}"


def test_of_the_pages_only_those_that_watch_measures_compute_and_they_do_so_from_released_numbers():
    for path in (PIPELINE / "report").rglob("*.py"):
        if any(name.startswith("pipeline.stats") for name in imported_modules(path)):
            assert path.parent.name == "watching", path


def inner_room(parts):
    return parts[1] if len(parts) > 2 else ""


def test_no_question_is_about_whichever_score_stands_first_in_the_study_file():
    for path in sources():
        if path != PIPELINE / "study.py":
            assert not re.search(r"\boutcomes\[:?[01]\]|iter\([\w.]*study\.outcomes\)", path.read_text()), path


@pytest.mark.parametrize("room", ROOMS)
def test_inside_a_room_imports_point_to_what_lies_before(room):
    order = {name: place for place, name in enumerate(ROOMS[room])}
    for path in sorted((PIPELINE / room).rglob("*.py")):
        if path.name == "__init__.py":
            continue
        here = order[inner_room(path.relative_to(PIPELINE).parts)]
        for name in imported_modules(path):
            target = PIPELINE.parent / (name.replace(".", "/") + ".py")
            if name.startswith(f"pipeline.{room}.") and target.exists():
                there = order[inner_room(target.relative_to(PIPELINE).parts)]
                assert there <= here, f"{path} reaches forward into {name}"


def test_a_table_reads_only_tables_of_its_own_room_or_of_one_before():
    order = {name: place for place, name in enumerate(TABLE_ROOMS)}
    room = {
        path.stem: path.parent.name for path in (PIPELINE / "warehouse").rglob("*.sql") if path.parent.name in order
    }
    assert len(room) == len(table_queries())
    con = duckdb.connect()
    con.execute((PIPELINE / "warehouse" / "engine" / "duckdb.sql").read_text())
    for name, sql in table_queries().items():
        for read in tables_read(con, sql) & room.keys():
            assert order[room[read]] <= order[room[name]], f"{name} ({room[name]}) reads {read} ({room[read]})"


def test_no_folder_of_code_is_a_heap():
    for place in [PIPELINE, *(path for path in PIPELINE.rglob("*") if path.is_dir())]:
        code = [path for path in place.iterdir() if path.suffix in {".py", ".sql"} and path.name != "__init__.py"]
        assert len(code) <= MOST_FILES, f"{place} holds {len(code)} files"


def test_there_are_no_import_cycles():
    from graphlib import TopologicalSorter

    def module(path):
        return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")

    names = {module(path) for path in sources()}
    needs = {
        module(path): {name for name in imported_modules(path) if name in names} - {module(path), "pipeline"}
        for path in sources()
    }
    assert list(TopologicalSorter(needs).static_order())


def test_init_files_re_export_nothing():
    for path in PIPELINE.rglob("__init__.py"):
        assert not list(imported_modules(path)), path


def test_estimators_know_no_database_no_file_and_no_frame():
    for path in (PIPELINE / "stats").rglob("*.py"):
        reached = {name.split(".")[0] for name in imported_modules(path)}
        assert not reached & {"duckdb", "pandas", "pathlib", "os", "matplotlib", "csv"}, path


def test_the_command_line_starts_without_any_heavy_library():
    code = "import sys, pipeline.__main__ as m; m.parser(); print(sorted({n.split('.')[0] for n in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not set(ast.literal_eval(loaded)) & HEAVY


def test_notebooks_hold_no_output_no_function_and_no_sql():
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert notebooks
    for path in notebooks:
        cells = json.loads(path.read_text())["cells"]
        assert len(cells) <= 15, f"{path.name} has {len(cells)} cells"
        assert sum("parameters" in cell["metadata"].get("tags", []) for cell in cells) == 1, path.name
        for cell in cells:
            text = "".join(cell["source"])
            if cell["cell_type"] == "code":
                assert cell["outputs"] == [], path.name
                assert cell["execution_count"] is None, path.name
                assert not re.search(r"^\s*(def|class)\s", text, re.M), path.name
                assert not re.search(NOT_IN_NOTEBOOKS, text), path.name


def test_there_is_no_utils_and_no_swallowed_exception():
    for path in sources():
        assert path.stem not in {"utils", "helpers", "misc", "common"}
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler):
                assert not all(isinstance(body, ast.Pass) for body in node.body), (
                    f"{path}:{node.lineno} swallows an exception"
                )


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PIPELINE)))
def test_a_guard_is_a_raised_error_and_never_an_assertion_that_python_may_skip(path):
    asserted = [node.lineno for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Assert)]
    assert not asserted, f"{path}: raise an error of pipeline/errors.py in lines {asserted}"


def test_the_lock_names_no_address_and_no_path():
    lock = (ROOT / "requirements.lock").read_text()
    assert "--hash=sha256:" in lock
    assert not re.search(r"://|file:|^-|^/", lock, re.M)


def test_the_tree_names_no_path_of_a_machine():
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    for name in listed.splitlines():
        path = ROOT / name
        if (
            path.suffix in {".py", ".sql", ".md", ".toml", ".ipynb", ".R", ""}
            and path.is_file()
            and path.name != "LICENSE"
        ):
            assert not re.search(
                r"/(work|farm|root|home)/", path.read_text(errors="replace").replace("/(work|farm|root|home)/", "")
            ), name


def test_every_kind_of_file_of_the_package_counts_as_its_code():
    """Otherwise a change of a template or a rule would leave what was made with the old one."""
    kinds = {path.suffix for path in PIPELINE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert kinds <= SOURCES
