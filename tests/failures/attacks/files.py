"""What was published, read back from its files alone: the tables as CSV, and the editions of a study whose people
return."""

import csv
import re
from dataclasses import fields
from datetime import date

from pipeline.report.disclosure.gate import Tables
from pipeline.report.disclosure.suppressed import SUPPRESSED, Within
from pipeline.report.output.export import write_tables
from pipeline.report.release_ledger import edition_of, note_release
from pipeline.report.released import released, stored
from pipeline.results import RESULT_TABLES, table_columns
from pipeline.stages import run
from pipeline.study_toml.file import load_study
from pipeline.synthetic.output.run import synthesize

DATES = re.compile(r"(start|assessed|contact|service|discharge|readmitted_on)_date$|^observed_from_date$")
TIMES = ("2026-01-12", "2026-02-12", "2026-03-31")  # monthly editions: few come anew, and most were there before
BOUNDS = {"at most": lambda end: Within(None, end), "at least": lambda end: Within(end, None)}


def read_back(folder):
    """The released tables as whoever has the folder `tables` of an edition holds them."""
    return Tables(**{name: tuple(rows_of(folder / f"{name}.csv", kind)) for name, kind in RESULT_TABLES.items()})


def rows_of(path, kind):
    types, own = table_columns(kind), {one.name for one in fields(kind)}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield kind(**{name: cell(text, types[name]) for name, text in row.items() if name in own})


def cell(text, sql):
    """A cell as it was before it was written: a number, words, hidden, or between which numbers it lies."""
    if sql == "VARCHAR":
        return text.removeprefix("'")
    if text in ("", "suppressed"):
        return SUPPRESSED if text else None
    word, _, end = text.rpartition(" ")
    if word:
        return BOUNDS[word](float(end)) if word in BOUNDS else Within(*map(float, text.split(" to ")))
    return text == "True" if sql == "BOOLEAN" else int(text) if sql == "BIGINT" else float(text)


def editions(folder, people, seed, times=TIMES):
    """One study after another as its records grow, each edition held against the ones before it: the tables as stored,
    and as read back from the files."""
    synthesize(folder, patients=people, seed=seed)
    whole = {path: path.read_text(encoding="utf-8") for path in (folder / "raw").glob("*.csv")}
    for time in times:
        for path, text in whole.items():
            path.write_text(until(time, text), encoding="utf-8")
        study = load_study(folder)
        run(study, upto="analyze", only=None, force=False, reports=folder, say=lambda line: None)
        out = released(study)
        write_tables(out, folder / "tables" / time)
        note_release(study, out.tables, made_from=edition_of(out.manifest))
        yield stored(study)[0], read_back(folder / "tables" / time)


def until(time, text):
    """The rows of a file that were there on a day; whoever was in care then has not left."""
    reader = csv.DictReader(text.splitlines())
    told = [name for name in reader.fieldnames if DATES.search(name)]
    rows = [
        row
        for row in reader
        if all(not row[name] or date.fromisoformat(row[name]) <= date.fromisoformat(time) for name in told)
    ]
    lines = [",".join(reader.fieldnames)]
    for row in rows:
        row |= {"observed_to_date": min(row["observed_to_date"], time)} if "observed_to_date" in row else {}
        row |= {"end_date": ""} if row.get("end_date", "") > time else {}
        lines.append(",".join(row.values()))
    return "\n".join(lines) + "\n"
