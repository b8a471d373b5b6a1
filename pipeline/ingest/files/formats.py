"""Which file is of which format, by the ending of its name."""

TEXT = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt")
PARQUET = (".parquet",)
TABLE = ".table.parquet"  # of a catalog, brought here to be read: named as the catalog names it, without an ending
JSON_LINES = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
JSON = (*JSON_LINES, ".json", ".json.gz")
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
STATISTICAL = (".sav", ".zsav", ".por", ".dta", ".sas7bdat", ".xpt")
DATABASES = (".duckdb",)
READABLE = (*TEXT, *PARQUET, *JSON, *WORKBOOKS, *STATISTICAL, *DATABASES)


def is_one_of(name: str, endings: tuple[str, ...]) -> bool:
    """Whether a file name has one of these endings, whatever its case."""
    return name.lower().endswith(endings)


def shown(name: str) -> str:
    """What a file is called in messages: its name, or that of the table it was brought from."""
    return name.removesuffix(TABLE)


def bare(name: str) -> str:
    """A file name without its readable ending: what its view is called."""
    for ending in sorted((*READABLE, TABLE), key=len, reverse=True):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name
