"""Scores against the instrument they claim: unknown names, totals out of range, another scoring of the same scale."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from pipeline.ingest.row_rule import RowRule
from pipeline.measures.library import instrument_scalings, instrument_variants, instruments
from pipeline.storage.quoting import literal, literals

if TYPE_CHECKING:
    import duckdb

SUMMED = {key: 1 for key in ("PHQ9", "GAD7", "PCL5", "PCLC", "K10", "WSAS", "AUDIT", "ISI", "WHODAS12")} | {"WHO5": 4}
FEWEST = 5  # totals: of fewer nobody can say that all are in another scaling
NEVER_ZERO = 30  # rows: of so many people somebody answers "not at all" to something
TOTAL = "COALESCE(subscale, '') = ''"  # subscales have ranges of their own, which are not declared


def instrument_rules(columns: Collection[str]) -> Iterator[RowRule]:
    """Rows whose instrument is unknown, or whose total or items the instrument cannot give; `columns` are those that
    were delivered."""
    known = instruments()
    yield RowRule(
        "unknown_instrument",
        f"instrument_id NOT IN ({literals(known)})",
        "quarantine",
        "name an instrument that the measure library does not know",
        "translate its name under [codes.assessments.instrument_id] in study.toml, or add the instrument to "
        "pipeline/measures/instruments.csv",
    )
    cases = " ".join(f"WHEN {literal(key)} THEN {outside(row)}" for key, row in known.items() if outside(row))
    yield RowRule(
        "score_outside_instrument",
        f"{TOTAL} AND CASE instrument_id {cases} ELSE FALSE END",
        "quarantine",
        "have a total score that their instrument cannot give",
        "is it another scoring, or a subscale? A subscale needs its name in the column subscale",
        named=ranges(known, "total"),
    )
    yield from answered_rules(known)
    yield from item_rules(known, columns)
    licensed = literals(key for key, row in known.items() if not row["license_class"].startswith("free"))
    items = " OR ".join(f"item_{i} IS NOT NULL" for i in range(1, 37))
    yield RowRule(
        "items_of_a_licensed_instrument",
        f"instrument_id IN ({licensed}) AND ({items})",
        "warning",
        "hold single items of an instrument that is not free",
        "only totals of licensed instruments are used; leave the items out of the export",
    )


def answered_rules(known: Mapping[str, Mapping[str, str]]) -> Iterator[RowRule]:
    """More items answered than there are, or fewer than a total can be made of.

    Instruments of which no item may be missing are left alone: some skip items by rule (C-SSRS, AUDIT).
    """
    counted = [(key, row) for key, row in known.items() if row["items"]]
    more = " ".join(f"WHEN {literal(key)} THEN n_items_answered > {row['items']}" for key, row in counted)
    yield RowRule(
        "more_items_answered_than_there_are",
        f"{TOTAL} AND CASE instrument_id {more} ELSE FALSE END",
        "warning",
        "have more items answered than their instrument has",
        "is n_items_answered counted right, and is it this instrument?",
    )
    needed = {key: int(row["items"]) - int(row["max_missing_items"] or 0) for key, row in counted}
    fewer = " ".join(
        f"WHEN {literal(key)} THEN n_items_answered < {needed[key]}"
        for key, row in counted
        if row["max_missing_items"] not in ("", "0")
    )
    yield RowRule(
        "total_of_too_few_items",
        f"{TOTAL} AND CASE instrument_id {fewer} ELSE FALSE END",
        "quarantine",
        "have a total of fewer answered items than their instrument can be scored from",
        "it is no total of that instrument; the column max_missing_items of pipeline/measures/instruments.csv says how"
        " many may be missing",
    )


def item_rules(known: Mapping[str, Mapping[str, str]], columns: Collection[str]) -> Iterator[RowRule]:
    """Single items that their instrument cannot give, and totals that are not the sum of all the items beside them."""
    ranged = [(key, row) for key, row in known.items() if row["items"] and row["item_min"] and row["item_max"]]
    for item in [column for column in columns if column.startswith("item_")]:
        cases = " ".join(
            f"WHEN {literal(key)} THEN {item} NOT BETWEEN {row['item_min']} AND {row['item_max']}"
            for key, row in ranged
        )
        yield RowRule(
            f"{item}_outside_instrument",
            f"CASE instrument_id {cases} ELSE FALSE END",
            "cell",
            f"have an {item} that their instrument cannot give",
            "does the export count its answers from 1 where the instrument counts from 0? Recode them",
            item,
            ranges(known, "item"),
        )
    whole = {key: [f"item_{i}" for i in range(1, int(known[key]["items"]) + 1)] for key in SUMMED}
    sums = " ".join(
        f"WHEN {literal(key)} THEN score <> {SUMMED[key]} * ({' + '.join(items)})"
        for key, items in whole.items()
        if set(items) <= set(columns)
    )
    if sums:
        yield RowRule(
            "total_is_not_the_sum",
            f"{TOTAL} AND CASE instrument_id {sums} ELSE FALSE END",
            "warning",
            "have a total that is not the sum of the items beside it",
            "which of the two is right? The total is used, and item 9 of the PHQ-9 where suicide risk is",
        )


def ranges(known: Mapping[str, Mapping[str, str]], what: str) -> str:
    """SQL of a row's instrument with its lowest and highest total or item: `PHQ9 totals go from 0 to 27`."""
    limits = {key: (row[f"{what}_min"], row[f"{what}_max"]) for key, row in known.items()}
    told = {key: f"{key} {what}s go from {low} to {high}" for key, (low, high) in limits.items() if low and high}
    return (
        f"CASE instrument_id {' '.join(f'WHEN {literal(key)} THEN {literal(text)}' for key, text in told.items())} END"
    )


