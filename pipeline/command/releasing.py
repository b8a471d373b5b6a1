"""report, results, explain, pool: what leaves a study."""

import argparse
import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.command.codes import DONE
from pipeline.command.saying import say, tell
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.stages import Stage
    from pipeline.study import Study


def report(options: argparse.Namespace) -> int:
    from pipeline.storage.locks import locked
    from pipeline.study_toml.file import load_study

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
        os.environ[FIGURES] = "1"  # read where a page is made, in another process
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
    from pipeline.report.output.export import export
    from pipeline.storage.locks import locked
    from pipeline.study_toml.file import load_study

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
    from pipeline.report.output.explain import explain as trace
    from pipeline.storage.locks import locked
    from pipeline.study_toml.file import load_study

    study = load_study(options.study)
    # alone, as report: it notes what was shown, and the gate reads that
    with locked(study, say=say):
        found = trace(study, options.result_id)
    print(json.dumps(found.as_json(), sort_keys=True) if options.json else "\n".join(found.lines()))
    return DONE
