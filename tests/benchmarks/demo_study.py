"""The demo study end to end, unchanged, and `carelevels --help`: seconds of whole processes, median of three (of a long
one, one).

Run by hand: python tests/benchmarks/demo_study.py [patients]
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TARGETS = {"end to end": 60.0, "unchanged": 3.0, "--help": 0.15}
SLOW = 30.0  # seconds from which the whole is run once
NAMES = {
    "end to end": "demo study, raw files to every page",
    "unchanged": "demo study, nothing changed",
    "--help": "carelevels --help",
}
BOUNDS = {
    "end to end": "fifteen questions one after the other, and every page made from them",
    "unchanged": "hashing the raw files",
    "--help": "the start of Python itself",
}


def seconds(words: list[str], cwd: Path) -> tuple[float, float]:
    """Wall seconds and peak MB of one command; a failure other than quarantined rows stops the benchmark."""
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "pipeline", *words],
            cwd=cwd,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        if child.returncode not in (0, 3):
            sys.exit(said.read())
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def main() -> None:
    patients = sys.argv[1] if len(sys.argv) > 1 else "12000"
    with tempfile.TemporaryDirectory() as place:
        cwd = Path(place)
        seconds(["synthesize", "data/demo", "--patients", patients], cwd)
        took: dict[str, list[tuple[float, float]]] = {"end to end": [], "unchanged": [], "--help": []}
        for turn in range(3):
            if not turn or took["end to end"][0][0] < SLOW:
                took["end to end"].append(seconds(["run", "data/demo", "--force"], cwd))
            took["unchanged"].append(seconds(["run", "data/demo"], cwd))
            took["--help"].append(seconds(["--help"], cwd))
    for name, each in took.items():
        print(
            json.dumps(
                {
                    "job": NAMES[name],
                    "size": int(patients),
                    "unit": "people",
                    "peers": [],
                    "limit": TARGETS[name],
                    "seconds": round(statistics.median(one for one, _ in each), 3),
                    "peak_mb": round(max(peak for _, peak in each)),
                    "bound": BOUNDS[name],
                }
            )
        )


if __name__ == "__main__":
    main()