def outside(row: dict[str, str]) -> str:
    """SQL that is TRUE for a total outside the instrument's range; empty where no range is declared."""
    bounds = [f"score {sign} {row[end]}" for sign, end in (("<", "total_min"), (">", "total_max")) if row[end]]
    return f"({' OR '.join(bounds)})" if bounds else ""


def variant_faults(con: duckdb.DuckDBPyConnection, file: str) -> list[str]:
    """Instruments whose totals can only come from another scoring of the same scale (K10 below 10 is the 0-40 form)."""
    faults = []
    for row in instrument_variants():
        sign = {"below": "<", "above": ">"}[row["side"]]
        [(count,)] = con.execute(
            f"SELECT count(*) FROM loaded.assessments WHERE instrument_id = ? AND {TOTAL} AND score {sign} ? "
            "AND score BETWEEN ? AND ?",
            [row["instrument_id"], float(row["limit"]), float(row["other_min"]), float(row["other_max"])],
        ).fetchall()
        if count:
            known = instruments()[row["instrument_id"]]
            faults.append(
                f"{file}: {count:,} totals of {row['instrument_id']} lie {row['side']} {row['limit']}, although it is"
                f" declared as {known['total_min']}–{known['total_max']}: they can only come from {row['other']}."
                " Rescore them in the export, or declare that form in pipeline/measures/instruments.csv; two scorings"
                " are never mixed"
            )
    return faults


def unknown_names(con: duckdb.DuckDBPyConnection, file: str) -> list[str]:
    """How many names of instruments the library does not know, and which of its own each is most like; the names
    themselves stand in the records and are not shown."""
    known = instruments()
    found = con.execute(
        f"SELECT instrument_id, count(*) FROM loaded.assessments WHERE instrument_id NOT IN ({literals(known)})"
        " GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    if not found:
        return []
    like: Counter[str] = Counter()
    for called, rows in found:
        letters = "".join(letter for letter in called.upper() if letter.isalnum())
        near = difflib.get_close_matches(letters, list(known), n=1, cutoff=0.5)
        inside = [one for one in known if one in letters]
        like[max(inside, key=len) if inside else near[0] if near else "none of ours"] += rows
    names = "1 name of an instrument is" if len(found) == 1 else f"{len(found):,} names of instruments are"
    told = ", ".join(f"{one} ({rows:,} {'row' if rows == 1 else 'rows'})" for one, rows in like.most_common())
    return [
        f"{file}: {names} unknown, most like {told}; name them under [codes.assessments.instrument_id] in study.toml"
    ]


def scaling_faults(con: duckdb.DuckDBPyConnection, file: str, columns: Collection[str]) -> list[str]:
    """Instruments of which all totals, or all items, are in another scaling than the declared one."""
    faults = [*counted_from_one(con, file, columns)]
    known = instruments()
    for row in instrument_scalings():
        declared = known[row["instrument_id"]]
        step, low = float(row["step"] or 1), float(declared["total_min"])
        off = "abs(score - $2 - $3 * round((score - $2) / $3))"  # from the nearest total that the steps reach
        [(count, highest, unreachable, beyond)] = con.execute(
            f"SELECT count(*), max(score), count(*) FILTER (WHERE {off} >= 0.5),"
            " count(*) FILTER (WHERE score BETWEEN $4 AND $5 AND score > $6)"
            f" FROM loaded.assessments WHERE instrument_id = $1 AND {TOTAL}",
            [
                row["instrument_id"],
                low,
                step,
                float(row["other_min"]),
                float(row["other_max"]),
                float(declared["total_max"]),
            ],
        ).fetchall()
        within = bool(count) and highest <= float(row["other_max"])
        sure = {
            "step": within and unreachable > 0,
            "within": within and count >= FEWEST,
            "beyond": beyond >= 2 and beyond * 2 >= count,
        }
        if sure[row["kind"]]:
            faults.append(
                f"{file}: the {count:,} totals of {row['instrument_id']} are {row['other']}, and it is declared as"
                f" {declared['total_min']}–{declared['total_max']}; rescore them in the export (or in mapping.toml):"
                " two scalings are never mixed"
            )
    return faults


def counted_from_one(con: duckdb.DuckDBPyConnection, file: str, columns: Collection[str]) -> Iterator[str]:
    """Instruments that count their answers from 0, of which no item is 0 and some go beyond the last answer: the survey
    tool counted from 1, and a 1 on item 9 of the PHQ-9 then says that somebody has no such thoughts."""
    items = [column for column in columns if column.startswith("item_")]
    if not items:
        return
    known = instruments()
    lowest_of = f"least({', '.join(items)})"
    found = con.execute(
        f"SELECT instrument_id, count({lowest_of}), min({lowest_of}), max(greatest({', '.join(items)})) "
        "FROM loaded.assessments GROUP BY instrument_id ORDER BY instrument_id"
    ).fetchall()
    for instrument, count, lowest, highest in found:
        row = known.get(instrument)
        if not row or row["item_min"] != "0" or lowest is None or lowest < 1:
            continue
        if highest > float(row["item_max"]) or count >= NEVER_ZERO:
            beyond = f" and some go beyond {row['item_max']}" if highest > float(row["item_max"]) else ""
            yield (
                f"{file}: of the single items of {instrument} ({count:,} rows) none is 0{beyond}: the export counts the"
                " answers from 1; recode items and totals from 0"
            )
