"""What the twins share: rows with names, grouping, and the tables of a built warehouse."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from types import SimpleNamespace

import duckdb

Rows = list[SimpleNamespace]
SETTERS = {"IP": 1, "RES": 2, "PHP": 3, "IOP": 4, "OP": 5, "OTP": 6, "UNKNOWN": 7}
INTENSITY = {"OP": 1, "IOP": 2, "PHP": 3, "RES": 4, "IP": 5}
SLEEPING = ("RES", "IP")


class Warehouse:
    """The tables of a built warehouse, read once each: w.sessions, w.raw_sessions for staging."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con, self.read = con, {}

    def __getattr__(self, name: str) -> Rows:
        if name not in self.read:
            table = f"staging.{name[4:]}" if name.startswith("raw_") else name
            result = self.con.execute(f"SELECT * FROM {table}")
            columns = [column[0] for column in result.description]
            self.read[name] = [SimpleNamespace(**dict(zip(columns, row, strict=True))) for row in result.fetchall()]
        return self.read[name]

    @property
    def choice(self) -> SimpleNamespace:
        return self.protocol[0]

    @property
    def arms(self) -> dict[str, str]:
        return {row.level_of_care: row.arm for row in self.arm_level}

    @property
    def gaps(self) -> dict[str, int]:
        return {row.level_of_care: row.gap_days for row in self.care_level}

    @property
    def people(self) -> dict[str, SimpleNamespace]:
        return {row.patient_id: row for row in self.raw_patients}


def by(rows: Iterable[SimpleNamespace], key: Callable) -> dict:
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def first_not_none(*values):
    return next((value for value in values if value is not None), None)


def chained(spans: list[tuple[int, int]], gap: int) -> list[list[tuple[int, int]]]:
    """Spans in order, cut wherever the silence since everything before is longer than the gap."""
    chains: list[list[tuple[int, int]]] = []
    for span in spans:
        if chains and span[0] - max(end for chain in chains for _, end in chain) <= gap:
            chains[-1].append(span)
        else:
            chains.append([span])
    return chains


def care_of(w: Warehouse, person_no: int) -> list[tuple[int, int, SimpleNamespace]]:
    settings = {s.setting_no: s for s in w.setting}
    return sorted(
        ((d.service_day, d.through_day, settings[d.setting_no]) for d in w.service_days if d.person_no == person_no),
        key=lambda span: (span[0], span[1], span[2].setting_no),
    )


def scores_of(
    w: Warehouse, patient: str, instrument: str, start: int, window: tuple[int, int]
) -> list[tuple[int, SimpleNamespace]]:
    return [
        (a.assessed_day - start, a)
        for a in w.raw_assessments
        if (a.patient_id, a.instrument_id, a.subscale) == (patient, instrument, "")
        and window[0] <= a.assessed_day - start <= window[1]
    ]


def nearest(scores: list, day: int):
    return min(scores, key=lambda pair: (abs(pair[0] - day), pair[0]), default=None)
