"""Whose minutes a column holds, those planned or those that took place: told by its name, or by the visits that did not
happen."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.ingest.drafting.kinds import Kind
from pipeline.ingest.drafting.raw_groups import Group
from pipeline.ingest.known.knowledge import code_for, plain
from pipeline.schema import STATUSES
from pipeline.storage.quoting import literals, name

if TYPE_CHECKING:
    import duckdb

    from pipeline.ingest.drafting.profiles import Profile

SAYS_SO = re.compile(r"\b(scheduled|planned|booked|slot|appt|appointment)\b")
MISSED = {*STATUSES} - {"attended", "bed_day"}
HALF = 0.5  # of the visits that did not happen
DOUBT = "scheduled, or minutes_attended? No missed visit tells"


def with_minutes_told(con: duckdb.DuckDBPyConnection, group: Group, kind: Kind) -> Kind:
    """The kind of a file of sessions whose minutes are scheduled, attended, or marked as not known to be either."""
    minutes = kind.columns.get("minutes_scheduled")
    if kind.table != "sessions" or minutes is None or SAYS_SO.search(plain(minutes.column)):
        return kind
    missed, with_minutes = missed_visits(con, group, kind, minutes)
    columns = {**kind.columns}
    if not missed and "minutes_attended" in columns:
        return kind  # the others have a column of their own
    if not missed:
        columns["minutes_scheduled"] = replace(minutes, doubt=DOUBT)
    elif with_minutes < HALF * missed:
        del columns["minutes_scheduled"]
        columns.setdefault("minutes_attended", minutes)
    return replace(kind, columns=columns)


def missed_visits(con: duckdb.DuckDBPyConnection, group: Group, kind: Kind, minutes: Profile) -> tuple[int, int]:
    """How many visits did not happen, and how many of these have minutes above zero."""
    status = kind.columns.get("status")
    words = [cell for cell, _ in status.words if code_for("status", cell) in MISSED] if status else []
    if not status or not words:
        return 0, 0
    among = f"trim(CAST({name(status.column)} AS VARCHAR)) IN ({literals(words)})"
    some = f"regexp_matches(CAST({name(minutes.column)} AS VARCHAR), '[1-9]')"
    found = con.execute(f"SELECT count(*), count_if({some}) FROM {group.layout.relation()} WHERE {among}").fetchone()
    return found or (0, 0)
