"""What small programs are told, and how often it is right: answers, limits without a verdict, and limits that borrow.

python -m tests.simulation.gate.small [--studies 60]     rewrites small.csv
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np

from pipeline.analysis.comparison.attempt import Passed, TooFew, attempt
from pipeline.analysis.comparison.borrowing import declared_prior
from pipeline.analysis.comparison.fitted import Fitted
from pipeline.analysis.contrasts import Contrast
from pipeline.choices.asked import Borrowed
from pipeline.stats.borrowing import borrowed
from pipeline.stats.estimate import critical_value
from pipeline.stats.weighting.arm_means import difference
from tests.simulation.gate.study import peopled, together
from tests.simulation.gate.worlds import CHOSEN, USUAL, Cell, Question, truths
from tests.simulation.resumed import write_table
from tests.simulation.truth_records import study_of

TABLE = Path(__file__).parents[1] / "small.csv"
ELSEWHERE = Borrowed("phq9_day90", "iop", "inpatient", se=0.4, apart=0.6, source="simulated")
CONFLICTS = {
    "agrees": 0.0,
    "conflicts by 2": 2.0,
    "conflicts by 6": 6.0,
}  # points between what is borrowed and the truth
SIZES = (
    *product((150, 250, 400, 800), ("1", "2 equal", "3 equal"), (USUAL, 0.3, 0.85)),
    (400, "1", 0.45),
    (400, "12 equal", USUAL),
)
NAN = float("nan")


@dataclass(frozen=True)
class Row:
    """What the studies of one cell were told on one question.

    answered  share with an answer; told: with an answer, or with limits although only their size withholds one
    missed    share of those limits that do not hold the truth, and width of those that are told
    narrower  how much narrower limits are that borrow what agrees, and how often they miss the truth
    missed_2, missed_6  how often limits miss it that borrow what is 2 or 6 points from the truth; nan where nothing is
    """

    world: str
    people: int
    sites: str
    measured: float
    question: Question
    studies: int
    answered: float
    told: float
    missed: float
    width: float
    narrower: float = NAN
    missed_agreeing: float = NAN
    missed_2: float = NAN
    missed_6: float = NAN


Limits = tuple[float, float]


def cells() -> Iterator[Cell]:
    """Sizes that programs have, as programs choose: one to three sites, a third to five sixths of people measured."""
    yield from (Cell(CHOSEN, people, sites, measured) for people, sites, measured in SIZES)


def told_of(cell: Cell, studies: int) -> Iterator[tuple[Question, bool, dict[str, Limits]]]:
    """Of each study and question: whether it was answered, and the limits that are told, alone and borrowing."""
    study, value = study_of(cell.scenario), truths(cell.world, cell.sites)
    for batch in range(-(-studies // together(cell))):
        for contrast, _, people in peopled(cell, batch):
            found = attempt(people, contrast.arms, study, contrast.endpoint, "one")
            question: Question = "C2" if contrast.endpoint.code == "C2" else "C4"
            limits = limits_of(contrast, found.fitted, value[question]) if isinstance(found, (Passed, TooFew)) else {}
            yield question, isinstance(found, Passed), limits


def limits_of(contrast: Contrast, fitted: Fitted, truth: float) -> dict[str, Limits]:
    """95 % limits of the answer, and of scores also of the answer that borrows what agrees or conflicts."""
    alone = difference(fitted.means, 1, 0)
    limits = {"alone": (alone.low, alone.high)}
    if contrast.endpoint.kind == "score":
        se = (alone.high - alone.low) / 2 / critical_value(np.inf, 0.95)
        for name, off in CONFLICTS.items():
            prior = declared_prior([replace(ELSEWHERE, estimate=truth + off)], contrast, fitted)
            after = borrowed(alone.estimate, se, prior).estimate
            limits[name] = (after.low, after.high)
    return limits


def rows_of(cell: Cell, studies: int) -> Iterator[Row]:
    """One row a question."""
    by_question: dict[Question, list[tuple[bool, dict[str, Limits]]]] = defaultdict(list)
    for question, answered, limits in told_of(cell, studies):
        by_question[question].append((answered, limits))
    for question, found in by_question.items():
        yield row_of(cell, question, found)


def row_of(cell: Cell, question: Question, found: list[tuple[bool, dict[str, Limits]]]) -> Row:
    truth = truths(cell.world, cell.sites)[question]
    told = [limits for _, limits in found if limits]
    names = told[0] if told else ()
    width = {name: float(np.mean([one[name][1] - one[name][0] for one in told])) for name in names}
    missed = {name: float(np.mean([not one[name][0] <= truth <= one[name][1] for one in told])) for name in names}
    lent = (
        {}
        if "agrees" not in width
        else dict(
            narrower=1 - width["agrees"] / width["alone"],
            missed_agreeing=missed["agrees"],
            missed_2=missed["conflicts by 2"],
            missed_6=missed["conflicts by 6"],
        )
    )
    shares = sum(answered for answered, _ in found) / len(found), len(told) / len(found)
    whole = (cell.world, cell.people, cell.sites, cell.measured, question, len(found), *shares)
    return Row(*whole, missed.get("alone", NAN), width.get("alone", NAN), **lent)


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.simulation.gate.small")
    asked.add_argument("--studies", type=int, default=60)
    asked.add_argument("--table", type=Path, default=TABLE)
    given = asked.parse_args()
    rows: list[Row] = []
    for cell in cells():
        made = list(rows_of(cell, given.studies))
        rows += made
        print(*made, sep="\n", flush=True)
        write_table(given.table, rows, digits=4)


if __name__ == "__main__":
    main()
