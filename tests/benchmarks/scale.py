"""One machine at growing sizes: seconds and peak memory of each stage from raw files to pages, into SCALE.md.

`python -m tests.benchmarks.scale` draws 100,000 and 1,000,000 sessions; other numbers may be named, such as 10000000 by
whoever has the hour and the disk.  Memory is what all processes of a stage hold at once, looked at several times a
second (Linux); pages that they share are counted in each.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SIZES = (100_000, 1_000_000)
A_PERSON = 22  # sessions of a drawn person, about
STAGES = ("ingest", "build", "analyze", "report")
DONE = (0, 3)  # exit codes; 3: some rows were quarantined, as drawn records plant them
PAUSE = 0.1  # seconds between two looks at the memory
TEXT = """# One machine at growing sizes

Made by `make bench-scale` ({machine}): drawn records, each stage a command of its own. Processor seconds are those of all
its processes, wall seconds depend on what else the machine does, GB is the most that its processes held at once, and
*per session* is processor time beside that of the size before, session for session (1: linear). A size that has no row was
not run: `python -m tests.benchmarks.scale 10000000` runs it, in about an hour.

| sessions | people | stage | processor s | wall s | peak GB | per session |
|---|---|---|---|---|---|---|
{rows}
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: seconds of processor and on the wall, and the most bytes that its processes held at once."""

    processor: float
    wall: float
    peak: int


def measured(words: list[str], where: Path) -> Cost:
    """One command of ours, to its end.  Raises ChildProcessError where it fails."""
    started, peak = time.perf_counter(), 0
    command = [sys.executable, "-m", "pipeline", *words]
    with subprocess.Popen(command, cwd=where, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while True:
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if ended:
                process.returncode = os.waitstatus_to_exitcode(status)
                break
            peak = max(peak, sum(map(held, family(process.pid))))
            time.sleep(PAUSE)
    if process.returncode not in DONE:
        raise ChildProcessError(f"carelevels {' '.join(words)} ended with exit code {process.returncode}")
    return Cost(used.ru_utime + used.ru_stime, time.perf_counter() - started, max(peak, used.ru_maxrss * 1024))


def family(process: int) -> Iterator[int]:
    """A process and all that it started, as far as they live."""
    yield process
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        for child in told(path).split():
            yield from family(int(child))


def held(process: int) -> int:
    """Bytes that a process holds in memory; 0 where it has just ended."""
    words = told(Path(f"/proc/{process}/statm")).split()
    return int(words[1]) * os.sysconf("SC_PAGESIZE") if words else 0


def told(path: Path) -> str:
    """What the system says of a process; nothing of one that has just ended."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def stages_of(sessions: int, folder: Path) -> tuple[int, int, dict[str, Cost]]:
    """Sessions and people drawn, and what each stage took."""
    import duckdb

    measured(["synthesize", str(folder), "--patients", str(sessions // A_PERSON)], folder.parent)
    costs = {stage: measured([stage, str(folder)], folder.parent) for stage in STAGES}
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as con:
        counts = "SELECT (SELECT COUNT(*) FROM staging.sessions), (SELECT COUNT(*) FROM staging.patients)"
        [(drawn, people)] = con.execute(counts).fetchall()
    return drawn, people, costs


def table(sizes: list[int]) -> Iterator[str]:
    """One row for each size and stage, as it is measured."""
    before: dict[str, float] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            sessions, people, costs = stages_of(size, Path(folder) / "study")
        for stage, cost in costs.items():
            each = cost.processor / sessions
            growth = f"{each / before[stage]:.2f}" if stage in before else ""
            before[stage] = each
            took = f"{cost.processor:,.0f} | {cost.wall:,.0f} | {cost.peak / 1e9:.1f}"
            yield f"| {sessions:,} | {people:,} | {stage} | {took} | {growth} |"


def main(words: list[str]) -> None:
    rows = []
    for row in table([int(word) for word in words] or list(SIZES)):
        print(row, flush=True)
        rows.append(row)
    machine = f"{os.cpu_count()} processors"
    (HERE / "SCALE.md").write_text(TEXT.format(machine=machine, rows="\n".join(rows)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
