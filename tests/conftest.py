"""Set before numpy is imported: many small fits are faster, and steadier, on one BLAS thread. And every drawn example is
the same in every run; `pytest --hypothesis-profile=default` draws new ones."""

import os

import pytest
from hypothesis import settings

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

settings.register_profile("suite", derandomize=True)  # a check that fails by chance is a fault too
settings.load_profile("suite")


LONGEST = (  # begun first, so that no worker is left alone with one of them at the end
    *("tests/test_flow.py", "tests/wheel", "tests/real/test_program.py", "tests/failures/test_damaged_state.py"),
    *(
        "tests/spec/test_ingest_rules.py",
        "tests/browser",
        "tests/unit/preflight",
        "tests/spec/test_ingest_identifiers.py",
    ),
    *(
        "tests/test_fifteen.py",
        "tests/failures",
        "tests/unit/analysis",
        "tests/unit/ingest",
        "tests/real",
        "tests/spec",
    ),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files in the order in which they are begun; within a file the order stays."""
    items.sort(
        key=lambda item: next((n for n, name in enumerate(LONGEST) if item.nodeid.startswith(name)), len(LONGEST))
    )
