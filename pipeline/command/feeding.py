"""init, map, check, quarantine: from a program's own files to records that can be trusted."""

import argparse

from pipeline.command.codes import DONE, QUARANTINED
from pipeline.command.saying import quiet, say, show_line, tell
from pipeline.command.stages import code_for


def init(options: argparse.Namespace) -> int:
    from pipeline.start import start_study

    for line in start_study(options.study, options.ready):
        say(line)
    return DONE


def map_files(options: argparse.Namespace) -> int:
    from pipeline.ingest.drafting.run import draft_mapping
    from pipeline.storage.locks import locked
    from pipeline.study_toml.file import load_study

    study = load_study(options.study)
    with locked(study, say=say):
        mapped = draft_mapping(study, say)
    tell(options, "map", mapped.as_json())
    return DONE


def check(options: argparse.Namespace) -> int:
    """Everything about the raw files on stdout, what stops a run too."""
    from pipeline.errors import StructureError
    from pipeline.preflight.run import preflight
    from pipeline.stages import ingest_of, records_of
    from pipeline.study_toml.file import load_study

    study = load_study(options.study)
    line = quiet if options.json else show_line
    try:
        with records_of(study, options.engine, line) as read:
            found = preflight(read, line, show=options.show, read=ingest_of(options.engine, study))
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
    from pipeline.stages import ingest_of, records_of
    from pipeline.study_toml.file import load_study

    study = load_study(options.study)
    with records_of(study, options.engine) as read:
        rows = set_aside(read, show=options.show, read=ingest_of(options.engine, study))
    tell(options, "quarantine", {"rows": plain(rows)})
    for row in () if options.json else rows:
        show_line(row.line())
    return QUARANTINED if any(not row.kept for row in rows) else DONE
