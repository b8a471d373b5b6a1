"""A study of a few people, drawn anew from a seed; the fuzzer bends it."""

from dataclasses import dataclass
from datetime import date, timedelta

ALWAYS = ("patients", "sessions")
SOMETIMES = ("episodes", "assessments", "costs", "discharges")


@dataclass
class Drawn:
    """A study before it is written: rows by table, header first; files (name → bytes) that were bent by hand; toml."""

    folder: object
    tables: dict
    files: dict
    toml: str = '[study]\nname = "fuzz"\n'

    def name_of(self, table):
        return f"{table}.csv"

    def content(self, table):
        """A table's file as bytes: what a bend of bytes made of it, else its rows as CSV."""
        name = self.name_of(table)
        return self.files.get(name) or csv_bytes(self.tables[table])

    def write(self):
        raw = self.folder / "raw"
        raw.mkdir(parents=True, exist_ok=True)
        for table in self.tables:
            self.files.setdefault(self.name_of(table), csv_bytes(self.tables[table]))
        for name, content in self.files.items():
            path = self.folder / name if "/" in name else raw / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is not None:
                path.write_bytes(content)
        toml = self.toml if isinstance(self.toml, bytes) else self.toml.encode(errors="surrogateescape")
        (self.folder / "study.toml").write_bytes(toml)


def csv_bytes(rows):
    return "".join(",".join(cell if plain(cell) else quoted(cell) for cell in row) + "\n" for row in rows).encode(
        errors="surrogateescape"
    )


def plain(cell):
    return not any(letter in cell for letter in ',"\n\r')


def quoted(cell):
    return '"' + cell.replace('"', '""') + '"'


def drawn(folder, rng):
    """Patients and sessions, and now and then other tables."""
    people = [f"p{n}" for n in range(1, rng.randint(2, 9))]
    tables = {"patients": patients(people, rng), "sessions": sessions(people, rng)}
    if rng.random() < 0.35:
        table = rng.choice(SOMETIMES)
        tables |= OTHERS[table](people, rng)
    return Drawn(folder, tables, {})


def day(rng):
    return (date(2025, 1, 1) + timedelta(days=rng.randint(0, 300))).isoformat()


def patients(people, rng):
    rows = [
        [one, str(rng.randint(1940, 2005)), rng.choice("FMU"), rng.choice(("WHITE", "BLACK", "UNK"))] for one in people
    ]
    return [["patient_id", "birth_year", "sex", "race_ethnicity"], *rows]


def sessions(people, rng):
    rows = [
        [f"s{n}", rng.choice(people), "g1", day(rng), "attended", "60", rng.choice(("60", "50")), "90853"]
        for n in range(rng.randint(3, 12))
    ]
    head = "session_id patient_id program_id service_date status minutes_scheduled minutes_attended cpt_hcpcs"
    return [head.split(), *rows]


def episodes(people, rng):
    rows = [[f"e{n}", one, "g1", "IOP", "2025-01-06", day(rng)] for n, one in enumerate(people)]
    return {"episodes": [["episode_id", "patient_id", "program_id", "level_of_care", "start_date", "end_date"], *rows]}


def assessments(people, rng):
    rows = [[one, "PHQ9", day(rng), str(rng.randint(0, 27)), "intake"] for one in people]
    return {"assessments": [["patient_id", "instrument_id", "assessed_date", "score", "occasion"], *rows]}


def costs(people, rng):
    rows = [[one, day(rng), str(rng.randint(1, 900)), "paid", "USD", "2025", "payer"] for one in people]
    head = "patient_id service_date amount amount_kind currency price_year perspective"
    return {"costs": [head.split(), *rows]}


def discharges(people, rng):
    rows = [[f"e{n}", day(rng), rng.choice(("completed", "dropped_out"))] for n, _ in enumerate(people)]
    return episodes(people, rng) | {"discharges": [["episode_id", "discharge_date", "ending"], *rows]}


OTHERS = {"episodes": episodes, "assessments": assessments, "costs": costs, "discharges": discharges}
