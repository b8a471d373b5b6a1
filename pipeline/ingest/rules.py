"""Every rule of the schema as SQL over loaded.<table>: one entry per way a row can be wrong."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.ingest.cells.codes import NOT_A as NO_CODE
from pipeline.ingest.cells.convert import CALENDAR_RANGE, RELATIVE_RANGE, not_a
from pipeline.ingest.instruments import instrument_rules
from pipeline.ingest.loaded import MARKED, Loaded
from pipeline.ingest.row_rule import RowRule
from pipeline.measures.library import level_codes
from pipeline.schema import Column
from pipeline.storage.quoting import literal, literals, name

SENTINELS = (-999, -99, -9, 999, 9999)
TOTAL_LINES = ("total", "totals", "grand total", "subtotal", "sub-total", "sum", "count")
MAY_BE_ROUNDED = r"[0-9](\.[0-9]+)?[eE][0-9]{2,}"  # with a plus it surely is: pipeline/ingest/cells/stops.py
DIGESTS = (32, 40, 64)  # hexadecimal digits of md5, sha1 and sha256


def row_rules(loaded: Loaded, relative: bool) -> list[RowRule]:
    """All rules that can be judged from one row alone, in the order of the columns."""
    rules = [
        rule
        for column in loaded.table.columns
        if column.staged in loaded.columns
        for rule in column_rules(loaded, column, relative)
    ]
    rules += [
        RowRule(rule.name, rule.breach, rule.severity, f"break a rule: {rule.sentence}") for rule in loaded.table.rules
    ]
    if loaded.table.name == "assessments":
        rules += instrument_rules(loaded.columns)
    if "minutes_scheduled" in loaded.columns:
        rules.append(minutes_rule())
    return rules


def column_rules(loaded: Loaded, column: Column, relative: bool) -> Iterator[RowRule]:
    """What can be wrong with one cell: missing, not of its kind, outside its vocabulary or range."""
    cell = name(column.staged)
    called = spelled(loaded, column)
    # Typed cells were read without a doubt and their codes are in the vocabulary: only text needs these two tests.
    unread = flagged(column.staged) if loaded.as_text else "FALSE"
    needed = column.need == "required" or (relative and column.name in ("observed_from", "observed_to"))
    costs = "quarantine" if needed else "cell"
    if needed:
        yield RowRule(
            f"{column.name}_missing",
            f"{cell} IS NULL AND NOT {unread}",
            "quarantine",
            f"have no {called}",
            f"it cannot be used without one{said_unknown(loaded, column)}",
        )
    if column.staged in loaded.marked:
        yield RowRule(
            f"{column.name}_word_for_missing",
            flagged(f"{MARKED}{column.staged}"),
            "warning",
            f"have a word for missing (NA, NULL …) as their {called}",
            "it was read as an empty cell",
        )
    if loaded.as_text and (column.kind not in ("id", "code") or column.name in NO_CODE):
        yield RowRule(
            f"{column.name}_not_read",
            unread,
            costs,
            f"have {article(called)} {called} {not_a(column, bool(loaded.dates))}",
            "leave the cell empty where it is not known",
            column.staged,
        )
    if column.allowed and loaded.as_text:
        yield RowRule(
            f"{column.name}_outside_vocabulary",
            f"{cell} NOT IN ({literals(column.allowed)})",
            costs,
            f"have a word in {called} that is none of {', '.join(column.allowed)}",
            f"translate the file's own codes under {loaded.translated_in(column)}",
            column.staged,
        )
    yield from range_rules(loaded, column, cell, costs)
    if column.kind == "id" and loaded.table.name in ("programs", "providers"):
        yield RowRule(
            f"{column.name}_may_be_a_name",
            f"contains({cell}, ' ')",
            "warning",
            f"have a {column.name} of several words",
            "a code must stand there, not a name: it is shown on pages",
        )
    if column.kind == "id":
        yield from id_rules(column, cell, called)
    if column.kind == "id" and column.name == (loaded.table.key or ("",))[0]:
        lengths = ", ".join(map(str, DIGESTS))
        yield RowRule(
            f"{column.name}_looks_hashed",
            f"length({cell}) IN ({lengths}) AND regexp_full_match({cell}, '[0-9a-fA-F]+')",
            "warning",
            f"have {article(called)} {called} of 32, 40 or 64 hexadecimal digits",
            "is it a hash with a secret key? One without can be turned back into the record number",
        )


def said_unknown(loaded: Loaded, column: Column) -> str:
    """How a mapping says that an empty cell is not known, where we have a code for that."""
    may = "unknown" in column.allowed and column.staged in loaded.lines
    return '; where nobody knows it, its line in mapping.toml may say default = "unknown"' if may else ""


def id_rules(column: Column, cell: str, called: str) -> Iterator[RowRule]:
    """Ids that a program on the way has changed or left out: they join what does not belong together."""
    yield RowRule(
        f"{column.name}_looks_rounded",
        f"regexp_full_match({cell}, '{MAY_BE_ROUNDED}')",
        "warning",
        f"have {article(called)} {called} like a number that a spreadsheet has rounded (1.2E11)",
        "if it is one, people and stays with the same rounded number become one; export it again as text",
    )
    if column.need == "required":
        yield RowRule(
            f"{column.name}_of_a_total_line",
            f"lower(TRIM(TRAILING ' :' FROM {cell})) IN ({literals(TOTAL_LINES)})",
            "quarantine",
            f"have a word for a total as their {called}",
            "it is a line under the table and no record; leave it out of the export",
        )


def flagged(column: str) -> str:
    """SQL that is TRUE where a row's `unread` names a column."""
    return f"COALESCE(contains(unread, {literal(f',{column},')}), FALSE)"


