"""An installed carelevels away from its checkout: nothing is missing, and it does what the checkout does.

The environment is empty but for the wheel; its dependencies are borrowed from the one that runs the tests, so that this
needs no network.  `make wheel-test` fetches them anew.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*words, cwd, check=True):
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run([*map(str, words)], cwd=cwd, capture_output=True, text=True, check=check, env=clean)


def tracked():
    listed = run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT).stdout.splitlines()
    return [name for name in listed if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of what is tracked, so that nothing half-built slips in."""
    copy, out = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("dist")
    for name in tracked():
        if name.startswith(("pipeline/", "notebooks/", "tests/simulation/")) or "/" not in name:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "-q")
    run(sys.executable, "-m", "pip", "wheel", *options, "-w", out, copy, cwd=out)
    [made] = out.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def place(wheel, tmp_path_factory):
    """A folder elsewhere, with an environment in it that holds the wheel."""
    folder = tmp_path_factory.mktemp("elsewhere")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "env", cwd=folder)
    python = folder / "env" / "bin" / "python"
    options = ("--no-deps", "--no-index", "--disable-pip-version-check", "-q")
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, wheel, cwd=folder)
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run(python, "-c", asked, cwd=folder).stdout.strip())
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def carelevels(place, *words):
    return run(place / "env" / "bin" / "carelevels", *words, cwd=place, check=False)


def test_every_file_of_the_package_and_every_notebook_is_in_the_wheel(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {name for name in tracked() if name.startswith("pipeline/")}
    wanted |= {f"pipeline/{name}" for name in tracked() if name.startswith("notebooks/") and name.endswith(".ipynb")}
    assert len(wanted) > 300
    assert wanted - inside == set()
    assert not [name for name in inside if name.startswith(("tests/", "data/"))]


def test_the_installed_package_is_the_wheels_own(place):
    python = place / "env" / "bin" / "python"
    found = run(python, "-c", "import pipeline; print(pipeline.__file__)", cwd=place).stdout.strip()
    assert Path(found).is_relative_to(place)


def test_it_tells_of_its_commands_and_starts_a_study_whose_columns_it_explains(place):
    assert "demo" in carelevels(place, "--help").stdout
    assert carelevels(place, "init", "mine").returncode == 0
    assert "episodes" in (place / "mine" / "columns.md").read_text()
