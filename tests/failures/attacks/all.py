"""Every attack, and a study to try it on, made and analyzed in this process."""

from pathlib import Path

from pipeline.report.disclosure.gate import Tables
from pipeline.results import RESULT_TABLES
from pipeline.stages import run
from pipeline.store import RESULTS, read_rows, reading
from pipeline.study_toml.file import load_study
from pipeline.synthetic.output.run import synthesize
from tests.failures.attacks import figures, programs, tables

ATTACKS = (
    figures.by_degrees_of_freedom,
    figures.by_limits,
    figures.by_share,
    figures.by_curves,
    figures.by_subtracting,
    figures.by_words,
    figures.by_checks,
    figures.by_lines,
    tables.by_other_tables,
    tables.by_adding_marks,
    tables.by_nests,
    tables.by_flows,
    tables.by_growing_days,
    tables.by_known_parts,
    tables.by_rows_of_files,
    tables.by_people_asked,
    tables.by_those_measured_again,
    programs.by_integer_programs,
)


def analyzed(folder, people, seed):
    """A study of so many people, analyzed, with its tables as stored."""
    synthesize(folder, patients=people, seed=seed)
    run(load_study(folder), upto="analyze", only=None, force=False, reports=Path(folder), say=lambda line: None)
    return stored_of(folder)


def stored_of(folder):
    """A study that is analyzed, and its tables as stored."""
    study = load_study(folder)
    with reading(study, RESULTS) as con:
        return study, Tables(**{name: read_rows(con, name, kind) for name, kind in RESULT_TABLES.items()})
