"""The command line: parses, calls one function per stage, turns errors into exit codes.

Human lines go to stderr; with --json each stage prints one JSON object to stdout.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.errors import CarelevelsError, UsageError

DONE, FAILED, QUARANTINED = 0, 1, 3
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(
        threads, "1"
    )  # many small fits: threads would wait for each other, and sums would come in another order


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code: 0 done, 1 failed, 2 usage, 3 done with quarantined rows."""
    options = parser().parse_args(arguments)
    code = FAILED
    try:
        code = COMMANDS[options.command](options)
        return code
    except CarelevelsError as fault:
        print(f"carelevels {options.command}: {fault}", file=sys.stderr)
        code = fault.exit_code
        return code
    except KeyboardInterrupt:
        print("carelevels: stopped; the last good state is untouched", file=sys.stderr)
        return FAILED
    except BrokenPipeError:  # the reader of our output left, as `| head` does
        sys.stderr.close()
        return DONE
    finally:
        note(options, code)


def note(options: argparse.Namespace, code: int) -> None:
    """One line in the study's ledger for every command, however it ended; none where there is no study to note it
    in."""
    if not (options.study / "study.toml").is_file():
        return
    from pipeline.ledger import audit
    from pipeline.store import database_prints
    from pipeline.study_file import load_study

    try:
        study = load_study(options.study)
    except CarelevelsError:
        return  # said already: a study that cannot be read has no protocol to note
    audit(study, options.command, exit=code, **database_prints(study))


def entry() -> None:
    """The `carelevels` command."""
    sys.exit(main())


def parser() -> argparse.ArgumentParser:
    """All commands and options; building it imports nothing heavy."""
    top = argparse.ArgumentParser(
        prog="carelevels",
        description=(
            "Compares outcomes between levels of care in behavioral health, from a program's own de-identified records."
        ),
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, sentence: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=sentence, description=sentence)
        one.add_argument(
            "study",
            type=Path,
            metavar="FOLDER" if name == "init" else "STUDY",
            help="a study folder, such as data/demo",
        )
        one.add_argument("--json", action="store_true", help="one JSON object per stage on stdout")
        return one

    for name, sentence in (
        ("run", "all stages; only what changed is redone"),
        ("ingest", "raw files into checked staging tables"),
        ("build", "staging into episodes and the analysis set"),
        ("analyze", "the analysis set into results"),
        ("check", "what would be refused or quarantined, all of it, without building"),
    ):
        stage = command(name, sentence)
        if name in ("run", "ingest", "check"):
            stage.add_argument("--strict", action="store_true", help="quarantined rows are a failure (exit code 1)")
        if name != "check":
            stage.add_argument("--force", action="store_true", help="redo it even where nothing changed")
        if name == "run":
            stage.add_argument(
                "--reports", type=Path, default=Path("reports"), metavar="DIR", help="where the pages go"
            )
    add_report(command("report", "results into pages"))
    add_results(command("results", "the released results, through the disclosure gate"))
    explain = command("explain", "one number, traced to protocol, population, estimator, diagnostics and inputs")
    explain.add_argument("result_id", metavar="RESULT_ID")
    command("freeze", "records the protocol in the ledger before outcomes are read")
    forget = command("forget", "keeps a withdrawn person out of this and every later build")
    forget.add_argument("patient_id", metavar="PATIENT_ID")
    command("init", "a commented study.toml, empty table templates and the next three commands to type")
    synthesize = command("synthesize", "synthetic records with a known truth")
    synthesize.add_argument("--patients", type=int, default=12000, metavar="N")
    synthesize.add_argument("--scenario", default="default", metavar="NAME")
    synthesize.add_argument("--seed", type=int, default=20260101, metavar="S")
    synthesize.add_argument(
        "--regime", default="limited-data-set", metavar="NAME", help="limited-data-set or relative-days"
    )
    return top


def add_report(report: argparse.ArgumentParser) -> None:
    report.add_argument("--page", metavar="P", help="one page only, such as director")
    report.add_argument("--reports", type=Path, default=Path("reports"), metavar="DIR", help="where the pages go")
    report.add_argument("--pdf", action="store_true", help="also as PDF (needs the pdf extra)")
    report.add_argument("--period", metavar="P", help="the quality page of 2026, 2026Q3 or 2026-09")
    sites = report.add_mutually_exclusive_group()
    sites.add_argument("--site", metavar="S", help="the quality page of one site")
    sites.add_argument(
        "--each-site", action="store_true", help="a quality page for each site, made apart from the others"
    )
    report.add_argument(
        "--force-release", metavar="REASON", help="not in this version: no ledger of released editions is kept"
    )


