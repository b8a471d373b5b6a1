"""freeze, forget: what a study's ledger keeps for good."""

import argparse

from pipeline.command.codes import DONE
from pipeline.command.saying import say, tell
from pipeline.errors import UsageError


def freeze(options: argparse.Namespace) -> int:
    from pipeline.ledger import freeze as freeze_protocol
    from pipeline.storage.locks import locked
    from pipeline.study_toml.file import load_study

    study = load_study(options.study)
    with locked(study, say=say):
        entry = freeze_protocol(study)
    say(entry["sentence"])
    tell(options, "freeze", entry)
    return DONE


def forget(options: argparse.Namespace) -> int:
    from pipeline.ingest.forget import forget as forget_person
    from pipeline.ingest.forget import is_noted, refuse_nobody, tie_to_names, whereabouts
    from pipeline.storage.locks import locked
    from pipeline.study_toml.file import load_study

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
