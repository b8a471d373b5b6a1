"""Runs every rule over a loaded table: one counting pass, and only where a rule is broken a second look at the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from pipeline.ingest.cells.convert import CALENDAR_RANGE
from pipeline.ingest.cells.far_days import usual_range
from pipeline.ingest.column_faults import column_faults
from pipeline.ingest.files.places import places_in
from pipeline.ingest.forgotten import Forgotten, forgotten_rows_sql
from pipeline.ingest.keys import leave_out_repeats
from pipeline.ingest.loaded import Loaded
from pipeline.ingest.report import Breach
from pipeline.ingest.row_rule import RowRule
from pipeline.ingest.rules import article, row_rules
from pipeline.storage.quoting import literal, name


@dataclass(frozen=True, slots=True)
class CheckedTable:
    """A table after its rules: what was found, and faults that stop the run.  loaded.<table>_left_out names the rows to
    leave out."""

    loaded: Loaded
    breaches: tuple[Breach, ...]
    faults: tuple[str, ...]


def check_table(
    con: duckdb.DuckDBPyConnection,
    loaded: Loaded,
    before: Sequence[str],
    listed: Forgotten,
    *,
    dates_allowed: bool = True,
) -> CheckedTable:
    """Finds forgotten people, repeats, broken rules and orphans of one table; `before` names the tables already
    checked."""
    table = loaded.table.name
    con.execute(f"CREATE TABLE loaded.{table}_left_out (row BIGINT, fate VARCHAR, reasons VARCHAR)")
    for noted in ("breach", "cell"):
        con.execute(f"CREATE TABLE loaded.{table}_{noted} (row BIGINT, reason VARCHAR)")
    if listed.hashes:
        leave_out_forgotten(con, listed, loaded, before)
    breaches = leave_out_repeats(con, loaded)
    relative = loaded.dates is False
    rules = row_rules(loaded, relative)
    faults = column_faults(con, loaded, dates_allowed=dates_allowed)
    rules += far_day_rules(con, loaded)
    breaches += leave_out_cells(con, loaded, [rule for rule in rules if rule.severity == "cell"])
    breaches += broken_rules(con, loaded, [rule for rule in rules if rule.severity == "quarantine"])
    for column, other in loaded.table.links:
        if other in before and column in loaded.columns and somebody_left(con, other):
            found, fault = orphans(con, loaded, column, other)
            breaches += found
            faults += fault
    con.execute(
        f"INSERT INTO loaded.{table}_left_out SELECT row, 'quarantined', string_agg(reason, '; ' ORDER BY reason) "
        f"FROM loaded.{table}_breach GROUP BY row"
    )
    breaches += broken_rules(con, loaded, [rule for rule in rules if rule.severity == "warning"])
    make_kept(con, loaded)
    return CheckedTable(loaded, tuple(breaches), tuple(faults))


def active(con: duckdb.DuckDBPyConnection, loaded: Loaded) -> str:
    """The rows still to be judged, with their row id as `row`."""
    table = f"loaded.{loaded.table.name}"
    [(gone,)] = con.execute(f"SELECT count(*) FROM {table}_left_out").fetchall()
    without = f" ANTI JOIN {table}_left_out AS gone ON gone.row = r.rowid" if gone else ""
    return f"(SELECT r.rowid AS row, r.* FROM {table} AS r{without})"


def make_kept(con: duckdb.DuckDBPyConnection, loaded: Loaded) -> None:
    """loaded.<table>_kept: the rows that go on.  A view, so that clean records are written to disk once."""
    con.execute(
        f"CREATE OR REPLACE VIEW loaded.{loaded.table.name}_kept AS SELECT * FROM {active(con, loaded)} AS kept"
    )


def leave_out_forgotten(
    con: duckdb.DuckDBPyConnection, listed: Forgotten, loaded: Loaded, before: Sequence[str]
) -> None:
    """Rows of forgotten people: by their own id, or by the episode of such a person."""
    table = loaded.table.name
    if "patient_id" in loaded.columns:
        found = forgotten_rows_sql(listed, table, "patient_id")
    elif "episode_id" in loaded.columns:
        owners = [
            f"SELECT e.episode_id FROM loaded.{other} AS e JOIN loaded.{other}_left_out AS gone ON gone.row = e.rowid "
            "WHERE gone.fate = 'forgotten' AND e.episode_id IS NOT NULL"
            for other in ("episodes", "sessions")
            if other in before
        ]
        if not owners:
            return
        found = f"SELECT r.rowid AS row FROM loaded.{table} AS r WHERE r.episode_id IN ({' UNION '.join(owners)})"
    else:
        return
    con.execute(f"INSERT INTO loaded.{table}_left_out SELECT row, 'forgotten', '' FROM ({found}) AS found")


def broken_rules(con: duckdb.DuckDBPyConnection, loaded: Loaded, rules: Sequence[RowRule]) -> list[Breach]:
    """The rules that are broken, counted in one pass; rows to be quarantined are noted in loaded.<table>_breach."""
    if not rules:
        return []
    rows = active(con, loaded)
    counts = ", ".join(f"count(*) FILTER (WHERE {rule.broken})" for rule in rules)
    [found] = con.execute(f"SELECT {counts} FROM {rows} AS r").fetchall()
    return [
        note(con, loaded, rule, f"SELECT row FROM {rows} AS r WHERE {rule.broken}", count)
        for rule, count in zip(rules, found, strict=True)
        if count
    ]


def leave_out_cells(con: duckdb.DuckDBPyConnection, loaded: Loaded, rules: Sequence[RowRule]) -> list[Breach]:
    """Tells the cells that cannot be used and empties them: the row, and the person, stay."""
    table, breaches = loaded.table.name, broken_rules(con, loaded, rules)
    told = {breach.rule for breach in breaches}
    for rule in rules:
        if rule.name in told:
            con.execute(
                f"INSERT INTO loaded.{table}_cell SELECT row, {literal(rule.sentence)} FROM {active(con, loaded)} AS r"
                f" WHERE {rule.broken}"
            )
            con.execute(f"UPDATE loaded.{table} SET {name(rule.column)} = NULL WHERE {rule.broken}")
    return breaches


def note(con: duckdb.DuckDBPyConnection, loaded: Loaded, rule: RowRule, rows: str, count: int) -> Breach:
    """One broken rule with its first places; `rows` is SQL that gives the row ids."""
    if rule.severity == "quarantine":
        con.execute(
            f"INSERT INTO loaded.{loaded.table.name}_breach SELECT row, {literal(rule.sentence)} FROM ({rows}) AS"
            " broken"
        )
    found = places_in(con, loaded, rows)
    advice = "; ".join(filter(None, [*named(con, loaded, rule, rows), rule.advice]))
    return Breach(
        loaded.table.name, rule.name, rule.severity, rule.sentence, count, found.first, advice, found.files, found.lines
    )


def named(con: duckdb.DuckDBPyConnection, loaded: Loaded, rule: RowRule, rows: str) -> list[str]:
    """What the broken rows should have been, each once."""
    if not rule.named:
        return []
    told = con.execute(
        f"SELECT DISTINCT {rule.named} FROM loaded.{loaded.table.name} AS r WHERE r.rowid IN ({rows}) ORDER BY 1"
    ).fetchall()
    return [", ".join(one for (one,) in told if one)]


def far_day_rules(con: duckdb.DuckDBPyConnection, loaded: Loaded) -> list[RowRule]:
    """Days years away from all others of their column: they would move the end of everybody's observation."""
    rules = []
    for column in loaded.table.columns if loaded.dates else ():
        if column.kind != "day" or column.staged not in loaded.columns:
            continue
        cell = name(column.staged)
        low, high = CALENDAR_RANGE
        days = con.execute(
            f"SELECT {cell}, count(*) FROM {active(con, loaded)} AS r WHERE {cell} BETWEEN {low} AND {high} "
            "GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        usual = usual_range(days)
        if usual:
            called = column.spellings[1]
            rules.append(
                RowRule(
                    f"{column.name}_far_from_the_rest",
                    f"{cell} < {usual[0]} OR {cell} > {usual[1]}",
                    "quarantine" if column.need == "required" else "cell",
                    f"have {article(called)} {called} more than five years from all the others",
                    "a mistyped year? It would move the first or last day on which anybody is seen",
                    column.staged,
                )
            )
    return rules


def somebody_left(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    """False where no row of a table is left: that is told there, and every row that points to it would only repeat
    it."""
    [(kept,)] = con.execute(f"SELECT count(*) FROM (SELECT 1 FROM loaded.{table}_kept LIMIT 1) AS one").fetchall()
    return bool(kept)


def beyond_all(loaded: Loaded, other: str) -> str:
    """What to do about ids that another table does not hold: people of tests are as likely as an export cut short."""
    how = " by leave_out in mapping.toml" if loaded.lines else " of the export"
    return f"export {other} again with everybody in it, or, where they are test records, leave them out{how}"


def orphans(con: duckdb.DuckDBPyConnection, loaded: Loaded, column: str, other: str) -> tuple[list[Breach], list[str]]:
    """Rows that point to nobody: quarantined; where all of them do, the two files do not belong together and the run
    stops.

    Apart from them those whose row of the other table was set apart: that is the cause, and this what it costs.
    """
    cell = name(column)
    rows = active(con, loaded)
    lost = (
        f"FROM {rows} AS r ANTI JOIN loaded.{other}_kept AS known ON known.{cell} = r.{cell} WHERE r.{cell} IS NOT NULL"
    )
    [(count,)] = con.execute(f"SELECT count(*) {lost}").fetchall()
    if not count:
        return [], []
    there = f"r.{cell} IN (SELECT {cell} FROM loaded.{other} WHERE {cell} IS NOT NULL)"
    [(known,)] = con.execute(f"SELECT count(*) FILTER (WHERE {there}) FROM {rows} AS r").fetchall()
    if not known:
        files = ", ".join(part.file for part in loaded.parts)
        none = f"not one of its {count:,} rows has a" if count > 1 else "its only row has no"
        return [], [
            f"{files}: {none} {column} that is in {other}; were the two exported with "
            "different ids? Export them together"
        ]
    rules = (
        (
            RowRule(
                f"{column}_set_apart",
                "",
                "quarantine",
                f"have {article(column)} {column} whose own row in {other} is set apart",
                f"mend {other} and they are back",
            ),
            there,
        ),
        (
            RowRule(
                f"{column}_unknown",
                "",
                "quarantine",
                f"have {article(column)} {column} that is not in {other}",
                beyond_all(loaded, other),
            ),
            f"NOT {there}",
        ),
    )
    found = []
    for rule, which in rules:
        [(of_this,)] = con.execute(f"SELECT count(*) {lost} AND {which}").fetchall()
        if of_this:
            found.append(note(con, loaded, rule, f"SELECT r.row {lost} AND {which}", of_this))
    return found, []
