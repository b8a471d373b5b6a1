"""Everything is declared in pyproject.toml; this only puts the page notebooks and the tables of the
simulations into the wheel, beside the code.

Their editable home is notebooks/ at the top; an installed carelevels finds them in pipeline/notebooks.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithNotebooks(build_py):
    """The package, and the notebooks as files of it."""

    def run(self) -> None:
        super().run()
        target = Path(self.build_lib) / "pipeline" / "notebooks"
        if not self.editable_mode:
            self.mkpath(str(target))
            for notebook in sorted(Path("notebooks").glob("*.ipynb")):
                self.copy_file(str(notebook), str(target / notebook.name))
            self.copy_tables(Path(self.build_lib) / "pipeline" / "validation")

    def copy_tables(self, target: Path) -> None:
        """What the validation page shows."""
        self.mkpath(str(target))
        for name in ("results", "limits", "truth", "questions", "gate", "references"):
            self.copy_file(f"tests/simulation/{name}.csv", str(target / f"{name}.csv"))


setup(cmdclass={"build_py": WithNotebooks})
