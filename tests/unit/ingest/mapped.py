"""Small deliveries that a mapping reads: raw files of any shape, mapping.toml, and the honest rest of the tables."""

import duckdb

from pipeline.ingest.files.views import Opened, views_of
from pipeline.ingest.inputs import raw_files
from pipeline.ingest.mapping.making import make
from pipeline.ingest.mapping.reading import mapping_of
from pipeline.study_toml.file import load_study
from tests.unit.ingest.deliveries import csv, delivery, ingested


def mapped(folder, mapping, *, without=(), **files):
    """A study folder whose `files` are read by a mapping; `__` in a file's name stands for a dot, and a text is drawn
    CSV.  Tables that the mapping does not make are honest files."""
    study = delivery(folder, without=without)
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    for name, content in files.items():
        path = folder / "raw" / name.replace("__", ".")
        path.write_bytes(content if isinstance(content, bytes) else csv(content).encode())
    return study


def made_rows(folder, mapping, **files):
    """The rows of every table that a mapping makes of these files alone: [(table, [row as {column: cell}])]."""
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text('[study]\nname = "test"\n')
    study = load_study(folder)
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    for name, content in files.items():
        path = folder / "raw" / name.replace("__", ".")
        path.write_bytes(content if isinstance(content, bytes) else csv(content).encode())
    con = duckdb.connect(config={"threads": 1})
    con.execute("CREATE SCHEMA loaded")
    views, faults = views_of(raw_files(study))
    made = make(mapping_of(study), Opened(con, views), whole=False)
    assert not faults, faults
    assert not made.faults, made.faults
    return [(table, dicts(con, layout)) for table, layout in made.layouts]


def dicts(con, layout):
    found = con.execute(f"SELECT * FROM {layout.made}")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def staged(folder, mapping, **more):
    """A connection that holds the staging of a mapped study, and the report."""
    return ingested(mapped(folder, mapping, **more))