def add_results(results: argparse.ArgumentParser) -> None:
    results.add_argument("--question", metavar="Q", help="C1 to C15, or M for measures")
    results.add_argument("--outcome", metavar="O")
    where = results.add_mutually_exclusive_group()
    where.add_argument("--csv", action="store_true", help="CSV on stdout")
    where.add_argument("--out", type=Path, metavar="FILE", help=".csv, .json, .xlsx or .parquet")


def say(text: str) -> None:
    """One human line, away from stdout so that --json stays clean."""
    print(text, file=sys.stderr, flush=True)


def tell(options: argparse.Namespace, stage: str, content: dict[str, Any]) -> None:
    """One JSON object per stage on stdout, where asked for."""
    if options.json:
        print(json.dumps({"stage": stage} | content, sort_keys=True), flush=True)


def run_stages(options: argparse.Namespace) -> int:
    """ingest, build, analyze, run: the stages asked for, in order, each told as it ends."""
    from pipeline.stages import run
    from pipeline.study_file import load_study

    study = load_study(options.study)
    upto = {"run": "report"}.get(options.command, options.command)
    only = None if options.command == "run" else options.command
    outcome = run(
        study, upto=upto, only=only, force=options.force, reports=getattr(options, "reports", Path("reports")), say=say
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
    from pipeline.ingest.run import check as check_files
    from pipeline.study_file import load_study

    report = check_files(load_study(options.study), say)
    tell(options, "check", report.as_json())
    return code_for(report.quarantined, options)


def report(options: argparse.Namespace) -> int:
    from pipeline.stages import make_editions, make_pages
    from pipeline.study_file import load_study

    if options.force_release:
        raise UsageError(
            "--force-release: this version keeps no ledger of released editions, so nothing is held back that a reason"
            " could free; leave it out"
        )
    study = load_study(options.study)
    if options.period or options.site or options.each_site:
        if options.page not in (None, "quality"):
            raise UsageError(
                f"--page {options.page}: only the page quality reports by period or site; leave those out, or the page"
            )
        stage = make_editions(
            study,
            options.reports,
            period=options.period or "",
            site=options.site or "",
            each_site=options.each_site,
            pdf=options.pdf,
            say=say,
        )
    else:
        stage = make_pages(
            study, options.reports, pages=[options.page] if options.page else None, pdf=options.pdf, force=True, say=say
        )
    tell(options, "report", stage.as_json())
    return DONE


def results(options: argparse.Namespace) -> int:
    from pipeline.report.output.export import export
    from pipeline.study_file import load_study

    export(
        load_study(options.study), options.out, question=options.question, outcome=options.outcome, as_json=options.json
    )
    return DONE


def explain(options: argparse.Namespace) -> int:
    from pipeline.report.output.explain import explain as trace
    from pipeline.study_file import load_study

    found = trace(load_study(options.study), options.result_id)
    print(json.dumps(found.as_json(), sort_keys=True) if options.json else "\n".join(found.lines()))
    return DONE


def freeze(options: argparse.Namespace) -> int:
    from pipeline.ledger import freeze as freeze_protocol
    from pipeline.study_file import load_study

    entry = freeze_protocol(load_study(options.study))
    say(entry["sentence"])
    tell(options, "freeze", entry)
    return DONE


def forget(options: argparse.Namespace) -> int:
    from pipeline.ingest.forget import forget as forget_person
    from pipeline.store import locked
    from pipeline.study_file import load_study

    study = load_study(options.study)
    with locked(study, say=say):
        forget_person(study, options.patient_id)
    say(
        f"noted, without the id; the next carelevels run {options.study} leaves this person out, and so does every"
        " later one. Raw exports are yours to renew"
    )
    return DONE


def init(options: argparse.Namespace) -> int:
    from pipeline.start import start_study

    for line in start_study(options.study):
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


COMMANDS = {
    "run": run_stages,
    "ingest": run_stages,
    "build": run_stages,
    "analyze": run_stages,
    "check": check,
    "report": report,
    "results": results,
    "explain": explain,
    "freeze": freeze,
    "forget": forget,
    "init": init,
    "synthesize": synthesize,
}

if __name__ == "__main__":
    entry()
