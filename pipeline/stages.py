"""Runs the stages of a study in order, under its lock, and redoes only what changed."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import duckdb

from pipeline import store
from pipeline.errors import ChangedError, DamagedError, EngineError, StageError
from pipeline.ledger import check_ledger, clock_words, protocol_state
from pipeline.storage.locks import locked
from pipeline.study import Study, run_command
from pipeline.watched import WatchedStudy, unchanged

if TYPE_CHECKING:
    from pipeline.ingest.run import Read
    from pipeline.spark.work import Work
    from pipeline.warehouse.build import BuildReport

Say = Callable[[str], None]
DUCKDB, SPARK = "duckdb", "spark"
AGAIN = "Wait until the export or copy is done, then run the same command again"
CORE = ("errors.py", "levels.py", "endings.py", "choices", "study.py", "schema.py", "storage", "study_toml", "store.py")
ROOMS = {
    "ingest": (*CORE, "ingest", "measures"),
    "build": ("warehouse", "spark"),
    "analyze": ("stats", "analysis", "results.py", "counting.py", "questions.py"),
    "report": ("report", "counting.py", "questions.py"),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage that ran, or did not have to: what it says of itself in numbers."""

    name: str
    seconds: float
    unchanged: bool = False
    content: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"seconds": round(self.seconds, 2), "unchanged": self.unchanged} | self.content


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run did: its stages, how many rows are quarantined, and the page to open."""

    stages: tuple[Stage, ...]
    quarantined: int
    index: Path


def run(
    study: Study, *, upto: str, only: str | None, force: bool, reports: Path, say: Say, engine: str = DUCKDB
) -> RunSummary:
    """Runs the stages up to `upto`, or `only` one, redoing what changed; everything under the study's lock.

    engine   who builds the tables: duckdb or spark
    """
    with locked(study, say=say):
        store.sweep(study)
        check_ledger(study)
        if clock_words(study):
            say(clock_words(study))
        stages = stages_of(study, upto, only, force, reports, say, engine)
        noted = store.stage_manifest(study, store.WAREHOUSE, "ingest")
    return RunSummary(tuple(stages), int(noted.get("quarantined", 0)), reports / study.name / "index.html")


def stages_of(
    study: Study, upto: str, only: str | None, force: bool, reports: Path, say: Say, engine: str
) -> list[Stage]:
    """The stages in their order, on the records where they lie."""
    stages: list[Stage] = []
    alone = only in ("build", "analyze")  # on records as they were last read
    with nullcontext(study) if alone else records_of(study, engine, say) as read:
        prints = fingerprints(read, inputs_of_catalog(study) if alone else "")
        for name in ("ingest", "build", "analyze", "report"):
            done = {stage.name for stage in stages}
            if (only is None or only == name) and name not in done:
                stages += STAGES[name](read, prints, force, reports, say, only, engine)
            if name == upto:
                break
    return stages


def records_of(study: Study, engine: str, say: Say | None = None) -> AbstractContextManager[Study]:
    """The study as its records are read while the block lasts: from raw files, or from the catalog of Spark.

    Raises EngineError where they are in a catalog and another engine was asked for.
    """
    if not study.engine.tables:
        return nullcontext(study)
    if engine != SPARK:
        raise EngineError(
            f"study.toml [engine] tables says that the records are tables of {study.engine.tables}; say --engine spark,"
            " or take that line out to read the files of raw"
        )
    from pipeline.spark.catalog import brought

    return brought(study, say)


def work_of(engine: str, study: Study) -> "AbstractContextManager[Work | None]":
    """The one session in which files are read and tables built from what was read, where Spark does both."""
    if engine != SPARK or study.engine.tables:
        return nullcontext()
    from pipeline.spark.work import at_work

    return at_work(study, study.engine)


def ingest_of(engine: str, study: Study, work: "Work | None" = None) -> "Read":
    """Who reads the records and asks every rule of them: raw files the engine that was asked for; tables of a catalog
    have been brought to this machine, and are read here."""
    if engine == SPARK and not study.engine.tables:
        from pipeline.spark.ingest import ingest as ingest_on_spark

        return partial(ingest_on_spark, study.engine, work=work)
    from pipeline.ingest.run import ingest

    return ingest


def inputs_of_catalog(study: Study) -> str:
    """The print of the inputs that the warehouse was made from, where these were tables of the study's catalog: a stage
    alone does not ask for them again."""
    noted = store.stage_manifest(study, store.WAREHOUSE, "ingest") if study.engine.tables else {}
    return str(noted["inputs"]) if noted.get("tables") == study.engine.tables else ""


def fingerprints(study: Study, inputs: str = "") -> dict[str, str]:
    """What each stage is made from apart from the study's choices: inputs, and the code of every room up to it."""
    from pipeline.ingest.inputs import input_hashes

    before = inputs or store.fingerprint(input_hashes(study))
    prints = {"inputs": before}
    for name, rooms in ROOMS.items():
        before = prints[name] = store.fingerprint(before, store.code_fingerprint(*rooms))
    return prints


