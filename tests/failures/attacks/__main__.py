"""python -m tests.failures.attacks SEED PEOPLE …: studies of these sizes, and what every attack finds in what they show;
python -m tests.failures.attacks editions SEED PEOPLE …: in the files of three editions, whose people return."""

import sys
import tempfile
from pathlib import Path

from pipeline.report.disclosure.gate import release
from tests.failures.attacks.all import ATTACKS, analyzed
from tests.failures.attacks.files import editions
from tests.failures.attacks.programs import by_one_integer_program
from tests.failures.attacks.returning import by_editions


def main(words):
    if {"-h", "--help"} & {*words}:
        print(__doc__)
        return 0
    several = words[:1] == ["editions"]
    seed, *sizes = (int(word) for word in words[several:] or (1, 220, 310, 420, 560, 680, 800))
    total = 0
    for place, people in enumerate(sizes):
        with tempfile.TemporaryDirectory(prefix="attack-") as folder:
            found, shown = (in_editions if several else in_one)(Path(folder) / "study", people, seed + place)
        total += len(found)
        print(f"{people} people, seed {seed + place}: {shown} estimates shown, {len(found)} counts found", flush=True)
        for line in found:
            print(f"  {line}")
    return 1 if total else 0


def in_one(folder, people, seed):
    """What is found in the tables of one edition, and how many estimates those show."""
    study, stored = analyzed(folder, people, seed)
    return attacked(stored, release(stored, study.disclosure), (*ATTACKS, by_one_integer_program))


def in_editions(folder, people, seed):
    """What is found in the files of three editions together, and in those of the first."""
    every = list(editions(folder, people, seed))
    found, shown = attacked(*every[0], ATTACKS)
    return [*found, *by_editions(every)], shown


def attacked(stored, released, attacks):
    found = [line for attack in attacks for line in attack(stored, released)]
    return found, sum(isinstance(row.estimate, float) for row in released.results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
