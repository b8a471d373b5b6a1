"""The command line: parses, calls one function per stage, turns errors into exit codes.

Human lines go to stderr; with --json each stage prints one JSON object to stdout.
"""

import argparse
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence

from pipeline.command.codes import DONE, FAILED, QUARANTINED
from pipeline.command.feeding import check, init, map_files, quarantine
from pipeline.command.keeping import forget, freeze
from pipeline.command.options import parser
from pipeline.command.releasing import explain, pool, report, results
from pipeline.command.saying import say
from pipeline.command.stages import demo, run_stages, synthesize
from pipeline.errors import CarelevelsError

STOPPED = "carelevels: stopped; the last good state is untouched"
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(
        threads, "1"
    )  # many small fits: threads would wait for each other, and sums would come in another order


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code: 0 done, 1 failed, 2 usage, 3 done with quarantined rows."""
    options = parser().parse_args(arguments)
    code, said = attempt(options, COMMANDS[options.command])
    unnoted, also = attempt(options, lambda options: note(options, code))
    for line in dict.fromkeys((said, also)):
        if line:
            say(line)
    return code if code not in (DONE, QUARANTINED) else unnoted or code


def attempt(options: argparse.Namespace, step: Callable[[argparse.Namespace], int]) -> tuple[int, str]:
    """One step of a command: its exit code, and what is to be said where it failed.  No error leaves this function."""
    from pipeline.command.last_resort import told
    from pipeline.storage.disk import disk_error

    name = f"carelevels {options.command}"
    try:
        code = step(options)
        sys.stdout.flush()
        return code, ""
    except CarelevelsError as fault:
        return fault.exit_code, f"{name}: {fault}"
    except KeyboardInterrupt:
        return FAILED, STOPPED
    except BrokenPipeError:  # the reader of our output left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return DONE, ""
    except OSError as fault:
        return FAILED, f"{name}: {disk_error(fault)}"
    except MemoryError:
        return FAILED, f"{name}: this machine has too little memory free; close other programs, then run it again"
    except Exception as fault:  # the last net; each kind found in it gets words of its own
        if isinstance(fault, RuntimeError) and "interrupted" in str(fault):  # so the engine says that it was stopped
            return FAILED, STOPPED
        return FAILED, f"{name}: {told(fault, options.study, options.command)}"


def note(options: argparse.Namespace, code: int) -> int:
    """One line in the study's ledger for every command, however it ended; none where there is no study to note it
    in."""
    if not (options.study / "study.toml").is_file():
        return DONE
    from pipeline.ledger import audit
    from pipeline.store import database_prints
    from pipeline.study_toml.file import load_study

    try:
        study = load_study(options.study)
    except CarelevelsError:
        return DONE  # said already: a study that cannot be read has no protocol to note
    more: dict[str, int] = {"internal": 1} if getattr(options, "internal", False) else {}
    if options.command == "forget" and code == DONE:
        from pipeline.ingest.forgotten import forgotten

        more["withdrawn"] = forgotten(study).lines
    audit(study, options.command, exit=code, **more, **database_prints(study))
    return DONE


def entry() -> None:
    """The `carelevels` command: a stop of any kind ends it as Ctrl-C does, and no sign is too odd to be printed."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stopped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # a second stop, while the first was being told
        sys.exit(FAILED)


def stopped(number: int, frame: object) -> None:
    raise KeyboardInterrupt


COMMANDS = {
    "run": run_stages,
    "ingest": run_stages,
    "build": run_stages,
    "analyze": run_stages,
    "check": check,
    "quarantine": quarantine,
    "report": report,
    "results": results,
    "pool": pool,
    "explain": explain,
    "freeze": freeze,
    "forget": forget,
    "map": map_files,
    "init": init,
    "synthesize": synthesize,
    "demo": demo,
}

if __name__ == "__main__":
    entry()