def stands(study: Study, database: str, stage: str, print_: str, renews: Say | None = None) -> dict[str, Any]:
    """What a stage noted, where it was made from exactly this and no choice that it read has changed; otherwise
    nothing.

    renews   given where the stage builds this database anew anyway, so that a damaged one is told and replaced
    """
    try:
        noted = store.stage_manifest(study, database, stage)
    except DamagedError:
        if renews is None:
            raise
        renews(f"{study.folder / database} cannot be read (damaged, or made by another version); it is built anew")
        return {}
    return noted if noted.get("fingerprint") == print_ and unchanged(study, noted.get("choices", {})) else {}


def load(
    study: Study, prints: dict[str, str], force: bool, reports: Path, say: Say, only: str | None, engine: str
) -> list[Stage]:
    """ingest, and build with it where the whole run was asked for: one new database, moved into place once."""
    from pipeline.ingest.forgotten import forgotten, refuse_shorter

    noted = stands(study, store.WAREHOUSE, "ingest", prints["ingest"], renews=say)
    refuse_shorter(study, forgotten(study).lines, withdrawn_before(study))
    if noted and not force:
        return [skipped("ingest", noted, say)]
    shared = nullcontext() if only else work_of(engine, study)
    with store.replacing(study, store.WAREHOUSE, rewrite_if=took_people_out) as con, shared as work:
        stages = [ingest_into(con, study, prints, say, engine, work)]
        if only is None:
            stages.append(build_into(con, study, prints, say, engine, work))
    return stages


def build(
    study: Study, prints: dict[str, str], force: bool, reports: Path, say: Say, only: str | None, engine: str
) -> list[Stage]:
    """The warehouse tables from the staging that is there, in one transaction."""
    noted = stands(study, store.WAREHOUSE, "build", prints["build"])
    if noted and not force:
        return [skipped("build", noted, say)]
    if not stands(study, store.WAREHOUSE, "ingest", prints["ingest"]):
        raise StageError(f"{study.folder} changed since its records were read; run: {run_command(study)}")
    with store.changing(study, store.WAREHOUSE) as con:
        return [build_into(con, study, prints, say, engine)]


def withdrawn_before(study: Study) -> int:
    """How many lines the list of withdrawn people had when the warehouse was last made; 0 where it cannot say."""
    try:
        return int(store.stage_manifest(study, store.WAREHOUSE, "ingest").get("withdrawn", 0))
    except DamagedError:
        return 0


