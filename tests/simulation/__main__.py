"""Runs the cells of the grid that the table does not hold yet; may be stopped at any time and started again, since
single studies are kept beside the table, outside git.

python -m tests.simulation                              every missing cell, most important first
python -m tests.simulation --until 06:30                the same; no study is begun later
python -m tests.simulation --fewer 500                  the same with at most 500 replicates a cell
python -m tests.simulation --again NAME --studies 2000  the cell of that name once more, its rows replaced
"""

import argparse
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import scipy

from tests.simulation.grid import Cell, grid, null_of
from tests.simulation.singles import Singles
from tests.simulation.table import PATH, Row, add_rows, code_version, meets, read_rows
from tests.simulation.tally import Found, false_positive, performance, rules_out, sees, share

RUNS = PATH.with_name("grid_runs.csv")
CODE = code_version()  # as loaded; the files may change while it runs


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.simulation")
    asked.add_argument("--fewer", type=int, default=None, help="at most this many replicates a cell")
    asked.add_argument("--again", default="", help="the name of one cell to run once more")
    asked.add_argument("--studies", type=int, default=None, help="replicates of that cell")
    asked.add_argument("--table", type=Path, default=PATH, help="where rows are read and added")
    asked.add_argument("--until", default="", help="HH:MM at which it stops")
    asked.add_argument("--runs", type=Path, default=RUNS, help="where single studies are kept")
    given = asked.parse_args()
    singles = Singles(given.runs, CODE, given.until)
    done = {row.cell for row in read_rows(given.table)} - {given.again}
    todo = [cell for cell in grid() if cell.name not in done and given.again in ("", cell.name)]
    for i, cell in enumerate(todo, start=1):
        began = time.perf_counter()
        most = given.studies if given.again and given.studies else min(given.fewer or cell.replicates, cell.replicates)
        rows = run(cell, most, singles)
        if not rows:
            return
        add_rows(rows, given.table)
        told = "; ".join(f"{row.estimator} {'passes' if row.passes else 'MISSES'}" for row in rows)
        print(f"{i}/{len(todo)} {cell.name}: {time.perf_counter() - began:.0f} s; {told}", flush=True)


def run(cell: Cell, replicates: int, singles: Singles) -> list[Row]:
    """Studies with an effect and others without, from seeds that follow from the cell's name; none where time is up."""
    found = singles.answers(cell.name, False, cell.asked(), replicates, cell.seed)
    null = found and singles.answers(cell.name, True, cell.asked(null=True), null_of(replicates), cell.seed + 1)
    return [row_of(cell, name, found, null) for name in cell.estimators] if found and null else []


def row_of(cell: Cell, name: str, found: list[dict[str, Found]], null: list[dict[str, Found]]) -> Row:
    """The table's row; the two powers where the outcome is in points."""
    done, first = performance(found, name), found[0].get(name)
    in_points = cell.family != "curves" and not cell.scenario.binary
    row = Row(
        cell=cell.name,
        estimator=name,
        **{field: getattr(done, field) for field in done.__slots__},
        null_answers=sum(name in one for one in null),
        false=share(null, name, false_positive),
        sees_2=share(null, name, sees) if in_points else np.nan,
        not_worse_1=share(null, name, rules_out) if in_points else np.nan,
        passes=False,
        first_estimate=np.nan if first is None else first.estimate,
        first_se=np.nan if first is None else first.se,
        date=datetime.now(UTC).date().isoformat(),
        seed=cell.seed,
        code=CODE,
        versions=f"python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}",
    )
    return Row(**{**vars(row), "passes": meets(row)})


if __name__ == "__main__":
    sys.exit(main())
