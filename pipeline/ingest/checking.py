"""Runs every rule over a loaded table: one counting pass, and only where a rule is broken a second look at the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from pipeline.ingest.forgotten import Forgotten, forgotten_rows_sql
from pipeline.ingest.keys import leave_out_repeats
from pipeline.ingest.loading import Loaded
from pipeline.ingest.quoting import literal, name
from pipeline.ingest.report import SHOWN_PLACES, Breach
from pipeline.ingest.row_rule import RowRule
from pipeline.ingest.rules import article, row_rules


@dataclass(frozen=True, slots=True)
class CheckedTable:
    """A table after its rules: what was found, and faults that stop the run.  loaded.<table>_left_out names the rows to
    leave out."""

    loaded: Loaded
    breaches: tuple[Breach, ...]
    faults: tuple[str, ...]


def check_table(
    con: duckdb.DuckDBPyConnection, loaded: Loaded, before: Sequence[str], listed: Forgotten
) -> CheckedTable:
    """Finds forgotten people, repeats, broken rules and orphans of one table; `before` names the tables already
    checked."""
    table = loaded.table.name
    con.execute(f"CREATE TABLE loaded.{table}_left_out (row BIGINT, fate VARCHAR, reasons VARCHAR)")
    con.execute(f"CREATE TABLE loaded.{table}_breach (row BIGINT, reason VARCHAR)")
    if listed.hashes:
        leave_out_forgotten(con, listed, loaded, before)
    breaches = leave_out_repeats(con, loaded)
    relative = loaded.dates is False
    rules = row_rules(loaded, relative)
    breaches += broken_rules(con, loaded, [rule for rule in rules if rule.severity == "quarantine"])
    faults = []
    for column, other in loaded.table.links:
        if other in before and column in loaded.columns:
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


def note(con: duckdb.DuckDBPyConnection, loaded: Loaded, rule: RowRule, rows: str, count: int) -> Breach:
    """One broken rule with its first places; `rows` is SQL that gives the row ids."""
    if rule.severity == "quarantine":
        con.execute(
            f"INSERT INTO loaded.{loaded.table.name}_breach SELECT row, {literal(rule.sentence)} FROM ({rows}) AS"
            " broken"
        )
    first = con.execute(f"SELECT row FROM ({rows}) AS broken ORDER BY row LIMIT {SHOWN_PLACES}").fetchall()
    return Breach(
        loaded.table.name,
        rule.name,
        rule.severity,
        rule.sentence,
        count,
        tuple(loaded.place(row) for (row,) in first),
        rule.advice,
    )


def orphans(con: duckdb.DuckDBPyConnection, loaded: Loaded, column: str, other: str) -> tuple[list[Breach], list[str]]:
    """Rows that point to nobody: quarantined; where all of them do, the two files do not belong together and the run
    stops."""
    cell = name(column)
    rows = active(con, loaded)
    found = (
        f"SELECT r.row FROM {rows} AS r ANTI JOIN loaded.{other}_kept AS known ON known.{cell} = r.{cell} "
        f"WHERE r.{cell} IS NOT NULL"
    )
    [(count,)] = con.execute(f"SELECT count(*) FROM ({found}) AS lost").fetchall()
    if not count:
        return [], []
    [(pointing,)] = con.execute(f"SELECT count({cell}) FROM {rows} AS r").fetchall()
    if count == pointing:
        files = ", ".join(part.file for part in loaded.parts)
        return [], [
            f"{files}: not one of its {count:,} rows has a {column} that is in {other}; were the two exported with "
            "different ids? Export them together"
        ]
    rule = RowRule(
        f"{column}_unknown",
        "",
        "quarantine",
        f"have {article(column)} {column} that is not in {other}",
        f"export {other} again with everybody in it; rows of {other} that are quarantined count as absent",
    )
    return [note(con, loaded, rule, found, count)], []
