"""How much of the measure library can be read: the share of cells with a number, a bound or a range, for studies of
several sizes, and what the gate takes (seconds of processor).  Written to told_cells.csv beside the lines of the gate
before bounds were told; margins: whether measures are told of the latest twelve months, or only of quarters and years.

Run by hand: python tests/benchmarks/told_cells.py [people ...], or with folders of studies that are analyzed already
"""

import csv
import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from pipeline.report.disclosure.gate import release
from pipeline.report.disclosure.suppressed import Within
from tests.failures.attacks.all import analyzed, stored_of

HERE = Path(__file__).parent
TABLE = HERE / "told_cells.csv"
COLUMNS = ("gate", "margins", "people", "cells", "numbers", "bounds", "ranges", "told", "told_of_12_months", "seconds")
SIZES = ("12000", "3000", "800", "400", "200")
SEED = 20260101


def told(study, tables, people, gate="now"):
    """One line: how many cells of rates there are, and which shares of them are told."""
    started = time.process_time()
    released = release(tables, study.disclosure)
    seconds = time.process_time() - started
    rates = [
        out
        for row, out in zip(tables.results, released.results, strict=True)
        if row.analysis == "measures" and row.numerator is not None and row.estimate is not None
    ]
    year = [row for row in rates if row.period.startswith("12 months")]
    bounds = sum(isinstance(row.estimate, Within) and None in (row.estimate.low, row.estimate.high) for row in rates)
    values = (
        share(rates, is_number),
        bounds / len(rates),
        share(rates, is_told) - share(rates, is_number) - bounds / len(rates),
        share(rates, is_told),
        share(year, is_told),
    )
    return (
        gate,
        "12 months" if year else "quarters",
        people,
        len(rates),
        *(f"{value:.3f}" for value in values),
        f"{seconds:.1f}",
    )


def is_number(row):
    return isinstance(row.estimate, float)


def is_told(row):
    return isinstance(row.estimate, float | Within)


def share(rows, of):
    return sum(map(of, rows)) / len(rows) if rows else 0.0


def lines(asked):
    """A line for each study asked for: a folder that holds one, or how many people to draw."""
    for word in asked:
        if Path(word).is_dir():
            study, tables = stored_of(Path(word))
            yield told(study, tables, int("".join(filter(str.isdigit, Path(word).name))))
            continue
        with tempfile.TemporaryDirectory(prefix="told-") as folder:
            study, tables = analyzed(Path(folder) / "study", int(word), SEED)
            yield told(study, tables, int(word))


def main() -> None:
    kept = [row for row in csv.reader(TABLE.open()) if row[0] == "before"] if TABLE.exists() else []
    found = []
    for line in lines(sys.argv[1:] or SIZES):
        found.append(line)
        job = f"disclosure gate; {float(line[7]):.0%} of the measures' cells told"
        print(json.dumps({"job": job, "size": line[2], "unit": "people", "peers": [], "seconds": float(line[9])}))
        with TABLE.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *kept, *found])


if __name__ == "__main__":
    main()
