"""The committed table of the gate study: one row for each cell and question, before and after the gate was
calibrated."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from tests.simulation.gate.study import Run
from tests.simulation.gate.worlds import LACKING, Cell, Question, cells, truths
from tests.simulation.resumed import write_table

HERE = Path(__file__).parents[1]
TABLE, BEFORE = HERE / "gate.csv", HERE / "gate_before.csv"
SHOWN_AT = 20  # answers: of fewer neither bias nor coverage is told
NAN = float("nan")
NOT_RUN = "0.1.0 was not asked"
SELDOM = 0.9  # answered more seldom than that, though nothing is lacking, has its reason told
WHY = {
    "effective_size": "at this size a level has fewer than an effective thirty people more often than not by chance",
    "observed_n": "at this size a level seldom has thirty people measured",
    "shared_sites": "hardly any site of this size has ten people measured at both levels",
    "overlap": "few people could have started at either level",
    "max_person_share": "single people carry much of so small an arm",
}


@dataclass(frozen=True)
class Row:
    """What many studies of one cell said of one question; shares, with their Monte-Carlo error beside them.

    people         in the two arms, about
    sites          how many, and whether about as many come to each
    answered       share of the studies that show a number; lines: how often each line of the gate failed elsewhere
    bias           of the estimates shown, in points of improvement or as a share who left early
    held           how many of the 95 % limits shown hold the truth of those whom overlap weights stand for
    coverage       the same as a share, with bias and width told from SHOWN_AT answers on
    right, wrong   share of all studies whose verdict claims what is so, and what is not so; the others claim nothing
    before_…       the same of release 0.1.0, and from where that is known; empty where it was not asked
    note           why there is no study of this size, or why it is seldom answered though it lacks nothing but people
    """

    question: str
    world: str
    people: int
    sites: str
    measured: float
    studies: int
    answered: float
    answered_error: float
    lines: str
    bias: float
    bias_error: float
    held: int
    coverage: float
    coverage_error: float
    width: float
    right: float
    wrong: float
    before_studies: str
    before_answered: str
    before_right: str
    before_wrong: str
    before_from: str
    note: str
    code: str


def rows(found: Sequence[Run]) -> Iterator[Row]:
    """Every cell of which there are studies; a size that nobody could run once, in place of its worlds."""
    before, named = read_before(), set()
    for cell in cells():
        size = cell.people, cell.sites
        if cell.impossible and size not in named:
            named.add(size)
            yield nothing(cell)
        for question in () if cell.impossible else cell.questions:
            runs = [run for run in found if run.cell == cell and run.question == question]
            if runs:
                yield row_of(cell, question, runs, before.get(key(cell, question), {}))


def nothing(cell: Cell) -> Row:
    """The row of a size that nobody could run."""
    empty = {field.name: NAN if field.type in (float, "float") else "" for field in fields(Row)}
    here = {
        "world": "any",
        "people": cell.people,
        "sites": cell.sites,
        "studies": 0,
        "held": 0,
        "note": cell.impossible,
    }
    return Row(**empty | here)


def row_of(cell: Cell, question: Question, runs: Sequence[Run], before: dict[str, str]) -> Row:
    shown = [run for run in runs if not run.lines]
    failed = Counter(name for run in runs for name in filter(None, run.lines.split("; ")))
    bias, bias_error, width = performance(cell, question, shown)
    held = holding(cell, question, shown)
    return Row(
        question,
        cell.world,
        cell.people,
        cell.sites,
        cell.measured,
        len(runs),
        *share([not run.lines for run in runs]),
        "; ".join(f"{name} {count}" for name, count in failed.most_common()),
        bias,
        bias_error,
        sum(held),
        *(share(held) if len(shown) >= SHOWN_AT else (NAN, NAN)),
        width,
        share([bool(run.claims and not run.wrong) for run in runs])[0],
        share([bool(run.wrong) for run in runs])[0],
        *(before.get(name, "") for name in ("studies", "answered", "right", "wrong")),
        before.get("source", NOT_RUN),
        why(cell, failed, len(shown) / len(runs)),
        runs[0].code,
    )


def why(cell: Cell, failed: Counter[str], answered: float) -> str:
    """Why a size that lacks nothing but people is seldom answered; empty where it is answered, or should not be."""
    if cell.world in LACKING or answered >= SELDOM:
        return ""
    return next((WHY[name] for name, _ in failed.most_common() if name in WHY), "")


def performance(cell: Cell, question: Question, shown: Sequence[Run]) -> tuple[float, float, float]:
    """Bias with its Monte-Carlo error, and width of the limits shown; nan where they are few."""
    if len(shown) < SHOWN_AT:
        return NAN, NAN, NAN
    error = np.array([run.estimate for run in shown]) - truths(cell.world, cell.sites)[question]
    width = float(np.mean([run.high - run.low for run in shown]))
    return float(error.mean()), float(error.std(ddof=1) / len(error) ** 0.5), width


def holding(cell: Cell, question: Question, shown: Sequence[Run]) -> list[bool]:
    """Whether the limits of each answer hold the truth."""
    return [run.low <= truths(cell.world, cell.sites)[question] <= run.high for run in shown]


def share(events: Sequence[bool]) -> tuple[float, float]:
    """A share and its Monte-Carlo error, which of none or all is that of one event more."""
    n = len(events)
    if not n:
        return NAN, NAN
    p = sum(events) / n
    near = min(max(p, 1 / (n + 1)), n / (n + 1))
    return p, (near * (1 - near) / n) ** 0.5


def key(cell: Cell, question: str) -> tuple[str, ...]:
    return question, cell.world, str(cell.people), cell.sites, f"{cell.measured:g}"


def read_before() -> dict[tuple[str, ...], dict[str, str]]:
    """What is known of release 0.1.0, by cell."""
    with BEFORE.open(encoding="utf-8", newline="") as lines:
        return {
            (row["question"], row["world"], row["people"], row["sites"], row["measured"]): row
            for row in csv.DictReader(lines)
        }


def write(path: Path, found: Sequence[Run]) -> None:
    """The table, whole."""
    write_table(path, rows(found), digits=4)
