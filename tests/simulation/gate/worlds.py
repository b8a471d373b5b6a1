"""Worlds in which the gate should answer and worlds in which it should not, at the sizes that programs have."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np

from pipeline.levels import LEVELS
from pipeline.synthetic.population import Draw, draw, retention
from pipeline.synthetic.scenarios import SCENARIOS, Scenario

Question = Literal["C2", "C4"]
IOP, RES, IP = (LEVELS.index(level) for level in ("IOP", "RES", "IP"))
LOTTERY, CHOSEN, APART = "lottery", "as programs choose", "no overlap"
LEFT_OUT, UNMEASURED, ONE_EACH = "a measure left out differs", "one level hardly measured", "a level at each site"
GRID = (LOTTERY, CHOSEN, APART)  # at every size
SHOULD_PASS = (LOTTERY, CHOSEN)
LACKING = (APART, LEFT_OUT, UNMEASURED, ONE_EACH)
WORLDS = (*SHOULD_PASS, *LACKING)
PEOPLE = (150, 400, 1000, 2500, 12000)
MEASURED = (0.45, 0.60, 0.85)
USUAL = 0.60  # share measured where that is not varied
LAYOUTS: dict[str, tuple[float, ...]] = {
    "1": (1,),
    "3 equal": (1,) * 3,
    "3 unequal": (6, 3, 1),
    "12 equal": (1,) * 12,
    "12 unequal": (40, 15, 6, *(3,) * 9),
    "2 equal": (1,) * 2,  # of small programs alone, last since a layout's place is part of each draw's seed
}
A_SITE = 30  # people in the two arms at a site of usual size: fewer are no program
IN_TWO_ARMS = {"1": 0.55, "2 equal": 0.5, "3 equal": 0.5, "3 unequal": 0.5, "12 equal": 0.55, "12 unequal": 0.75}
# share of those who come whom programs let start at one of the two levels; two thirds where each site has one
POPULATION = 100_000


@dataclass(frozen=True, order=True)
class Cell:
    """A world at one size: people in the two arms, about; the layout of its sites; the share measured at day 90."""

    world: str
    people: int
    sites: str
    measured: float

    @property
    def natural(self) -> bool:
        """Whether the level follows from need, as programs choose."""
        return self.world in (CHOSEN, ONE_EACH)

    @property
    def impossible(self) -> str:
        """Why no such study was drawn; empty where it was."""
        thin = self.people < A_SITE * len(LAYOUTS[self.sites])
        return f"fewer than {A_SITE} people at a site" if thin else ""

    @property
    def questions(self) -> tuple[Question, ...]:
        """Leaving care is known of everybody, so it is asked at one share measured alone."""
        return ("C2", "C4") if self.measured == USUAL and self.world in GRID else ("C2",)

    @property
    def scenario(self) -> Scenario:
        sizes = LAYOUTS[self.sites]
        observed = (USUAL, USUAL, USUAL, USUAL, 0.1) if self.world == UNMEASURED else (self.measured,) * 5
        return replace(
            SCENARIOS["well_measured"],
            sites=len(sizes),
            site_sizes=sizes,
            observed=observed,
            one_level_sites=self.world == ONE_EACH,
        )


def cells() -> Iterator[Cell]:
    """Every cell of the table, those that nobody could run too."""
    for people in PEOPLE:
        for sites in (name for name in LAYOUTS if name != "2 equal"):
            for measured in MEASURED:
                yield from (Cell(world, people, sites, measured) for world in GRID)
    for people in (400, 1000):
        yield from (Cell(world, people, sites, USUAL) for world in (LEFT_OUT, UNMEASURED) for sites in ("1", "3 equal"))
        yield Cell(ONE_EACH, people, "3 equal", USUAL)


def drawn(cell: Cell, studies: int, rng: np.random.Generator) -> tuple[Draw, int]:
    """People of so many studies, one study after the other, with the level that the world gives them; and how many
    come to each."""
    here = 2 / 3 if cell.world == ONE_EACH else IN_TWO_ARMS[cell.sites]
    each = round(cell.people / here) if cell.natural else cell.people
    made = draw(each * studies, rng, cell.scenario)
    return (made if cell.natural else replace(made, level=decided(cell.world, made, rng))), each


def decided(world: str, made: Draw, rng: np.random.Generator) -> np.ndarray:
    """(n,) IOP or inpatient care: by a coin, or by what the world lacks."""
    here = made.people
    chance = np.full(len(here), 0.5)
    if world == APART:
        chance = np.where(here.phq9 + rng.normal(0, 1, len(here)) < np.median(here.phq9), 0.97, 0.03)
    if world == LEFT_OUT:
        chance = np.where(here.race == 0, 0.85, 0.15)
    return np.where(rng.random(len(here)) < chance, IOP, IP)


def truths(world: str, sites: str) -> dict[Question, float]:
    """What IOP changes against the other arm among those whom overlap weights stand for: points of improvement at day
    90, and the share who left care early."""
    return truths_of(world if world in (CHOSEN, ONE_EACH) else LOTTERY, sites)


@cache
def truths_of(world: str, sites: str) -> dict[Question, float]:
    cell = Cell(world, 0, sites, USUAL)
    made = draw(POPULATION, np.random.default_rng([99, len(LAYOUTS[sites])]), cell.scenario)
    better = made.people.phq9[:, None] - made.scores.phq9
    left = {level: retention(made.courses_at(level)).dropped_out(90).astype(float) for level in (IOP, RES, IP)}
    return {
        "C2": contrast(made, cell.natural, {level: better[:, level] for level in (IOP, RES, IP)}),
        "C4": contrast(made, cell.natural, left),
    }


def contrast(made: Draw, natural: bool, at: dict[int, np.ndarray]) -> float:
    """Mean difference between IOP and the other arm of the potential outcomes (n,) at each level."""
    if not natural:
        return float((at[IOP] - at[IP]).mean())
    other = made.chances[:, IP] + made.chances[:, RES]
    mixed = (made.chances[:, IP] * at[IP] + made.chances[:, RES] * at[RES]) / np.where(other > 0, other, 1)
    weight = made.chances[:, IOP] * other / np.maximum(made.chances[:, IOP] + other, 1e-12)
    return float(np.average(at[IOP] - mixed, weights=weight))
