"""Where the pages' notebooks lie: a study's own beside its records first, then those of the checkout or the package."""

import json
from pathlib import Path

from pipeline.study import Study

CODE = Path(__file__).parents[2]
CHECKOUT = CODE.parent / "notebooks"
SHIPPED = CODE / "notebooks"  # only in an installed package: setup.py puts them there
OWN = "notebooks"  # this folder of a study holds its own


def shipped_notebooks() -> Path:
    """The folder of the notebooks that come with carelevels: editable in a checkout, inside the package elsewhere."""
    return CHECKOUT if (CODE.parent / "pyproject.toml").is_file() and CHECKOUT.is_dir() else SHIPPED


def own_notebooks(study: Study) -> tuple[Path, ...]:
    """A study's own notebooks, by name; one that is named like a page is that page's."""
    return tuple(sorted((study.folder / OWN).glob("*.ipynb")))


def notebook_of(study: Study, name: str) -> Path:
    """The notebook behind a page of this study."""
    own = study.folder / OWN / f"{name}.ipynb"
    return own if own.is_file() else shipped_notebooks() / f"{name}.ipynb"


def title_of(path: Path) -> str:
    """What a notebook calls itself: its first heading, else its file's name."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError, TypeError):
        return path.stem  # it will be refused by name when it is run
    lines = [
        line for cell in cells if cell.get("cell_type") == "markdown" for line in "".join(cell["source"]).split("\n")
    ]
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("#")), path.stem.replace("_", " "))
