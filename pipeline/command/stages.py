"""ingest, build, analyze, run, demo: the stages, and the records that a demo is made of."""

import argparse
from pathlib import Path

from pipeline.command.codes import DONE, FAILED, QUARANTINED
from pipeline.command.saying import say, tell


def run_stages(options: argparse.Namespace) -> int:
    """ingest, build, analyze, run: the stages asked for, in order, each told as it ends."""
    from pipeline.stages import run
    from pipeline.study_toml.file import load_study

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


def synthesize(options: argparse.Namespace) -> int:
    from pipeline.synthetic.output.run import synthesize as make

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
        from pipeline.synthetic.output.run import synthesize as make

        tell(options, "synthesize", make(options.study, patients=options.patients, say=say).as_json())
    code = run_stages(argparse.Namespace(**vars(options) | {"command": "run", "force": False}))
    return DONE if code == QUARANTINED else code
