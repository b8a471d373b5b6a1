"""How often the gate withholds what should pass, and lets pass what should not, at the sizes that programs have.

python -m tests.simulation.gate.study [--workers 2] [--until HH:MM] [--world NAME ...] [--people N ...]     runs what is missing of
each cell, evenly, until all is done or the clock says so, and rewrites gate.csv
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.attempt import Passed, attempt
from pipeline.analysis.comparison.verdicts import verdict_of
from pipeline.analysis.contrasts import Contrast, contrasts
from pipeline.analysis.gate import LINES, Refused
from pipeline.stats.weighting.arm_means import difference
from pipeline.study import Study
from tests.simulation.gate.worlds import LACKING, LAYOUTS, PEOPLE, WORLDS, Cell, cells, drawn, truths
from tests.simulation.resumed import add_runs, carried_out, code_of, read_runs
from tests.simulation.truth_records import records_from, study_of
from tests.simulation.truth_study import BETTER, NOT_WORSE, WORSE, contradicts

RUNS = Path(__file__).parents[1] / "gate_runs.csv"  # single studies: kept by git no more than truth_runs.csv
STUDIES = {150: 200, 400: 200, 1000: 200, 2500: 60, 12000: 20}
LACKING_STUDIES = 100
TOGETHER = 8_000  # people who are drawn at once
CLAIMS = BETTER | WORSE | {NOT_WORSE}
NAN = float("nan")


@dataclass(frozen=True)
class Run:
    """One study of one cell.

    lines                the lines of the gate that failed; empty where it was answered
    estimate, low, high  the answer with its 95 % limits, nan where it is withheld
    claims, wrong        1 where its verdict claims something, and where that is not so
    """

    world: str
    people: int
    sites: str
    measured: float
    question: str
    batch: int
    study: int
    lines: str
    estimate: float
    low: float
    high: float
    claims: int
    wrong: int
    code: str

    @property
    def cell(self) -> Cell:
        return Cell(self.world, self.people, self.sites, self.measured)


def planned(cell: Cell) -> int:
    """Studies of a cell: fewer where each takes long, and where all are to be withheld."""
    return min(STUDIES[cell.people], LACKING_STUDIES if cell.world in LACKING else STUDIES[cell.people])


def together(cell: Cell) -> int:
    """Studies that are drawn at once."""
    return max(1, min(10, TOGETHER // cell.people))


def batch_of(cell: Cell, batch: int, code: str) -> Iterator[Run]:
    """The studies that are drawn at once, each answered on its own."""
    study = study_of(cell.scenario)
    for contrast, number, people in peopled(cell, batch):
        yield run_of(cell, contrast, study, people, number, batch, code)


def peopled(cell: Cell, batch: int) -> Iterator[tuple[Contrast, int, pd.DataFrame]]:
    """What is asked of each study that is drawn at once, the number of the study, and the people it is asked of."""
    place = WORLDS.index(cell.world), cell.people, list(LAYOUTS).index(cell.sites), round(100 * cell.measured)
    rng = np.random.default_rng([batch, *place])
    made, each = drawn(cell, together(cell), rng)
    study = study_of(made.scenario)
    records, _, _ = records_from(made, study, rng, ["phq9_day90"])
    for contrast in asked(cell, study):
        people, _ = people_asked(records, contrast.endpoint, contrast.arms)
        whose = people["patient_id"].str[1:].astype(int).to_numpy() // each
        for number in range(together(cell)):
            yield contrast, batch * together(cell) + number, people[whose == number].reset_index(drop=True)


def asked(cell: Cell, study: Study) -> list[Contrast]:
    """IOP and inpatient care, on the score and, where the cell says so, on leaving early; a confirmatory one at the
    level of ten that are answered, of which none passes its share on."""
    wanted = {"C2": "phq9_day90", "C4": "dropped_out_day90"}
    names = [wanted[question] for question in cell.questions]
    every = [one for one in contrasts(study) if one.arms == ("inpatient", "iop")]
    found = [one for name in names for one in every if one.endpoint.name == name]
    return [one if one.role == "primary" else replace(one, level=0.995) for one in found]


def run_of(
    cell: Cell, contrast: Contrast, study: Study, people: pd.DataFrame, number: int, batch: int, code: str
) -> Run:
    """One study through the gate, and what its words say of the truth."""
    tried = attempt(people, contrast.arms, study, contrast.endpoint, "one")
    if isinstance(tried, Refused):
        lines, told = failed(tried), (NAN, NAN, NAN, 0, 0)
    else:
        lines, told = "", said(cell, contrast, study, tried)
    return Run(
        cell.world, cell.people, cell.sites, cell.measured, contrast.endpoint.code, batch, number, lines, *told, code
    )


def failed(refused: Refused) -> str:
    """The lines of the gate that failed."""
    names = {line.check for line in refused.diagnostics if line.check in LINES and not line.passed}
    return "; ".join(sorted(names)) or "not estimable"


def said(cell: Cell, contrast: Contrast, study: Study, passed: Passed) -> tuple[float, float, float, int, int]:
    """Estimate, 95 % limits, whether its verdict at the study's own level claims something, and wrongly."""
    means = passed.fitted.means
    found = difference(means, 1, 0)
    verdict = verdict_of(contrast, difference(means, 1, 0, level=contrast.level), passed.fitted, study)
    truth = truths(cell.world, cell.sites)[contrast.endpoint.code]
    better = -truth if contrast.endpoint.harm else truth
    wrong = contradicts(verdict, better, contrast.endpoint.margin)
    return found.estimate, found.low, found.high, int(verdict in CLAIMS), int(wrong)


def main() -> None:
    from tests.simulation.gate.table import TABLE, write

    given = argparse.ArgumentParser(prog="python -m tests.simulation.gate.study")
    given.add_argument("--until", default="", help="HH:MM at which it stops")
    given.add_argument("--workers", type=int, default=1, help="processes; the table is the same")
    given.add_argument("--world", nargs="*", default=list(WORLDS), choices=WORLDS)
    given.add_argument("--people", nargs="*", type=int, default=list(PEOPLE))
    given.add_argument("--runs", type=Path, default=RUNS)
    given.add_argument("--table", type=Path, default=TABLE)
    chosen, code = given.parse_args(), code_of()
    found = read_runs(Run, chosen.runs, code)
    some = [one for one in cells() if one.world in chosen.world and one.people in chosen.people and not one.impossible]
    make = partial(task, code)
    for new in carried_out(make, missing(some, found), workers=chosen.workers, until=chosen.until):
        add_runs(chosen.runs, new)
        found += new
    write(chosen.table, found)


def task(code: str, cell_and_batch: tuple[Cell, int]) -> list[Run]:
    return list(batch_of(*cell_and_batch, code))


def missing(some: list[Cell], found: list[Run]) -> Iterator[tuple[Cell, int]]:
    """Batches that are not there yet, a few of every cell before more of any."""
    done = {(run.cell, run.batch) for run in found}
    due = [
        (batch * together(cell) / planned(cell), number, cell, batch)
        for number, cell in enumerate(some)
        for batch in range(-(-planned(cell) // together(cell)))
        if (cell, batch) not in done
    ]
    for _, _, cell, batch in sorted(due, key=lambda one: one[:2]):
        yield cell, batch


if __name__ == "__main__":
    main()
