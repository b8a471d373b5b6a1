"""What an earlier version of the gate said of the same studies: the columns *before* of gate.csv.

python -m tests.simulation.gate.before CHECKOUT [--until HH:MM]     CHECKOUT: a work tree of release 0.1.0 (874e970)
"""

import argparse
import csv
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from tests.simulation.gate.study import CLAIMS, peopled, together
from tests.simulation.gate.table import BEFORE, key, share
from tests.simulation.gate.worlds import CHOSEN, SHOULD_PASS, Cell, cells, truths
from tests.simulation.resumed import too_late
from tests.simulation.truth_study import contradicts

COLUMNS = ("question", "world", "people", "sites", "measured", "studies", "answered", "right", "wrong", "source")
SOURCE = "0.1.0 (874e970) on the same people"
STUDIES, MOST_PEOPLE, SHARES = 10, 1000, (0.60, 0.85)  # of each cell; larger ones took that version minutes each
LARGE = (  # its own truth study: 200 studies of 12,000 people at all levels, 66 % and 86 % measured
    ("C2", CHOSEN, "12000", "12 equal", "0.6", "200", "1", "0", "0", "truth study of 0.1.0"),
    ("C2", CHOSEN, "12000", "12 equal", "0.85", "200", "1", "0.42", "0", "truth study of 0.1.0"),
    ("C4", CHOSEN, "12000", "12 equal", "0.6", "200", "1", "0.905", "0", "truth study of 0.1.0"),
)
CHILD = """
import json, pickle, sys
from pipeline.analysis.adjusted import attempt
from pipeline.analysis.asked import contrasts
from pipeline.analysis.verdicts import verdict_of
from pipeline.stats.arm_means import difference
from pipeline.synthetic.scenarios import SCENARIOS
from tests.simulation.truth_records import study_of

study = study_of(SCENARIOS["well_measured"])
asked = {one.question.name: one for one in contrasts(study) if one.arms == ("inpatient", "iop")}
while True:
    name, people = pickle.load(sys.stdin.buffer)
    contrast = asked[name]
    tried = attempt(people, contrast.arms, study, contrast.question, "one")
    told = ""
    if tried.refusal is None:
        found = difference(tried.comparison.means, 1, 0, level=contrast.level)
        told = verdict_of(contrast, found, tried.comparison, study)
    print(json.dumps([tried.refusal is None, told]), flush=True)
"""


def earlier(checkout: Path) -> subprocess.Popen[bytes]:
    """That version as a process of its own: a contrast's name and its people in, whether it answers and how out."""
    place = {**os.environ, "PYTHONPATH": str(checkout)}
    return subprocess.Popen(
        [sys.executable, "-c", CHILD], cwd=checkout, env=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def said_before(child: subprocess.Popen[bytes], name: str, people: object) -> tuple[bool, str]:
    into, out = piped(child.stdin), piped(child.stdout)
    pickle.dump((name, people), into)
    into.flush()
    answered, verdict = json.loads(out.readline())
    return answered, verdict


def piped(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("the process was started without its pipes")
    return pipe


def looked_at(cell: Cell, child: subprocess.Popen[bytes]) -> Iterator[dict[str, str]]:
    """The cell's rows, one for each question."""
    found: dict[str, list[tuple[bool, str, float | None, float]]] = {}
    for batch in range(-(-STUDIES // together(cell))):
        for contrast, number, people in peopled(cell, batch):
            if number >= STUDIES:
                continue
            better = truths(cell.world, cell.sites)[contrast.endpoint.code]
            better = -better if contrast.endpoint.harm else better
            told = said_before(child, contrast.endpoint.name, people)
            found.setdefault(contrast.endpoint.code, []).append((*told, contrast.endpoint.margin, better))
    for question, several in found.items():
        wrong = [contradicts(verdict, better, margin) for _, verdict, margin, better in several]
        claims = [verdict in CLAIMS for _, verdict, _, _ in several]
        told_of = [share(events)[0] for events in ([one[0] for one in several], right(claims, wrong), wrong)]
        numbers = (str(len(several)), *(f"{one:.4g}" for one in told_of))
        yield dict(zip(COLUMNS, (*key(cell, question), *numbers, SOURCE), strict=True))


def right(claims: Sequence[bool], wrong: Sequence[bool]) -> list[bool]:
    return [claim and not false for claim, false in zip(claims, wrong, strict=True)]


def main() -> None:
    given = argparse.ArgumentParser(prog="python -m tests.simulation.gate.before")
    given.add_argument("checkout", type=Path)
    given.add_argument("--until", default="", help="HH:MM at which it stops")
    given.add_argument("--table", type=Path, default=BEFORE)
    chosen = given.parse_args()
    child, told = earlier(chosen.checkout), [dict(zip(COLUMNS, one, strict=True)) for one in LARGE]
    for cell in cells():
        asked = cell.world in SHOULD_PASS and cell.people <= MOST_PEOPLE and cell.measured in SHARES
        if asked and not cell.impossible and not too_late(chosen.until):
            told += list(looked_at(cell, child))
            with chosen.table.open("w", encoding="utf-8", newline="") as lines:
                writer = csv.DictWriter(lines, COLUMNS, lineterminator="\n")
                writer.writeheader()
                writer.writerows(told)
    child.kill()


if __name__ == "__main__":
    main()
