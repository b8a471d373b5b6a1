"""`make torture`: kills, crowds, full disks and other interruptions at random moments; writes TORTURE.csv.

python -m tests.failures.torture [kills] [how many at the same time]
"""

import csv
import multiprocessing
import random
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from tests.failures.torture.scenes import READ_ONLY, States, may_mount, start, tried
from tests.failures.torture.study_states import two_states

TABLE = Path(__file__).parent / "TORTURE.csv"
FAULTS = (
    *(
        "databases lost",
        "two states in one folder",
        "ledger damaged",
        "tracebacks",
        "not told",
        "slow to stop",
        "wrong",
    ),
)
SHARES = {"ingest": 0.25, "build": 0.25, "analyze": 0.2, "report": 0.2, "run": 0.1}


def planned(kills):
    """Every try: its scene, and what of."""
    tries = [("killed while", stage) for stage, share in SHARES.items() for _ in range(round(kills * share))]
    tries += [("runs at once", many) for many in (2, 3)]
    tries += [("raw file rewritten while", "ingest")] * 20
    if may_mount():
        tries += [("disk full while", stage) for stage in ("ingest", "build", "analyze", "report") for _ in range(5)]
        tries += [("read-only disk", words) for words in READ_ONLY]
    else:
        print("full and read-only disks are not tried: this account may not mount one")
    return [(*one, seed) for seed, one in enumerate(tries)]


def main(words):
    kills, workers = (int(word) for word in [*words, "200", "2"][:2]) if len(words) != 1 else (int(words[0]), 2)
    place = Path(tempfile.mkdtemp(prefix="torture-"))
    counted, tries = defaultdict(Counter), Counter()
    try:
        start(None)
        states = States(place, *two_states(place))
        order = planned(kills)
        random.Random(1).shuffle(order)
        with multiprocessing.get_context("spawn").Pool(workers, start, (states,)) as pool:
            for named, found in pool.imap_unordered(tried, order):
                tries[named] += 1
                counted[named].update(found)
                write(tries, counted)
                if tries.total() % 10 == 0:
                    print(f"{tries.total()} of {len(order)}", flush=True)
    finally:
        shutil.rmtree(place)
    return int(any(found[fault] for found in counted.values() for fault in FAULTS))


def write(tries, counted):
    """The table so far."""
    with open(TABLE, "w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["scene", "of", "tries", "ended well all the same", *FAULTS])
        for named in sorted(tries, key=str):
            found = counted[named]
            writer.writerow([*named, tries[named], found["ended well"], *(found[fault] for fault in FAULTS)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
