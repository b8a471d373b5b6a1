"""The words of the command line: every command with its options; building them imports nothing heavy."""

import argparse
import os
from pathlib import Path

STAGES = {
    "run": "all stages; only what changed is redone",
    "ingest": "raw files into checked staging tables",
    "build": "staging into episodes and the analysis set",
    "analyze": "the analysis set into results",
    "check": "what would be refused or set aside, all of it, and what could be answered; nothing is built",
}
POOL = "what organizations that share no rows say together, from their pooling files"
SCENARIOS = (
    "which world: default, routine (about a third measured at day 90), well_measured, null, known_effect,"
    " immortal_time, mnar, relapse_unseen, therapists (one site), assessment_frequency, site_is_level, floor"
)


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

    for name, sentence in STAGES.items():
        add_stage(command(name, sentence), name)
    add_quarantine(command("quarantine", "the rows that are set aside, and the cells left out: file, row, reason"))
    add_report(command("report", "results into pages"))
    add_results(command("results", "the released results, through the disclosure gate"))
    add_pool(commands.add_parser("pool", help=POOL, description=POOL))
    explain = command("explain", "one number, traced to protocol, population, estimator, diagnostics and inputs")
    explain.add_argument("result_id", metavar="RESULT_ID")
    command("freeze", "records the protocol in the ledger before outcomes are read")
    add_forget(command("forget", "keeps a withdrawn person out of this and every later build"))
    command("map", "a draft of mapping.toml from the files in raw/; run again, only what is new is added")
    add_init(command("init", "a commented study.toml, empty table templates and the next commands to type"))
    demo = command("demo", "synthetic records to pages; ends with the page to open")
    add_patients(demo)
    add_reports(demo)
    add_synthesize(command("synthesize", "synthetic records with a known truth"))
    return top


def add_stage(stage: argparse.ArgumentParser, name: str) -> None:
    if name == "check":
        add_show(stage, "names the people whose scores are due, on your own terminal alone")
    if name in ("run", "ingest", "check"):
        stage.add_argument("--strict", action="store_true", help="quarantined rows are a failure (exit code 1)")
    if name != "check":
        stage.add_argument("--force", action="store_true", help="redo it even where nothing changed")
    if name != "analyze":
        add_engine(stage)
    if name == "run":
        add_reports(stage)


def add_quarantine(set_aside: argparse.ArgumentParser) -> None:
    add_engine(set_aside)
    add_show(set_aside, "with what stands in them, on your own terminal alone")


def add_forget(forget: argparse.ArgumentParser) -> None:
    forget.add_argument("patient_id", metavar="PATIENT_ID", nargs="?", help="as the raw files spell it")
    forget.add_argument(
        "--under",
        metavar="NAME",
        help="instead of an id: the study's name when an earlier version noted people who withdrew",
    )
    forget.add_argument("--yes", action="store_true", help="note an id that is in no file so far")


def add_init(init: argparse.ArgumentParser) -> None:
    init.add_argument(
        "--from",
        dest="ready",
        default="",
        metavar="EXPORT",
        help="a ready mapping.toml for one of: redcap, qualtrics, synthea, fhir, omop, claims, teds-d",
    )


def add_synthesize(synthesize: argparse.ArgumentParser) -> None:
    add_patients(synthesize)
    synthesize.add_argument("--scenario", default="default", metavar="NAME", help=SCENARIOS)
    synthesize.add_argument("--seed", type=int, default=20260101, metavar="S", help="another number draws other people")
    synthesize.add_argument(
        "--regime", default="limited-data-set", metavar="NAME", help="limited-data-set or relative-days"
    )


def add_patients(one: argparse.ArgumentParser) -> None:
    one.add_argument("--patients", type=int, default=12000, metavar="N", help="how many; 12,000 if not said")


def add_reports(one: argparse.ArgumentParser, sentence: str = "where the pages go") -> None:
    one.add_argument("--reports", type=Path, default=Path("reports"), metavar="DIR", help=sentence)


def add_engine(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--engine",
        choices=("duckdb", "spark"),
        default="duckdb",
        help="who checks the raw files and builds the tables; the rows are the same by either",
    )


def add_show(one: argparse.ArgumentParser, sentence: str) -> None:
    one.add_argument("--show", action="store_true", help=sentence)


def add_report(report: argparse.ArgumentParser) -> None:
    report.add_argument("--page", metavar="P", help="one page only, such as director")
    add_reports(report)
    report.add_argument("--pdf", action="store_true", help="also as PDF (by weasyprint, else by a Chromium)")
    report.add_argument("--figures", action="store_true", help="also each figure as SVG, PDF and PNG (300 dpi)")
    report.add_argument(
        "--period", metavar="P", help="the quality page of 2026, 2026H1, 2026Q3, 2026-09, last-12-months"
    )
    sites = report.add_mutually_exclusive_group()
    sites.add_argument("--site", metavar="S", help="the quality page of one site")
    sites.add_argument(
        "--each-site", action="store_true", help="a quality page for each site, made apart from the others"
    )
    report.add_argument(
        "--internal",
        action="store_true",
        help="for the program's own people, where study.toml allows it: smaller counts, marked, not released",
    )
    report.add_argument(
        "--force-release",
        metavar="REASON",
        help="shows what is held back because few people changed it since the last edition; the reason is logged",
    )


def add_results(results: argparse.ArgumentParser) -> None:
    results.add_argument("--question", metavar="Q", help="C1 to C15, or M for measures")
    results.add_argument("--outcome", metavar="O", help="one outcome only, such as phq9_day90")
    where = results.add_mutually_exclusive_group()
    where.add_argument("--csv", action="store_true", help="CSV on stdout")
    where.add_argument("--out", type=Path, metavar="FILE", help=".csv, .json, .xlsx or .parquet")
    where.add_argument(
        "--pooling", type=Path, metavar="FILE", help="what `carelevels pool` reads, ending in .pooling.json"
    )


def add_pool(pool: argparse.ArgumentParser) -> None:
    pool.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help="folders of pooling files, or the files")
    pool.add_argument("--json", action="store_true", help="one JSON object on stdout")
    add_reports(pool, "where the page goes")
    pool.set_defaults(study=Path(os.devnull))  # no study: nothing to lock, and no ledger to note it in
