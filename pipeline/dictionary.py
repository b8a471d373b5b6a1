"""The data dictionary, data/README.md, made from schema.py: `python -m pipeline.dictionary > data/README.md`."""

from pipeline.schema import TABLES, Column, Table

HEAD = """# Data dictionary

Made from `pipeline/schema.py` by `make dictionary`; a test keeps it current. One folder here is one study:
`study.toml` (every disputable choice), `raw/` (the files as exported), `sources/*.sql` (where the export has another
shape), and, once built, two private databases and an append-only `ledger/`. Start one with `carelevels init data/mine`.

One header row, UTF-8, CSV, CSV.gz or Parquet. Empty means missing; never 999. Ids are random tokens made by the site.
A column that may hold a day is written either `<name>_day` (whole days from any one origin per patient, may be
negative) or `<name>_date` (ISO date, where the privacy regime allows dates): never both.

*required*: a file without the column is refused, a row without the value is quarantined.
*recommended* and *optional* columns may be absent; what depends on them is then withheld or said to be unknown.
Columns that are not listed here are dropped and named in the report; values that look like an identifier stop the run.
Ids may be random tokens, running numbers or UUIDs; not record numbers, which nobody but you can tell apart.
"""


def dictionary() -> str:
    """The whole data dictionary as Markdown."""
    return HEAD + "".join(section(table) for table in TABLES.values())


def section(table: Table) -> str:
    """One table: its grain, key, links, columns and the rules its rows must keep."""
    key = ", ".join(table.key) or "none (exact repeats are kept and reported)"
    links = "".join(f"; `{column}` must exist in {other}" for column, other in table.links)
    lines = [
        f"\n## {table.name}{' (may be absent)' if table.optional else ''}\n",
        f"{table.meaning}. Key: {key}{links}.\n",
        "| column | holds | need | allowed | meaning |",
        "|---|---|---|---|---|",
    ]
    items = [column for column in table.columns if column.name.startswith("item_")]
    lines += [row(column) for column in table.columns if column not in items]
    if items:
        lines.append(f"| item_1 … item_{len(items)} | number | optional | | single items, of free instruments only |")
    if table.rules:
        lines += ["", *(f"- {rule.sentence}: {rule.severity}" for rule in table.rules)]
    return "\n".join(lines) + "\n"


def row(column: Column) -> str:
    """One column as a row of the table."""
    bounds = ""
    if column.low is not None and column.high is not None:
        bounds = f"{column.low:g} to {column.high:g}"
    allowed = " ".join(column.allowed) or bounds
    name = " or ".join(column.spellings)
    return f"| {name} | {HOLDS[column.kind]} | {column.need} | {allowed} | {column.meaning} |"


HOLDS = {
    "id": "token",
    "code": "code",
    "text": "text",
    "int": "whole number",
    "num": "number",
    "bool": "yes or no",
    "day": "day",
    "age": "years",
    "zip3": "three digits",
    "period": "year or quarter",
}

if __name__ == "__main__":
    print(dictionary(), end="")
