"""`make fuzz`: ten thousand bent studies, in two processes; ends with the figures, and with 1 where one was at fault.

python -m tests.failures.fuzz [how many] [first seed]
"""

import collections
import multiprocessing
import sys

from tests.failures.fuzz.attack import one

MOST = 10_000
FIRST_SEED = 1


def main(words):
    many, first = (
        (int(word) for word in [*words, MOST, FIRST_SEED][:2]) if len(words) != 1 else (int(words[0]), FIRST_SEED)
    )
    codes, faults, slowest = collections.Counter(), collections.Counter(), 0.0
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for found in pool.imap_unordered(one, range(first, first + many), chunksize=10):
            codes[found.code] += 1
            if codes.total() % 500 == 0:
                print(f"{codes.total():,} done", flush=True)
            slowest = max(slowest, found.seconds)
            for fault in found.faults:
                faults[fault] += 1
                print(f"seed {found.seed} ({', '.join(found.bends)}): {fault}\n  {found.said[-500:]!r}", flush=True)
    print(
        f"{many} studies from seed {first}: exit codes {dict(sorted(codes.items()))}; slowest {slowest:.1f} s; faults {dict(faults) or 0}"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
