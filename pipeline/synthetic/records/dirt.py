"""Faults of a real export, planted in known numbers: what ingest keeps apart must be exactly this.

Every faulty row is an added one, so that no truth changes.  Only faults with one right answer are planted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from pipeline.synthetic.records.identifiers import tokens

DUPLICATE_SHARE = 0.005  # of sessions, sent twice
Fate = Literal["quarantined", "duplicate", "warning", "kept"]


@dataclass(frozen=True, slots=True)
class Planted:
    """So many rows of one table with one kind of fault, and what must become of them."""

    table: str
    kind: str
    rows: int
    fate: Fate


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault: a copy of a good row under a new key, with one column spoiled.

    key     column that gets a new token, "" where the table has no key of one column
    among   (column, word) of the rows that may be copied; empty: any
    """

    table: str
    kind: str
    key: str
    column: str
    value: Any
    fate: Fate = "quarantined"
    among: tuple[str, ...] = ()


FAULTS = (
    Fault("sessions", "unknown status", "session_id", "status", "completed"),
    Fault("sessions", "no service day", "session_id", "service_day", None),
    Fault("sessions", "no program", "session_id", "program_id", None),
    Fault("sessions", "patient not in patients", "session_id", "patient_id", "p0nobody"),
    Fault("assessments", "score outside the scale", "", "score", 99, among=("instrument_id", "PHQ9")),
    Fault("assessments", "no score", "", "score", None),
    Fault("assessments", "unknown instrument", "", "instrument_id", "PHQ99"),
    Fault("assessments", "patient not in patients", "", "patient_id", "p0nobody"),
    Fault("episodes", "ends before it starts", "episode_id", "end_day", -1),
    Fault("episodes", "no start", "episode_id", "start_day", None),
    Fault("discharges", "unknown ending", "episode_id", "ending", "absconded"),
    Fault("discharges", "episode not in episodes", "episode_id", "ending", "other"),
    Fault("followups", "unknown outcome of the attempt", "", "reached", "perhaps"),
    Fault("followups", "no outcome of the attempt", "", "reached", None),
    Fault("costs", "no amount", "", "amount", None),
    Fault("patients", "observation ends before it starts", "patient_id", "observed_to_day", -1),
)
BEFORE = {
    "end_day": "start_day",
    "observed_to_day": "observed_from_day",
}  # a value of -1 means: ten days before this one
DAY_OF = {
    "assessments": "assessed_day",
    "followups": "contact_day",
}  # moved, so that a spoiled row has a key of its own


