"""Every rule of the schema as SQL over loaded.<table>: one entry per way a row can be wrong."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.ingest.convert import CALENDAR_RANGE, RELATIVE_RANGE, not_a
from pipeline.ingest.instruments import instrument_rules
from pipeline.ingest.loading import Loaded
from pipeline.ingest.quoting import literal, literals, name
from pipeline.ingest.row_rule import RowRule
from pipeline.measures.library import level_codes
from pipeline.schema import Column

SENTINELS = (-999, -99, -9, 999, 9999)
NO_IDS = ("NULL", "NA", "N/A", "NONE", "NAN", "\\N", "#N/A", "UNKNOWN", "MISSING")
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
        rules += instrument_rules()
    if "minutes_scheduled" in loaded.columns:
        rules.append(minutes_rule())
    return rules


def column_rules(loaded: Loaded, column: Column, relative: bool) -> Iterator[RowRule]:
    """What can be wrong with one cell: missing, not of its kind, outside its vocabulary or range."""
    cell = name(column.staged)
    called = spelled(loaded, column)
    # Typed cells were read without a doubt and their codes are in the vocabulary: only text needs these two tests.
    unread = f"COALESCE(contains(unread, {literal(f',{column.staged},')}), FALSE)" if loaded.as_text else "FALSE"
    if column.need == "required" or (relative and column.name in ("observed_from", "observed_to")):
        yield RowRule(
            f"{column.name}_missing",
            f"{cell} IS NULL AND NOT {unread}",
            "quarantine",
            f"have no {called}",
            "it cannot be used without one",
        )
    if loaded.as_text and column.kind not in ("id", "code"):
        yield RowRule(
            f"{column.name}_not_read",
            unread,
            "quarantine",
            f"have {article(called)} {called} {not_a(column, bool(loaded.dates))}",
            "leave the cell empty where it is not known",
        )
    if column.allowed and loaded.as_text:
        yield RowRule(
            f"{column.name}_outside_vocabulary",
            f"{cell} NOT IN ({literals(column.allowed)})",
            "quarantine",
            f"have {article(called)} {called} that is none of {', '.join(column.allowed)}",
            f"translate the file's own codes under [codes.{loaded.table.name}.{column.name}] in study.toml",
        )
    yield from range_rules(loaded, column, cell)
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
            f"strlen({cell}) IN ({lengths}) AND regexp_full_match({cell}, '[0-9a-fA-F]+')",
            "warning",
            f"have {article(called)} {called} of 32, 40 or 64 hexadecimal digits",
            "is it a hash with a secret key? One without can be turned back into the record number",
        )


def id_rules(column: Column, cell: str, called: str) -> Iterator[RowRule]:
    """Ids that a program on the way has changed or left out: they join what does not belong together."""
    yield RowRule(
        f"{column.name}_looks_rounded",
        f"regexp_full_match({cell}, '[0-9](\\.[0-9]+)?[eE]\\+?[0-9]+')",
        "warning",
        f"have {article(called)} {called} that a spreadsheet has rounded (1.2E+11)",
        "people and stays with the same rounded number become one; export it again as text",
    )
    yield RowRule(
        f"{column.name}_may_mean_missing",
        f"upper({cell}) IN ({literals(NO_IDS)})",
        "warning",
        f"have {article(called)} {called} that is a word for missing ({', '.join(NO_IDS[:3])} …)",
        "it is taken for an id as it stands; leave the cell empty in the export",
    )


def range_rules(loaded: Loaded, column: Column, cell: str) -> Iterator[RowRule]:
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
            "quarantine",
            f"have {article(called)} {called} {said}",
            "correct it, or leave the cell empty where it is not known",
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
