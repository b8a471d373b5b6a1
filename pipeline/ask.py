"""A question of one's own, in a notebook: `ask` opens the warehouse inside the pipeline and hands out what may leave.

    from pipeline.ask import ask

    answer = ask("data/demo", outcome="gad7_day90", arms=("iop", "outpatient"), where={"sex": "F"})
    answer.frame("results")

It goes the way of the study's own comparisons: the same people, estimator, diagnostics and gate, then the one
disclosure gate beside everything that is released already.  No row of a record reaches the notebook.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline import store
from pipeline.errors import StageError
from pipeline.ledger import audit
from pipeline.report.disclosure.subsets import People, Subset, part_released
from pipeline.report.release_ledger import note_release
from pipeline.report.released import Released, released_beside, study_folder, with_tables
from pipeline.study import Study, run_command
from pipeline.study_toml.file import load_study
from pipeline.watched import unchanged


def ask(
    study: Path | str,
    *,
    outcome: str,
    arms: tuple[str, str],
    covariates: Sequence[str] | None = None,
    where: Mapping[str, str | bool] | None = None,
    without_sites: Sequence[str] = (),
) -> Released:
    """The released answer to one question: the difference, its naive twin, each arm's adjusted mean, and the checks.

    outcome        an outcome of study.toml, its `reliable_…` share, `retained_day…` or `dropped_out_day…`
    arms           (arm, reference): any two of the study's
    covariates     adjusted for instead of [confounders] more; the core confounders always stay
    where          {column: category}: only these people, such as {"sex": "F"}; at most two columns known on day 0
    without_sites  sites left out

    The answer is exploratory and carries no verdict word; a withheld one says why in `reason`.  An answer about a part
    of the people is hidden, or loses its counts, where it would tell of a few of the others.  Each question asked, and
    what its answer shows, is noted in the study's ledger; asked again after few people changed it, it is held back.
    Raises UsageError for a word the study does not know, StageError before a run.
    """
    from pipeline.analysis.asking.own_question import OwnQuestion, answer_own
    from pipeline.analysis.cohort import read_records
    from pipeline.analysis.covariates import category_text

    declared = load_study(study_folder(study))
    refuse_other_tables(declared)
    question = OwnQuestion(
        outcome=outcome,
        arms=arms,
        covariates=None
        if covariates is None
        else tuple(one for one in covariates if one not in declared.confounders.core),
        where={name: category_text(value) for name, value in (where or {}).items()},
        without_sites=tuple(without_sites),
    )
    with store.reading(declared, store.WAREHOUSE) as warehouse:
        found = answer_own(read_records(warehouse, declared), declared, question)
    audit(declared, "ask", question=f"{outcome}, {arms[0]} and {arms[1]}: {question.words}")
    out, beside = released_beside(declared, found.results, found.diagnostics)
    subset = Subset(
        {People(*key): n for key, n in found.counts.items()},
        tuple(question.where.values()),
        frozenset(question.without_sites),
    )
    left = part_released(out.tables, subset, declared.disclosure.threshold, beside)
    note_release(declared, left)
    return with_tables(out, left)


def refuse_other_tables(study: Study) -> None:
    """The warehouse must have been built under the choices that study.toml holds now."""
    noted = store.stage_manifest(study, store.WAREHOUSE, "build")
    if noted and not unchanged(study, noted.get("choices", {})):
        raise StageError(f"study.toml changed since the tables were built; run: {run_command(study)}")
