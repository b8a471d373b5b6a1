"""The demo study end to end, unchanged, and `carelevels --help`: seconds of whole processes, median of three.

Run by hand: python tests/benchmarks/demo_study.py [patients]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TARGETS = {"end to end": 60.0, "unchanged": 3.0, "--help": 0.15}


def seconds(words: list[str], cwd: Path) -> float:
    """Wall seconds of one command; a failure other than quarantined rows stops the benchmark."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "pipeline", *words], cwd=cwd, capture_output=True, check=False,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})
    if done.returncode not in (0, 3):
        sys.exit(done.stderr.decode())
    return time.perf_counter() - started


def main() -> None:
    patients = sys.argv[1] if len(sys.argv) > 1 else "12000"
    with tempfile.TemporaryDirectory() as place:
        cwd = Path(place)
        made = seconds(["synthesize", "data/demo", "--patients", patients], cwd)
        took = {"end to end": [], "unchanged": [], "--help": []}
        for _ in range(3):
            took["end to end"].append(seconds(["run", "data/demo", "--force"], cwd))
            took["unchanged"].append(seconds(["run", "data/demo"], cwd))
            took["--help"].append(seconds(["--help"], cwd))
    print(f"{'demo study':12} {'median s':>9} {'target s':>9}   ({patients} people; synthesizing them took {made:.1f} s)")
    for name, each in took.items():
        print(f"{name:12} {statistics.median(each):9.2f} {TARGETS[name]:9.2f}")


if __name__ == "__main__":
    main()
