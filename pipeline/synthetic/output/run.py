"""`carelevels synthesize`: a study folder of records that were never anybody's, with the true answers beside them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.study import REGIMES
from pipeline.study_toml.file import load_study
from pipeline.synthetic.output.study_file import synthetic_study
from pipeline.synthetic.scenarios import Scenario, scenario_named

DEFAULT_SEED = 20260101
FEWEST, MOST = 200, 1_000_000


@dataclass(frozen=True, slots=True)
class SynthesizeReport:
    """What was written: rows per raw table, planted faults by table and kind ({"rows": n, "fate": …}), and sha256 per
    file.

    fate is quarantined, duplicate, warning or kept: what ingest must make of those rows.
    """

    folder: str
    scenario: str
    patients: int
    seed: int
    regime: str
    rows: dict[str, int]
    dirt: dict[str, dict[str, dict[str, Any]]]
    files: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """The report as what JSON knows."""
        return asdict(self)

    def lines(self) -> list[str]:
        """The report in sentences."""
        rows = ", ".join(f"{count:,} {name}" for name, count in self.rows.items())
        planted = sum(fault["rows"] for kinds in self.dirt.values() for fault in kinds.values())
        return [
            (
                f'{self.folder}: synthetic records of {self.patients:,} people, scenario "{self.scenario}", seed'
                f" {self.seed}"
            ),
            f"{rows}; among them {planted:,} faulty or repeated rows, planted in known numbers",
        ]

    def planted(self, table: str, fate: str) -> int:
        """Rows of one raw table that must meet this fate."""
        return sum(fault["rows"] for fault in self.dirt.get(table, {}).values() if fault["fate"] == fate)


def synthesize(
    folder: Path | str,
    patients: int = 12000,
    scenario: str = "default",
    seed: int = DEFAULT_SEED,
    regime: str = "limited-data-set",
    say: Callable[[str], None] = lambda text: None,
) -> SynthesizeReport:
    """Writes study.toml, raw/*.csv and truth.json into an empty or missing folder, or over files that it wrote itself.

    The same arguments give the same bytes (same package versions).  Raises UsageError for an unknown scenario or
    regime, a number of people outside 200 .. 1,000,000, or a folder that holds anybody's own files.
    """
    from pipeline.synthetic.output.files import note_made, refuse_to_overwrite, write_tables
    from pipeline.synthetic.truth.answers import write_truth

    folder = Path(folder)
    chosen = scenario_named(scenario)
    refuse_arguments(patients, regime)
    refuse_to_overwrite(folder)
    folder.mkdir(parents=True, exist_ok=True)
    made = drawn_tables(patients, chosen, seed, regime)
    say(f"writing {sum(map(len, made.tables.values())):,} rows of synthetic records into {folder}/raw")
    written = write_tables(folder / "raw", made.tables, made.origin)
    study, truth = folder / "study.toml", folder / "truth.json"
    study.write_text(synthetic_study(folder.resolve().name, regime, seed, scenario), encoding="utf-8")
    write_truth(truth, made.truth)
    load_study(folder)
    rows = {name: len(table) for name, table in made.tables.items()}
    report = SynthesizeReport(
        str(folder),
        scenario,
        patients,
        seed,
        regime,
        rows,
        by_kind(made.planted),
        note_made(folder, [study, truth, *written.values()]),
    )
    for line in report.lines():
        say(line)
    return report


def refuse_arguments(patients: int, regime: str) -> None:
    """Raises UsageError for a regime or a number of people that cannot be."""
    if regime not in REGIMES:
        raise UsageError(f'no regime "{regime}"; choose one of: {", ".join(REGIMES)}')
    if not FEWEST <= patients <= MOST:
        raise UsageError(f"--patients must lie between {FEWEST:,} and {MOST:,}")


@dataclass(frozen=True, slots=True)
class Made:
    """A study before it is written: tables by name, each person's origin of days (None: dates), truths, planted
    faults."""

    tables: dict[str, Any]
    origin: Any
    truth: list[dict[str, object]]
    planted: tuple[Any, ...]


def drawn_tables(patients: int, scenario: Scenario, seed: int, regime: str) -> Made:
    """People and their tables; people, paper and dirt have generators of their own, so that one can change without the
    others."""
    import numpy as np

    from pipeline.synthetic.population import draw
    from pipeline.synthetic.records.dirt import soiled
    from pipeline.synthetic.records.tables import records_of
    from pipeline.synthetic.truth.answers import truth_of

    people, paper, dirt = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(3))
    drawn = draw(patients, people, scenario)
    tables, coverage = records_of(drawn, regime, paper)
    origin = None if regime == "limited-data-set" else coverage.start - paper.integers(100, 700, patients)
    tables, planted = soiled(tables, dirt)
    return Made(tables, origin, truth_of(drawn, coverage.new_user), planted)


def by_kind(planted: tuple[Any, ...]) -> dict[str, dict[str, dict[str, Any]]]:
    """Planted faults by table and kind."""
    result: dict[str, dict[str, dict[str, Any]]] = {}
    for fault in planted:
        result.setdefault(fault.table, {})[fault.kind] = {"rows": fault.rows, "fate": fault.fate}
    return result
