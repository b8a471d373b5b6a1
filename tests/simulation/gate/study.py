"""How often the gate withholds what should pass, and lets pass what should not, at the sizes that programs have.

python -m tests.simulation.gate_study [--studies 200] [--world NAME ...] [--people N ...]     rewrites gate.csv
"""

import argparse
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.diagnostics import diagnose
from pipeline.analysis.comparison.fitted import Unfitted, fit
from pipeline.analysis.contrasts import contrasts
from pipeline.analysis.gate import refusal
from pipeline.errors import NotEstimable
from pipeline.levels import LEVELS
from pipeline.stats.weighting.arm_means import difference
from pipeline.synthetic.population import Draw, draw
from pipeline.synthetic.scenarios import SCENARIOS, Scenario
from tests.simulation.truth_records import records_from, study_of

TABLE = Path(__file__).with_name("gate.csv")
IOP, RES, IP = (LEVELS.index(level) for level in ("IOP", "RES", "IP"))
MEASURED = {"lottery, 85 % measured": 0.85, "lottery, 60 % measured": 0.60}
SHOULD_PASS = (*MEASURED, "as programs choose, 60 % measured")
LACKING = ("no overlap", "a measure left out differs", "one level hardly measured", "a level at each site")
WORLDS = (*SHOULD_PASS, *LACKING)
PEOPLE = (150, 250, 400, 800, 2500)
SITES = (1, 3, 12)
POPULATION = 200_000


@dataclass(frozen=True)
class Row:
    """What the gate did with the primary contrast of many studies of one world and size.

    people    people in the two arms, about; sites equal in their chance of a person
    withheld  share of the studies that show no number, and lines: how often each line of the gate failed
    bias, coverage, width  of the 95 % limits shown, against the truth of the whole population; nan where few are shown
    """

    world: str
    people: int
    sites: int
    studies: int
    withheld: float
    lines: str
    bias: float
    coverage: float
    width: float


def scenario_of(world: str, sites: int) -> Scenario:
    observed = {"one level hardly measured": (0.6, 0.6, 0.6, 0.6, 0.1)}.get(world, (MEASURED.get(world, 0.6),) * 5)
    return replace(
        SCENARIOS["well_measured"], sites=sites, observed=observed, one_level_sites=world == "a level at each site"
    )


def drawn(world: str, people: int, sites: int, rng: np.random.Generator) -> Draw:
    """People of a world with the level that its rule gives them."""
    natural = world.startswith(("as programs", "a level at each"))
    made = draw(round(people / (0.55 if natural else 1.0)), rng, scenario_of(world, sites))
    if natural:
        return made
    here = made.people
    chance = np.full(len(here), 0.5)
    if world == "no overlap":
        chance = np.where(here.phq9 + rng.normal(0, 1, len(here)) < np.median(here.phq9), 0.97, 0.03)
    if world == "a measure left out differs":
        chance = np.where(here.race == 0, 0.85, 0.15)
    return replace(made, level=np.where(rng.random(len(here)) < chance, IOP, IP))


@cache
def truth(world: str, sites: int) -> float:
    """Difference in improvement among those whom overlap weights stand for."""
    made = draw(POPULATION, np.random.default_rng([99, sites]), scenario_of(world, sites))
    better = made.people.phq9[:, None] - made.scores.phq9
    if not world.startswith("as programs"):
        return float((better[:, IOP] - better[:, IP]).mean())
    inpatient = made.chances[:, IP] + made.chances[:, RES]
    other = (made.chances[:, IP, None] * better[:, [IP]] + made.chances[:, [RES]] * better[:, [RES]]).sum(1)
    weight = made.chances[:, IOP] * inpatient / (made.chances[:, IOP] + inpatient)
    return float(np.average(better[:, IOP] - other / np.where(inpatient > 0, inpatient, 1), weights=weight))


def one_study(world: str, people: int, sites: int, seed: int) -> tuple[set[str], tuple[float, float, float] | None]:
    """The lines that failed, and estimate and limits where the gate lets them pass."""
    rng = np.random.default_rng([seed, people, sites])
    made = drawn(world, people, sites, rng)
    study = study_of(made.scenario)
    records, _, _ = records_from(made, study, rng)
    contrast = contrasts(study)[0]
    asked, _ = people_asked(records, contrast.endpoint, contrast.arms)
    try:
        fitted = fit(asked, contrast.arms, study, contrast.endpoint)
        lines = diagnose(fitted, study, "one")
    except NotEstimable:
        return {"not estimable"}, None
    refused = refusal(lines)
    if refused or isinstance(fitted, Unfitted):
        return {line.check for line in lines if not line.passed}, None
    found = difference(fitted.means, 1, 0)
    return set(), (found.estimate, found.low, found.high)


def row_of(world: str, people: int, sites: int, studies: int) -> Row:
    failed: Counter[str] = Counter()
    shown = []
    for seed in range(studies):
        lines, limits = one_study(world, people, sites, seed)
        failed.update(lines)
        shown += [limits] if limits else []
    value, told = truth(world, sites), np.array(shown).reshape(-1, 3)
    few = len(told) < 20
    return Row(
        world,
        people,
        sites,
        studies,
        1 - len(told) / studies,
        "; ".join(f"{name} {count}" for name, count in failed.most_common()),
        float("nan") if few else float(told[:, 0].mean() - value),
        float("nan") if few else float(((told[:, 1] <= value) & (value <= told[:, 2])).mean()),
        float("nan") if few else float((told[:, 2] - told[:, 1]).mean()),
    )


def cells(worlds: list[str], sizes: list[int]) -> Iterator[tuple[str, int, int]]:
    """Every world at every size and number of sites that leaves each site thirty people of each arm."""
    for world in worlds:
        for people in sizes:
            for sites in SITES:
                if people / sites >= 60 and (world != "a level at each site" or sites > 1):
                    yield world, people, sites


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.simulation.gate_study")
    asked.add_argument("--studies", type=int, default=200)
    asked.add_argument("--world", nargs="*", default=list(WORLDS), choices=WORLDS)
    asked.add_argument("--people", nargs="*", type=int, default=list(PEOPLE))
    asked.add_argument("--table", type=Path, default=TABLE)
    given = asked.parse_args()
    rows = []
    for world, people, sites in cells(given.world, given.people):
        rows.append(row_of(world, people, sites, given.studies))
        print(rows[-1], flush=True)
        with given.table.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, list(asdict(rows[0])), lineterminator="\n")
            writer.writeheader()
            writer.writerows(
                {name: f"{cell:.4g}" if isinstance(cell, float) else cell for name, cell in asdict(row).items()}
                for row in rows
            )


if __name__ == "__main__":
    main()
