"""Records that are hard on an engine: cells missing everywhere, ties, equal days, borders of every window, odd ids."""

from collections.abc import Sequence

from tests.spec.drawn import Row
from tests.unit.warehouse.records import random_records

ODD = ("p", "P", "é", "😀", "~", "o'", "Zz ")  # orders and lengths that engines may see differently
IDS = ("patient_id", "episode_id", "session_id")


def torture(seeds: Sequence[int]) -> dict[str, list[Row]]:
    """The records of several seeds as one study, each seed's people under ids of another kind."""
    tables: dict[str, list[Row]] = {}
    for place, seed in enumerate(seeds):
        for table, rows in random_records(seed).items():
            tables.setdefault(table, []).extend(renamed(row, ODD[place % len(ODD)]) for row in rows)
    tables["programs"] = tables["programs"][:2]
    for table, rows in planted().items():
        tables[table].extend(rows)
    return tables


def planted() -> dict[str, list[Row]]:
    """What chance seldom draws: a course of intensive outpatient care with a score a week, in a hospital's program."""
    days = range(0, 40, 2)
    return {
        "patients": [{"patient_id": "tapered", "observed_from_day": -10, "observed_to_day": 80}],
        "sessions": [
            {
                "session_id": f"tapered {day}",
                "patient_id": "tapered",
                "program_id": "H",
                "level_of_care": "IOP",
                "service_day": day,
                "status": "attended",
                "minutes_scheduled": 180.0,
                "minutes_attended": 180.0 - day,
                "pos": "21",
            }
            for day in days
        ],
        "assessments": [
            {"patient_id": "tapered", "instrument_id": "PHQ9", "assessed_day": day, "score": 20.0 - day / 2}
            for day in range(0, 40, 7)
        ],
    }


def renamed(row: Row, prefix: str) -> Row:
    return {name: f"{prefix}{cell}" if name in IDS and cell is not None else cell for name, cell in row.items()}
