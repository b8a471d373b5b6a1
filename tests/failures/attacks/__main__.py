"""python -m tests.failures.attacks SEED PEOPLE …: studies of these sizes, and what every attack finds in what they show."""

import sys
import tempfile
from pathlib import Path

from pipeline.report.disclosure.gate import release
from tests.failures.attacks.all import ATTACKS, analyzed
from tests.failures.attacks.programs import by_one_integer_program


def main(words):
    seed, *sizes = (int(word) for word in words or (1, 220, 310, 420, 560, 680, 800))
    total = 0
    for place, people in enumerate(sizes):
        with tempfile.TemporaryDirectory(prefix="attack-") as folder:
            study, stored = analyzed(Path(folder) / "study", people, seed + place)
            released = release(stored, study.disclosure)
        found = [line for attack in (*ATTACKS, by_one_integer_program) for line in attack(stored, released)]
        total += len(found)
        shown = sum(isinstance(row.estimate, float) for row in released.results)
        print(f"{people} people, seed {seed + place}: {shown} estimates shown, {len(found)} counts found", flush=True)
        for line in found:
            print(f"  {line}")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