def soiled(
    tables: Mapping[str, pd.DataFrame], rng: np.random.Generator
) -> tuple[dict[str, pd.DataFrame], tuple[Planted, ...]]:
    """The tables with faults planted at random places, and the list of what was planted."""
    each = max(3, len(tables["patients"]) // 1500)
    open_episodes = without_discharge(tables, rng)
    dirty, planted = dict(tables), []
    for name in tables:
        faults = [fault for fault in FAULTS if fault.table == name]
        base = able_to_hold(tables[name], faults)
        spoiled = [copies(base, fault, each, rng, open_episodes) for fault in faults] + repeats(name, base, each, rng)
        planted += [Planted(name, kind, len(rows), fate) for kind, fate, rows, _ in spoiled]
        if spoiled:
            dirty[name] = scattered(base, [rows for _, _, rows, _ in spoiled], [place for _, _, _, place in spoiled])
    for minutes, status, kind in (
        (120, "attended", "attended longer than scheduled"),
        (30, "no_show", "minutes of one who did not come"),
    ):
        dirty["sessions"] = with_minutes(dirty["sessions"], status, minutes, each, rng)
        planted.append(Planted("sessions", kind, each, "warning"))
    return dirty, tuple(planted)


Spoiled = tuple[str, Fate, pd.DataFrame, np.ndarray]  # kind, fate, rows, place of each in the file


def able_to_hold(table: pd.DataFrame, faults: list[Fault]) -> pd.DataFrame:
    """The table, its coded columns and keys able to hold the faults' words."""
    table = table.copy(deep=False)
    for fault in faults:
        column = table[fault.column]
        if (
            isinstance(column.dtype, pd.CategoricalDtype)
            and isinstance(fault.value, str)
            and fault.value not in column.cat.categories
        ):
            table[fault.column] = column.cat.add_categories([fault.value])
        if fault.key:
            table[fault.key] = table[fault.key].astype(object)
    return table


def copies(
    table: pd.DataFrame, fault: Fault, count: int, rng: np.random.Generator, open_episodes: np.ndarray
) -> Spoiled:
    """Faulty copies of rows of the table."""
    able = rows_where(table[fault.among[0]] == fault.among[1]) if fault.among else np.arange(len(table))
    rows = table.iloc[rng.choice(able, count, replace=False)].copy()
    if fault.key:
        unknown = fault.table != "discharges" or fault.kind == "episode not in episodes"
        rows[fault.key] = tokens(f"{fault.key[0]}{len(fault.kind)}", count, rng) if unknown else open_episodes[:count]
    elif fault.table in DAY_OF:
        rows[DAY_OF[fault.table]] = rows[DAY_OF[fault.table]] - 400
    if fault.value == -1:
        rows[fault.column] = rows[BEFORE[fault.column]] - 10
    else:
        rows[fault.column] = pd.array([fault.value] * count, dtype=table[fault.column].dtype)
    return fault.kind, fault.fate, rows, rng.uniform(0, len(table), count)


def without_discharge(tables: Mapping[str, pd.DataFrame], rng: np.random.Generator) -> np.ndarray:
    """Episodes without a discharge, in random order: a bad ending there is the row's only fault."""
    free = set(tables["episodes"]["episode_id"]) - set(tables["discharges"]["episode_id"])
    return rng.permutation(np.array(sorted(free), dtype=object))


def repeats(name: str, table: pd.DataFrame, each: int, rng: np.random.Generator) -> list[Spoiled]:
    """Rows that come twice: sessions to the letter, a second PHQ-9 on one day, equal amounts on one day."""
    if name == "sessions":
        which = rng.choice(len(table), int(DUPLICATE_SHARE * len(table)), replace=False)
        return [("sent twice", "duplicate", table.iloc[which], which + 1.0)]
    if name == "assessments":
        which = rng.choice(
            rows_where((table["instrument_id"] == "PHQ9") & table["score"].between(1, 27)), each, replace=False
        )
        again = table.iloc[which].assign(score=table["score"].iloc[which] - 1)
        return [("second score on one day, the first counts", "duplicate", again, which + 1.0)]
    if name == "costs":
        which = rng.choice(len(table), each, replace=False)
        return [("equal amount on one day, both count", "kept", table.iloc[which], which + 1.0)]
    return []


def rows_where(condition: pd.Series) -> np.ndarray:
    """Positions where a condition holds and is known."""
    return np.flatnonzero(condition.fillna(False).to_numpy(dtype=bool))


def scattered(table: pd.DataFrame, added: list[pd.DataFrame], places: list[np.ndarray]) -> pd.DataFrame:
    """All together; each added row after so many of the table's own."""
    rows = pd.concat(added, ignore_index=True).astype(table.dtypes.to_dict())
    together = pd.concat([table, rows], ignore_index=True)
    order = np.argsort(
        np.concatenate([np.arange(len(table), dtype=float), np.concatenate(places) - 0.5]), kind="stable"
    )
    return together.iloc[order].reset_index(drop=True)


def with_minutes(
    sessions: pd.DataFrame, status: str, minutes: int, each: int, rng: np.random.Generator
) -> pd.DataFrame:
    """The sessions with the attended minutes of a few hour-long ones changed; rows sent twice are left alone."""
    once = ~sessions["session_id"].duplicated(keep=False)
    able = rows_where(
        once & (sessions["status"] == status) & (sessions["minutes_scheduled"] == 60) & sessions["program_id"].notna()
    )
    attended = sessions["minutes_attended"].copy()
    attended.iloc[rng.choice(able, each, replace=False)] = minutes
    return sessions.assign(minutes_attended=attended)
