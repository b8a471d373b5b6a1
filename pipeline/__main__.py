"""The command line: parses, calls one function per stage, turns errors into exit codes.

Human lines go to stderr; with --json each stage prints one JSON object to stdout.
"""

import argparse
import contextlib
import io
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import CarelevelsError, UsageError
from pipeline.options import parser
from pipeline.saying import quiet, say, show_line, tell

if TYPE_CHECKING:
    from pipeline.stages import Stage
    from pipeline.study import Study

DONE, FAILED, QUARANTINED = 0, 1, 3
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
    from pipeline.disk import disk_error
    from pipeline.last_resort import told

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
    from pipeline.study_file import load_study

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


def run_stages(options: argparse.Namespace) -> int:
    """ingest, build, analyze, run: the stages asked for, in order, each told as it ends."""
    from pipeline.stages import run
    from pipeline.study_file import load_study

    study = load_study(options.study)
    upto = {"run": "report"}.get(options.command, options.command)
    only = None if options.command == "run" else options.command
    outcome = run(
        study,
        upto=upto,
        only=only,
        force=options.force,
        reports=getattr(options, "reports", Path("reports")),
        say=say,
        engine=getattr(options, "engine", "duckdb"),
    )
    for stage in outcome.stages:
        tell(options, stage.name, stage.as_json())
    if options.command == "run":
        say(f"open {outcome.index}")
    return code_for(outcome.quarantined, options)


def code_for(quarantined: int, options: argparse.Namespace) -> int:
    if not quarantined:
        return DONE
    if getattr(options, "strict", False):
        say(f"{quarantined:,} rows were quarantined, and --strict makes that a failure")
        return FAILED
    return QUARANTINED


def check(options: argparse.Namespace) -> int:
    """Everything about the raw files on stdout, what stops a run too."""
    from pipeline.errors import StructureError
    from pipeline.preflight.run import preflight
    from pipeline.study_file import load_study

    study = load_study(options.study)
    try:
        found = preflight(study, quiet if options.json else show_line, show=options.show)
    except StructureError as fault:
        if options.json:
            tell(options, "check", {"stops": str(fault).splitlines()})
        else:
            show_line(str(fault))
        return fault.exit_code
    tell(options, "check", found.as_json(study.disclosure.threshold))
    return code_for(found.report.quarantined, options)


def quarantine(options: argparse.Namespace) -> int:
    """The rows set aside, one a line: file, row, reason, tab-separated."""
    from pipeline.preflight.run import plain, set_aside
    from pipeline.study_file import load_study

    rows = set_aside(load_study(options.study), show=options.show)
    tell(options, "quarantine", {"rows": plain(rows)})
    for row in () if options.json else rows:
        show_line(row.line())
    return QUARANTINED if any(not row.kept for row in rows) else DONE


def report(options: argparse.Namespace) -> int:
    from pipeline.locks import locked
    from pipeline.study_file import load_study

    study = load_study(options.study)
    # alone, not with others who read: the ledger notes what was shown, and the gate reads that
    with locked(study, say=say), where_pages_go(options, study) as options.reports:
        stage = pages_asked_for(options, study)
    tell(options, "report", stage.as_json())
    return DONE


def where_pages_go(options: argparse.Namespace, study: "Study") -> contextlib.AbstractContextManager[Path]:
    """The folder of the pages: of the internal edition, one in the study, which is private."""
    from pipeline.report.internal import making_internal

    if not options.internal:
        return contextlib.nullcontext(options.reports)
    if options.force_release is not None:
        raise UsageError("--internal is held against no edition, so --force-release has nothing to do; leave one out")
    return making_internal(study)


def pages_asked_for(options: argparse.Namespace, study: "Study") -> "Stage":
    """The pages that `report` was asked for; the study is locked."""
    from pipeline.report.drawing.canvas import FIGURES
    from pipeline.report.release_ledger import begin_anew
    from pipeline.stages import make_editions, make_pages

    if options.figures:
        os.environ[FIGURES] = "1"  # read where a page is made, in a kernel of its own
    if options.force_release is not None:
        if not options.force_release.strip():
            raise UsageError("--force-release needs a reason in words, which the ledger keeps")
        begin_anew(study, options.force_release)
    if options.period or options.site or options.each_site:
        if options.page not in (None, "quality"):
            raise UsageError(
                f"--page {options.page}: only the page quality reports by period or site; leave those out, or the page"
            )
        return make_editions(
            study,
            options.reports,
            period=options.period or "",
            site=options.site or "",
            each_site=options.each_site,
            pdf=options.pdf,
            say=say,
        )
    asked = [options.page] if options.page else None
    return make_pages(study, options.reports, pages=asked, pdf=options.pdf, force=True, say=say)


