"""A study that `carelevels init --from` began, with drawn raw files: what the recipe makes of them."""

from pipeline.start import start_study
from pipeline.study_toml.file import load_study
from tests.unit.ingest.deliveries import ingested


class Begun:
    """The staging of a study that a recipe reads."""

    def __init__(self, folder, ready, *, level="", **files):
        """`files` are raw files, `__` in a name for a dot; `level` are lines for the recipe's own list of levels."""
        start_study(folder, ready)
        for name, content in files.items():
            (folder / "raw" / name.replace("__", ".")).write_text(content, encoding="utf-8")
        mapping = folder / "mapping.toml"
        text = mapping.read_text(encoding="utf-8")
        if level:
            mapping.write_text(text.replace('"*" = ""', f'{level}\n"*" = ""', 1), encoding="utf-8")
        self.con, self.report = ingested(load_study(folder))

    def column(self, table, *columns, by=""):
        """Cells of a staging table as tuples, in the order of its first columns."""
        order = by or columns[0]
        return self.con.execute(f"SELECT {', '.join(columns)} FROM staging.{table} ORDER BY {order}").fetchall()