def took_people_out(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether rows of withdrawn people were read, and emptied."""
    [(rows,)] = con.execute("SELECT COALESCE(sum(forgotten), 0) FROM staging.files").fetchall()
    return bool(rows)


def ingest_into(
    con: duckdb.DuckDBPyConnection,
    study: Study,
    prints: dict[str, str],
    say: Say,
    engine: str,
    work: "Work | None" = None,
) -> Stage:
    from pipeline.ingest.forget import tie_to_names
    from pipeline.ingest.forgotten import forgotten
    from pipeline.ingest.inputs import input_hashes
    from pipeline.ingest.known.last_time import since_last_time

    started, watched = time.perf_counter(), WatchedStudy(study)
    report = ingest_of(engine, study, work)(cast(Study, watched), con, say)
    if store.fingerprint(input_hashes(study)) != prints["inputs"]:
        raise ChangedError(f"the raw files changed since this run began; nothing was replaced. {AGAIN}")
    tie_to_names(study)
    for line in since_last_time(study, report):
        say(f"  {line}")
    stage = Stage("ingest", time.perf_counter() - started, content=report.as_json())
    store.write_manifest(
        con,
        "ingest",
        stage.content
        | {
            "fingerprint": prints["ingest"],
            "inputs": prints["inputs"],
            "tables": study.engine.tables,
            "choices": watched.choices(),
            "quarantined": report.quarantined,
            "withdrawn": forgotten(study).lines,
            "seconds": stage.seconds,
        },
    )
    say(
        f"ingest  {stage.seconds:5.1f} s  {sum(file.read for file in report.files):,} rows read, "
        f"{report.quarantined:,} quarantined"
    )
    return stage


def build_into(
    con: duckdb.DuckDBPyConnection,
    study: Study,
    prints: dict[str, str],
    say: Say,
    engine: str,
    work: "Work | None" = None,
) -> Stage:
    started, watched = time.perf_counter(), WatchedStudy(study)
    report = built_by(engine, con, watched, study, work)
    stage = Stage("build", time.perf_counter() - started, content=report.as_json() | {"engine": engine})
    store.write_manifest(
        con,
        "build",
        stage.content | {"fingerprint": prints["build"], "choices": watched.choices(), "seconds": stage.seconds},
    )
    [(episodes, people)] = con.execute(
        "SELECT (SELECT COUNT(*) FROM episodes), (SELECT COUNT(*) FROM analysis_set)"
    ).fetchall()
    say(f"build   {stage.seconds:5.1f} s  {episodes:,} episodes, {people:,} people in the analysis set")
    return stage


def built_by(
    engine: str, con: duckdb.DuckDBPyConnection, watched: WatchedStudy, study: Study, work: "Work | None"
) -> "BuildReport":
    """The tables, made by the engine that was asked for; the same rows by either."""
    if engine == SPARK:
        from pipeline.spark.build import build as build_on_spark

        return build_on_spark(con, cast(Study, watched), study.engine, work=work)
    from pipeline.warehouse.build import build as build_tables

    return build_tables(con, cast(Study, watched))


def analyze(
    study: Study, prints: dict[str, str], force: bool, reports: Path, say: Say, only: str | None, engine: str
) -> list[Stage]:
    """The results, in a new database beside the old one."""
    built = stands(study, store.WAREHOUSE, "build", prints["build"])
    if not built or not stands(study, store.WAREHOUSE, "ingest", prints["ingest"]):
        raise StageError(f"{study.folder} changed since its tables were built; run: {run_command(study)}")
    tables = store.fingerprint(
        prints["build"], built["choices"], store.stage_manifest(study, store.WAREHOUSE, "ingest")["choices"]
    )
    made_from = store.fingerprint(prints["analyze"], tables, study.as_json(), study.name, protocol_state(study))
    noted = stands(study, store.RESULTS, "analyze", made_from, renews=say)
    if noted and not force:
        return [skipped("analyze", noted, say)]
    from pipeline.analysis.asking.run import analyze as analyze_into  # half of the time of a run that changes nothing

    started = time.perf_counter()
    # the warehouse is opened last, so that a fault in reading it is not taken for one in writing the results
    with store.replacing(study, store.RESULTS) as results, store.reading(study, store.WAREHOUSE) as warehouse:
        seconds = {
            stage: store.stage_manifest(study, store.WAREHOUSE, stage)["seconds"] for stage in ("ingest", "build")
        }
        report = analyze_into(
            warehouse,
            study,
            results,
            provenance=prints | {"code": store.code_fingerprint(""), "seconds": seconds} | protocol_state(study),
            made_from=tables,
            earlier=None if force else study.folder / store.RESULTS,
        )
        stage = Stage("analyze", time.perf_counter() - started, content=report.as_json())
        store.write_manifest(results, "analyze", stage.content | {"fingerprint": made_from, "seconds": stage.seconds})
    say(
        f"analyze {stage.seconds:5.1f} s  {report.results:,} results, {report.withheld:,} withheld"
        + (f"; {report.kept} of {report.families} questions unchanged" if report.kept else "")
    )
    return [stage]


def pages(
    study: Study, prints: dict[str, str], force: bool, reports: Path, say: Say, only: str | None, engine: str
) -> list[Stage]:
    return [make_pages(study, reports, pages=None, pdf=False, force=force, say=say)]


def make_pages(study: Study, reports: Path, *, pages: list[str] | None, pdf: bool, force: bool, say: Say) -> Stage:
    """Renders pages from the stored results; unchanged results and templates leave the pages as they are."""
    from pipeline.report.output.pages import rendered_from

    made_from = pages_print(study)
    if not force and pages is None and rendered_from(study, reports) == made_from:
        return skipped("report", {}, say)
    from pipeline.report.output.run import render

    started = time.perf_counter()
    report = render(study, reports, pages=pages, pdf=pdf, made_from=made_from, say=say)
    stage = Stage("report", time.perf_counter() - started, content=report.as_json())
    say(f"report  {stage.seconds:5.1f} s  {len(report.pages)} pages")
    return stage


def pages_print(study: Study) -> str:
    """What a full set of pages is made from: the results, and the code and notebooks of the pages."""
    from pipeline.report.output.notebooks import OWN, shipped_notebooks

    analyzed = store.stage_manifest(study, store.RESULTS, "analyze")
    return store.fingerprint(
        analyzed.get("fingerprint"),
        store.code_fingerprint(*ROOMS["report"]),
        store.folder_print(shipped_notebooks()),
        store.folder_print(study.folder / OWN),
    )


def make_editions(
    study: Study, reports: Path, *, period: str, site: str, each_site: bool, pdf: bool, say: Say
) -> Stage:
    """Renders the quality page of one period, for all sites, one, or each one alone; always anew."""
    from pipeline.report.output.run import render_editions

    started = time.perf_counter()
    report = render_editions(
        study, reports, period=period, site=site, each_site=each_site, pdf=pdf, made_from=pages_print(study), say=say
    )
    stage = Stage("report", time.perf_counter() - started, content=report.as_json())
    say(f"report  {stage.seconds:5.1f} s  {len(report.pages)} pages")
    return stage


def skipped(name: str, noted: dict[str, Any], say: Say) -> Stage:
    say(f"{name:7} unchanged")
    return Stage(name, 0.0, unchanged=True, content={key: noted[key] for key in ("quarantined",) if key in noted})


STAGES = {"ingest": load, "build": build, "analyze": analyze, "report": pages}
