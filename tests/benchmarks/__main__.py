"""Every benchmark, one after the other, into RESULTS.md: `make bench`, or `python -m tests.benchmarks small` for a look
in a few minutes.

--only NAME .. runs some (the 1e8 jobs run only so), --without NAME .. leaves some out; rows of scripts that did not run
are kept. A small run prints its table and writes nothing. A peer or a script that fails is named in the table and stops
nothing.
"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.table import Line, markdown, met, setting, store

HERE = Path(__file__).parent
LIMITED = ("--turns", "1", "--memory", "3GB")  # the process may take 4 GB, DuckDB's own buffers 3 of them


@dataclass(frozen=True, slots=True)
class Script:
    """A script, its words at full and at small size, and whether it runs without being named."""

    file: str
    full: tuple[str, ...] = ()
    small: tuple[str, ...] = ("0.01",)
    unasked: bool = True


SCRIPTS = {
    "curves": Script("curves.py"),
    "hazards": Script("hazards.py"),
    "propensity": Script("propensity.py"),
    "balance": Script("balance.py"),
    "mixed_model": Script("mixed_model.py"),
    "strategies": Script("strategies.py"),
    "demo_study": Script("demo_study.py", small=("3000",)),
    "told_cells": Script("told_cells.py", small=("400",)),
    "ingest_sessions": Script("ingest_sessions.py", ("1e7",), ("1e5",)),
    "mapped_sessions": Script("mapped_sessions.py", ("1e7",), ("1e5",)),
    "episodes": Script("episodes.py", ("1e7",), ("1e5",)),
    "ingest_1e8": Script("ingest_sessions.py", ("1e8", *LIMITED), ("1e5", *LIMITED), False),
    "episodes_1e8": Script("episodes.py", ("1e8", "3GB"), ("1e5", "3GB"), False),
}


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    options.add_argument("small", nargs="?", choices=["small"], help="small sizes; nothing is written")
    options.add_argument("--only", nargs="+", choices=SCRIPTS, default=[], metavar="NAME", help=", ".join(SCRIPTS))
    options.add_argument("--without", nargs="+", choices=SCRIPTS, default=[], metavar="NAME")
    asked = options.parse_args()
    chosen = asked.only or [name for name, script in SCRIPTS.items() if script.unasked]
    names = [name for name in SCRIPTS if name in chosen and name not in asked.without]
    head, lines, failed = setting(), [], []
    for name in names:
        found, why = ran(name, bool(asked.small))
        lines += [line | {"script": name, "date": head["date"]} for line in found]
        failed += [f"{name}: {why}"] if why else []
        if not asked.small and found:
            store(lines, list(SCRIPTS), head)  # after every script, so that an interrupted run keeps what it has
    if asked.small:
        print(markdown(lines, head, small=True))
    missed = [] if asked.small else [f"missed: {line['job']}, {line['size']:,}" for line in lines if met(line) is False]
    print("\n".join([f"{len(lines)} rows", *missed, *failed]))
    sys.exit(1 if failed else 0)


def ran(name: str, small: bool) -> tuple[list[Line], str]:
    """The lines a script printed, passed on as they come, and why it ended badly; a script without lines leaves one
    that says so."""
    script, started = SCRIPTS[name], time.perf_counter()
    words = script.small if small else script.full
    print(f"\n== {name}", flush=True)
    lines: list[Line] = []
    with subprocess.Popen(
        [sys.executable, str(HERE / script.file), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as child:
        said = ""
        for said in child.stdout or ():
            print(said, end="", flush=True)
            if said.startswith("{"):
                lines.append(json.loads(said))
    print(f"   {time.perf_counter() - started:.0f} s", flush=True)
    why = f"ended with {child.returncode}: {said.strip()}" if child.returncode else ""
    if not lines:
        lines.append({"job": name, "size": 0, "unit": "rows", "peers": [], "failed": why or "it printed no line"})
    return lines, why


if __name__ == "__main__":
    main()