def range_rules(loaded: Loaded, column: Column, cell: str, costs: str) -> Iterator[RowRule]:
    """Numbers and days outside what can be, and numbers that often stand for missing."""
    called = spelled(loaded, column)
    low, high, said = column.low, column.high, ""
    if column.kind == "day":
        low, high = CALENDAR_RANGE if loaded.dates else RELATIVE_RANGE
        said = "before 1900 or after 2100" if loaded.dates else f"outside {low:,.0f} to {high:,.0f}"
    if low is not None or high is not None:
        bounds = [f"{cell} < {low}"] * (low is not None) + [f"{cell} > {high}"] * (high is not None)
        said = said or f"outside {plain(low)}–{plain(high)}"
        yield RowRule(
            f"{column.name}_outside_range",
            " OR ".join(bounds),
            costs,
            f"have {article(called)} {called} {said}",
            "correct it, or leave the cell empty where it is not known",
            column.staged,
        )
    if column.kind in ("int", "num") and column.name not in ("amount", "score"):
        inside = [code for code in SENTINELS if (low is None or code >= low) and (high is None or code <= high)]
        if inside:
            yield RowRule(
                f"{column.name}_may_mean_missing",
                f"{cell} IN ({', '.join(map(str, inside))})",
                "warning",
                f"have {article(called)} {called} of {' or '.join(map(str, inside))}",
                "if that means missing, leave the cell empty in the export",
            )


def minutes_rule() -> RowRule:
    """Attended services need minutes, unless their code is paid by the day."""
    per_diem = literals(sorted({row["code"] for row in level_codes() if row["strength"] == "definitive"}))
    return RowRule(
        "minutes_scheduled_missing",
        "CASE WHEN minutes_scheduled IS NULL AND status = 'attended' "
        f"THEN COALESCE(cpt_hcpcs, '') NOT IN ({per_diem}) AND COALESCE(revenue_code, '') NOT IN ({per_diem}) END",
        "warning",
        "were attended and have neither minutes_scheduled nor a per-diem code",
        "they count as contacts but not toward hours of care",
    )


def spelled(loaded: Loaded, column: Column) -> str:
    """The column's name as the file writes it."""
    return column.spellings[1 if loaded.dates else 0] if column.kind == "day" else column.name


def article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def plain(bound: float | None) -> str:
    """A bound as a person writes it."""
    return "…" if bound is None else f"{bound:,.0f}" if bound == int(bound) else str(bound)
