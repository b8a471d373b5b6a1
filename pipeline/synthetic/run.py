"""`carelevels synthesize`: a study folder of records that were never anybody's, with the true answers beside them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.study import REGIMES, load_study
from pipeline.synthetic.scenarios import Scenario, scenario_named
from pipeline.synthetic.study_file import synthetic_study

DEFAULT_SEED = 20260101
FEWEST, MOST = 200, 1_000_000


@dataclass(frozen=True, slots=True)
class SynthesizeReport:
    """What was written: rows per raw table, people, and sha256 per file."""

    folder: str
    scenario: str
    patients: int
    seed: int
    regime: str
    rows: dict[str, int]
    files: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """The report as what JSON knows."""
        return asdict(self)

    def lines(self) -> list[str]:
        """The report in sentences."""
        rows = ", ".join(f"{count:,} {name}" for name, count in self.rows.items())
        return [f"{self.folder}: synthetic records of {self.patients:,} people, scenario \"{self.scenario}\", seed {self.seed}", rows]


def synthesize(folder: Path | str, patients: int = 12000, scenario: str = "default", seed: int = DEFAULT_SEED,
               regime: str = "limited-data-set", say: Callable[[str], None] = lambda text: None) -> SynthesizeReport:
    """Writes study.toml, raw/*.csv and truth.json into an empty or missing folder, or over files that it wrote itself.

    The same arguments give the same bytes (same package versions).  Raises UsageError for an unknown scenario or regime,
    a number of people outside 200 .. 1,000,000, or a folder that holds anybody's own files.
    """
    from pipeline.synthetic.files import note_made, refuse_to_overwrite, write_tables

    folder = Path(folder)
    chosen = scenario_named(scenario)
    refuse_arguments(patients, regime)
    refuse_to_overwrite(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _, tables, origin = drawn_tables(patients, chosen, seed, regime)
    say(f"writing {sum(map(len, tables.values())):,} rows of synthetic records into {folder}/raw")
    written = write_tables(folder / "raw", tables, origin)
    study = folder / "study.toml"
    study.write_text(synthetic_study(folder.resolve().name, regime, seed, scenario), encoding="utf-8")
    load_study(folder)
    files = note_made(folder, [study, *written.values()])
    report = SynthesizeReport(str(folder), scenario, patients, seed, regime, {name: len(table) for name, table in tables.items()}, files)
    for line in report.lines():
        say(line)
    return report


def refuse_arguments(patients: int, regime: str) -> None:
    """Raises UsageError for a regime or a number of people that cannot be."""
    if regime not in REGIMES:
        raise UsageError(f"no regime \"{regime}\"; choose one of: {', '.join(REGIMES)}")
    if not FEWEST <= patients <= MOST:
        raise UsageError(f"--patients must lie between {FEWEST:,} and {MOST:,}")


def drawn_tables(patients: int, scenario: Scenario, seed: int, regime: str) -> tuple[Any, Any, Any]:
    """People and their tables; people and paper have generators of their own, so that one can change without the other."""
    import numpy as np

    from pipeline.synthetic.population import draw
    from pipeline.synthetic.records import records_of

    people_rng, paper_rng = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
    drawn = draw(patients, people_rng, scenario)
    tables, coverage = records_of(drawn, regime, paper_rng)
    origin = None if regime == "limited-data-set" else coverage.start - paper_rng.integers(100, 700, patients)
    return drawn, tables, origin