def results(options: argparse.Namespace) -> int:
    from pipeline.locks import locked
    from pipeline.report.output.export import export
    from pipeline.study_file import load_study

    study = load_study(options.study)
    with locked(study, say=say):
        if options.pooling:
            return shared(options, study)
        export(study, options.out, question=options.question, outcome=options.outcome, as_json=options.json, say=say)
    return DONE


def shared(options: argparse.Namespace, study: "Study") -> int:
    """The study's pooling file; a question or outcome asked for would leave a pool of pieces."""
    from pipeline.pooling.share import share

    if options.question or options.outcome:
        raise UsageError("--pooling shares every difference; leave --question and --outcome out")
    say(f"wrote {options.pooling}: {share(study, options.pooling):,} differences with their numbers")
    return DONE


def pool(options: argparse.Namespace) -> int:
    """Organizations that share no rows, together."""
    from pipeline.pooling.run import run_pool

    tell(options, "pool", run_pool(options.folders, options.reports, say).as_json())
    return DONE


def explain(options: argparse.Namespace) -> int:
    from pipeline.locks import locked
    from pipeline.report.output.explain import explain as trace
    from pipeline.study_file import load_study

    study = load_study(options.study)
    # alone, as report: it notes what was shown, and the gate reads that
    with locked(study, say=say):
        found = trace(study, options.result_id)
    print(json.dumps(found.as_json(), sort_keys=True) if options.json else "\n".join(found.lines()))
    return DONE


def freeze(options: argparse.Namespace) -> int:
    from pipeline.ledger import freeze as freeze_protocol
    from pipeline.locks import locked
    from pipeline.study_file import load_study

    study = load_study(options.study)
    with locked(study, say=say):
        entry = freeze_protocol(study)
    say(entry["sentence"])
    tell(options, "freeze", entry)
    return DONE


def forget(options: argparse.Namespace) -> int:
    from pipeline.ingest.forget import forget as forget_person
    from pipeline.ingest.forget import is_noted, refuse_nobody, tie_to_names, whereabouts
    from pipeline.locks import locked
    from pipeline.study_file import load_study

    if (options.patient_id is None) == (options.under is None):
        raise UsageError("forget needs a PATIENT_ID, or --under NAME, and not both")
    study = load_study(options.study)
    with locked(study, say=say):
        if options.under is not None:
            tie_to_names(study, [options.under])
            say("noted under which name earlier withdrawals were written; the next run looks for those people by it")
            return DONE
        found = whereabouts(study, options.patient_id)
        if not options.yes and not is_noted(study, options.patient_id):
            refuse_nobody(study, found)
        new = forget_person(study, options.patient_id)
        say("noted, without the id" if new else "this id was noted before; nothing was added")
    for line in found.lines(study):
        say(line)
    tell(options, "forget", found.as_json() | {"noted": new})
    return DONE


def map_files(options: argparse.Namespace) -> int:
    from pipeline.ingest.drafting.run import draft_mapping
    from pipeline.locks import locked
    from pipeline.study_file import load_study

    study = load_study(options.study)
    with locked(study, say=say):
        mapped = draft_mapping(study, say)
    tell(options, "map", mapped.as_json())
    return DONE


def init(options: argparse.Namespace) -> int:
    from pipeline.start import start_study

    for line in start_study(options.study, options.ready):
        say(line)
    return DONE


def synthesize(options: argparse.Namespace) -> int:
    from pipeline.synthetic.run import synthesize as make

    made = make(
        options.study,
        patients=options.patients,
        scenario=options.scenario,
        seed=options.seed,
        regime=options.regime,
        say=say,
    )
    tell(options, "synthesize", made.as_json())
    return DONE


def demo(options: argparse.Namespace) -> int:
    """Synthetic records where there are none yet, and everything made from them; the planted bad rows are no
    failure."""
    if not (options.study / "truth.json").is_file():
        from pipeline.synthetic.run import synthesize as make

        tell(options, "synthesize", make(options.study, patients=options.patients, say=say).as_json())
    code = run_stages(argparse.Namespace(**vars(options) | {"command": "run", "force": False}))
    return DONE if code == QUARANTINED else code


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
