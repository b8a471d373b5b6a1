"""Bends small studies and looks at what `check` makes of them: words, an exit code of the contract, and nothing lost."""

import argparse
import contextlib
import io
import json
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from pipeline.__main__ import attempt, main
from pipeline.command.saying import say, tell
from pipeline.command.stages import code_for
from pipeline.ingest.run import checked as through
from pipeline.study_toml.file import load_study
from tests.failures.fuzz.bends import IN_ORDER, SECRET
from tests.failures.fuzz.small_study import drawn

CODES = (0, 1, 2, 3)
PATIENCE = 20  # seconds of work; a study that waits for ever never comes back to be counted
UNFORESEEN = "was not foreseen"  # the last net caught it: as bad as a traceback


@dataclass(frozen=True)
class Found:
    """What became of one bent study."""

    seed: int
    bends: tuple
    code: int
    seconds: float
    faults: tuple
    said: str


def whole_command(folder):
    """`carelevels check`, with what the records could answer and a line in the ledger."""
    return main(["check", str(folder), "--json"])


def door_alone(folder):
    """What `check` says of the files, in a third of the time: nothing is built of them."""
    options = argparse.Namespace(command="check", study=folder, json=True)
    code, told = attempt(options, through_the_door)
    say(told)
    return code


def through_the_door(options):
    with through(load_study(options.study), say) as (_, report):
        tell(options, "check", report.as_json())
    return code_for(report.quarantined, options)


def attacked(seed, folder, command=whole_command):
    """One study: drawn, bent up to three times, checked."""
    rng = random.Random(seed)
    study = drawn(folder, rng)
    bends = rng.sample(range(len(IN_ORDER)), rng.choice((1, 1, 1, 2, 3)))
    chosen = [IN_ORDER[place] for place in sorted(bends)]
    for bend in chosen:
        if study.tables:
            bend(study, rng)
    study.write()
    code, out, said, seconds = answered(folder, command)
    faults = tuple(faults_of(folder, code, out, said, seconds))
    return Found(seed, tuple(bend.__name__ for bend in chosen), code, seconds, faults, said)


def one(seed, command=whole_command):
    """The same in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        return attacked(seed, Path(folder) / "study", command)


def answered(folder, command):
    """A command in this process: exit code, stdout, stderr and seconds of work."""
    out, said, started = io.StringIO(), io.StringIO(), time.process_time()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
            code = command(folder)
    except BaseException as fault:  # whatever leaves main is a fault of ours
        said.write(f"Traceback: {type(fault).__name__}: {fault}")
        code = -1
    return code, out.getvalue(), said.getvalue(), time.process_time() - started


def faults_of(folder, code, out, said, seconds):
    """What the contract forbids."""
    if "Traceback" in said or UNFORESEEN in said:
        yield "traceback"
    if seconds > PATIENCE:
        yield "hang"
    if code not in CODES:
        yield f"exit code {code}"
    if SECRET.lower() in (said + out).lower():
        yield "a cell was said"
    if not said.isprintable() and any(letter in said for letter in "\x00\x01\x1b\x7f"):
        yield "a control character was said"
    yield from lost(out)
    if code in (1, 2) and not names_a_place(folder, said + out):
        yield "no file is named"
    if code == 3 and "row" not in said and '"first": [["' not in out:
        yield "no row is named"


def lost(out):
    """Rows that came and are in no book."""
    for line in out.splitlines():
        for file in json.loads(line).get("files", ()):
            if file["read"] != sum(file[fate] for fate in ("kept", "quarantined", "duplicates", "forgotten")):
                yield f"{file['file']} lost rows"


def names_a_place(folder, said):
    """Whether a refusal says where to look: a file of the study, study.toml, or a folder of it."""
    names = {path.name for path in folder.rglob("*")} | {"study.toml", "raw folder", "patients.csv", "sessions.csv"}
    return str(folder) in said or any(name in said for name in names)
